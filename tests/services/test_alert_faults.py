"""Alerts while something fails: nobody is told less, and as seldom as can be more. ``FULL_COUNTS=1`` tries as many as
are promised."""

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.service_map import Service
from tests.measured import record
from tests.services.alert_faults import (
    Fleet,
    counts,
    last_words,
    notices_by_alert,
    refusing,
    twice,
    with_kills,
)
from tests.services.alerting import World, firing, resolved
from tests.services.delivering import START, in_order

IS_FULL = os.environ.get("FULL_COUNTS") == "1"
DUPLICATES = 10_000 if IS_FULL else 1_500
WORKERS = 4
SERVICES = tuple(Service(f"service-{letter}") for letter in "abcdefghij")
ALERTS = [
    firing(f"Kind{letter.upper()}{kind}", str(of), f"service-{letter}", "critical" if kind == "y" else "warning")
    for letter in "abcdefghij"
    for kind in "xy"
    for of in range(5)
]
FINGERPRINTS = {alert["fingerprint"] for alert in ALERTS}


def a_world(folder: Path, *names: str, **options: Any) -> World:
    return World(folder, *names, services=SERVICES, **options)


def send_duplicates(world: World, fleet: Fleet, random: Random, seconds: float) -> None:
    """Each of the alerts about as often as the others, several in some messages."""
    left, steps = DUPLICATES, int(seconds / 0.5)
    each = DUPLICATES / steps
    for step in range(steps):
        while left > DUPLICATES - each * (step + 1):
            some = random.sample(ALERTS, min(left, random.choice((1, 1, 1, 2, 5))))
            world.alert(*some)
            left -= len(some)
        fleet.pass_time(0.5, 0.5)
    for alert in ALERTS:
        world.alert(alert)
    fleet.pass_time(60)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_duplicates_are_told_once_while_the_table_refuses_every_third_call(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    world = a_world(tmp_path)
    table = refusing(world, lambda: random.random() < 0.3)
    fleet = Fleet(world, WORKERS, random)

    send_duplicates(world, fleet, random, 90)

    named = notices_by_alert(world.arrived)
    told = sum(firing for firing, _ in counts(last_words(world.arrived)).values())
    again = sum(one.revision > 1 and not one.handle for one in world.arrived)
    record(
        "alerts_throttled_table", told, "alerts", duplicates=DUPLICATES, fingerprints=len(FINGERPRINTS), seed=seed,
        refused=table.refused, missed=len(FINGERPRINTS - set(named)), messages=len(last_words(world.arrived)),
        in_two=sum(len(notices) > 1 for notices in named.values()), updates_as_new_messages=again,
    )  # fmt: skip
    assert table.refused > 100
    assert set(named) == FINGERPRINTS
    assert {fingerprint: len(notices) for fingerprint, notices in named.items()} == dict.fromkeys(FINGERPRINTS, 1)
    assert told == len(FINGERPRINTS)
    assert (twice(world.arrived), again, world.dead_alerts.depth()) == (0, 0, 0)


def test_without_the_table_all_are_told_and_once_by_each_worker_at_most(tmp_path: Path) -> None:
    random = Random(4)
    world = a_world(tmp_path)
    refusing(world, lambda: True)
    fleet = Fleet(world, WORKERS, random)

    send_duplicates(world, fleet, random, 45)

    named = notices_by_alert(world.arrived)
    arrived = len(world.arrived)
    record("alerts_without_table", arrived, "messages", duplicates=DUPLICATES, workers=WORKERS, alerts=len(named))
    assert set(named) == FINGERPRINTS
    assert {len(notices) for notices in named.values()} == {1}, "under one id, so that the receiver folds them"
    assert len(FINGERPRINTS) <= arrived <= len(FINGERPRINTS) * WORKERS


def test_after_two_minutes_without_the_table_nothing_is_missing_and_ends_are_told(tmp_path: Path) -> None:
    random = Random(5)
    world = a_world(tmp_path)
    table = refusing(world, lambda: START + 5 <= world.clock.now < START + 125)
    fleet = Fleet(world, WORKERS, random)
    before, within, gathering = ALERTS[0], ALERTS[10], ALERTS[1]
    world.alert(before)
    fleet.pass_time(3)
    world.alert(gathering)  # is told with the next slot, when the table is down
    fleet.work()
    fleet.pass_time(4)
    world.alert(within)
    world.alert(resolved(before, START + 8))
    fleet.pass_time(600)

    assert table.refused
    shown = counts(last_words(world.arrived))
    assert shown["KindAx"] == (1, 1), "the second fires on"
    assert shown["KindBx"] == (1, 0)
    assert (twice(world.arrived), world.dead_alerts.depth()) == (0, 0)


def test_what_gathers_while_the_table_is_gone_for_an_hour_is_told_after_it(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    refusing(world, lambda: START + 5 <= world.clock.now < START + 3_600)
    world.alert(ALERTS[0])
    world.pass_time(3)
    world.alert(ALERTS[1])
    world.work_all()
    world.pass_time(4_000, 5)

    assert counts(last_words(world.arrived)) == {"KindAx": (2, 0)}
    assert world.dead_alerts.depth() == 0


def test_while_the_index_is_down_known_alerts_are_told_and_the_others_without_a_runbook(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    world.match.failing = lambda alert: IndexUnavailableError("down") if alert.name == "KindAx" else None
    world.alert(ALERTS[0], ALERTS[10])
    world.work_all()
    at_once = [one.notice.sections[0].examples[0].name for one in world.arrived]
    world.pass_time(600, 5)

    late = world.arrived[-1]
    assert at_once == ["KindBx"]
    assert [(s.decision, s.degraded, s.firing) for s in late.notice.sections] == [("none", ("index",), 1)]
    assert late.at - START < 60
    assert (len(world.arrived), world.dead_alerts.depth()) == (2, 0)


def test_an_index_that_comes_back_soon_answers_what_it_could_not(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    world.match.failing = lambda _: IndexUnavailableError("down") if world.clock.now < START + 5 else None
    world.alert(ALERTS[0])
    world.pass_time(60)

    assert [one.notice.sections[0].decision for one in world.arrived] == ["attach"]


def test_a_target_that_is_down_for_an_hour_holds_nobody_and_gets_all_in_order(tmp_path: Path) -> None:
    random = Random(6)
    world = a_world(tmp_path, "chat", "pager", batch_size=10)
    world.targets["pager"].down_until = START + 3_600
    for _ in range(60):
        for alert in random.sample(ALERTS, 3):
            world.alert(alert if random.random() < 0.7 else resolved(alert, world.clock.now))
        world.pass_time(60, 2)
    world.pass_time(3 * 3_600, 20)

    chat, pager = world.of("chat"), world.of("pager")
    dead = world.dead.depth()
    record("alerts_target_down_an_hour", len(pager), "messages", dead=dead, others=len(chat))
    assert len(chat) > 50
    assert max(one.at - one.notice.updated_at.timestamp() for one in chat) <= 2
    assert len(pager) + dead == len(chat)
    assert in_order(pager)
    assert in_order(chat)
    assert pager
    assert min(one.at for one in pager) >= START + 3_600


Step = tuple[float, list[dict[str, Any]]]
DISK = [firing("DiskFull", str(number)) for number in range(5)]
DOWN = [firing("Down", str(number), severity="critical") for number in range(2)]
HISTORIES: dict[str, tuple[list[Step], dict[str, tuple[int, int]]]] = {
    "one": ([(1, DISK[:1])], {"DiskFull": (1, 0)}),
    "burst": ([(1, [one]) for one in DISK], {"DiskFull": (5, 0)}),
    "end": ([(30, DISK[:1]), (1, [resolved(DISK[0])])], {"DiskFull": (0, 1)}),
    "critical": ([(1, [one]) for one in DOWN], {"Down": (2, 0)}),
    "two lanes": (
        [(20, [DISK[0], firing("Slow", service="shop"), firing("PostgresDown", service="postgres")])],
        {"DiskFull": (1, 0), "Slow": (1, 0), "PostgresDown": (1, 0)},
    ),
    "flapping": (
        [
            (30, DISK[:1]),
            (30, [resolved(DISK[0], START + 31)]),
            (30, [firing("DiskFull", "0", at=START + 61)]),
            (30, [resolved(firing("DiskFull", "0", at=START + 61), START + 91)]),
        ],
        {"DiskFull": (0, 1)},
    ),
}


def play(folder: Path, steps: list[Step], kill_at: int, *, after: bool) -> World:
    folder.mkdir()
    world = World(folder, "chat", "pager")
    world.match.failing = lambda _: world.calls(lambda: None)
    world.calls.kill_at, world.calls.after = kill_at, after
    for seconds, alerts in steps:
        world.alert(*alerts)
        with_kills(world, 0.1, 0.1)
        with_kills(world, seconds - 0.1)
    with_kills(world, 900, 10)
    return world


def faults(world: World, expected: dict[str, tuple[int, int]], *, is_killed: bool) -> list[str]:
    found: list[str] = []
    for target in ("chat", "pager"):
        arrived = world.of(target)
        shown = counts(last_words(arrived))
        if shown != expected:
            found.append(f"{target} shows {shown}")
        found += [
            f"{target}: {alert} is in {len(of)} notices"
            for alert, of in notices_by_alert(arrived).items()
            if len(of) > 1
        ]
        if not in_order(arrived):
            found.append(f"{target}: out of order")
    if twice(world.arrived) > is_killed:
        found.append(f"{twice(world.arrived)} came twice")
    keys = {one.delivery_id for one in world.arrived}
    if len(keys) != len({(one.target, one.notice_id, one.revision) for one in world.arrived}):
        found.append("what came twice came under two keys")
    if world.dead_alerts.depth() or world.dead.depth():
        found.append("dead letters")
    return found


@pytest.mark.parametrize("name", HISTORIES)
def test_a_worker_killed_at_any_call_is_followed_by_one_who_tells_the_rest(tmp_path: Path, name: str) -> None:
    steps, expected = HISTORIES[name]
    whole = play(tmp_path / "whole", steps, 0, after=False)
    assert faults(whole, expected, is_killed=False) == []
    wrong: dict[str, list[str]] = {}
    again = runs = 0
    for after in (False, True):
        kill_at, is_over = 0, False
        while not is_over:
            kill_at += 1
            when = f"{'after' if after else 'before'} {kill_at}"
            world = play(tmp_path / when, steps, kill_at, after=after)
            is_over = world.calls.count < kill_at
            if found := faults(world, expected, is_killed=not is_over):
                wrong[when] = found
            again, runs = again + twice(world.arrived), runs + 1
            world.database.close()
    record("alerts_killed_at_every_call", len(wrong), "faults", history=name, kills=runs - 2, came_twice=again)
    assert wrong == {}
