"""A webhook in, the right runbook out."""

import json
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline import parts
from personal_pipeline.domain.notice_text import notice_lines
from personal_pipeline.domain.notices import Section
from tests.functions.world import SECRET, World, sqs_record

SAMPLES = Path(__file__).parents[2] / "events" / "alerts" / "alertmanager"
BEARER = f"Bearer {SECRET}"


def payload(**alert: Any) -> str:
    firing = {"status": "firing", "labels": {"alertname": "DiskWillFill", "service": "storage"}, "annotations": {}}
    return json.dumps({"version": "4", "alerts": [firing | alert]})


def send(world: World, body: str | bytes, source: str = "alertmanager", authorization: str = BEARER) -> int:
    return world.post(f"/v1/alerts/{source}", body, function="alert_intake", authorization=authorization).status


def shown(world: World) -> tuple[list[Section], str]:
    """What was announced, and how it looks on the terminal."""
    notices = world.announced()
    text = "\n".join(line for notice in notices for line in notice_lines(notice))
    return [section for notice in notices for section in notice.sections], text


def answer(world: World) -> dict[str, Any]:
    records = [sqs_record(message.message_id, message.body) for message in world.queued("alert")]
    return world.call("alert", {"Records": records})


def test_an_alert_is_answered_with_the_runbook_that_names_it(world: World) -> None:
    world.has("ops/disk.md", "---\nalerts: [DiskWillFill]\n---\n# Making room\n\n1. Run `df -h`.\n")
    world.has("ops/other.md", "# Disk will fill soon\n\nDisk will fill, storage.\n")

    assert send(world, payload()) == 202
    assert answer(world) == {"batchItemFailures": []}

    (section,), text = shown(world)
    assert section.runbook is not None
    assert (section.matched_by, section.runbook.title) == ("alert", "Making room")
    assert [step.command for step in section.steps] == [""]
    assert "Making room" in text
    assert "Run df -h." in text


def test_the_link_in_the_alert_goes_before_its_name(world: World) -> None:
    world.has("ops/named.md", "---\nalerts: [DiskWillFill]\n---\n# By name\n\nx\n")
    world.has("ops/linked.md", "---\nurl: https://wiki.example.com/runbooks/disk\n---\n# By link\n\nx\n")

    send(world, payload(annotations={"runbook_url": "https://wiki.example.com/Runbooks/disk/#step-2"}))
    answer(world)

    (section,), _ = shown(world)
    assert section.runbook is not None
    assert (section.matched_by, section.runbook.title) == ("url", "By link")


def test_an_alert_that_no_document_names_is_searched_for(world: World) -> None:
    world.has("ops/disk.md", "# Running out of space\n\nThe volume is nearly full: disk will fill.\n")
    world.has("ops/tea.md", "# Tea\n\nA full kettle.\n")

    send(world, payload(annotations={"summary": "volume nearly full"}))
    answer(world)

    (section,), _ = shown(world)
    assert section.matched_by == "search"
    assert section.reasons


def test_no_runbook_is_said_plainly(world: World) -> None:
    world.has("ops/tea.md", "# Tea\n\nBoil water.\n")

    send(world, payload())
    answer(world)

    (section,), text = shown(world)
    assert (section.decision, section.runbook) == ("none", None)
    assert "  none " in text


def test_resolved_alerts_need_no_runbook(world: World) -> None:
    send(world, payload(status="resolved"))

    assert answer(world) == {"batchItemFailures": []}
    assert world.announced() == []


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_payload_is_taken_and_answered(world: World, sample: Path) -> None:
    assert send(world, sample.read_bytes()) == 202
    assert answer(world) == {"batchItemFailures": []}
    assert "\x1b" not in shown(world)[1]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x", "Bearer é"]
)
def test_a_sender_without_the_secret_is_refused_without_a_detail(world: World, authorization: str) -> None:
    reply = world.post("/v1/alerts/alertmanager", payload(), function="alert_intake", authorization=authorization)

    assert (reply.status, reply.json["detail"]) == (401, "")
    assert world.queued("alert") == []


def test_two_secrets_live_side_by_side_while_they_are_rotated(world: World) -> None:
    (world.data / "webhook-secret").write_text("the-new-one\n" + SECRET + "\n")

    assert send(world, payload(), authorization="Bearer the-new-one") == 202
    assert send(world, payload(), authorization=BEARER) == 202


def test_an_unknown_source_and_a_huge_body_are_refused_by_name(world: World) -> None:
    assert send(world, payload(), source="smoke-signals") == 404
    assert send(world, b"x" * (512 * 1024 + 1)) == 413
    assert world.queued("alert") == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"alerts": 3}', "[" * 100_000, b"\xff\xfe"])
def test_a_body_that_cannot_be_read_is_kept_for_the_dead_letters(world: World, body: str | bytes) -> None:
    assert send(world, body) == 202
    (message,) = world.queued("alert")

    response = world.call("alert", {"Records": [sqs_record("m-1", message.body)]})

    assert response == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert world.announced() == []


def test_a_wrong_type_in_one_alert_does_not_lose_the_others(world: World) -> None:
    world.has("ops/disk.md", "---\nalerts: [DiskWillFill]\n---\n# Making room\n\nx\n")
    good = json.loads(payload())["alerts"][0]
    body = json.dumps({"alerts": [{"labels": [], "annotations": 7, "startsAt": 5}, "text", None, good]})

    send(world, body)
    assert answer(world)["batchItemFailures"] != []  # two of them were unreadable

    sections, _ = shown(world)
    assert [section.matched_by for section in sections if section.examples[0].name] == ["alert"]


def test_known_alerts_are_answered_while_the_index_is_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.has("ops/disk.md", "---\nalerts: [DiskWillFill]\n---\n# Making room\n\nx\n")
    monkeypatch.setattr(parts.index(writer=False), "search", lambda _: pytest.fail("the index was asked"))

    send(world, payload())
    answer(world)

    (section,), _ = shown(world)
    assert section.matched_by == "alert"


def test_hostile_text_cannot_steer_the_terminal(world: World) -> None:
    world.has("ops/disk.md", "---\nalerts: [DiskWillFill]\n---\n# Room \x1b[2J\u202eevil\n\nx\n")

    send(world, payload(annotations={"summary": "\x1b]0;owned\x07 \u202e\u2066 line\nline"}))
    answer(world)

    _, text = shown(world)
    assert not any(char in text for char in "\x1b\x07\u202e\u2066")
    assert "owned" in text
