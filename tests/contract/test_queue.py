"""What every queue promises: the semantics of SQS. Visible again after 30 s, parked after two attempts."""

from typing import Any

import pytest

from personal_pipeline.domain.errors import InvalidMessageError
from personal_pipeline.ports import OutgoingMessage


def bodies(received: Any) -> list[str]:
    return [message.body for message in received]


def test_a_message_arrives_with_all_that_is_known_of_it(queues: Any, clock: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage('{"a": "ä\\u0000☃"}')])

    (message,) = queue.receive()

    assert message.body == '{"a": "ä\\u0000☃"}'
    assert (message.receive_count, message.sent_at) == (1, pytest.approx(clock(), abs=1))
    assert message.message_id
    assert message.receipt_handle


def test_a_deleted_message_never_comes_back(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage("a"), OutgoingMessage("b")])
    first, _ = sorted(queue.receive(), key=lambda message: message.body)

    queue.delete([first.receipt_handle])
    queues.forward(31)

    assert bodies(queue.receive()) == ["b"]
    assert queue.depth() == 1


def test_a_received_message_is_hidden_and_comes_back_counted(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage("a")])
    (first,) = queue.receive()

    assert queue.receive() == []
    queues.forward(31)
    (second,) = queue.receive()

    assert (second.message_id, second.receive_count) == (first.message_id, 2)
    assert second.receipt_handle != first.receipt_handle


def test_a_message_moves_to_the_dead_letters_at_the_attempt_limit(queues: Any) -> None:
    queue, dead = queues.make()
    queue.send([OutgoingMessage("poison")])
    for _ in range(2):
        assert bodies(queue.receive()) == ["poison"]
        queues.forward(31)

    assert queue.receive() == []
    assert (queue.depth(), dead.depth()) == (0, 1)
    assert bodies(dead.receive()) == ["poison"]


def test_a_poison_message_does_not_hold_back_its_neighbours(queues: Any) -> None:
    queue, dead = queues.make()
    queue.send([OutgoingMessage("poison")])
    for _ in range(2):
        queue.receive()
        queues.forward(31)
    queue.send([OutgoingMessage("good")])

    assert bodies(queue.receive()) == ["good"]
    assert dead.depth() == 1


def test_a_failed_message_may_be_made_visible_sooner_or_later(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage("a")])
    (message,) = queue.receive()

    queue.delay(message.receipt_handle, 5)
    assert queue.receive() == []
    queues.forward(6)
    (message,) = queue.receive()
    queue.delay(message.receipt_handle, 120)
    queues.forward(60)

    assert queue.receive() == []
    assert queue.depth() == 1


def test_a_delayed_message_waits(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage("later", delay_seconds=10), OutgoingMessage("now")])

    assert bodies(queue.receive()) == ["now"]
    assert queue.depth() == 2
    queues.forward(11)
    assert "later" in bodies(queue.receive())


def test_no_more_messages_come_than_asked_for(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage(str(number)) for number in range(25)])

    received = [bodies(queue.receive(limit=10)) for _ in range(4)]

    assert [len(batch) for batch in received] == [10, 10, 5, 0]
    assert sorted(int(body) for batch in received for body in batch) == list(range(25))


def test_a_message_over_the_limit_is_refused_before_anything_is_sent(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage("x" * 200_000)])
    assert len(queue.receive()[0].body) == 200_000

    with pytest.raises(InvalidMessageError, match="1048576"):
        queue.send([OutgoingMessage("x" * (1024 * 1024 + 1))])


def test_a_receipt_that_was_replaced_deletes_nothing_and_raises_nothing(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage("a")])
    (old,) = queue.receive()
    queue.delete([old.receipt_handle])

    queue.delete([old.receipt_handle])
    queue.delay(old.receipt_handle, 10)
    queue.send([OutgoingMessage("b")])

    assert bodies(queue.receive()) == ["b"]


def test_waiting_for_an_empty_queue_ends(queues: Any) -> None:
    queue, _ = queues.make()
    queue.send([OutgoingMessage("a")])
    assert bodies(queue.receive(wait_seconds=20)) == ["a"]

    assert queue.receive(wait_seconds=0) == []


def test_a_group_is_handed_out_in_order(queues: Any) -> None:
    queue, _ = queues.make(fifo=True)
    for number in range(3):
        queue.send([OutgoingMessage(f"a{number}", "a", f"a{number}"), OutgoingMessage(f"b{number}", "b", f"b{number}")])

    received = bodies(queue.receive())

    assert [body for body in received if body.startswith("a")] == ["a0", "a1", "a2"]
    assert [body for body in received if body.startswith("b")] == ["b0", "b1", "b2"]


def test_a_group_with_a_message_in_flight_waits_and_others_do_not(queues: Any) -> None:
    queue, _ = queues.make(fifo=True)
    queue.send([OutgoingMessage("a0", "a", "a0")])
    (first,) = queue.receive()
    queue.send([OutgoingMessage("a1", "a", "a1"), OutgoingMessage("b0", "b", "b0")])

    assert bodies(queue.receive()) == ["b0"]
    queue.delete([first.receipt_handle])
    assert bodies(queue.receive()) == ["a1"]


def test_a_group_whose_first_message_failed_goes_on_with_it(queues: Any) -> None:
    queue, _ = queues.make(fifo=True)
    queue.send([OutgoingMessage("a0", "a", "a0")])
    (first,) = queue.receive()
    queue.send([OutgoingMessage("a1", "a", "a1")])

    queue.delay(first.receipt_handle, 5)
    assert queue.receive() == []
    queues.forward(6)

    assert bodies(queue.receive()) == ["a0", "a1"]


def test_a_repeated_message_is_swallowed_for_five_minutes(queues: Any) -> None:
    queue, _ = queues.make(fifo=True)
    queue.send([OutgoingMessage("a", "g", "same")])
    queue.send([OutgoingMessage("b", "g", "same"), OutgoingMessage("c", "h", "other")])
    assert sorted(bodies(queue.receive())) == ["a", "c"]

    queues.forward(301)
    queue.send([OutgoingMessage("d", "i", "same")])

    assert "d" in bodies(queue.receive())
