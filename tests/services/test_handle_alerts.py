"""From an alert to what people are told: once, with the runbook, in one message that keeps up with it."""

import json
from pathlib import Path

import pytest

from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.lanes import CRITICAL_INTERVAL, INTERVAL
from personal_pipeline.services.answer_alert import MOST_FURTHER
from tests.services.alerting import World, firing, resolved
from tests.services.delivering import START, KilledError


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_an_alert_is_told_at_once_with_its_runbook_and_who_owns_the_service(world: World) -> None:
    world.alert(firing("DiskFull", service="orders-api"))

    (notice,) = world.told()

    assert (notice.status, notice.service, notice.owner, notice.revision) == ("firing", "orders", "team-orders", 1)
    (section,) = notice.sections
    assert (section.decision, section.runbook and section.runbook.title) == ("attach", "DiskFull")
    assert [example.name for example in section.examples] == ["DiskFull"]


def test_without_a_runbook_the_likeliest_are_suggested_with_their_reasons(world: World) -> None:
    world.alert(firing("UnknownTrouble"))

    (section,) = world.told()[0].sections

    assert (section.decision, section.runbook) == ("suggest", None)
    assert [(one.card.title, one.reasons) for one in section.candidates] == [("Near", ("a",)), ("Nearer", ("b",))]


def test_what_comes_again_is_not_told_again_by_this_process_or_another(world: World) -> None:
    for _ in range(3):
        world.alert(firing("DiskFull"))
        world.alert(firing("DiskFull"), firing("DiskFull"))
        world.start_alert_worker()
        world.work_alerts()

    world.pass_time(120)

    assert [(one.notice_id != "", one.revision) for one in world.arrived] == [(True, 1)]


def test_the_end_of_an_alert_changes_the_message_that_told_of_it(world: World) -> None:
    world.alert(firing("DiskFull"))
    (first,) = world.told()
    world.clock.now += 60
    world.alert(resolved(firing("DiskFull")))
    world.alert(resolved(firing("DiskFull")))

    (second,) = world.told()

    assert (second.notice_id, second.revision, second.status) == (first.notice_id, 2, "resolved")


def test_what_nobody_was_told_of_has_no_end(world: World) -> None:
    world.alert(resolved(firing("DiskFull")))
    world.alert(firing("DiskFull"))  # late

    assert world.told() == []


def test_an_alert_that_comes_and_goes_is_counted_and_news_again_after_a_quiet_time(world: World) -> None:
    seen: list[tuple[str, int, str, int]] = []
    for turn in range(3):
        world.alert(firing("DiskFull", at=START + turn * 100))
        world.pass_time(50)
        world.alert(resolved(firing("DiskFull", at=START + turn * 100)))
        world.pass_time(50)
    world.pass_time(1_000)
    world.alert(firing("DiskFull", at=world.clock.now))
    world.work_all()

    seen = [(one.notice_id, one.revision) for one in world.arrived]  # type: ignore[misc]
    first, *_, last = seen
    assert len({notice_id for notice_id, *_ in seen}) == 2
    assert (first[1], last[1]) == (1, 1)
    assert first[0] != last[0]


def test_a_burst_is_one_message_that_counts(world: World) -> None:
    for number in range(50):
        world.alert(firing("DiskFull", str(number)))
        world.pass_time(0.1, 0.1)
    world.pass_time(60)

    assert len({one.notice_id for one in world.arrived}) == 1
    assert [one.at for one in world.arrived] == [
        pytest.approx(START + 0.1),
        pytest.approx(START + 0.1 + INTERVAL, abs=1.1),
    ]


def test_alerts_of_one_webhook_are_told_in_one_message(world: World) -> None:
    world.alert(*(firing("DiskFull", str(number)) for number in range(30)), firing("Slow"))

    (notice,) = world.told()

    assert [(section.firing, section.examples[0].name) for section in notice.sections] == [
        (30, "DiskFull"),
        (1, "Slow"),
    ]
    assert world.match.asked == 6  # five of the instances, and the other kind


def test_a_storm_of_many_kinds_is_not_held_up_by_looking_for_each_instance(world: World) -> None:
    for number in range(100):
        world.alert(*(firing(f"Kind{chr(97 + number // 10)}{chr(97 + number % 10)}", str(of)) for of in range(5)))
    world.told()
    in_storm = world.match.asked
    world.clock.now += 10
    world.alert(*(firing("Other", str(of)) for of in range(5)))
    world.told()

    assert (in_storm, world.match.asked - in_storm) == (100 + MOST_FURTHER, 5)


def test_a_critical_alert_waits_for_nothing_but_its_like(world: World) -> None:
    world.alert(firing("Slow"))
    world.alert(firing("Down", severity="critical"))
    world.alert(firing("Other"))
    world.alert(firing("Down", "2", severity="critical"))
    first = world.told()
    world.clock.now += CRITICAL_INTERVAL
    second = world.told()
    world.clock.now += INTERVAL
    third = world.told()

    assert [[s.examples[0].name for s in notice.sections] for notice in first] == [["Slow"], ["Down"]]
    assert [(n.revision, n.sections[0].firing) for n in second] == [(2, 2)]
    assert [[s.examples[0].name for s in notice.sections] for notice in third] == [["Other"]]


def test_what_a_service_stands_on_is_named_as_the_likely_cause(world: World) -> None:
    world.alert(firing("PostgresDown", service="postgres"))
    world.alert(firing("Slow", service="shop"))

    cause, effect = world.told()

    assert (cause.cause, cause.related) == (None, ())
    assert effect.cause is not None
    assert (effect.cause.service, effect.cause.alert, effect.cause.is_upstream) == ("postgres", "PostgresDown", True)
    assert effect.cause.runbook is not None


def test_a_cause_that_shows_later_is_added_to_what_was_told(world: World) -> None:
    world.alert(firing("Slow", service="shop"))
    (first,) = world.told()
    world.clock.now += 5
    world.alert(firing("PostgresDown", service="postgres"))
    (cause,) = world.told()
    world.clock.now += INTERVAL

    (second,) = world.told()

    assert [one.service for one in cause.related] == ["shop"]
    assert (second.notice_id, second.revision) == (first.notice_id, 2)
    assert second.cause is not None
    assert second.cause.incident_id == cause.incident_id


def test_who_suffers_from_it_changes_no_notice_of_the_cause_by_itself(world: World) -> None:
    world.alert(firing("PostgresDown", service="postgres"))
    (first,) = world.told()
    world.clock.now += 2
    world.alert(firing("Slow", service="shop"), firing("Slow", "2", service="orders"))
    effects = world.told()
    world.clock.now += INTERVAL

    assert [notice.cause and notice.cause.service for notice in effects] == ["postgres", "postgres"]
    assert world.told() == []
    world.alert(firing("PostgresDown", "2", service="postgres"))
    world.clock.now += INTERVAL
    (second,) = world.told()
    assert (second.notice_id, second.revision) == (first.notice_id, 2)
    assert {one.service for one in second.related} == {"shop", "orders"}


def test_services_that_do_not_stand_on_each_other_are_not_related(world: World) -> None:
    world.alert(firing("Slow", service="search"))
    world.alert(firing("PostgresDown", service="postgres"))

    assert [notice.related for notice in world.told()] == [(), ()]


def test_an_alert_without_a_service_is_told_by_its_own_kind(world: World) -> None:
    world.alert(firing("DiskFull", service=""), firing("DiskFull", "2", service=""), firing("Slow", service=""))

    assert [(notice.service, len(notice.sections)) for notice in world.told()] == [("", 1), ("", 1)]


def test_what_cannot_be_read_fails_its_message_after_the_rest_was_told(world: World) -> None:
    world.queue_alert("alertmanager", json.dumps({"alerts": ["text", firing("DiskFull")]}).encode())

    assert len(world.told()) == 1
    world.pass_time(1_000, 10)
    assert world.dead_alerts.depth() == 1
    assert len(world.arrived) == 0  # no second notice


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 5_000 + b"]" * 5_000, b'{"alerts": [NaN]}', b'"text"', b"[]"]
)
def test_a_body_that_cannot_be_read_ends_with_the_dead_letters(world: World, body: bytes) -> None:
    world.queue_alert("alertmanager", body)
    world.pass_time(1_000, 10)

    assert (world.dead_alerts.depth(), world.arrived) == (1, [])


def test_a_form_is_read_where_its_sender_says_that_it_is_one(world: World) -> None:
    form = b"message_type=CRITICAL&entity_id=db%2Fdisk&entity_display_name=Disk+full&state_message=df+100%25"
    world.queue_alert("splunk_on_call", form, "application/x-www-form-urlencoded; charset=utf-8")

    (notice,) = world.told()

    assert notice.sections[0].examples[0].name == "Disk full"


def test_half_a_character_of_an_alert_is_mended(world: World) -> None:
    world.queue_alert("alertmanager", json.dumps({"alerts": [firing("Disk\ud83d Full")]}).encode())

    assert world.told()[0].sections[0].examples[0].name == "Disk\ufffd Full"


def test_an_alert_that_cannot_be_matched_now_is_told_later_and_does_not_hold_the_others(world: World) -> None:
    world.match.failing = lambda alert: IndexUnavailableError("down") if alert.name == "Slow" else None
    world.alert(firing("Slow", service="search"), firing("DiskFull", service="postgres"))
    first = world.told()
    world.match.failing = lambda _: None
    world.pass_time(10)

    assert [notice.sections[0].examples[0].name for notice in first] == ["DiskFull"]
    assert len(world.arrived) == 1


def test_an_alert_that_ended_before_anybody_was_told_is_told_with_its_end(world: World) -> None:
    """Its worker is gone, and the queue gives the message out again only when the alert is over."""
    world.calls.kill_at = 3
    world.alert(firing("DiskFull"))
    with pytest.raises(KilledError):
        world.work_alerts()
    world.start_alert_worker()
    world.clock.now += 60
    world.alert(resolved(firing("DiskFull")))

    (notice,) = world.told()

    assert (notice.status, notice.sections[0].resolved, notice.sections[0].firing) == ("resolved", 1, 0)


def test_more_kinds_than_one_message_shows_follow_in_the_next(world: World) -> None:
    world.alert(*(firing(f"Kind{number}{letter}") for number, letter in enumerate("abcdefghijklmno")))
    first = world.told()
    world.clock.now += INTERVAL
    second = world.told()

    assert [len(notice.sections) for notice in (*first, *second)] == [10, 5]
