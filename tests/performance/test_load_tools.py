"""What other tools are given is what they understand, and says the same as the scenario.

The form is checked always. Artillery and JMeter send for ten seconds with ``FULL_COUNTS=1``; k6's script runs in Node
with k6's modules replaced, and in k6 itself where that is on the PATH.
"""

import csv
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.performance.answering import answering
from tests.performance.openloop import Target
from tests.performance.scenario import Run, Scenario, names, read_scenario
from tests.performance.tools import k6
from tests.performance.tools.artillery import artillery
from tests.performance.tools.export import export
from tests.performance.tools.fetched import run_artillery, run_jmeter
from tests.performance.tools.jmeter import jmeter, schedule
from tests.performance.tools.steps import CannotExportError, gets, posts
from tests.performance.workload.corpus import read_corpus
from tests.performance.workload.model import Request, requests
from tests.real_parts import program

TARGET = "http://127.0.0.1:8123"
FAKE_K6 = Path(__file__).parent / "k6" / "fake"
is_long = pytest.mark.skipif(
    os.environ.get("FULL_COUNTS") != "1", reason="FULL_COUNTS=1 lets them send for ten seconds"
)


@cache
def asked(name: str) -> tuple[Scenario, Run, list[Request]]:
    scenario = read_scenario(name)
    run = scenario.lengths["ci"]
    return scenario, run, requests(scenario, run, read_corpus(None))


@pytest.mark.parametrize("name", names())
def test_k6_is_told_when_each_phase_begins_and_which_requests_are_its_own(name: str) -> None:
    scenario, run, some = asked(name)
    plan = k6.plan(scenario, run, some, "requests.jsonl")

    ends = 0.0
    for phase in run.phases:
        told = plan["phases"][phase.name]
        assert told["executor"]["startTime"] == f"{ends:g}s"
        own = some[told["first"] : told["first"] + told["count"]]
        assert {one.phase for one in own} == {phase.name}
        ends += phase.seconds
    assert sum(told["count"] for told in plan["phases"].values()) == len(some)
    for phase in scenario.judged or ("",):
        where = f"scenario:{phase}" if phase else ""
        assert plan["thresholds"][f"dropped_iterations{{{where}}}" if where else "dropped_iterations"] == ["count==0"]
        tags = ",".join(filter(None, ("group:cached", where)))
        assert plan["thresholds"][f"latency{{{tags}}}"].count("p(95)<=100") == 1


def test_a_storm_is_an_open_load_with_a_curve_for_k6() -> None:
    scenario, run, some = asked("spike")
    phases = k6.plan(scenario, run, some, "requests.jsonl")["phases"]

    assert phases["steady"]["executor"]["executor"] == "constant-arrival-rate"
    assert phases["steady"]["executor"]["rate"] == 600
    decay = phases["decay"]["executor"]
    assert decay["executor"] == "ramping-arrival-rate"
    assert decay["startRate"] == 12_000
    targets = [stage["target"] for stage in decay["stages"]]
    assert targets == sorted(targets, reverse=True)
    assert targets[-1] == 600


def test_clients_that_wait_for_answers_are_so_for_k6_too() -> None:
    scenario, run, some = asked("concurrency")
    executor = k6.plan(scenario, run, some, "requests.jsonl")["phases"]["fifty"]["executor"]

    assert (executor["executor"], executor["vus"]) == ("constant-vus", 50)


def test_without_k6_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    scenario, run, some = asked("smoke")
    with pytest.raises(k6.K6Error, match="k6 is not on the PATH: install it, or leave TOOL=k6 out"):
        k6.play(Target(TARGET), some, scenario, run, tmp_path)


def test_points_of_k6_become_samples() -> None:
    """The form is that of k6's JSON output: a point a line, among them those of its own metrics."""
    tags = {"op": "search", "group": "cached", "tier": "l1", "semantic": "yes", "error": "", "phase": "steady"}
    points = [
        {"type": "Metric", "metric": "latency", "data": {"type": "trend"}},
        _point("latency", "2026-11-29T12:00:01.000000001Z", 100.0, **tags),
        _point("latency", "2026-11-29T12:00:03+00:00", 500.0, **tags | {"op": "document", "error": "status 404"}),
        _point("http_req_duration", "2026-11-29T12:00:03+00:00", 500.0, op="document"),
        _point("dropped_iterations", "2026-11-29T12:00:03+00:00", 7, phase="steady"),
    ]
    outcome = k6.outcome([json.dumps(point) for point in points], [])

    first, second = outcome.samples
    assert (first.at, first.group, first.latency_ms) == (0.0, "cached", pytest.approx(100))
    assert second.error == "status 404"
    assert second.at == pytest.approx(1.6, abs=0.001)
    assert (outcome.dropped["steady"], outcome.offered["steady"]) == (7, 9)


def _point(metric: str, time: str, value: float, **tags: str) -> dict[str, Any]:
    return {"type": "Point", "metric": metric, "data": {"time": time, "value": value, "tags": tags}}


def test_the_script_of_k6_asks_what_the_plan_says_and_tells_answers_apart(tmp_path: Path) -> None:
    node = program("node", "k6's script without k6")
    scenario, run, some = asked("smoke")
    (tmp_path / "requests.jsonl").write_text("".join(json.dumps(_line(one)) + "\n" for one in some))
    (tmp_path / "plan.json").write_text(json.dumps(k6.plan(scenario, run, some, "requests.jsonl")))
    shutil.copytree(FAKE_K6, tmp_path / "node_modules" / "k6")
    shutil.copy(k6.SCRIPT, tmp_path / "load.mjs")
    shutil.copy(FAKE_K6 / "play.mjs", tmp_path)
    ended = subprocess.run(
        [node, "play.mjs", "plan.json", str(len(some))], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)

    paths = [path for one in some for path in (one.paths or (one.path,))]
    assert [each["url"] for each in told["asked"]] == ["http://target" + path for path in paths]
    assert {each["tags"]["group"] for each in told["latency"]} >= {"cached", "semantic", "document", "bulk"}
    assert [each["tags"]["error"] for each in told["latency"]].count("status 503") == 1
    assert sum(told["failures"]) == 1
    assert told["options"]["thresholds"]["checks"] == ["rate==1"]


def _line(one: Request) -> dict[str, Any]:
    return {"op": one.op, "method": one.method, "path": one.path, "body": one.body, "secret": one.secret,
            "paths": list(one.paths), "phase": one.phase}  # fmt: skip


def test_k6_itself_plays_the_script(tmp_path: Path) -> None:
    if not shutil.which("k6"):
        pytest.skip("k6 is not on the PATH")
    scenario, run, some = asked("smoke")
    export("smoke", "ci", TARGET, tmp_path, tmp_path)
    with answering() as server:
        outcome = k6.play(Target(server.url), some, scenario, run, tmp_path)

    assert len(outcome.samples) == pytest.approx(len(some), abs=2)
    assert not any(one.error for one in outcome.samples)


@pytest.mark.parametrize("name", sorted(set(names()) - {"concurrency"}))
def test_artillery_gets_the_same_rates_requests_and_bounds(name: str) -> None:
    scenario, run, some = asked(name)
    told = yaml.safe_load(artillery(scenario, run, some, TARGET))

    assert told["config"]["target"] == TARGET
    assert [phase["name"] for phase in told["config"]["phases"]] == [phase.name for phase in run.phases]
    for phase, given in zip(run.phases, told["config"]["phases"], strict=True):
        first, last = (rate / 60 for rate in phase.rates)
        if first == last:
            assert given["arrivalCount"] == round(first * phase.seconds)
        else:
            assert (given["arrivalRate"], given["rampTo"]) == (round(first, 2), round(last, 2))
    weights = {flow["name"]: flow["weight"] for flow in told["scenarios"]}
    assert weights == {name: rows for name, rows in (("get", len(gets(some))), ("post", len(posts(some)))) if rows}
    assert told["config"]["ensure"]["maxErrorRate"] == 0


def test_artillery_has_no_load_of_clients_that_wait_for_answers(tmp_path: Path) -> None:
    scenario, run, some = asked("concurrency")
    with pytest.raises(CannotExportError, match="'fifty': Artillery has no load"):
        artillery(scenario, run, some, TARGET)

    assert export("concurrency", "ci", TARGET, tmp_path, tmp_path)
    assert (tmp_path / "load.jmx").is_file()


@pytest.mark.parametrize("name", names())
def test_jmeter_gets_a_plan_with_a_group_for_each_method(name: str) -> None:
    scenario, run, some = asked(name)
    root = ET.fromstring(jmeter(scenario, run, some, TARGET))
    kind = "ThreadGroup" if name == "concurrency" else "OpenModelThreadGroup"
    methods = ["get", "post"] if posts(some) else ["get"]

    assert [group.get("testname") for group in root.iter(kind)] == methods
    for group in root.iter(kind):
        assert group.find("elementProp[@name='ThreadGroup.main_controller']") is not None
    ports = [each.text for each in root.iter("stringProp") if each.get("name") == "HTTPSampler.port"]
    assert ports == ["8123"] * len(methods)
    assert len(list(root.iter("CSVDataSet"))) == len(methods)


def test_jmeters_schedule_gives_the_same_number_of_requests() -> None:
    """A rate holds until the next; the area under the lines is what comes."""
    _, run, some = asked("spike")
    words = schedule(run, 1.0).split(" rate(")
    total = 0.0
    for begins, ends in zip(words[::2], words[1::2], strict=True):
        first = float(begins.removeprefix("rate(").split("/min")[0])
        seconds = float(begins.split("random_arrivals(")[1].split(" s)")[0])
        total += (first + float(ends.split("/min")[0])) / 2 / 60 * seconds
    assert total == pytest.approx(len(some), rel=0.03)


def test_rows_of_other_tools_survive_quotes_and_commas_and_hold_no_secret(tmp_path: Path) -> None:
    export("spike", "ci", TARGET, tmp_path, tmp_path)
    with (tmp_path / "posts.csv").open(newline="") as file:
        rows = list(csv.reader(file))

    assert rows
    assert all(isinstance(json.loads(body), dict) for _, body in rows)
    assert not any("/v1/alerts/" in path for path, _ in rows)


@is_long
def test_artillery_sends_for_ten_seconds_what_it_is_given(tmp_path: Path) -> None:
    with answering() as server:
        export("smoke", "ci", server.url, tmp_path, tmp_path)
        report = json.loads(run_artillery(tmp_path / "artillery.yaml").read_text())
        _was_asked(server.asked, tmp_path)

    counters = report["aggregate"]["counters"]
    assert counters["http.codes.200"] == counters["http.requests"] == 40
    assert counters["vusers.failed"] == 0


@is_long
def test_jmeter_sends_for_ten_seconds_what_it_is_given(tmp_path: Path) -> None:
    with answering() as server:
        export("smoke", "ci", server.url, tmp_path, tmp_path)
        with run_jmeter(tmp_path / "load.jmx", tmp_path / "jmeter").open(newline="") as file:
            rows = list(csv.DictReader(file))
        _was_asked(server.asked, tmp_path)

    assert 30 <= len(rows) <= 45
    assert {row["responseCode"] for row in rows} == {"200"}


def _was_asked(seen: list[tuple[str, str, str, str]], folder: Path) -> None:
    """Nothing but the rows, and bodies are whole."""
    with (folder / "gets.csv").open(newline="") as file:
        given = {path for (path,) in csv.reader(file)}
    assert {path for method, path, _, _ in seen if method == "GET"} <= given
    bodies = [body for method, _, body, _ in seen if method == "POST"]
    assert bodies
    assert all("helpful" in json.loads(body) for body in bodies)


def test_the_fake_of_k6_has_what_the_script_imports() -> None:
    imported = {line.split('"')[1] for line in k6.SCRIPT.read_text().splitlines() if line.startswith("import ")}
    exports = json.loads((FAKE_K6 / "package.json").read_text())["exports"]

    assert imported == {"k6" + name.removeprefix(".") for name in exports}
