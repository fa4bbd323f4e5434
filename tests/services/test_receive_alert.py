"""What is acknowledged is stored, what is refused is not, and each source has the secret that is its own."""

import json
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline.domain.errors import (
    InvalidAlertError,
    MissingError,
    QueueUnavailableError,
    ReplayedError,
    TableUnavailableError,
    UnauthorisedError,
    UnavailableError,
)
from personal_pipeline.domain.senders import Received
from personal_pipeline.ports import OutgoingMessage, Record
from personal_pipeline.services.receive_alert import MAX_BODY_BYTES
from personal_pipeline.services.seen_requests import SeenRequests
from tests.security.intake import NOW, Intake, ListQueue, a_body, proven, secrets_of


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path)


class FailingQueue(ListQueue):
    """Down once: before it has stored the message, or after, when only its answer is lost."""

    def __init__(self, stores: bool) -> None:
        super().__init__()
        self._stores = stores
        self._is_down = True

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        if not self._is_down or self._stores:
            super().send(messages)
        if self._is_down:
            self._is_down = False
            raise QueueUnavailableError("the queue does not answer")


class NoTable:
    """Does not answer, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def get(self, _keys: object) -> dict[tuple[str, str], Record]:
        self.asked += 1
        raise TableUnavailableError("the table does not answer")

    def put(self, _record: Record) -> bool:
        self.asked += 1
        raise TableUnavailableError("the table does not answer")


def sent(source: str = "pagerduty", number: int = 1, secret: str = "") -> Any:
    return proven(source, a_body(source, number), secret or secrets_of(source)[0], NOW)


def test_the_bytes_are_queued_as_they_came_with_their_content_type(intake: Intake) -> None:
    body = b"\xff\x00 entity_id=a%20b&x=\r\n"
    assert intake.takes(proven("alertmanager", body, secrets_of("alertmanager")[0], intake.now))

    message = json.loads(intake.queue.sent[0].body)

    assert b64decode(message["body"]) == body
    assert (message["source"], message["content_type"]) == ("alertmanager", "application/json")
    assert message["received_at"] == intake.now


@pytest.mark.parametrize("stores", [False, True], ids=["before it stored", "after it stored"])
def test_nothing_is_acknowledged_while_the_queue_fails_and_what_is_sent_again_is_taken(
    tmp_path: Path, stores: bool
) -> None:
    """After: it is there twice, which the alert function folds; a replay it is not, because nobody was told yes."""
    intake = Intake(tmp_path)
    intake.queue = FailingQueue(stores)
    intake.restart()

    with pytest.raises(QueueUnavailableError):
        intake.takes(sent())
    assert intake.takes(sent())

    assert len(intake.queue.sent) == 1 + stores


def test_a_copy_is_told_apart_from_a_request_without_a_proof(intake: Intake) -> None:
    assert intake.takes(sent())

    with pytest.raises(ReplayedError):
        intake.receive(sent())
    with pytest.raises(UnauthorisedError):
        intake.receive(sent().without("x-pagerduty-signature"))


@pytest.mark.parametrize("source", ["alertmanager", "generic", "datadog", "azure_monitor", "icinga"])
def test_who_does_not_sign_may_repeat_a_body(intake: Intake, source: str) -> None:
    assert all(intake.takes(sent(source)) for _ in range(3))


def test_while_the_table_does_not_answer_copies_are_known_in_this_process_and_taken_in_others(tmp_path: Path) -> None:
    intake, table = Intake(tmp_path), NoTable()
    intake.make_seen = lambda _records, clock: SeenRequests(table, clock)  # type: ignore[arg-type]
    intake.restart()

    assert intake.takes(sent())
    assert not intake.takes(sent())
    intake.restart()
    assert intake.takes(sent())
    assert table.asked == 4


def test_a_process_keeps_so_many_requests_and_no_more() -> None:
    table = NoTable()
    seen = SeenRequests(table, lambda: 0.0, most_kept=2)  # type: ignore[arg-type]
    for once in "abc":
        seen.remember("sentry", once, 60)

    assert [seen.has("sentry", once) for once in "abc"] == [False, True, True]
    assert not seen.has("pagerduty", "c")


def test_both_secrets_are_live_while_they_change_and_one_that_was_taken_out_is_not(intake: Intake) -> None:
    new, old = secrets_of("sentry")
    assert intake.takes(sent("sentry", 1, new))
    assert intake.takes(sent("sentry", 2, old))

    intake.secrets.live["of-sentry"] = (new,)

    assert intake.takes(sent("sentry", 3, new))
    assert not intake.takes(sent("sentry", 4, old))


def test_a_source_without_a_secret_of_its_own_has_the_common_one(tmp_path: Path) -> None:
    intake = Intake(tmp_path, **{"of-datadog": ()})

    assert intake.takes(sent("datadog", secret="common-2fYp"))
    assert not intake.takes(sent("pagerduty", secret="common-2fYp"))


def test_without_any_secret_nobody_is_let_in(tmp_path: Path) -> None:
    intake = Intake(tmp_path, common=(), **{"of-datadog": ()})

    assert not intake.takes(sent("datadog"))
    assert not intake.takes(sent("datadog", secret=" "))


def test_which_sources_there_are_is_told_to_those_with_the_common_secret_only(intake: Intake) -> None:
    unknown = Received(b"{}", {"authorization": "Bearer common-2fYp"})

    with pytest.raises(MissingError, match="no alert source 'smoke'"):
        intake.receive_as("smoke", unknown)
    for source in ("smoke", "datadog"):
        with pytest.raises(UnauthorisedError):
            intake.receive_as(source, Received(b"{}", {"authorization": "Bearer wrong"}))


def test_secrets_that_cannot_be_read_are_no_reason_to_tell_where_they_are(intake: Intake) -> None:
    def fails(name: str) -> tuple[str, ...]:
        raise UnavailableError(f"secret {name} in /data cannot be read")

    intake.secrets.values = fails  # type: ignore[method-assign]

    with pytest.raises(UnavailableError) as error:
        intake.takes(sent())
    assert str(error.value) == "the sender cannot be verified now: send it again"


def test_a_body_too_large_is_refused_before_anything_is_read(intake: Intake) -> None:
    with pytest.raises(InvalidAlertError, match="at most 524288 are taken"):
        intake.receive_as("pagerduty", Received(b"x" * (MAX_BODY_BYTES + 1)))
    with pytest.raises(InvalidAlertError, match="at most"):
        intake.takes(sent().__class__("pagerduty", b"x" * (MAX_BODY_BYTES + 1000)))


def test_the_largest_body_that_is_taken_fits_one_message(intake: Intake) -> None:
    body = b"x" * MAX_BODY_BYTES
    assert intake.takes(proven("alertmanager", body, secrets_of("alertmanager")[0], intake.now))

    assert len(intake.queue.sent[0].body.encode()) < 1024 * 1024
