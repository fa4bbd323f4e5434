"""A word on a document in, a better answer to the next alert out."""

import json
from typing import Any

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.domain.feedback import signature
from tests.functions.world import Reply, World, http_event

UP = "# A volume fills up\n\nThe volume fills. Grow it.\n"
FAST = "# A volume fills fast\n\nThe volume fills. Delete what is old.\n"
KIND = signature("VolumeFills", "storage")


def say(world: World, authorizer: dict[str, Any] | None = None, **said: Any) -> Reply:
    body = {"alert": "VolumeFills", "service": "storage", "helpful": True} | said
    event = http_event("POST", "/v1/feedback", {}, json.dumps(body))
    if authorizer:
        event["requestContext"]["authorizer"] = authorizer
    return Reply(world.call("search", event))


def subject(name: str, groups: str = "") -> dict[str, Any]:
    return {"jwt": {"claims": {"sub": name, "groups": groups}}}


def votes() -> dict[str, tuple[float, float]]:
    """Rounded: they have faded by what a test takes."""
    return {doc_id: (round(up, 3), round(down, 3)) for doc_id, (up, down) in parts.activity().feedback(KIND).items()}


def test_a_vote_is_counted_once_and_the_last_word_stands(world: World) -> None:
    doc_id = world.has("ops/up.md", UP)

    replies = [say(world, id=doc_id) for _ in range(2)]

    assert [(reply.status, reply.json) for reply in replies] == [(200, {"status": "counted"})] * 2
    assert votes() == {doc_id: (1, 0)}
    say(world, id=doc_id, alert="Volume fills (10.0.0.7:9100)", helpful=False)
    assert votes() == {doc_id: (0, 1)}


def test_a_word_can_be_taken_back_and_must_be_said_so(world: World) -> None:
    doc_id = world.has("ops/up.md", UP)
    say(world, subject("ada"), id=doc_id)
    say(world, subject("bob"), id=doc_id, helpful=False)

    reply = say(world, subject("ada"), id=doc_id, helpful=None)

    assert (reply.status, reply.json) == (200, {"status": "taken back"})
    assert votes() == {doc_id: (0, 1)}
    event = http_event("POST", "/v1/feedback", {}, json.dumps({"alert": "VolumeFills", "id": doc_id}))
    assert Reply(world.call("search", event)).status == 400


def test_callers_are_told_apart_by_token_or_signature_and_nobody_is_one_of_them(world: World) -> None:
    doc_id = world.has("ops/up.md", UP)

    for who in (subject("ada"), subject("bob"), {"iam": {"userArn": "arn:aws:iam::1:user/ada"}}, None, None):
        assert say(world, who, id=doc_id).status == 200

    assert votes() == {doc_id: (4, 0)}


def test_the_next_alert_of_the_kind_is_answered_with_what_helped(world: World) -> None:
    documents = {world.has("ops/up.md", UP), world.has("ops/fast.md", FAST)}
    from personal_pipeline.domain.alert_sources.alertmanager import read

    labels = {"alertname": "VolumeFills", "service": "storage"}
    (alert,) = read({"alerts": [{"status": "firing", "labels": labels}]}).alerts
    before = bootstrap.match_alert()(alert).also[0].doc_id
    (other,) = documents - {before}
    for name in ("ada", "bob", "eve"):
        say(world, subject(name), id=other)
    bootstrap._recall_feedback.cache_clear()

    matched = bootstrap.match_alert()(alert)

    assert (matched.runbook or matched.also[0]).doc_id == other
    assert world.search("volume fills")["hits"][0]["reasons"] == [
        reason for reason in world.search("volume fills")["hits"][0]["reasons"] if "before" not in reason
    ]


def test_a_document_that_is_unknown_or_not_to_be_seen_is_not_there(world: World) -> None:
    secret = world.has("ops/secret.md", "---\ngroups: [finance]\n---\n# Payroll\n\nCall the bank.\n")

    assert say(world, id="aaaaaaaaaaaaaaaa").status == 404
    assert say(world, id=secret).status == 404
    assert say(world, subject("ada", "[finance]"), id=secret).status == 200


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"id": ""},
        {"id": "x" * 101},
        {"id": "a", "alert": ""},
        {"id": "a", "alert": "x" * 1001},
        {"id": "a", "helpful": "perhaps"},
        {"id": "a", "user": "somebody else"},
        {"id": "a", "service": "x" * 201},
    ],
)
def test_a_wrong_word_is_told_what_to_change(world: World, said: dict[str, Any]) -> None:
    reply = say(world, **said)

    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
