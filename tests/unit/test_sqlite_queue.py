"""What the embedded queue offers besides the contract: waiting, operators, and what a crash leaves."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import MAX_ERROR_CHARS, QueueCounts, SQLiteQueue
from personal_pipeline.ports import OutgoingMessage, ReceivedMessage


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "pipeline.db")
    yield database
    database.close()


@pytest.fixture
def queue(database: Database, clock: Clock) -> SQLiteQueue:
    return SQLiteQueue(
        database,
        "work",
        visibility_timeout_seconds=30,
        max_receive_count=2,
        dead_letter_queue="dead",
        clock=clock,
        sleep=clock.forward,
    )


@pytest.fixture
def dead(database: Database, clock: Clock) -> SQLiteQueue:
    return SQLiteQueue(database, "dead", clock=clock)


def park(queue: SQLiteQueue, clock: Clock, reason: str = "broken") -> ReceivedMessage:
    """Let every visible message fail until it is parked."""
    for _ in range(2):
        for message in queue.receive():
            queue.note_error(message.receipt_handle, f"{reason} {message.receive_count}")
        clock.forward(31)
    assert queue.receive() == []
    return message


def test_a_dead_letter_says_where_it_comes_from_why_and_after_how_many_attempts(
    queue: SQLiteQueue, dead: SQLiteQueue, clock: Clock
) -> None:
    queue.send([OutgoingMessage("poison")])
    sent_at = clock()
    message = park(queue, clock)

    (letter,) = dead.messages()

    assert (letter.message_id, letter.body, letter.origin) == (message.message_id, "poison", "work")
    assert (letter.attempts, letter.error, letter.sent_at) == (2, "broken 2", sent_at)
    assert dead.messages() == [letter], "looking receives nothing"


def test_a_note_is_cut_and_belongs_to_the_delivery_that_wrote_it(queue: SQLiteQueue, clock: Clock) -> None:
    queue.send([OutgoingMessage("a")])
    (first,) = queue.receive()
    clock.forward(31)
    (second,) = queue.receive()

    queue.note_error(first.receipt_handle, "too late")
    queue.note_error(second.receipt_handle, "x" * 10_000)

    assert queue.messages()[0].error == "x" * MAX_ERROR_CHARS


def test_redriven_letters_start_again_where_they_came_from(queue: SQLiteQueue, dead: SQLiteQueue, clock: Clock) -> None:
    queue.send([OutgoingMessage("a"), OutgoingMessage("b")])
    park(queue, clock)

    assert dead.redrive() == 2

    assert dead.depth() == 0
    assert [(message.body, message.receive_count) for message in queue.receive()] == [("a", 1), ("b", 1)]


def test_only_the_named_letters_are_redriven(queue: SQLiteQueue, dead: SQLiteQueue, clock: Clock) -> None:
    queue.send([OutgoingMessage("a"), OutgoingMessage("b")])
    park(queue, clock)
    wanted = next(letter.message_id for letter in dead.messages() if letter.body == "b")

    assert dead.redrive([wanted, wanted, "unknown"]) == 1

    assert [message.body for message in queue.receive()] == ["b"]
    assert [letter.body for letter in dead.messages()] == ["a"]
    assert dead.redrive([]) == 0


def test_redriving_a_queue_that_holds_no_dead_letters_moves_nothing(queue: SQLiteQueue) -> None:
    queue.send([OutgoingMessage("a")])

    assert queue.redrive() == 0
    assert queue.depth() == 1


def test_a_message_in_flight_is_shown_as_such(queue: SQLiteQueue, clock: Clock) -> None:
    queue.send([OutgoingMessage("a"), OutgoingMessage("b")])
    queue.receive(limit=1)
    assert [(m.body, m.is_in_flight, m.attempts) for m in queue.messages()] == [("a", True, 1), ("b", False, 0)]

    clock.forward(31)
    assert not any(message.is_in_flight for message in queue.messages())


def test_messages_are_counted_by_what_they_wait_for(queue: SQLiteQueue, clock: Clock) -> None:
    queue.send([OutgoingMessage("a"), OutgoingMessage("b"), OutgoingMessage("c", delay_seconds=60)])
    queue.receive(limit=1)

    assert queue.counts() == QueueCounts(visible=1, in_flight=1, delayed=1)
    clock.forward(61)
    assert queue.counts() == QueueCounts(visible=3, in_flight=0, delayed=0)


def test_a_receiver_that_starts_again_has_back_what_it_held_and_no_attempt_is_forgotten(queue: SQLiteQueue) -> None:
    queue.send([OutgoingMessage("a"), OutgoingMessage("b", delay_seconds=60)])
    (before,) = queue.receive()

    assert queue.return_in_flight() == 1

    (after,) = queue.receive()
    assert (after.body, after.receive_count) == ("a", 2)
    queue.delete([before.receipt_handle])
    assert queue.depth() == 2


def test_queues_in_one_file_do_not_see_each_other(database: Database, queue: SQLiteQueue) -> None:
    other = SQLiteQueue(database, "other")
    queue.send([OutgoingMessage("a")])
    (message,) = queue.receive()

    other.delete([message.receipt_handle])
    other.delay(message.receipt_handle, 0)

    assert other.receive() == []
    assert (queue.depth(), other.depth()) == (1, 0)


def test_a_receiver_waits_no_longer_than_asked(queue: SQLiteQueue, clock: Clock) -> None:
    before = clock()

    assert queue.receive(wait_seconds=2) == []

    assert clock() - before == pytest.approx(2)


def test_a_waiting_receiver_gets_a_message_that_becomes_visible_meanwhile(queue: SQLiteQueue) -> None:
    queue.send([OutgoingMessage("a", delay_seconds=3)])

    assert [message.body for message in queue.receive(wait_seconds=20)] == ["a"]


def test_a_waiting_receiver_is_woken_by_another_thread(database: Database) -> None:
    queue = SQLiteQueue(database, "work")
    received: list[ReceivedMessage] = []
    waiting = threading.Thread(target=lambda: received.extend(queue.receive(wait_seconds=30)))
    waiting.start()

    queue.send([OutgoingMessage("a")])
    waiting.join(30)

    assert [message.body for message in received] == ["a"]


def test_no_message_is_delivered_twice_at_a_time(database: Database) -> None:
    queue = SQLiteQueue(database, "work")
    for _ in range(20):
        queue.send([OutgoingMessage(str(number)) for number in range(10)])
    received: list[str] = []

    def receive() -> None:
        while batch := queue.receive(limit=7):
            received.extend(message.message_id for message in batch)

    threads = [threading.Thread(target=receive) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(received) == len(set(received)) == 200


def test_a_deleted_message_is_still_a_duplicate_for_five_minutes(database: Database, clock: Clock) -> None:
    queue = SQLiteQueue(database, "work.fifo", fifo=True, clock=clock)
    queue.send([OutgoingMessage("a", "g", "same")])
    queue.delete([message.receipt_handle for message in queue.receive()])

    clock.forward(299)
    queue.send([OutgoingMessage("b", "g", "same")])
    assert queue.depth() == 0
    clock.forward(2)
    queue.send([OutgoingMessage("c", "g", "same")])
    assert queue.depth() == 1


def test_without_an_id_equal_bodies_are_duplicates(database: Database) -> None:
    queue = SQLiteQueue(database, "work.fifo", fifo=True)

    queue.send([OutgoingMessage("a", "g"), OutgoingMessage("a", "g"), OutgoingMessage("b", "g")])

    assert queue.depth() == 2


def test_a_fifo_queue_wants_a_group(database: Database) -> None:
    with pytest.raises(ValueError, match="needs a group"):
        SQLiteQueue(database, "work.fifo", fifo=True).send([OutgoingMessage("a")])


def test_an_attempt_limit_without_dead_letters_would_lose_messages(database: Database) -> None:
    with pytest.raises(ValueError, match="come together"):
        SQLiteQueue(database, "work", max_receive_count=3)


def test_a_group_goes_on_when_its_first_message_is_parked(database: Database, clock: Clock) -> None:
    queue = SQLiteQueue(
        database, "w.fifo", fifo=True, max_receive_count=1, dead_letter_queue="dead", clock=clock, sleep=clock.forward
    )
    queue.send([OutgoingMessage("a0", "a", "0")])
    queue.receive()
    queue.send([OutgoingMessage("a1", "a", "1")])
    clock.forward(31)

    assert [message.body for message in queue.receive()] == ["a1"]
