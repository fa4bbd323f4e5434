"""No change may make the search worse: figures of the real benchmark against those that `make record` wrote."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.evaluation.record import RECORDED, SAMPLE, WORDS, measured_by_words, measured_with_meaning
from tests.embedding_model import Models
from tests.eval import benchmark

MAY_DROP = 0.01
ONE_ALERT = {"right among those attached": 0.014}
"""Of the 75 that are attached: one is near .8, and another processor rounds its vector otherwise."""


def assert_none_is_worse(part: str, measure: Callable[[Path, Path], dict[str, float]], out: Path) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))[part]
    bench = benchmark.needed()

    measured = measure(bench, out)

    worse = {
        name: (was, measured.get(name))
        for name, was in recorded.items()
        if measured.get(name, 0) < was - ONE_ALERT.get(name, MAY_DROP)
    }
    assert not worse, f"recorded and measured: {worse}; if that is meant, `make record`"


def test_finding_by_words_is_as_good_as_recorded(tmp_path: Path) -> None:
    assert_none_is_worse(WORDS, measured_by_words, tmp_path)


def test_finding_by_meaning_is_as_good_as_recorded(tmp_path: Path, models: Models) -> None:
    assert_none_is_worse(SAMPLE, measured_with_meaning, tmp_path)


def test_what_is_recorded_has_every_figure() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))

    assert recorded.keys() == {WORDS, SAMPLE}
    assert all(0.5 < value <= 1.0 for figures in recorded.values() for value in figures.values())
    assert len({frozenset(figures) for figures in recorded.values()}) == 1


@pytest.mark.parametrize("drop", [0.005, 0.02])
def test_a_figure_that_drops_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drop: float) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))[WORDS]
    measured = recorded | {"symptom sentence": recorded["symptom sentence"] - drop}
    monkeypatch.setattr(benchmark, "needed", lambda: tmp_path)

    if drop < MAY_DROP:
        assert_none_is_worse(WORDS, lambda *_: measured, tmp_path)
    else:
        with pytest.raises(AssertionError, match="symptom sentence"):
            assert_none_is_worse(WORDS, lambda *_: measured, tmp_path)
