"""Who is told of which alert."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.routing import DAYS, Window, minute_of_day
from personal_pipeline.routes import load_routes, read_routes
from tests.contract.notices import a_notice, a_section, an_example

TARGETS = """
targets:
  - {name: all, kind: eventbridge}
  - {name: chat, kind: slack, channel: C0123456789, secret: slack-token}
  - {name: phones, kind: pagerduty, routing_secret: pagerduty-key}
default: [all]
"""
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)  # a Sunday
BERLIN = ZoneInfo("Europe/Berlin")


def named(routes: str, service: str, severity: str, team: str, *, sources: tuple[str, ...] = ()) -> list[str]:
    found = read_routes(f"{TARGETS}routes:\n{routes}", "routes.yaml")
    return [target.name for target in found.targets_for(service, severity, team, AT, sources)]


@pytest.mark.parametrize(
    ("route", "applies"),
    [
        ("{}", True),
        ("{service: checkout}", True),
        ("{service: Checkout}", True),
        ("{service: [search, checkout]}", True),
        ("{service: check*}", True),
        ("{service: '*out'}", True),
        ("{service: c*k*t}", True),
        ("{service: '*'}", True),
        ("{service: check}", False),
        ("{service: 'check?ut'}", False),
        ("{service: '[a-z]*'}", False),
        ("{severity: critical}", True),
        ("{severity: [warning, info]}", False),
        ("{team: Payments}", True),
        ("{team: pay}", False),
        ("{source: [alertmanager, grafana]}", True),
        ("{source: pagerduty}", False),
        ("{service: checkout, severity: critical, team: payments}", True),
        ("{service: checkout, severity: warning, team: payments}", False),
    ],
)
def test_a_route_applies_when_each_of_its_fields_matches(route: str, applies: bool) -> None:
    line = route.replace("{", "{targets: [chat], ", 1).replace(", }", "}")

    assert named(f"  - {line}", "checkout", "critical", "payments", sources=("alertmanager",)) == (
        ["chat"] if applies else ["all"]
    )


def test_all_routes_that_match_apply_and_each_target_is_told_once() -> None:
    routes = "  - {severity: critical, targets: [phones, chat]}\n  - {team: payments, targets: chat}\n"

    assert named(routes, "checkout", "critical", "payments") == ["chat", "phones"]
    assert named(routes, "checkout", "info", "search") == ["all"]


def test_a_file_may_say_that_nobody_is_told() -> None:
    file = f"{TARGETS.replace('default: [all]', 'default: []')}routes: []\n"

    assert read_routes(file, "routes.yaml").targets_for("a", "info", "b", AT) == ()


def window(days: str, begins: str, ends: str, zone: str = "Europe/Berlin") -> Window:
    return Window(frozenset(map(DAYS.index, days.split())), minute_of_day(begins), minute_of_day(ends), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("when", "inside"),
    [
        ("2026-11-27T08:59", False), ("2026-11-27T09:00", True), ("2026-11-27T17:59", True),
        ("2026-11-27T18:00", False), ("2026-11-28T12:00", False),
    ],
)  # fmt: skip
def test_a_window_is_open_from_its_first_minute_to_before_its_last(when: str, inside: bool) -> None:
    hours = window("mon tue wed thu fri", "09:00", "18:00")

    assert hours.contains(datetime.fromisoformat(when).replace(tzinfo=BERLIN)) is inside


@pytest.mark.parametrize(
    ("when", "inside"),
    [
        ("2026-11-27T21:59", False), ("2026-11-27T22:00", True), ("2026-11-28T00:00", True), ("2026-11-28T05:59", True),
        ("2026-11-28T06:00", False), ("2026-11-28T22:00", False), ("2026-11-27T05:00", False),
    ],
)  # fmt: skip
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_began(when: str, inside: bool) -> None:
    night = window("fri", "22:00", "06:00")

    assert night.contains(datetime.fromisoformat(when).replace(tzinfo=BERLIN)) is inside


def test_a_window_keeps_to_the_clock_on_the_wall_when_that_changes() -> None:
    hours = window(" ".join(DAYS), "09:00", "10:00")

    assert hours.contains(datetime(2026, 7, 1, 7, 30, tzinfo=UTC))
    assert not hours.contains(datetime(2026, 12, 1, 7, 30, tzinfo=UTC))
    assert hours.contains(datetime(2026, 12, 1, 8, 30, tzinfo=UTC))


def test_an_hour_that_comes_twice_counts_twice_and_one_that_is_skipped_never_comes() -> None:
    hour = window("sun", "02:00", "03:00")

    def minutes(day: datetime) -> int:
        return sum(hour.contains(day + timedelta(minutes=minute)) for minute in range(24 * 60))

    assert minutes(datetime(2026, 10, 25, tzinfo=UTC)) == 120
    assert minutes(datetime(2026, 3, 29, tzinfo=UTC)) == 0


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["Europe/Berlin", "Asia/Kolkata"]))  # noqa: DTZ001
def test_a_day_is_covered_by_two_windows_that_meet(when: datetime, zone: str) -> None:
    days = " ".join(DAYS)
    at = when.replace(tzinfo=UTC)

    assert window(days, "08:00", "20:00", zone).contains(at) != window(days, "20:00", "08:00", zone).contains(at)
    assert window(days, "00:00", "24:00", zone).contains(at)


def test_an_update_goes_where_its_first_message_went() -> None:
    """The window ended meanwhile: a person who saw the alert sees that it is over."""
    routes = read_routes(
        f"{TARGETS}routes:\n  - {{targets: [chat], during: {{from: '09:00', to: '18:00', timezone: UTC}}}}\n", "r.yaml"
    )
    began = datetime(2026, 11, 27, 17, 59, tzinfo=UTC)
    first = a_notice(started_at=began, updated_at=began)
    last = a_notice(started_at=began, updated_at=began + timedelta(hours=3), revision=4, status="resolved")

    assert [target.name for target in routes.targets_of(first)] == ["chat"]
    assert routes.targets_of(last) == routes.targets_of(first)


def test_a_notice_is_matched_by_its_service_severity_owner_and_sources() -> None:
    route = "{service: storage, severity: critical, team: team-storage, source: x, targets: chat}"
    routes = read_routes(f"{TARGETS}routes:\n  - {route}\n", "r.yaml")

    assert [t.name for t in routes.targets_of(a_notice(a_section(examples=(an_example(source="x"),))))] == ["chat"]
    assert [t.name for t in routes.targets_of(a_notice())] == ["all"]


def test_the_packaged_file_announces_everything() -> None:
    (target,) = load_routes().targets_for("any", "info", "", AT)

    assert target.kind == "eventbridge"
