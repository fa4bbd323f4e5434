"""No change may make the extraction worse: figures of the annotations against those in ``recorded.json``.

Kinds with fewer than 20 marks in a group are left out: one item moves them too far. The wanted bars are in
``recorded.json`` too, beside what is reached.
"""

import json
from pathlib import Path

import pytest

from tests.eval import benchmark
from tests.eval.structure.measure import measure, table
from tests.eval.structure.score import Counts

RECORDED = Path(__file__).with_name("recorded.json")
MAY_DROP = 0.01


def assert_none_is_worse(measured: dict[str, dict[str, Counts]], *groups: str) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["reached"]
    worse = [
        (group, kind, name, was, round(found, 4))
        for group in groups
        for kind, figures in recorded[group].items()
        for name, was in figures.items()
        if (found := getattr(measured[group][kind], name)) < was - MAY_DROP
    ]
    assert not worse, f"recorded and measured: {worse}"


def test_structure_of_our_own_documents_is_found_as_well_as_recorded() -> None:
    assert_none_is_worse(measure(None), "own dev", "own held-out")


def test_structure_of_the_benchmark_is_found_as_well_as_recorded() -> None:
    assert_none_is_worse(measure(benchmark.needed()), "dev", "held-out")


def test_a_figure_that_drops_is_named() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["reached"]
    nothing = {kind: Counts(0, 50, 50) for kind in recorded["own dev"]}

    with pytest.raises(AssertionError, match="'step', 'f1'"):
        assert_none_is_worse({"own dev": nothing}, "own dev")


def test_a_table_has_a_line_for_each_kind() -> None:
    drawn = table({"dev": {"step": Counts(9, 10, 10), "command": Counts(1, 1, 2)}})

    assert [line.split()[0] for line in drawn.splitlines()[2:]] == ["step", "command"]
    assert "0.900" in drawn
