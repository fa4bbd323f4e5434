"""The score of an extractor, on answers worked out by hand."""

import pytest

from tests.eval.structure.score import Counts, Item, matches, overlap, score, total

GOLD = [
    Item("step", (0, 10)),
    Item("step", (20, 30)),
    Item("command", (20, 30)),
    Item("branch", (40, 50), target=(60, 80)),
]


def test_overlap_is_what_two_spans_share_of_what_they_cover() -> None:
    assert overlap((0, 10), (0, 10)) == 1.0
    assert overlap((0, 10), (5, 15)) == pytest.approx(1 / 3)
    assert overlap((0, 10), (10, 20)) == 0.0
    assert overlap((0, 10), (90, 99)) == 0.0


def test_an_extractor_that_agrees_with_the_reader_is_perfect() -> None:
    counts = total([score(GOLD, GOLD)])["all"]

    assert (counts.precision, counts.recall, counts.f1) == (1.0, 1.0, 1.0)


def test_an_extractor_that_finds_nothing_scores_nothing() -> None:
    counts = score(GOLD, [])["step"]

    assert counts == Counts(matched=0, gold=2, found=0)
    assert (counts.precision, counts.recall, counts.f1) == (0.0, 0.0, 0.0)


def test_finding_everything_twice_costs_precision_and_no_recall() -> None:
    counts = score(GOLD, [*GOLD, *GOLD])["step"]

    assert (counts.precision, counts.recall) == (0.5, 1.0)
    assert counts.f1 == pytest.approx(2 / 3)


def test_half_of_the_union_is_enough_and_less_is_not() -> None:
    half, less = Item("step", (0, 5)), Item("step", (0, 4))

    assert score([Item("step", (0, 10))], [half])["step"].matched == 1
    assert score([Item("step", (0, 10))], [less])["step"].matched == 0


def test_the_same_span_of_another_kind_is_no_match() -> None:
    counts = score([Item("step", (0, 10))], [Item("command", (0, 10))])

    assert counts["step"] == Counts(matched=0, gold=1, found=0)
    assert counts["command"] == Counts(matched=0, gold=0, found=1)


@pytest.mark.parametrize("target", [None, (0, 10), (75, 99)])
def test_a_branch_that_leads_elsewhere_is_no_match(target: tuple[int, int] | None) -> None:
    found = [Item("branch", (40, 50), target)]

    assert score(GOLD, found)["branch"].matched == 0


def test_a_branch_with_about_the_same_condition_and_target_is_a_match() -> None:
    found = [Item("branch", (42, 50), target=(60, 78))]

    assert score(GOLD, found)["branch"].matched == 1


def test_the_most_alike_are_matched_first() -> None:
    gold = [Item("step", (0, 10)), Item("step", (0, 16))]
    found = [Item("step", (0, 15)), Item("step", (0, 10))]

    assert matches(gold, found) == [(0, 1), (1, 0)]


def test_one_long_item_does_not_stand_for_two() -> None:
    gold = [Item("step", (0, 10)), Item("step", (11, 21))]

    assert score(gold, [Item("step", (0, 21))])["step"].matched == 0


def test_every_item_weighs_the_same_whatever_document_it_is_in() -> None:
    many = [Item("step", (n * 10, n * 10 + 9)) for n in range(8)]
    sums = total([score(many, many), score(GOLD, [])])

    assert sums["step"] == Counts(matched=8, gold=10, found=8)
    assert sums["all"] == Counts(matched=8, gold=12, found=8)


def test_a_row_of_the_gold_files_is_an_item() -> None:
    assert Item.from_row(["rollback", 3, 9]) == Item("rollback", (3, 9))
    assert Item.from_row(["step", 3, 9, {"depth": 1}]) == Item("step", (3, 9))
    assert Item.from_row(["branch", 3, 9, {"target": [12, 20]}]) == Item("branch", (3, 9), (12, 20))
