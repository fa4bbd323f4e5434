"""What an answer of a handler does to its messages, as AWS documents it for SQS event source mappings."""

import json
from dataclasses import replace

import pytest

from infra.local.event_sources import QueueEventSource
from infra.local.functions import FunctionTimeoutError
from infra.local.topology import Queue, QueueMapping
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.ports import OutgoingMessage

SPEC = Queue("Jobs", "jobs", "arn:aws:sqs:us-east-1:000000000000:jobs", "jobs")
MAPPING = QueueMapping("Worker", "Jobs", batch_size=10, reports_failures=True)


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


class Function:
    """Answers with what the test gave it: a value, or a callable over the event."""

    def __init__(self, answer=None):
        self.answer = answer
        self.events = []

    def invoke(self, event, request_id=""):
        self.events.append(event)
        answer = self.answer(event) if callable(self.answer) else self.answer
        if isinstance(answer, BaseException):
            raise answer
        return answer


class World:
    def __init__(self, tmp_path, answer=None, mapping=MAPPING, fifo=False, attempts=3):
        self.clock = Clock()
        database = Database(tmp_path / "pipeline.db")
        self.dead = SQLiteQueue(database, "dead", fifo=fifo, clock=self.clock)
        self.queue = SQLiteQueue(
            database, "jobs", visibility_timeout_seconds=30, max_receive_count=attempts, dead_letter_queue="dead",
            fifo=fifo, clock=self.clock,
        )  # fmt: skip
        self.function = Function(answer)
        self.source = QueueEventSource(mapping, SPEC, self.queue, self.function, self.queue.note_error)

    def send(self, *bodies, group=""):
        self.queue.send([OutgoingMessage(body, group=group, deduplication_id=body) for body in bodies])

    def left(self):
        return [message.body for message in self.queue.messages()]


@pytest.fixture
def world(tmp_path):
    return lambda *args, **kwargs: World(tmp_path, *args, **kwargs)


def failing(*bodies):
    def answer(event):
        ids = [record["messageId"] for record in event["Records"] if record["body"] in bodies]
        return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in ids]}

    return answer


def test_a_record_has_the_shape_that_lambda_gives_it(world):
    here = world()
    here.send("hello")
    here.source.poll(0)
    (record,) = here.function.events[0]["Records"]
    assert record["body"] == "hello"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == SPEC.arn
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"] == "1000000000"
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert {"messageId", "receiptHandle", "messageAttributes", "awsRegion"} <= set(record)
    json.dumps(record)


@pytest.mark.parametrize("answer", [None, {}, "", {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_answer_means_success(world, answer):
    here = world(answer)
    here.send("a", "b")
    outcome = here.source.poll(0)
    assert here.left() == []
    assert (outcome.received, outcome.failed) == (2, 0)


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"wrongKey": "x"}]},
        {"batchItemFailures": ["not an object"]},
        {"batchItemFailures": "not a list"},
        {"failures": []},
        ["a list"],
        "text",
        ValueError("broken"),
    ],
)
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(world, answer):
    here = world(answer)
    here.send("a", "b")
    outcome = here.source.poll(0)
    assert here.left() == ["a", "b"]
    assert (outcome.received, outcome.failed) == (2, 2)


def test_only_the_reported_messages_stay(world):
    here = world(failing("b"))
    here.send("a", "b", "c")
    here.source.poll(0)
    assert here.left() == ["b"]


def test_what_is_known_of_a_failure_is_noted_with_the_message(world):
    here = world(failing("b"))
    here.source = QueueEventSource(
        MAPPING, SPEC, here.queue, here.function, here.queue.note_error, lambda message: f"{message.body} is empty"
    )
    here.send("a", "b")
    assert here.source.poll(0).reasons == ("b is empty",)
    assert [message.error for message in here.queue.messages()] == ["b is empty"]


def test_without_report_batch_item_failures_the_report_is_ignored(world):
    here = world(failing("b"), mapping=replace(MAPPING, reports_failures=False))
    here.send("a", "b")
    here.source.poll(0)
    assert here.left() == []


def test_a_poison_message_ends_among_the_dead_letters_with_its_reason(world):
    here = world(lambda event: ValueError("cannot read it"), attempts=2)
    here.send("poison")
    for _ in range(3):
        here.source.poll(0)
        here.clock.now += 31
    (dead,) = here.dead.messages()
    assert (dead.body, dead.attempts, dead.origin) == ("poison", 2, "jobs")
    assert dead.error == "ValueError: cannot read it"
    assert len(here.function.events) == 2


def test_a_failed_message_stays_hidden_until_its_visibility_timeout(world):
    here = world(failing("a"))
    here.send("a")
    here.source.poll(0)
    assert here.source.poll(0).received == 0
    here.clock.now += 31
    assert here.source.poll(0).received == 1


def test_of_a_fifo_queue_only_the_failed_group_is_held_back(world):
    here = world(failing("a1"), fifo=True)
    here.send("a1", group="a")
    here.send("b1", group="b")
    here.source.poll(0)
    here.send("a2", group="a")
    here.send("b2", group="b")
    here.source.poll(0)
    assert [record["body"] for record in here.function.events[1]["Records"]] == ["b2"]
    assert here.left() == ["a1", "a2"]
    assert here.function.events[0]["Records"][0]["attributes"]["MessageGroupId"] == "a"


def test_a_batch_is_never_larger_than_the_mapping_says(world):
    here = world(mapping=replace(MAPPING, batch_size=3))
    here.send(*(str(n) for n in range(7)))
    sizes = [here.source.poll(0).received for _ in range(4)]
    assert sizes == [3, 3, 1, 0]


def test_a_window_gathers_more_than_one_receive_gives(world):
    here = world(mapping=replace(MAPPING, batch_size=25, window_seconds=5))
    here.send(*(str(n) for n in range(25)))
    assert here.source.poll(0).received == 25


def test_a_handler_that_takes_too_long_deletes_nothing_and_is_told_upwards(world):
    here = world(FunctionTimeoutError("function worker took longer than its 3 s"))
    here.send("slow")
    with pytest.raises(FunctionTimeoutError):
        here.source.poll(0)
    (message,) = here.queue.messages()
    assert (message.body, message.error) == ("slow", "function worker took longer than its 3 s")
