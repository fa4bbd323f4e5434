"""What every record of activity promises about feedback."""

from typing import Any

import pytest

DISK = "diskfull#storage"
QUARTER = 90 * 86400
MONTH = 30 * 86400


def test_votes_for_and_against_are_counted_by_document(activity: Any, clock: Any) -> None:
    for doc_id, user, helpful in [("a", "u1", True), ("a", "u2", True), ("a", "u3", False), ("b", "u1", False)]:
        activity.vote(DISK, doc_id, user, helpful, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (2, 1), "b": (0, 1)}


def test_signatures_are_kept_apart(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)
    activity.vote("diskfull#", "b", "u1", True, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (1, 0)}
    assert activity.feedback("diskfull#") == {"b": (1, 0)}
    assert activity.feedback("unheard#of") == {}


def test_the_same_vote_again_counts_once(activity: Any, clock: Any) -> None:
    for _ in range(3):
        activity.vote(DISK, "a", "u1", True, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (1, 0)}


def test_a_user_may_change_their_mind(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)
    activity.vote(DISK, "a", "u2", True, clock() + QUARTER)
    activity.vote(DISK, "a", "u1", False, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (1, 1)}


def test_votes_are_forgotten_when_the_last_of_a_document_expires(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)
    clock.forward(QUARTER / 2)
    activity.vote(DISK, "a", "u2", False, clock() + QUARTER)
    activity.vote(DISK, "b", "u2", True, clock() + 10)

    clock.forward(QUARTER * 0.75)
    assert set(activity.feedback(DISK)) == {"a"}
    clock.forward(QUARTER)
    assert activity.feedback(DISK) == {}


def test_after_that_counting_begins_anew(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)
    activity.vote(DISK, "a", "u2", True, clock() + QUARTER)
    clock.forward(QUARTER + 1)
    activity.vote(DISK, "a", "u1", False, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (0, 1)}


def test_an_expired_vote_is_as_if_never_cast_while_others_keep_the_count(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + 100)
    activity.vote(DISK, "a", "u2", True, clock() + QUARTER)
    clock.forward(MONTH)
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (pytest.approx(2), 0)}


def test_a_vote_weighs_half_as_much_after_each_month(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)
    clock.forward(MONTH)
    activity.vote(DISK, "a", "u2", False, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (pytest.approx(0.5), pytest.approx(1))}
    clock.forward(MONTH)
    assert activity.feedback(DISK) == {"a": (pytest.approx(0.25), pytest.approx(0.5))}


def test_voting_again_makes_a_vote_new(activity: Any, clock: Any) -> None:
    for _ in range(3):
        activity.vote(DISK, "a", "u1", True, clock() + QUARTER)
        clock.forward(MONTH)

    assert activity.feedback(DISK) == {"a": (pytest.approx(0.5), 0)}


def test_a_vote_that_is_taken_back_leaves_nothing(activity: Any, clock: Any) -> None:
    for doc_id, user in (("a", "u1"), ("a", "u2"), ("b", "u1")):
        activity.vote(DISK, doc_id, user, True, clock() + QUARTER)
        clock.forward(MONTH / 7)

    activity.vote(DISK, "b", "u1", None, clock() + QUARTER)
    activity.vote(DISK, "a", "u1", None, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (pytest.approx(2 ** (-2 / 7)), 0)}
    activity.vote(DISK, "a", "u2", None, clock() + QUARTER)
    assert activity.feedback(DISK) == {}
    activity.vote(DISK, "a", "u1", False, clock() + QUARTER)
    assert activity.feedback(DISK) == {"a": (0, pytest.approx(1))}


def test_who_never_voted_takes_nothing_back(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)

    for user in ("u2", "u2"):
        activity.vote(DISK, "a", user, None, clock() + QUARTER)
    activity.vote(DISK, "b", "u1", None, clock() + QUARTER)

    assert activity.feedback(DISK) == {"a": (1, 0)}


def test_clocks_that_differ_count_alike(activity: Any, clock: Any) -> None:
    activity.vote(DISK, "a", "u1", True, clock() + QUARTER)
    clock.forward(-MONTH)
    activity.vote(DISK, "a", "u2", True, clock() + QUARTER)

    clock.forward(2 * MONTH)

    assert activity.feedback(DISK) == {"a": (pytest.approx(0.5 + 0.25), 0)}


def test_any_signature_and_any_user_can_be_kept(activity: Any, clock: Any) -> None:
    odd = "zählt 😀 \\ " + "x" * 3000 + "#a#b"
    activity.vote(odd, "a", "user # of | everything", True, clock() + QUARTER)

    assert activity.feedback(odd) == {"a": (1, 0)}
