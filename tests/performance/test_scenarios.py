"""Scenario files are checked before anything is started, and say what is wrong with them."""

from pathlib import Path

import pytest
import yaml

from tests.performance.scenario import FOLDER, PROJECT, ScenarioError, names, read_scenario

PROJECT_TARGETS = {
    ("cached", "p95", 100), ("semantic", "p95", 300), ("standard", "p95", 500), ("cold", "max", 2000),
    ("document", "p95", 200), ("bulk", "p95", 5000), ("all", "errors", 0), ("all", "dropped", 0),
}  # fmt: skip
OWN = {"says": "A test.", "lengths": {"ci": {"phases": [{"name": "a", "seconds": 5, "rate": 60}]}}}


def written(folder: Path, **own: object) -> Path:
    (folder / f"{PROJECT}.yaml").write_text((FOLDER / f"{PROJECT}.yaml").read_text())
    whole = OWN | {"lengths": {"ci": OWN["lengths"]["ci"], "full": OWN["lengths"]["ci"]}} | own
    (folder / "mine.yaml").write_text(yaml.safe_dump(whole))
    return folder


def test_there_is_a_scenario_for_each_kind_of_load() -> None:
    assert set(names()) == {
        "smoke", "normal", "peak", "stress", "spike", "volume", "endurance", "concurrency", "cold-fleet",
        "invalidation", "dependency",
    }  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_every_scenario_is_held_to_the_targets_of_the_project(name: str) -> None:
    scenario = read_scenario(name)

    assert {(each.of, each.figure, each.most) for each in scenario.thresholds} >= PROJECT_TARGETS
    assert scenario.lengths["ci"].seconds <= scenario.lengths["full"].seconds


def test_the_scenarios_of_a_long_run_stay_under_twelve_minutes_together() -> None:
    assert sum(read_scenario(name).lengths["ci"].seconds for name in ("normal", "peak", "spike", "volume")) < 12 * 60
    assert read_scenario("smoke").lengths["ci"].seconds <= 40


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'speak': choose one of .*peak"):
        read_scenario("speak")


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"rates": 5}, "mine.yaml: rates: Extra inputs"),
        ({"thresholds": [{"of": "cached", "figure": "p42", "most": 1}]}, "thresholds.*figure: Input should be 'p50'"),
        ({"thresholds": [{"figure": "errors"}]}, "say one of 'most', 'least' and 'times'"),
        ({"thresholds": [{"figure": "p95", "times": 2}]}, "'times' and 'than', a phase, go together"),
        ({"thresholds": [{"figure": "p95", "phase": "b", "most": 1}]}, r"no phase 'b' in length 'ci', only \['a'\]"),
        ({"judged": ["b"]}, "no phase 'b'"),
        ({"mix": {"search": -1.0, "health": 1.0}}, "nothing is asked"),
        ({"mix": {"dance": 1.0}}, "mix.dance"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name_and_field(
    tmp_path: Path, own: dict[str, object], says: str
) -> None:
    with pytest.raises(ScenarioError, match=says):
        read_scenario("mine", written(tmp_path, **own))


@pytest.mark.parametrize(
    ("run", "says"),
    [
        ({"phases": []}, "lengths.ci.phases"),
        ({"phases": [{"name": "a", "seconds": 5}]}, "either 'rate', or 'from' and 'to', or 'clients'"),
        ({"phases": [{"name": "a", "seconds": 5, "rate": 1, "clients": 5}]}, "either 'rate'"),
        ({"phases": [{"name": "a", "seconds": 5, "from": 1}]}, "either 'rate'"),
        ({"phases": [{"name": "a", "seconds": 60, "rate": 900_000}]}, "asks 900000 times; 200000 at most"),
        ({"phases": [{"name": "a", "seconds": 99_999, "rate": 1}]}, "runs for 99999 s"),
        ({"phases": [{"name": "a", "seconds": 5, "rate": 1}] * 2}, "same name"),
        ({"phases": [{"name": "a", "seconds": 5, "rate": 1}], "events": [{"at": 9, "does": "edit"}]}, "after the end"),
    ],
)
def test_a_load_without_bounds_or_sense_is_refused(tmp_path: Path, run: dict[str, object], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        read_scenario("mine", written(tmp_path, lengths={"ci": run, "full": run}))


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (written(tmp_path) / "mine.yaml").write_text("says: [")

    with pytest.raises(ScenarioError, match=r"mine.yaml cannot be read"):
        read_scenario("mine", tmp_path)


def test_what_a_scenario_says_of_its_system_does_not_forget_what_all_have(tmp_path: Path) -> None:
    scenario = read_scenario("mine", written(tmp_path, system={"corpus": "samples"}))

    assert scenario.system.corpus == "samples"
    assert scenario.system.environment["STALE_LIST_SECONDS"] == "300"
