"""What came in can be looked up afterwards, with what it was answered with and who was told."""

import json
from typing import Any

import pytest

from personal_pipeline import parts
from personal_pipeline.domain.errors import TableUnavailableError
from tests.functions.test_alerts import answer, payload, send
from tests.functions.world import World, sqs_record


@pytest.fixture
def answered(world: World) -> World:
    world.has("ops/disk.md", "---\nalerts: [DiskWillFill]\n---\n# Making room\n\nx\n")
    for number in range(3):
        labels = {"alertname": "DiskWillFill", "service": "storage", "instance": f"node-{number}"}
        began = f"2026-11-29T03:0{number}:00Z"
        assert send(world, payload(labels=labels, fingerprint=f"f/{number}", startsAt=began)) == 202
    answer(world)
    return world


def deliver(world: World) -> None:
    records = [sqs_record(message.message_id, message.body) for message in world.queued("events.fifo")]
    assert world.call("deliver", {"Records": records}) == {"batchItemFailures": []}


def listed(world: World, **query: Any) -> dict[str, Any]:
    reply = world.get("/v1/alerts", **query)
    assert reply.status == 200, reply.body
    return reply.json


def test_alerts_are_listed_newest_first_page_by_page(answered: World) -> None:
    first = listed(answered, limit=2)
    second = listed(answered, limit=2, cursor=first["next_cursor"])

    assert [one["fingerprint"] for one in (*first["alerts"], *second["alerts"])] == ["f/2", "f/1", "f/0"]
    assert second["next_cursor"] is None
    assert first["alerts"][0]["answer"]["runbook"]["title"] == "Making room"


def test_chosen_fields_are_all_there_is_of_an_alert_and_its_id(answered: World) -> None:
    assert [set(found) for found in listed(answered, fields="name, answer")["alerts"]] == 3 * [{"id", "name", "answer"}]
    assert answered.get("/v1/alerts", fields="colour").status == 400


def test_an_alert_is_found_by_what_its_source_calls_it(answered: World) -> None:
    (found,) = listed(answered, source="alertmanager", fingerprint="f/1")["alerts"]

    assert (found["name"], found["status"], found["started_at"]) == (
        "DiskWillFill",
        "firing",
        "2026-11-29T03:01:00.000+00:00",
    )
    assert listed(answered, source="alertmanager", fingerprint="f/9")["alerts"] == []


def test_the_story_of_an_alert_says_when_it_came_what_it_got_and_who_was_told(answered: World) -> None:
    deliver(answered)
    body = json.loads(payload(status="resolved", fingerprint="f/0", startsAt="2026-11-29T03:00:00Z"))
    assert send(answered, json.dumps(body)) == 202
    answer(answered)
    (found,) = listed(answered, source="alertmanager", fingerprint="f/0")["alerts"]

    story = answered.get(f"/v1/alerts/{found['id']}").json

    assert [moment["what"] for moment in story["timeline"]] == [
        "received",
        "matched",
        "announced",
        "delivered",
        "resolved",
    ]
    assert story["timeline"][1]["why"] == "alert: Making room"
    assert story["timeline"][3]["why"].endswith(" to events")
    assert (story["status"], story["resolved_at"] is not None) == ("resolved", True)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"cursor": "7"}, "cursor"),
        ({"cursor": "1795921500.000000#aaaaaaaaaaaaaaaa"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"source": "alertmanager"}, "fingerprint"),
        ({"fingerprint": "f"}, "source"),
        ({"state": "firing"}, "state"),
    ],
)
def test_what_cannot_be_asked_is_named(world: World, query: dict[str, Any], named: str) -> None:
    reply = world.get("/v1/alerts", **query)

    assert reply.status == 400
    assert named in reply.json["detail"]


def test_an_unknown_alert_is_not_there(world: World) -> None:
    assert world.get("/v1/alerts/nowhere").status == 404


def test_without_the_table_the_caller_is_asked_to_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> Any:
        raise TableUnavailableError("down")

    monkeypatch.setattr(parts.records(), "listed", down)

    assert world.get("/v1/alerts").status == 503


HIDDEN = "---\nalerts: [DiskWillFill]\ngroups: [sre]\n---\n# Making room\n\nx\n"


def story(world: World) -> dict[str, Any]:
    doc_id = listed(world)["alerts"][0]["id"]
    found: dict[str, Any] = world.get(f"/v1/alerts/{doc_id}").json
    return found


def test_a_runbook_that_was_hidden_since_is_told_to_its_groups_only(answered: World) -> None:
    answered.has("ops/disk.md", HIDDEN, "02")

    for found in (*listed(answered)["alerts"], story(answered)):
        assert found["answer"] == {
            "decision": "attach",
            "matched_by": "alert",
            "confidence": 0.98,
            "reasons": [],
            "runbook": None,
        }
    assert "Making room" not in json.dumps(story(answered))
    answered.groups = ("sre",)
    assert listed(answered)["alerts"][0]["answer"]["runbook"]["title"] == "Making room"
    assert story(answered)["timeline"][1]["why"] == "alert: Making room"


def test_a_runbook_that_is_gone_is_named_to_nobody(answered: World) -> None:
    answered.removes("ops/disk.md", "02")

    assert listed(answered)["alerts"][0]["answer"]["runbook"] is None
    assert "Making room" not in json.dumps(story(answered))


def test_why_another_page_came_nearest_is_told_to_who_may_see_that_page(world: World) -> None:
    page = "# Queue of payments grows\n\nLook at the consumers of the queue.\n"
    world.has("ops/queue.md", page)
    alert = payload(labels={"alertname": "Backlog", "service": "x"}, annotations={"summary": "queue and elephants"})
    assert send(world, alert) == 202
    answer(world)
    before = listed(world)["alerts"][0]["answer"]

    world.has("ops/queue.md", f"---\ngroups: [sre]\n---\n{page}", "02")

    assert (before["decision"] in {"none", "suggest"}, bool(before["reasons"])) == (True, True)
    assert listed(world)["alerts"][0]["answer"]["reasons"] == []
    world.groups = ("sre",)
    assert listed(world)["alerts"][0]["answer"]["reasons"] == before["reasons"]


def test_without_the_catalog_no_alert_is_shown_rather_than_too_much(
    answered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise TableUnavailableError("down")

    monkeypatch.setattr(type(parts.catalog()), "groups", broken)

    assert answered.get("/v1/alerts").status == 503
