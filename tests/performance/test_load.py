"""``make load`` from end to end, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.integration.one_machine import eventually
from tests.performance import system
from tests.performance.answering import answering
from tests.performance.openloop import Target
from tests.performance.scenario import read_scenario
from tests.performance.system import BEYOND, TargetError, checked_target, corpus_of
from tests.performance.workload.corpus import ROOT, read_corpus
from tests.performance.workload.model import requests


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.performance.load", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_a_smoke_run_starts_a_system_asks_it_everything_and_ends_it(tmp_path: Path) -> None:
    kept = tmp_path / "measured.jsonl"
    ended = run("--scenario", "smoke", "--out", str(tmp_path), MEASURED=str(kept), TMPDIR=str(tmp_path))
    told = json.loads((tmp_path / "smoke" / "results.json").read_text())

    assert told["errors"] == {}, ended.stdout
    assert set(told["operations"]) == {"search", "filtered", "suggest", "document", "feedback", "health", "bulk"}
    assert sum(each["count"] for each in told["operations"].values()) == 40
    assert told["resources"]["pss_mb"] > 50
    assert told["resources"]["sockets"] > 0
    assert (tmp_path / "smoke" / "report.html").is_file()
    assert ET.parse(tmp_path / "smoke" / "junit.xml").getroot().get("name") == "load.smoke"
    assert json.loads(kept.read_text())["name"] == "load smoke"
    assert not _still_running(f"{tmp_path}/load-")
    assert not list(tmp_path.glob("load-*"))


def test_only_data_folders_that_this_code_prepared_are_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "PREPARED", tmp_path)
    for name, made_by in (("now", "abc"), ("then", "xyz"), ("before", None)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ready.json").write_text(json.dumps({"made_by": made_by} if made_by else {}))
    system._forget_older("abc")

    assert [path.name for path in tmp_path.iterdir()] == ["now"]
    assert system._code_digest() == system._code_digest()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_early_leaves_no_process(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "tests.performance.load", "--scenario", "smoke", "--out", str(tmp_path)]
    started = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    data = f"{tmp_path}/load-"  # in the command of the system, for its data folder is there
    eventually(lambda: _still_running(data), "the system is started", 120)
    started.send_signal(how)

    assert started.wait(60) != 0
    assert not _still_running(data)


def _still_running(word: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line and str(os.getpid()) != process.parent.name:
            found.append(line)
    return found


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:80", "http://127.3.2.1"]
)
def test_a_target_on_this_machine_may_be_loaded(url: str) -> None:
    assert checked_target(url).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1",
        "http://192.168.1.5:8080",
        "https://example.com",
        "http://0.0.0.0",
        "http://127.0.0.1.example.com",
    ],
)
def test_any_other_machine_is_refused_unless_that_is_said_to_be_meant(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(BEYOND, raising=False)
    with pytest.raises(TargetError, match="is not this machine: if its owner agrees"):
        checked_target(url)
    monkeypatch.setenv(BEYOND, "yes")
    assert checked_target(url).url == url


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(TargetError, match="is no address"):
        checked_target(url)


def test_a_target_is_asked_for_documents_that_it_has() -> None:
    with answering() as server:
        server.hits = ["d1", "d2"]
        known = corpus_of(Target(server.url, token="t0"), read_corpus(None))

    assert known.ids == ("d1", "d2")
    assert {given for _, _, _, given in server.asked} == {"Bearer t0"}
    scenario = read_scenario("smoke")
    asked = requests(scenario, scenario.lengths["ci"], known)
    assert {one.path for one in asked if one.op == "document"} == {"/v1/documents/d1", "/v1/documents/d2"}


def test_a_target_without_documents_or_without_an_answer_is_not_loaded() -> None:
    with answering() as server, pytest.raises(TargetError, match="finds no document"):
        corpus_of(Target(server.url), read_corpus(None))
    with pytest.raises(TargetError, match="does not answer a search as this system does"):
        corpus_of(Target(server.url), read_corpus(None))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--scenario", "speak"), "there is no scenario 'speak'"),
        (("--target", "http://10.0.0.1"), "is not this machine"),
        (("--baseline", "nowhere.json"), "nowhere.json"),
    ],
)
def test_a_mistake_is_said_in_one_line_before_anything_starts(arguments: tuple[str, ...], says: str) -> None:
    ended = run(*arguments)

    assert ended.returncode == 1
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
