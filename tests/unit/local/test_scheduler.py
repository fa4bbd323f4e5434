"""Schedules on a clock that the test sets."""

from datetime import UTC, datetime

import pytest

from infra.local.journal import Journal
from infra.local.scheduler import Scheduler, timetable
from infra.local.template import TemplateError
from infra.local.topology import Schedule

EVERY_FIVE = Schedule("Sync", "SyncFunction", "rate(5 minutes)")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


class World:
    def __init__(self, journal, *schedules, now="2026-03-01T03:00:00"):
        self.now = at(now)
        self.started = []
        self.journal = journal
        self.scheduler = self.restart(*schedules)

    def restart(self, *schedules):
        self.scheduler = Scheduler(
            schedules,
            self.journal,
            lambda schedule, event: self.started.append((schedule.name, event)),
            lambda: self.now,
        )
        return self.scheduler

    def run_at(self, text):
        self.now = at(text)
        return self.scheduler.run_due()


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "server.db")
    yield journal
    journal.close()


def test_a_rate_ticks_one_interval_after_it_began_and_then_every_interval(journal):
    world = World(journal, EVERY_FIVE)
    assert world.scheduler.run_due() == at("2026-03-01T03:05:00")
    world.run_at("2026-03-01T03:04:59")
    assert not world.started
    world.run_at("2026-03-01T03:05:00")
    world.run_at("2026-03-01T03:05:01")
    assert len(world.started) == 1
    world.run_at("2026-03-01T03:10:00")
    assert len(world.started) == 2


def test_missed_ticks_are_made_up_for_once(journal):
    world = World(journal, EVERY_FIVE)
    world.run_at("2026-03-01T09:00:00")
    assert len(world.started) == 1
    world.run_at("2026-03-01T09:04:00")
    assert len(world.started) == 1


def test_a_restart_neither_repeats_nor_forgets_a_tick(journal):
    world = World(journal, EVERY_FIVE)
    world.run_at("2026-03-01T03:05:00")
    world.restart(EVERY_FIVE)
    world.run_at("2026-03-01T03:09:59")
    assert len(world.started) == 1
    world.run_at("2026-03-01T03:10:00")
    assert len(world.started) == 2


def test_a_clock_that_is_set_back_does_not_silence_a_schedule(journal):
    world = World(journal, EVERY_FIVE)
    world.run_at("2026-03-01T03:05:00")
    world.run_at("2026-01-01T00:00:00")
    assert world.run_at("2026-01-01T00:00:00") <= at("2026-01-01T00:05:00")


def test_the_event_is_that_of_a_scheduled_rule(journal):
    world = World(journal, EVERY_FIVE)
    world.run_at("2026-03-01T03:05:00")
    ((_, event),) = world.started
    assert event["detail-type"] == "Scheduled Event"
    assert event["source"] == "aws.events"
    assert event["time"] == "2026-03-01T03:05:00Z"
    assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/Sync"]


def test_a_constant_input_takes_the_place_of_the_event(journal):
    world = World(journal, Schedule("Warm", "WarmFunction", "rate(1 minute)", '{"limit": 5}'))
    world.run_at("2026-03-01T03:01:00")
    assert world.started == [("Warm", {"limit": 5})]


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("rate(1 hour)", "2026-03-01T03:00:00", "2026-03-01T04:00:00"),
        ("cron(0 8 * * ? *)", "2026-03-01T08:00:00", "2026-03-02T08:00:00"),
        ("cron(0/15 * * * ? *)", "2026-03-01T08:01:00", "2026-03-01T08:15:00"),
        ("cron(30 6 ? * MON-FRI *)", "2026-03-06T07:00:00", "2026-03-09T06:30:00"),
        ("cron(0 0 ? * 1 *)", "2026-03-02T00:00:00", "2026-03-08T00:00:00"),
        ("cron(0 12 1,15 * ? *)", "2026-03-01T12:00:00", "2026-03-15T12:00:00"),
        ("cron(0 0 L * ? *)", "2026-02-01T00:00:00", "2026-02-28T00:00:00"),
        ("cron(0 0 29 FEB ? *)", "2026-03-01T00:00:00", "2028-02-29T00:00:00"),
        ("cron(59 23 31 12 ? 2027)", "2026-03-01T00:00:00", "2027-12-31T23:59:00"),
    ],
)
def test_the_next_tick_is_as_aws_counts_it(expression, after, expected):
    assert timetable(expression).next_after(at(after)) == at(expected)


def test_a_year_that_is_over_never_ticks():
    assert timetable("cron(0 0 1 1 ? 2020)").next_after(at("2026-03-01T00:00:00")) == float("inf")


@pytest.mark.parametrize(
    "expression",
    ["rate(5)", "cron(* * *)", "every day", "cron(61 * * * ? *)", "cron(0 0 ? * 2#1 *)", "cron(0 0 3W * ? *)"],
)
def test_an_expression_that_is_not_played_is_an_error(expression):
    with pytest.raises(TemplateError, match="schedule"):
        timetable(expression)
