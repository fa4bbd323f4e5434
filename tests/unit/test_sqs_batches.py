"""Batches of FIFO queues: a failure holds back the rest of its group, and all of the group comes back together."""

from typing import Any

from personal_pipeline.domain.errors import InvalidMessageError, TargetUnavailableError, UnavailableError
from personal_pipeline.edge.sqs import SqsBatch


def record(message_id: str, group: str = "", attempt: int = 1) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(attempt)} | ({"MessageGroupId": group} if group else {})
    return {"messageId": message_id, "receiptHandle": f"r-{message_id}", "body": message_id, "attributes": attributes}


class Delays:
    def __init__(self, error: UnavailableError | None = None) -> None:
        self.error = error
        self.set: dict[str, int] = {}

    def delay(self, receipt_handle: str, seconds: int) -> None:
        if self.error:
            raise self.error
        self.set[receipt_handle] = seconds

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def failing(batch: SqsBatch, **errors: UnavailableError) -> list[str]:
    tried = []
    for one, body in batch.in_order(lambda body: [body]):
        tried.append(body)
        if body in errors:
            batch.fail(one, errors[body])
    return tried


def failed(batch: SqsBatch) -> list[str]:
    return [one["itemIdentifier"] for one in batch.response()["batchItemFailures"]]


def test_what_comes_after_a_failure_in_its_group_is_not_tried_and_comes_back() -> None:
    batch = SqsBatch.of({"Records": [record("a1", "a"), record("b1", "b"), record("a2", "a"), record("b2", "b")]})

    assert failing(batch, a1=UnavailableError("down")) == ["a1", "b1", "b2"]
    assert failed(batch) == ["a1", "a2"]


def test_a_body_that_cannot_be_read_holds_back_its_group_too() -> None:
    batch = SqsBatch.of({"Records": [record("a1", "a"), record("a2", "a"), record("b1", "b")]})

    def parse(body: str) -> list[str]:
        if body == "a1":
            raise InvalidMessageError("not for us")
        return [body]

    assert [body for _, body in batch.in_order(parse)] == ["b1"]
    assert failed(batch) == ["a1", "a2"]


def test_records_without_a_group_hold_back_nobody() -> None:
    batch = SqsBatch.of({"Records": [record("1"), record("2")]})

    assert failing(batch, **{"1": UnavailableError("down")}) == ["1", "2"]


def test_a_group_comes_back_together_when_its_first_message_does() -> None:
    batch = SqsBatch.of({"Records": [record("a1", "a", 3), record("a2", "a", 1), record("b1", "b", 9)]})
    failing(batch, a1=UnavailableError("down"), b1=UnavailableError("down"))
    delays = Delays()

    batch.retry_later(delays, (5, 30, 120))

    assert delays.set == {"r-a1": 120, "r-a2": 120, "r-b1": 120}


def test_the_time_that_a_target_asked_for_counts_if_it_is_longer() -> None:
    batch = SqsBatch.of({"Records": [record("a", "a"), record("b", "b"), record("c", "c")]})
    errors = {name: TargetUnavailableError("busy", wait) for name, wait in (("a", 60.2), ("b", 1.0), ("c", 5000.0))}
    failing(batch, **errors)
    delays = Delays()

    batch.retry_later(delays, (5, 30))

    assert delays.set == {"r-a": 61, "r-b": 5, "r-c": 900}


def test_a_queue_that_cannot_be_told_is_left_to_its_own_timeout() -> None:
    batch = SqsBatch.of({"Records": [record("a", "a")]})
    failing(batch, a=UnavailableError("down"))

    batch.retry_later(Delays(UnavailableError("no queue")), (5,))

    assert failed(batch) == ["a"]


def test_a_batch_knows_its_queue() -> None:
    assert SqsBatch.of({"Records": [record("a") | {"eventSourceARN": "arn:aws:sqs:r:1:q.fifo"}]}).queue_arn.endswith(
        "q.fifo"
    )
    assert SqsBatch.of({}).queue_arn == ""
