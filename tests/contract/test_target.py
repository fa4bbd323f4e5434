"""What every target promises: the notice whole, under the same id each time, as text, and no refusal swallowed."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notices import Notice
from tests.contract.notices import (
    HOSTILE,
    INVISIBLE,
    a_cause,
    a_notice,
    a_section,
    a_suggestion,
    an_example,
    hostile_notice,
    no_runbook,
    random_notice,
)
from tests.contract.rigs import KINDS, NOW, OVER_HTTP, ROUTING_KEY, TOKEN, WEBHOOK_SECRET, Rig, over_http, rig, words
from tests.integration.fault_server import Answer, a_fault_server

SECRET = (TOKEN, ROUTING_KEY, WEBHOOK_SECRET, WEBHOOK_SECRET.removeprefix("whsec_"), "s3cret-sig", "in-url")
FOLDS = ("eventbridge", "sns", "slack", "pagerduty", "note", "webhook")  # kinds that carry the delivery id


@pytest.fixture(params=KINDS)
def behind(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with rig(request.param) as made:
        yield made


def of_pagerduty(notice: Notice, kind: str) -> Notice:
    """For notes: the first alert came from PagerDuty and says its incident."""
    if kind != "note":
        return notice
    first, *rest = notice.sections
    example = an_example(source="pagerduty", labels={"incident_id": "PABC123"})
    return replace(notice, sections=(replace(first, examples=(example, *first.examples)), *rest))


def sent(behind: Rig, notice: Notice, delivery_id: str = "delivery-1", handle: str = "") -> str:
    return behind.target.send(of_pagerduty(notice, behind.kind), delivery_id, handle)


def shown(behind: Rig) -> str:
    return "\n".join(word for text in behind.sent() for word in words(text))


def test_a_runbook_arrives_with_why_and_what_to_do_first(behind: Rig) -> None:
    sent(behind, a_notice())

    for said in ("DiskWillFill", "storage", "Disk full", "it names this alert", "df -h"):
        assert said in shown(behind)


def test_suggestions_arrive_with_their_reasons(behind: Rig) -> None:
    sent(behind, a_notice(a_suggestion()))

    for said in ("Candidate 1", "Candidate 3", "words in common"):
        assert said in shown(behind)


def test_no_runbook_arrives_with_the_owner(behind: Rig) -> None:
    sent(behind, a_notice(no_runbook()))

    assert "team-storage" in shown(behind)


def test_a_likely_cause_arrives(behind: Rig) -> None:
    cause = a_cause()
    sent(behind, a_notice(cause=cause, related=(cause,)))

    assert "database" in shown(behind)


def test_a_second_attempt_is_the_same_delivery(behind: Rig) -> None:
    sent(behind, a_notice())
    sent(behind, a_notice())

    arrived = behind.sent()
    if behind.kind == "terminal":
        return
    assert len(arrived) == 2
    if behind.kind in FOLDS:
        headers = [request.headers.get("webhook-id", "") for request in behind.server.requests] if behind.server else []
        assert all("delivery-1" in text or "delivery-1" in headers for text in arrived)


def test_an_update_changes_what_was_sent_or_says_that_it_is_one(behind: Rig) -> None:
    handle = sent(behind, a_notice())

    sent(behind, a_notice(revision=2, status="resolved"), "delivery-2", handle)

    if behind.kind == "slack":
        assert behind.server
        assert behind.server.methods == ["chat.postMessage", "chat.update"]
    elif behind.kind == "pagerduty":
        assert '"event_action": "resolve"' in behind.sent()[1]
        assert all('"dedup_key": "n-1"' in text for text in behind.sent())
    else:
        assert "resolved" in behind.sent()[-1].lower()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_shown_as_text(behind: Rig, text: str) -> None:
    sent(behind, hostile_notice(text))

    for said in behind.sent():
        for word in words(said):
            assert not any(char in INVISIBLE for char in word), repr(word)
    if behind.kind == "terminal":
        lines = behind.sent()[0].rstrip("\n").split("\n")
        assert all(line.startswith(("  ", "ALERT  ")) for line in lines)


def test_any_notice_is_taken_within_the_limits(behind: Rig) -> None:
    rng = random.Random(11)  # the same notices each time
    for _ in range(25):
        sent(behind, random_notice(rng))

    most = {"eventbridge": 256 * 1024, "sns": 256 * 1024, "pagerduty": 512 * 1024, "slack": 40_000, "teams": 28_000}
    if behind.kind != "terminal":
        assert max(len(text.encode()) for text in behind.sent()) <= most.get(behind.kind, 512 * 1024)


@pytest.mark.parametrize("kind", OVER_HTTP)
class TestOverHttp:
    @pytest.fixture
    def behind(self, kind: str) -> Iterator[Rig]:
        with rig(kind) as made:
            yield made

    def refused(self, behind: Rig, status: int, body: bytes, headers: dict[str, str]) -> TargetUnavailableError:
        assert behind.server
        behind.server.answers.append((status, headers, body))
        with pytest.raises(TargetUnavailableError) as raised:
            sent(behind, a_notice(a_section(), no_runbook()))
        assert "the-target" in str(raised.value)
        assert not any(secret in str(raised.value) for secret in SECRET)
        return raised.value

    @pytest.mark.parametrize(("status", "said"), [(400, "bad field"), (401, "check its secret"), (404, "check its ad")])
    def test_a_refusal_says_what_to_do(self, behind: Rig, status: int, said: str) -> None:
        error = self.refused(behind, status, b"bad field", {})

        assert said in str(error)
        assert error.retry_after == 0

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_a_busy_target_says_when_to_come_again(self, behind: Rig, status: int) -> None:
        assert self.refused(behind, status, b"", {"Retry-After": "17"}).retry_after == 17

    def test_a_date_to_come_again_at_is_understood(self, behind: Rig) -> None:
        error = self.refused(behind, 503, b"", {"Retry-After": "Sun, 29 Nov 2026 03:06:40 GMT"})

        assert error.retry_after == 1_795_921_600 - NOW == 100

    def test_nobody_is_made_to_wait_for_hours(self, behind: Rig) -> None:
        assert self.refused(behind, 429, b"", {"Retry-After": "86400"}).retry_after == 900

    def test_an_answer_that_repeats_what_was_sent_tells_no_secret(self, behind: Rig) -> None:
        known = {"slack": TOKEN, "teams": "s3cret-sig", "pagerduty": ROUTING_KEY, "note": TOKEN, "webhook": "in-url"}

        error = self.refused(behind, 400, f"wrong key {known[behind.kind]} in {known[behind.kind]}".encode(), {})

        assert "wrong key *** in ***" in str(error)

    def test_a_redirect_is_not_followed(self, behind: Rig) -> None:
        assert behind.server
        error = self.refused(behind, 302, b"", {"Location": f"{behind.server.url}/elsewhere"})

        assert "redirect" in str(error)
        assert len(behind.server.requests) == 1

    def test_a_target_that_does_not_answer_is_given_up_soon(self, kind: str) -> None:
        with a_fault_server() as server:
            server.answer = Answer(hangs=True)
            target = over_http(kind, server.url, HttpClient("the-target", read_seconds=0.1))
            with pytest.raises(
                TargetUnavailableError, match=r"the-target: 127.0.0.1 does not answer .timeout"
            ) as raised:
                target.send(of_pagerduty(a_notice(), kind), "d-1", "")
        assert not any(secret in str(raised.value) for secret in SECRET)
        assert raised.value.__cause__ is None

    def test_a_target_that_hangs_up_is_unavailable(self, kind: str) -> None:
        with a_fault_server() as server:
            server.answer = Answer(hangs_up=True)
            target = over_http(kind, server.url, HttpClient("the-target"))
            with pytest.raises(TargetUnavailableError, match="does not answer"):
                target.send(of_pagerduty(a_notice(), kind), "d-1", "")

    def test_a_port_where_nobody_listens_is_unavailable(self, kind: str) -> None:
        target = over_http(kind, "http://127.0.0.1:9", HttpClient("the-target"))

        with pytest.raises(TargetUnavailableError, match="no connection"):
            target.send(of_pagerduty(a_notice(a_section()), kind), "d-1", "")
