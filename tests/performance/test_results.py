"""What is said of a run: figures only with enough samples, verdicts only where something is known."""

import json
from collections.abc import Sequence
from math import ceil
from random import Random

import pytest
from hdrh.histogram import HdrHistogram

from tests.performance.calibration import Calibration
from tests.performance.processes import Usage
from tests.performance.results import Measured, histogram, judge, results
from tests.performance.samples import Sample, hit_rate, inside_of, quantile
from tests.performance.scenario import Event, Phase, Run, Threshold, read_scenario

RUN = Run(phases=(Phase(name="a", seconds=10, rate=600), Phase(name="b", seconds=10, rate=600)))


def answers(latencies_ms: Sequence[float], phase: str = "a", tier: str = "l1", error: str = "") -> list[Sample]:
    return [Sample(1.0, 1.0, 1.0 + ms / 1_000, "search", phase, tier, error=error) for ms in latencies_ms]


def measured(samples: Sequence[Sample], usage: Sequence[Usage] = (), **more: dict[str, int]) -> Measured:
    offered = more.get("offered", {"a": sum(one.phase == "a" for one in samples)})
    scenario = read_scenario("smoke").model_copy(update={"judged": ()})
    return Measured(scenario, RUN, tuple(samples), offered, more.get("dropped", {}), tuple(usage), 2 if usage else 0)


@pytest.mark.parametrize(("part", "enough"), [(0.5, 40), (0.9, 200), (0.95, 400), (0.99, 2_000)])
def test_a_quantile_is_told_only_with_twenty_samples_beyond_it(part: float, enough: int) -> None:
    assert quantile(list(range(enough - 1)), part) is None
    assert quantile(list(range(enough)), part) is not None


@pytest.mark.parametrize("part", [0.5, 0.95])
def test_the_interval_holds_the_true_quantile_in_about_95_of_100_runs(part: float) -> None:
    random, held = Random(1), 0
    for _ in range(1_000):
        found = quantile(sorted(random.random() for _ in range(600)), part)
        assert found is not None
        assert found.low <= found.value <= found.high
        held += found.low <= part <= found.high
    assert 0.93 <= held / 1_000 <= 0.99


def test_the_histogram_that_is_kept_says_what_the_samples_say_within_a_thousandth() -> None:
    random = Random(1)
    latencies = sorted(random.lognormvariate(2, 1) for _ in range(20_000))
    kept = HdrHistogram.decode(histogram(latencies))

    for part in (50, 90, 99, 99.9):
        exact = latencies[ceil(len(latencies) * part / 100) - 1]
        assert kept.get_value_at_percentile(part) / 1_000 == pytest.approx(exact, rel=0.001)


@pytest.mark.parametrize(
    ("latencies", "verdict"),
    [
        ([10.0] * 400, "holds"),
        ([10.0] * 370 + [200.0] * 30, "missed"),
        ([10.0] * 30, "holds"),  # too few, but even the slowest is within
        ([10.0] * 29 + [200.0], "unknown"),
        ([], "unknown"),
    ],
)
def test_a_quantile_holds_is_missed_or_cannot_be_told(latencies: list[float], verdict: str) -> None:
    threshold = Threshold(of="cached", figure="p95", most=100)

    assert judge(measured(answers(latencies)), threshold).verdict == verdict


def test_answers_with_errors_are_errors_and_no_fast_answers() -> None:
    told = measured([*answers([10.0] * 5), *answers([0.1] * 5, error="status 503")])

    assert judge(told, Threshold(figure="errors", most=0)).found == 5
    assert judge(told, Threshold(figure="max", most=100)).found == pytest.approx(10)
    assert results(told)["errors"] == {"search: status 503": 5}
    assert results(told)["groups"]["cached"]["errors"] == 5


def test_one_phase_is_held_to_another() -> None:
    threshold = Threshold(of="cached", figure="p50", phase="b", than="a", times=2)
    slower = measured([*answers([10.0] * 40), *answers([19.0] * 40, "b")])
    slow = measured([*answers([10.0] * 40), *answers([21.0] * 40, "b")])
    few = measured([*answers([10.0] * 40), *answers([21.0] * 4, "b")])

    assert [judge(each, threshold).verdict for each in (slower, slow, few)] == ["holds", "missed", "unknown"]


def test_thresholds_without_a_phase_are_of_the_phases_that_are_judged() -> None:
    told = measured([*answers([10.0] * 40), *answers([900.0] * 40, "b")])
    of_a = Measured(told.scenario.model_copy(update={"judged": ("a",)}), RUN, told.samples, {}, {})
    threshold = Threshold(figure="max", most=100)

    assert [judge(each, threshold).verdict for each in (told, of_a)] == ["missed", "holds"]


def test_dropped_and_unanswered_requests_are_missing_from_what_was_achieved() -> None:
    told = measured(answers([1.0] * 98), offered={"a": 100}, dropped={"a": 2})

    assert judge(told, Threshold(figure="achieved", least=0.999)).verdict == "missed"
    assert judge(told, Threshold(figure="achieved", least=0.98)).verdict == "holds"
    assert judge(told, Threshold(figure="dropped", most=0)).found == 2


def test_a_hit_is_an_answer_from_a_cache_even_if_it_is_stale_once() -> None:
    tiers = ["l1", "l2", "stale", "index", "keys"]
    searches = [one for tier in tiers for one in answers([1.0], tier=tier)]
    health = Sample(0, 0, 1, "health", "a")

    assert hit_rate([*searches, health]) == pytest.approx(3 / 5)
    assert hit_rate([health]) is None
    assert judge(measured([health]), Threshold(figure="hit_rate", least=0.8)).verdict == "unknown"


def test_the_first_answers_of_a_system_are_cold_and_in_no_phase() -> None:
    first = Sample(0, 0, 1.5, "search", "", "index", cold=True)
    told = measured([first, *answers([1.0] * 40)])

    assert judge(told, Threshold(of="cold", figure="max", most=2000)).found == pytest.approx(1500)
    assert judge(told, Threshold(figure="max", most=100)).found == pytest.approx(1)
    assert results(told)["groups"]["cold"]["count"] == 1


def test_cpu_is_a_share_of_all_cores_and_memory_the_most_that_was_used() -> None:
    usage = [Usage(float(n), n * 0.8, 200.0, 100.0 + n, 5) for n in range(10)]
    told = measured(answers([1.0]), usage)

    assert judge(told, Threshold(figure="cpu", phase="a", most=0.7)).found == pytest.approx(0.4)
    jumped = measured(answers([1.0]), [*usage[:5], Usage(5.0, 5.2, 200.0, 100.0, 5)])
    assert judge(jumped, Threshold(figure="cpu_peak", phase="a", most=0.9)).found == pytest.approx(1.0)
    assert judge(told, Threshold(figure="pss_mb", most=2048)).found == pytest.approx(109)
    assert results(told)["resources"]["cpu_peak"] == pytest.approx(0.4)


def test_the_resources_of_a_target_that_is_not_ours_are_unknown_and_not_none_used() -> None:
    told = measured(answers([1.0]))

    assert judge(told, Threshold(figure="cpu", most=0.7)).verdict == "unknown"
    assert results(told)["resources"] == {}


def test_results_can_be_kept_and_compared_later() -> None:
    told = results(measured([*answers([5.0] * 500), *answers([7.0] * 500, "b", "index")]))

    assert json.loads(json.dumps(told)) == told
    assert [each["second"] for each in told["series"]] == [1]
    assert set(told["tiers"]) == {"l1", "index"}


@pytest.mark.parametrize(
    ("header", "milliseconds"),
    [('l1;desc="answered by";dur=0.42', 0.42), ("index;dur=17", 17.0), ("", 0.0), ("l1;dur=x", 0.0), ("dur", 0.0)],
)
def test_what_the_function_says_it_took_is_read_from_its_header(header: str, milliseconds: float) -> None:
    assert inside_of(header) == milliseconds


def test_edits_come_as_often_as_the_scenario_says_and_in_order() -> None:
    run = Run(phases=RUN.phases, events=(Event(at=7, does="index_slow"),), edit_every_seconds=5)

    assert [(event.at, event.does) for event in run.all_events] == [
        (2.5, "edit"), (7, "index_slow"), (7.5, "edit"), (12.5, "edit"), (17.5, "edit"),
    ]  # fmt: skip


@pytest.mark.parametrize(("after", "is_void"), [(10.0, False), (11.4, False), (11.6, True), (8.4, True), (8.6, False)])
def test_a_run_is_void_when_the_machine_moved_by_more_than_15_percent(after: float, is_void: bool) -> None:
    assert Calibration(10.0, after).is_void == is_void


def test_a_run_is_void_when_others_used_most_of_the_machine() -> None:
    assert not Calibration(10.0, 10.0, others=0.4).is_void
    assert Calibration(10.0, 10.0, others=0.6).why_void == "others used 60% of the machine"
