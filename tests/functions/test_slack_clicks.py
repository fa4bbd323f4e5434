"""A click in Slack in, a vote out; whatever is not Slack's, or came before, is refused."""

import hmac
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from personal_pipeline import parts
from personal_pipeline.adapters.targets.slack_blocks import button_value
from personal_pipeline.domain.errors import TableUnavailableError, TargetUnavailableError
from personal_pipeline.domain.feedback import signature
from tests.functions.world import Reply, World

PATH = "/v1/slack/interactions"
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
COUNT = 10_000 if os.environ.get("FULL_COUNTS") == "1" else 2_000
KIND = signature("VolumeFills", "storage")


class Replies(list[tuple[str, dict[str, Any]]]):
    """What was posted, in place of the network."""

    def deliver(self, url: str, body: bytes, *_: Any, **__: Any) -> None:
        self.append((url, json.loads(body)))


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> Replies:
    found = Replies()
    monkeypatch.setattr("personal_pipeline.adapters.targets.http_client.HttpClient", lambda *_, **__: found)
    return found


@pytest.fixture
def slack(world: World, replies: Replies, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SLACK_SIGNING_SECRET_NAME", "slack-signing-secret")
    (world.data / "slack-signing-secret").write_text(SIGNING + "\n")
    return world


def interaction(doc_id: str, action: str = "helped", user: str = "U1", **said: Any) -> bytes:
    value = json.dumps({"a": "VolumeFills", "s": "storage", "d": doc_id})
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": user, "team_id": "T1"},
        "actions": [{"action_id": action, "type": "button", "value": value}],
        "response_url": "https://hooks.slack.com/actions/T1/1/abc",
    }
    return urlencode({"payload": json.dumps(payload | said)}).encode()


def signed(body: bytes, secret: str = SIGNING, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.digest(secret.encode(), f"v0:{stamp}:".encode() + body, "sha256").hex()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


def click(world: World, body: bytes | str, headers: dict[str, str] | None = None) -> Reply:
    raw = body if isinstance(body, bytes) else body.encode()
    return world.post(PATH, body, function="slack", **(signed(raw) if headers is None else headers))


def votes() -> dict[str, tuple[float, float]]:
    """Rounded: they have faded by what a test takes."""
    return {doc_id: (round(up, 3), round(down, 3)) for doc_id, (up, down) in parts.activity().feedback(KIND).items()}


@pytest.fixture
def doc_id(slack: World) -> str:
    return slack.has("ops/up.md", "# A volume fills up\n\nThe volume fills. Grow it.\n")


def test_a_click_is_a_vote_and_only_who_clicked_is_told(slack: World, doc_id: str, replies: Replies) -> None:
    reply = click(slack, interaction(doc_id))

    assert (reply.status, reply.body) == (200, "{}")
    assert votes() == {doc_id: (1, 0)}
    ((url, said),) = replies
    assert url == "https://hooks.slack.com/actions/T1/1/abc"
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
    assert "this helped" in said["text"]


def test_the_other_button_changes_the_vote_and_another_person_has_one_too(slack: World, doc_id: str) -> None:
    click(slack, interaction(doc_id, "helped"))
    click(slack, interaction(doc_id, "wrong"))
    assert votes() == {doc_id: (0, 1)}

    click(slack, interaction(doc_id, "right", user="U2"))
    assert votes() == {doc_id: (1, 1)}


def test_the_body_may_come_as_text_or_in_base64(slack: World, doc_id: str) -> None:
    assert click(slack, interaction(doc_id, user="U1").decode()).status == 200
    assert click(slack, interaction(doc_id, user="U2")).status == 200

    assert votes() == {doc_id: (2, 0)}


def test_two_secrets_live_side_by_side_while_they_are_rotated(slack: World, doc_id: str) -> None:
    (slack.data / "slack-signing-secret").write_text(f"the-new-one\n{SIGNING}\n")

    for number, secret in enumerate(("the-new-one", SIGNING)):
        body = interaction(doc_id, user=f"U{number}")
        assert click(slack, body, signed(body, secret)).status == 200
    assert votes() == {doc_id: (2, 0)}


def test_without_a_secret_nothing_is_taken(world: World, replies: Replies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_SIGNING_SECRET_NAME", raising=False)
    for secret in ("", SIGNING):
        body = interaction("a" * 16)
        assert click(world, body, signed(body, secret)).status == 401

    monkeypatch.setenv("SLACK_SIGNING_SECRET_NAME", "not-there")
    world.apps.clear()
    assert click(world, interaction("a" * 16)).status == 503
    assert replies == []


def test_a_challenge_is_answered_only_when_it_is_signed(slack: World) -> None:
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "c-1"}).encode()

    assert click(slack, body).json == {"challenge": "c-1"}
    assert click(slack, body, {}).status == 401
    assert click(slack, body, signed(body, "another")).status == 401


def test_a_document_that_is_not_there_is_refused_like_one_that_is_not_for_all(
    slack: World, doc_id: str, replies: Replies
) -> None:
    secret = slack.has("ops/secret.md", "---\ngroups: [finance]\n---\n# Payroll\n\nCall the bank.\n")

    answers = [(r.status, r.body) for r in (click(slack, interaction(one)) for one in (secret, "a" * 16))]

    assert answers == [(200, "{}")] * 2
    assert replies[0][1] == replies[1][1]
    assert "not counted" in replies[0][1]["text"]
    assert votes() == {}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.slack.com/x",
        "https://hooks.slack.com.evil.example/x",
        "https://hooks.slack.com@evil.example/x",
        "https://hooks.slack.com:8443/x",
        "https://evil.example/hooks.slack.com",
        "https://169.254.169.254/latest/meta-data",
        "https://hooks.slack.com\\@evil.example/x",
        "https://hooks.slack.com\n.evil.example/",
        "https://hooks.slаck.com/x",
        "file:///etc/passwd",
        "https://[::1/x",
    ],
)
def test_only_slacks_own_host_is_replied_to(slack: World, doc_id: str, replies: Replies, url: str) -> None:
    assert click(slack, interaction(doc_id, response_url=url)).status == 200

    assert replies == []
    assert votes() == {doc_id: (1, 0)}


@pytest.mark.parametrize(
    "body",
    [
        interaction("a" * 16, "open"),
        interaction("a" * 16, type="view_submission"),
        interaction("a" * 16, actions=[]),
        interaction("a" * 16, actions="helped"),
        interaction("a" * 16, actions=[7]),
        b"payload=[]",
        b'{"type":"event_callback","challenge":"x"}',
        b'{"type":"url_verification","challenge":7}',
    ],
)
def test_what_is_no_click_of_ours_is_taken_and_does_nothing(slack: World, replies: Replies, body: bytes) -> None:
    assert (click(slack, body).status, replies, votes()) == (200, [], {})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=",
        b"payload={",
        b"payload=1&payload=2",
        b"\xff\xfe",
        b"&".join(b"a=1" for _ in range(100)),
        b"payload=" + b"[" * 100_000,
        b"{" + b'"a":[' * 50_000,
        b"payload=" + b"9" * 10_000,
        interaction("../../etc"),
        interaction("a" * 16, user=""),
        interaction("a" * 16, team=None, user={"id": "U1"}),
        interaction("a" * 16, actions=[{"action_id": "helped", "value": "{"}]),
        interaction("a" * 16, actions=[{"action_id": "helped", "value": "[1]"}]),
    ],
)
def test_what_cannot_be_read_is_refused_though_it_is_signed(slack: World, replies: Replies, body: bytes) -> None:
    assert (click(slack, body).status, replies, votes()) == (400, [], {})


def test_a_body_larger_than_slacks_is_not_even_verified(slack: World, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"payload=" + b"x" * (512 * 1024)
    monkeypatch.setattr(parts.secrets(), "values", lambda _: pytest.fail("the secret was read"))

    assert click(slack, body, signed(body)).status == 401


def test_a_name_as_it_stands_in_the_button_is_the_kind_of_alert_that_is_voted_on(slack: World, doc_id: str) -> None:
    for name in ("Volume fills (10.0.0.7:9100)", "é" * 3000, "x-1 " * 600):
        action = {"action_id": "helped", "value": button_value(name, "storage", doc_id)}
        assert click(slack, interaction(doc_id, actions=[action])).status == 200
        assert parts.activity().feedback(signature(name, "storage"))[doc_id] == pytest.approx((1, 0))


Forgery = tuple[bytes, dict[str, str]]


def _forged(rng: random.Random, doc_id: str) -> Forgery:
    body = interaction(doc_id)
    secret = rng.choice(("", "wrong", SIGNING[:-1], SIGNING + "0", SIGNING.upper(), f" {SIGNING}"))
    return body, signed(body, secret)


def _altered(rng: random.Random, doc_id: str) -> Forgery:
    body = interaction(doc_id)
    headers = signed(body)
    place = rng.randrange(len(body))
    other = bytes([body[place] ^ rng.randrange(1, 256)])
    return rng.choice((body[:place] + other + body[place + 1 :], body + b"&", body[1:], b"", body + b" ")), headers


def _mangled(rng: random.Random, doc_id: str) -> Forgery:
    body = interaction(doc_id)
    headers = signed(body)
    given, stamp = headers["x-slack-signature"], headers["x-slack-request-timestamp"]
    signatures = [
        "",
        "v0=",
        given[:-1],
        given + "0",
        given.upper(),
        given.replace("v0=", "v1="),
        given[3:],
        f" {given}",
    ]
    signatures += [f"{given},{given}", "v0=" + "0" * 64, "v0=" + "é" * 64, "v0=\ud800", given.replace("=", "==")]
    stamps = ["", "0", "-1", f"+{stamp}", f" {stamp}", f"{stamp}.0", f"0{stamp}", f"{stamp}e0"]
    stamps += ["٣" * 10, "9" * 5000, "NaN"]
    if rng.random() < 0.5:
        headers["x-slack-signature"] = rng.choice(signatures)
    else:
        headers["x-slack-request-timestamp"] = rng.choice(stamps)
    dropped = rng.choice(("", "", "", "x-slack-signature", "x-slack-request-timestamp"))
    return body, {name: value for name, value in headers.items() if name != dropped}


def _expired(rng: random.Random, doc_id: str) -> Forgery:
    body = interaction(doc_id)
    away = rng.choice((301, 302, 3600, 86_400, 10**9, rng.randint(305, 10**6)))
    return body, signed(body, at=time.time() + rng.choice((-away, away + 2)))


def test_no_forged_altered_replayed_or_expired_request_is_taken(slack: World, doc_id: str, replies: Replies) -> None:
    rng = random.Random(20261129)
    genuine = [interaction(doc_id, user=f"U{number}") for number in range(5)]
    taken = [(body, signed(body)) for body in genuine]
    assert {click(slack, *one).status for one in taken} == {200}
    before, told = votes(), len(replies)
    makers: dict[str, Callable[[random.Random, str], Forgery]] = {
        "forged": _forged,
        "altered": _altered,
        "mangled": _mangled,
        "expired": _expired,
        "replayed": lambda rng, _: rng.choice(taken),
    }
    tried: Counter[str] = Counter()

    for number in range(COUNT):
        kind = list(makers)[number % len(makers)]
        body, headers = makers[kind](rng, doc_id)
        reply = click(slack, body, headers)
        assert (reply.status, reply.json["detail"]) == (401, ""), (kind, body, headers)
        tried[kind] += 1

    assert (votes(), len(replies)) == (before, told)
    print(f"{COUNT} requests, 0 taken: {dict(tried)}")


def test_while_nobody_knows_what_came_before_nothing_is_taken(
    slack: World, doc_id: str, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> bool:
        raise TableUnavailableError("table activity does not answer")

    monkeypatch.setattr(parts.records(), "put", fails)

    assert (click(slack, interaction(doc_id)).status, replies, votes()) == (503, [], {})


def test_an_answer_does_not_wait_for_a_reply_that_slack_does_not_take(
    slack: World, doc_id: str, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise TargetUnavailableError("gone")

    monkeypatch.setattr(Replies, "deliver", fails)

    assert click(slack, interaction(doc_id)).status == 200
    assert votes() == {doc_id: (1, 0)}
