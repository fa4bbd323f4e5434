"""A storm by the clock alone: what the lanes promise when no work takes time. ``FULL_COUNTS=1`` is the whole one."""

import os
from dataclasses import asdict
from pathlib import Path
from random import Random

from personal_pipeline.domain.lanes import INTERVAL
from personal_pipeline.domain.service_map import Service
from tests.measured import record
from tests.services.alerting import World, firing, resolved
from tests.services.delivering import START
from tests.storms import KINDS, SERVICES, Told, service_name, share, storm

IS_FULL = os.environ.get("FULL_COUNTS") == "1"
ALERTS, SECONDS = (10_000, 60.0) if IS_FULL else (1_000, 30.0)
MAP = tuple(Service(service_name(number)) for number in range(SERVICES))


def told(world: World) -> Told:
    found = Told()
    for one in world.arrived:
        found.arrived(one.at, asdict(one.notice), one.delivery_id)
    return found


def test_a_storm_tells_critical_alerts_at_once_and_each_service_once_in_ten_seconds(tmp_path: Path) -> None:
    world = World(tmp_path, services=MAP)
    fired = storm(ALERTS, SECONDS, START, Random(1))
    sent, step = [], 0.25
    for turn in range(int(SECONDS / step)):
        now = [one for one in fired if turn * step <= one.after < (turn + 1) * step]
        for one in now:
            world.alert(dict(one.alert))
            sent.append((world.clock.now, one.key))
        world.pass_time(step, step)
    world.pass_time(KINDS * INTERVAL + 10, step)

    tally = told(world)
    critical, others, missing = tally.delays(sent)
    record(
        "storm_by_the_clock", share(critical, 0.99), "s", alerts=len(sent), seconds=SECONDS, critical=len(critical),
        others_p99=share(others, 0.99), messages=tally.messages, most_of_a_service=tally.most_of_a_service(),
        shortest_gap=tally.shortest_gap(), never_told=missing,
    )  # fmt: skip
    assert (missing, tally.too_many(sent), tally.twice) == (0, 0, 0)
    assert len(sent) == ALERTS
    assert share(critical, 0.99) <= 5
    assert max(others) <= KINDS * (INTERVAL + 1), "where each kind has a message of its own, they take turns"
    assert tally.shortest_gap() >= INTERVAL
    assert tally.most_within(INTERVAL) == 1


def test_alerts_that_flap_all_the_time_are_one_message_that_counts(tmp_path: Path) -> None:
    world = World(tmp_path, services=MAP)
    for turn in range(20):
        for of in range(3):
            alert = firing("Flapping", str(of), service_name(of), at=START + turn * 20)
            world.alert(alert)
            world.pass_time(5)
            world.alert(resolved(alert, world.clock.now))
        world.pass_time(5)
    world.pass_time(60)

    assert len({one.notice_id for one in world.arrived}) == 3
    assert max(one.notice.fired for one in world.arrived) == 20
    assert told(world).most_within(INTERVAL) == 1
