"""The measures are the usual ones, and intervals say how far to trust them."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from infra.evaluation.agreement import agreement, read_run
from infra.evaluation.bench import BenchError
from infra.evaluation.confidence import Judged, reliability
from infra.evaluation.evaluation import Evaluation
from infra.evaluation.intervals import auroc_of, mean_of
from infra.evaluation.judgements import Judgements
from infra.evaluation.scores import METRICS, score_query
from tests.eval.benchmark import BENCH, SCORER


def test_measures_of_one_query_are_those_of_the_books() -> None:
    found = score_query({"a": 2, "b": 1}, ["x", "b", "y", "a"])

    best = 3 / math.log2(2) + 1 / math.log2(3)
    assert found == {
        "hit@1": 0.0,
        "hit@3": 1.0,
        "hit@5": 1.0,
        "MRR@10": 0.5,
        "nDCG@10": pytest.approx((1 / math.log2(3) + 3 / math.log2(5)) / best),
        "recall@10": 1.0,
    }


def test_what_comes_after_ten_does_not_count() -> None:
    found = score_query({"a": 2}, [*map(str, range(10)), "a"])

    assert set(found.values()) == {0.0}


def test_a_query_without_an_answer_counts_as_nothing() -> None:
    assert set(score_query({"a": 2}, []).values()) == {0.0}


def test_figures_are_those_of_the_scorer_of_the_benchmark(evaluated: Evaluation) -> None:
    if not SCORER.is_file():
        pytest.skip(f"there is no {SCORER.name} beside {BENCH}")
    folder = evaluated.bench.folder
    command = [sys.executable, SCORER, folder / "qrels.tsv", evaluated.run, "--groups", folder / "groups.tsv", "--json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    assert evaluated.shipped is not None
    ours = evaluated.shipped.parts
    assert ours.keys() == theirs.keys()
    for part, means in ours.items():
        for metric in METRICS:
            assert means[metric].value == pytest.approx(theirs[part][metric]), (part, metric)


def test_an_interval_draws_sources_where_there_are_enough() -> None:
    values = [1.0] * 50 + [0.0] * 50
    by_source = mean_of(values, [f"s{n // 10}" for n in range(100)])
    mixed = mean_of(values, [f"s{n % 7}" for n in range(100)])

    assert by_source.by == mixed.by == "sources"
    assert by_source.high - by_source.low > 4 * (mixed.high - mixed.low)


def test_few_sources_or_no_misses_leave_wilsons_interval() -> None:
    few = mean_of([1.0, 0.0, 1.0, 1.0], ["a", "a", "b", "b"])
    perfect = mean_of([1.0] * 60, [f"s{n % 6}" for n in range(60)])

    assert (few.by, perfect.by) == ("wilson", "wilson")
    assert 0.9 < perfect.low < 1.0 == pytest.approx(perfect.high)


def test_auroc_counts_pairs_and_ties_half() -> None:
    found = auroc_of([0.9, 0.5], [0.5, 0.1], ["a", "b"])

    assert found.value == pytest.approx(3.5 / 4)
    assert found.low <= found.value <= found.high


def test_intervals_are_the_same_every_time() -> None:
    values, sources = [0.2, 0.9, 0.4, 1.0, 0.0, 0.7], ["a", "b", "c", "d", "e", "f"]

    assert mean_of(values, sources) == mean_of(values, sources)


def test_confidence_that_is_kept_has_no_calibration_error() -> None:
    judged = [Judged(f"q{n}", 0.75, n < 75, True, "s") for n in range(100)]

    found = reliability(judged)

    assert found.ece == pytest.approx(0.0)
    assert found.brier == pytest.approx(0.75 * 0.25)
    assert found.bins[7].count == 100


def test_what_is_attached_without_a_runbook_is_wrong_and_counted() -> None:
    judged = [Judged("a", 0.9, True, True, "s"), Judged("b", 0.3, True, True, "s"), Judged("c", 0.8, False, False, "c")]

    found = reliability(judged)

    assert found.accuracy.value == 0.5
    assert found.coverage.value == 0.5
    assert found.attached_without is not None
    assert found.attached_without.value == 1.0


def test_a_confidence_of_one_has_a_bin() -> None:
    assert reliability([Judged("a", 1.0, True, True, "s")]).bins[-1].count == 1


def test_two_runs_agree_by_their_first_documents() -> None:
    judgements = Judgements({"1.alert": {"a": 2}, "2.alert": {"b": 2}}, {})

    found = agreement({"1.alert": ["a", "x"], "2.alert": ["b"]}, {"1.alert": ["a"], "2.alert": ["x", "b"]}, judgements)

    assert found.same_first == 0.5
    assert found.difference == {"alert": 0.5}
    assert found.differing == ("2.alert",)


def test_a_query_that_one_run_does_not_answer_differs() -> None:
    assert agreement({"1.alert": ["a"]}, {}, None).differing == ("1.alert",)


def test_a_file_that_is_no_run_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "run.tsv"
    file.write_text("q\ta\t1\t0.5\nq b 2 0.5\n")

    with pytest.raises(BenchError, match=r"run\.tsv:2 is no line of a run"):
        read_run(file)
