"""What kind of alert a vote counts for, and how much."""

from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.feedback import HALF_LIFE_SECONDS, Tally, Vote, score, signature, voter
from personal_pipeline.domain.instances import is_instance, without_instances


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("DiskFull", "disk_full"),
        ("Disk full", "  DISK-full "),
        ("High latency (instance 10.17.86.137:9100)", "high latency instance"),
        ("Pod api-7d9f8b6c5-q8zwk restarts", "Pod api-5f6d7c8b9-x2x4z restarts"),
        ("Job 4f7c1e2a-9b1d-4c3e-8f00-1a2b3c4d5e6f failed", "job failed"),
        ("i-0abc12def3456 unreachable", "i-0123456789abc unreachable"),
        ("CPU over 90% since 2026-11-28T03:00:00Z", "CPU over 80% since 2026-11-29 04:11:12"),
        ("host fe80::1ff:fe23:4567:890a down", "Host down"),
    ],
)
def test_two_instances_are_one_kind_of_alert(name: str, other: str) -> None:
    assert signature(name, "web") == signature(other, "Web ")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("DiskFull", "DiskSlow"),
        ("HTTP 4xx", "HTTP 5xx"),
        ("Latency p95", "Latency p99"),
        ("S3 errors", "EC2 errors"),
        ("Http500", "Http502"),
    ],
)
def test_two_names_are_two_kinds(name: str, other: str) -> None:
    assert signature(name, "web") != signature(other, "web")


def test_a_service_tells_kinds_apart_and_no_name_can_pretend_to_be_one() -> None:
    assert signature("disk", "web") != signature("disk", "db") != signature("disk", "")
    assert signature("disk#web", "") != signature("disk", "web")


def test_a_name_of_nothing_but_numbers_is_kept() -> None:
    assert signature("502", "") == "502#"
    assert signature("10.0.0.1", "") == "10001#"
    assert signature("", "") == "#"


def test_a_signature_is_short_whatever_it_is_made_of() -> None:
    assert len(signature("x" * 100_000, "y" * 100_000)) < 500


@pytest.mark.parametrize("word", ["disk", "s3", "k8s", "p95", "4xx", "http500", "ipv6", "log4j", "e2big", "Ärger"])
def test_kinds_are_no_instances(word: str) -> None:
    assert not is_instance(word)


@pytest.mark.parametrize("word", ["17", "0x7ffe", "4f7c1e2a", "7d9f8b6c5", "x2x4z", "q8zwk", "web1234", "1e6b"])
def test_numbers_hashes_and_ends_of_generated_names_are(word: str) -> None:
    assert is_instance(word)


def test_words_beside_an_instance_stay() -> None:
    said = "at 03:12:45,123 node 10.0.0.7:9100 of 550e8400-e29b-41d4-a716-446655440000 (v1.2.3) std::vector 1.2.3.4.5"

    assert is_instance("x" * 65)
    assert without_instances(said).split() == ["at", "node", "of", "(v1.", ".", ")", "std::vector", ".", ".", ".", "."]


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "a1", "1:", "f:", "1.", "0-", "2026-11-27T03:12", "a1aaaaaaaaaaaaaaaaaaaaaaaaaaa", "0x", "beef"],
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 8000)[:7999] + "1"
    started = process_time()

    without_instances(text)

    assert process_time() - started < 2


def test_the_score_grows_with_votes_and_never_reaches_one() -> None:
    assert score(0, 0) == 0
    assert 0 < score(1, 0) < score(3, 0) < score(1000, 0) < 1
    assert score(3, 1) == -score(1, 3)
    assert score(5, 5) == 0


def test_one_user_moves_one_vote() -> None:
    tally = Tally(2, 1, 100.0)

    assert tally.changed(None, Vote(True, 100.0)) == Tally(3, 1, 100.0)
    assert tally.changed(Vote(True, 100.0), Vote(True, 100.0)) == tally
    assert tally.changed(Vote(True, 100.0), Vote(False, 100.0)) == Tally(1, 2, 100.0)
    assert tally.changed(Vote(False, 100.0), None) == Tally(2, 0, 100.0)
    assert tally.changed(None, None) == tally


def test_a_vote_weighs_half_after_each_half_life() -> None:
    tally = Tally().changed(None, Vote(True, 100.0))

    assert tally.at(100.0 + HALF_LIFE_SECONDS).up == 0.5
    assert tally.at(100.0 + 3 * HALF_LIFE_SECONDS).up == 0.125
    assert tally.at(0.0) == tally


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 90), st.booleans()), max_size=30), st.randoms())
def test_votes_weigh_the_same_in_whatever_order_they_come_and_go(
    votes: list[tuple[bool, float, bool]], order: Random
) -> None:
    cast = [(Vote(helpful, 86400 * (20_000 + day)), is_kept) for helpful, day, is_kept in votes]
    now = 86400 * 20_090.0

    def counted() -> Tally:
        order.shuffle(cast)
        tally = Tally()
        for vote, _ in cast:
            tally = tally.changed(None, vote)
        order.shuffle(cast)
        for vote, is_kept in cast:
            tally = tally if is_kept else tally.changed(vote, None)
        return tally.at(now)

    kept = [vote for vote, is_kept in cast if is_kept]
    up, down = (
        sum(2 ** ((vote.cast_at - now) / HALF_LIFE_SECONDS) for vote in kept if vote.helpful is helpful)
        for helpful in (True, False)
    )
    for tally in (counted(), counted()):
        assert (tally.up, tally.down) == (pytest.approx(up, abs=1e-9), pytest.approx(down, abs=1e-9))
        assert (tally.up == 0, tally.down == 0) == (up == 0, down == 0)


def test_who_voted_is_not_to_be_read_from_a_vote() -> None:
    assert voter("jwt ada@example.com") == voter("jwt ada@example.com") != voter("jwt bob@example.com")
    assert "ada" not in voter("jwt ada@example.com")
    assert voter("\ud800")
