"""Which notices a service's alerts make, and when they go out."""

import itertools
import random

import pytest

from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.incidents import (
    MAX_NAMED,
    MAX_NOTICES,
    Facts,
    Incident,
    Member,
    NoticeState,
    chosen,
    gathered,
    notice_of,
    opened,
    with_causes,
)
from personal_pipeline.domain.lanes import CRITICAL_INTERVAL, INTERVAL, Lane, flushed_lane, joined_lane, lane_name
from personal_pipeline.domain.notices import Example, Notice

T = 1_000_000.0
FACTS = {name: Facts("attach", "alert", 0.99, ("it names this alert",), None) for name in ("disk", "slow")}


def member(
    alert: str, at: float, section: str = "disk", status: str = "firing", fired: int = 1, severity: str = "warning"
) -> Member:
    example = Example(alert, "alertmanager", "DiskFull", "", alert, Severity(severity))
    return Member(at, "resolved" if status == "resolved" else "firing", section, example, fired)


def flushed(
    incident: Incident | None, slot: float, *members: Member, lane: str = "storage"
) -> tuple[Incident, NoticeState | None, bool]:
    incident = gathered(incident or opened("storage", "storage", slot), lane, slot, members, FACTS, slot)
    return chosen(incident, lane, slot)


def shown(incident: Incident, state: NoticeState | None) -> Notice:
    assert state
    return notice_of(incident, state, "team-data", (), (), T)


def test_a_burst_is_one_notice_with_a_count_that_grows() -> None:
    incident, first, _ = flushed(None, T, member("a", T))
    incident, second, more = flushed(incident, T + 10, *(member(f"b{n}", T + 5 + n / 100) for n in range(40)))

    assert first
    assert second
    assert (first.notice_id, first.revision) == (second.notice_id, second.revision - 1)
    assert shown(incident, second).firing == 41
    assert not more


def test_another_runbook_is_a_notice_of_its_own_and_goes_first() -> None:
    incident, first, _ = flushed(None, T, member("a", T))
    incident, second, more = flushed(incident, T + 10, member("b", T + 1), member("c", T + 2, "slow"))
    incident, third, rest = flushed(incident, T + 20)

    assert first
    assert second
    assert third
    assert (second.revision, second.notice_id != first.notice_id, more) == (1, True, True)
    assert (third.notice_id, third.revision, rest) == (first.notice_id, 2, False)


def test_flushing_a_slot_again_gives_the_same_notice() -> None:
    members = [member("a", T), member("b", T + 0.1), member("a", T + 0.2, status="resolved")]
    incident, first, _ = flushed(None, T, *members)
    again, second, _ = flushed(incident, T, *members)

    assert first == second
    assert again.notices == incident.notices


def test_the_end_changes_the_same_notice() -> None:
    incident, first, _ = flushed(None, T, member("a", T))
    incident, ended, _ = flushed(incident, T + 60, member("a", T + 55, status="resolved"))

    assert first
    assert ended
    assert (ended.notice_id, ended.revision) == (first.notice_id, 2)
    assert shown(incident, ended).status == "resolved"


def test_the_end_of_an_unknown_alert_says_nothing() -> None:
    assert flushed(None, T, member("a", T, status="resolved"))[1] is None


def test_what_fires_again_within_its_quiet_time_changes_the_notice_and_later_makes_a_new_one() -> None:
    incident, first, _ = flushed(None, T, member("a", T))
    incident, _, _ = flushed(incident, T + 60, member("a", T + 60, status="resolved"))
    soon, again, _ = flushed(incident, T + 100, member("a", T + 100, fired=2))
    _, later, _ = flushed(incident, T + 400, member("a", T + 400))

    assert first
    assert again
    assert later
    assert (again.notice_id, again.fired, shown(soon, again).status) == (first.notice_id, 2, "firing")
    assert later.notice_id != first.notice_id


def test_alerts_beyond_those_known_by_name_are_counted_once_and_their_ends_too() -> None:
    many = [member(f"a{n}", T + n / 1000) for n in range(MAX_NAMED + 50)]
    incident, _, _ = flushed(None, T, *many)
    incident, state, _ = flushed(incident, T, *many)
    assert shown(incident, state).firing == MAX_NAMED + 50

    ends = [member(f"a{n}", T + 5 + n / 1000, status="resolved") for n in range(MAX_NAMED + 50)]
    incident, state, _ = flushed(incident, T + 10, *ends)

    notice = shown(incident, state)
    assert (notice.firing, notice.sections[0].resolved, notice.status) == (0, MAX_NAMED + 50, "resolved")


def test_the_worst_severity_is_shown() -> None:
    incident, state, _ = flushed(None, T, member("a", T, severity="info"), member("b", T, severity="critical"))

    assert shown(incident, state).severity is Severity.CRITICAL


def test_an_incident_forgets_what_ended_first() -> None:
    incident: Incident | None = None
    for n in range(MAX_NOTICES + 5):
        at = T + n * 1000
        incident, _, _ = flushed(incident, at, member(f"a{n}", at))
        incident, _, _ = flushed(incident, at + 20, member(f"a{n}", at + 15, status="resolved"))

    assert incident
    assert len(incident.notices) == MAX_NOTICES


def test_a_new_cause_elsewhere_is_told_to_those_who_were_told_without_it() -> None:
    incident, first, _ = flushed(None, T, member("a", T))
    assert first
    incident = with_causes(incident, {first.notice_id: "other"})
    incident, second, _ = chosen(incident, "storage", T + 10)

    assert second
    assert second.revision == 2
    assert not any(notice.is_behind for notice in with_causes(incident, {first.notice_id: "other"}).notices)


@pytest.mark.parametrize("seed", range(50))
def test_no_order_of_repeats_loses_or_doubles_an_alert(seed: int) -> None:
    chance = random.Random(seed)
    words = [member(f"a{n}", T + chance.random() * 9) for n in range(30)]
    incident, state, _ = flushed(None, T + 10, *words)
    for _ in range(3):
        some = chance.sample(words, 10)
        incident, state, _ = flushed(incident, T + 10, *some)

    assert shown(incident, state).firing == 30


def test_a_lane_lets_one_message_out_per_interval_and_the_first_at_once() -> None:
    lane, sent = Lane("storage"), []
    for tenth in range(600):
        now = T + tenth / 10
        joined = joined_lane(lane, now)
        lane = joined.lane
        if joined.due == "now":
            sent.append(now)
            lane = flushed_lane(lane, lane.slot, now)

    assert sent[0] == T
    assert len(sent) == 6
    assert all(later - earlier >= INTERVAL - 1e-6 for earlier, later in itertools.pairwise(sent))


def test_only_one_caller_sends_the_tick_of_a_slot() -> None:
    first = joined_lane(Lane("storage"), T)
    second = joined_lane(flushed_lane(first.lane, T, T), T + 1)
    third = joined_lane(second.lane, T + 2)

    assert (first.due, second.due, third.due) == ("now", "tick", "later")
    assert second.lane.slot == third.lane.slot == T + INTERVAL


def test_critical_alerts_wait_for_nothing_but_their_like() -> None:
    name = lane_name("Orders DB", "DiskFull on 10.0.0.7", Severity.CRITICAL)

    assert name == lane_name("orders-db", "DiskFull on 10.0.0.8", Severity.CRITICAL)
    assert name != lane_name("orders-db", "Deadlocks", Severity.CRITICAL)
    assert Lane(name).interval == CRITICAL_INTERVAL
    assert Lane(name).service == lane_name("orders-db", "DiskFull", Severity.WARNING)


def test_an_alert_without_a_service_has_the_lane_of_its_kind() -> None:
    assert lane_name("", "DiskFull", Severity.WARNING) != lane_name("", "Deadlocks", Severity.WARNING)
    assert lane_name("", "", Severity.UNKNOWN)
