"""A notice reaches each of its targets at least once, in order, whatever fails or dies meanwhile."""

import contextlib
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline.domain.errors import TableUnavailableError, TargetUnavailableError
from personal_pipeline.messages import DeliveryMessage
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.deliver_notice import PATIENT_ATTEMPTS, DeliverNotice
from personal_pipeline.services.queue_deliveries import delivery_id
from personal_pipeline.services.receipts import RECEIPT_SECONDS
from tests.contract.notices import a_notice
from tests.services.delivering import SCHEDULE, START, Calls, KilledError, World, in_order

HOUR = 3600.0


def message(revision: int = 1, target: str = "a") -> DeliveryMessage:
    return DeliveryMessage(
        target=target, delivery_id=delivery_id("n-1", revision, target), notice=a_notice(revision=revision)
    )


class DownRecords:
    """``reads`` and ``writes`` say what still works."""

    def __init__(self, records: Any, *, reads: bool = False, writes: bool = False) -> None:
        self._records = records
        self._reads = reads
        self._writes = writes

    def get(self, keys: Any) -> Any:
        if not self._reads:
            raise TableUnavailableError("no table")
        return self._records.get(keys)

    def put(self, record: Any) -> Any:
        if not self._writes:
            raise TableUnavailableError("no table")
        return self._records.put(record)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, "a", "b")


def without_records(world: World, **works: bool) -> DeliverNotice:
    records: Any = DownRecords(world.records, **works)
    return DeliverNotice(lambda name: world.targets[name], records, lambda _: Breaker(9, 1.0, world.clock), world.clock)


def test_a_notice_is_sent_once_and_its_receipt_is_kept(world: World) -> None:
    assert world.deliver(message(), 1).outcome == "sent"
    assert world.deliver(message(), 2).outcome == "done before"

    assert len(world.arrived) == 1
    key = ("N#n-1", "T#a")
    receipt = world.records.get([key])[key]
    assert json.loads(receipt.body) == {"revision": 1, "handle": "message-1", "sent_at": START}
    assert receipt.expires_at == START + RECEIPT_SECONDS


def test_an_update_is_sent_with_the_handle_of_the_first_message(world: World) -> None:
    world.deliver(message(), 1)

    assert world.deliver(message(2), 1).outcome == "updated"
    assert world.deliver(message(1), 1).outcome == "done before"

    assert [one.handle for one in world.arrived] == ["", "message-1"]


def test_targets_have_receipts_of_their_own(world: World) -> None:
    world.deliver(message(), 1)

    assert world.deliver(message(target="b"), 1).outcome == "sent"


def test_an_update_whose_first_message_never_arrived_is_a_first_message(world: World) -> None:
    assert world.deliver(message(2), 1).outcome == "sent"


def test_a_receipt_that_cannot_be_read_is_written_again(world: World) -> None:
    from personal_pipeline.ports import Record

    world.records.put(Record("N#n-1", "T#a", "no json", START + 100))

    assert world.deliver(message(), 1) == world.deliver(message(target="b"), 1)
    assert world.deliver(message(), 2).outcome == "done before"


def test_a_first_message_does_not_wait_for_the_records(world: World) -> None:
    delivered = without_records(world)(message(), 1)

    assert (delivered.outcome, delivered.has_receipt) == ("sent", False)


def test_an_update_waits_for_its_receipt_but_not_for_ever(world: World) -> None:
    deliver = without_records(world)

    for attempt in range(1, PATIENT_ATTEMPTS):
        with pytest.raises(TableUnavailableError):
            deliver(message(2), attempt)
    assert world.arrived == []

    assert deliver(message(2), PATIENT_ATTEMPTS).outcome == "sent"


def test_a_receipt_that_cannot_be_kept_sends_nothing_twice(world: World) -> None:
    delivered = without_records(world, reads=True)(message(), 1)

    assert (delivered.outcome, delivered.has_receipt) == ("sent", False)
    assert len(world.arrived) == 1


def test_a_target_that_keeps_failing_is_left_alone_for_a_while(tmp_path: Path) -> None:
    world = World(tmp_path, "a", "b", breaker_failures=3)
    world.targets["a"].down_until = START + 20

    for _ in range(5):
        with pytest.raises(TargetUnavailableError):
            world.deliver(message(), 1)
    assert len(world.targets["a"].attempts) == 3
    assert world.deliver(message(target="b"), 1).outcome == "sent"

    world.clock.now += 31
    assert world.deliver(message(), 1).outcome == "sent"


def test_a_target_that_is_down_for_an_hour_holds_back_no_other(world: World) -> None:
    world.targets["a"].down_until = START + 65 * 60
    notices = [a_notice(notice_id=f"n-{n}", incident_id=f"i-{n}") for n in range(3)]
    world.send(*notices, *(a_notice(notice_id=f"n-{n}", incident_id=f"i-{n}", revision=2) for n in range(3)))

    world.work_until(START + 60)
    assert len(world.of("b")) == 6
    assert max(one.at for one in world.of("b")) <= START + 1
    assert world.of("a") == []

    world.work_until(START + 2 * HOUR, step=5)
    assert len(world.of("a")) == 6
    assert in_order(world.arrived)
    assert world.dead.depth() == 0


@pytest.mark.parametrize("batch_size", [1, 10])
def test_updates_never_overtake_within_an_incident(tmp_path: Path, batch_size: int) -> None:
    world = World(tmp_path, "a", batch_size=batch_size)
    world.targets["a"].down_until = START + 100
    world.send(*(a_notice(revision=revision) for revision in range(1, 6)))

    world.work_until(START + 20 * 60)

    assert [one.revision for one in world.of("a")] == [1, 2, 3, 4, 5]
    assert [one.handle for one in world.of("a")] == ["", *["message-1"] * 4]


def test_attempts_are_far_apart_and_end_in_the_dead_letters(world: World) -> None:
    world.targets["a"].down_until = START + 24 * HOUR
    world.send(a_notice())

    world.work_until(START + 3 * HOUR, step=1)

    attempts = world.targets["a"].attempts
    waits = [round(after - before) for before, after in itertools.pairwise(attempts)]
    assert SCHEDULE == (5, 30, 120, 300, 600, 900)
    assert all(abs(wait - planned) <= 1 for wait, planned in zip(waits, [*SCHEDULE, *[900] * 5], strict=True))
    assert len(attempts) == 12
    assert attempts[-1] - attempts[0] > 1.5 * HOUR
    assert world.dead.depth() == 1


def test_what_waits_behind_a_dead_letter_has_all_its_attempts(world: World) -> None:
    """With one message a batch, the second is not received while the first is tried."""
    world.targets["a"].down_until = START + 2.2 * HOUR
    world.send(a_notice(), a_notice(revision=2))

    world.work_until(START + 4 * HOUR, step=5)

    assert [one.revision for one in world.of("a")] == [2]
    assert world.dead.depth() == 1


def test_a_target_that_asks_for_more_time_gets_it(world: World) -> None:
    world.targets["a"].down_until = START + 10
    world.targets["a"].retry_after = 77.5
    world.send(a_notice())

    world.work_until(START + 100)

    assert world.targets["a"].attempts[:2] == [START, START + 78]


def test_a_dead_letter_that_is_sent_again_does_not_undo_a_newer_revision(world: World) -> None:
    world.deliver(message(2), 1)

    assert world.deliver(message(1), 1).outcome == "done before"


def _calls_of_a_day_without_faults(folder: Path) -> int:
    world = World(folder, "a", "b")
    world.send(a_notice(), a_notice(revision=2), a_notice(notice_id="n-9", incident_id="i-9"))
    world.work_until(START + 10)
    return world.calls.count


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("batch_size", [1, 10])
def test_a_worker_that_is_killed_at_any_call_loses_nothing(tmp_path: Path, after: bool, batch_size: int) -> None:
    (tmp_path / "whole").mkdir()
    calls = _calls_of_a_day_without_faults(tmp_path / "whole")
    assert calls > 20
    for kill_at in range(1, calls + 1):
        folder = tmp_path / str(kill_at)
        folder.mkdir()
        world = World(folder, "a", "b", batch_size=batch_size)
        world.calls = Calls(kill_at, after)
        world.start_worker()
        world.send(a_notice(), a_notice(revision=2), a_notice(notice_id="n-9", incident_id="i-9"))

        with contextlib.suppress(KilledError):  # a batch of ten takes fewer calls to delete: the last ones never come
            world.work_until(START + 10)
        world.start_worker()
        world.work_until(world.clock.now + 400, step=20)

        arrived = Counter((one.target, one.notice_id, one.revision) for one in world.arrived)
        wanted = {(t, n, r) for t in "ab" for n, r in (("n-1", 1), ("n-1", 2), ("n-9", 1))}
        assert set(arrived) == wanted, kill_at
        assert max(arrived.values()) <= 2
        assert sum(arrived.values()) <= len(wanted) + 1
        for one in world.arrived:
            assert one.delivery_id == delivery_id(one.notice_id, one.revision, one.target)
        assert in_order(world.arrived)
        assert (world.queue.depth(), world.dead.depth()) == (0, 0)
