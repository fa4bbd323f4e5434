"""The routes over many documents at once, as a caller of the API sees them."""

import json
from functools import cache
from typing import Any

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.adapters.parsing_process import InlineParser
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.feedback import signature
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.edge import search_batch
from personal_pipeline.services import find_gaps, list_documents
from personal_pipeline.services.alert_records import AlertRecords
from tests.functions.world import World, sqs_record

DISK = "---\nservice: storage\nowner: team-data\nreviewed: 2020-01-05\n---\n# Disk full\n\nRun `df -h` first.\n"
TLS = "---\nowner: team-web\nreviewed: 2999-01-01\nreview_in: 1 month\n---\n# Certificate expires\n\nRenew it.\n"
PAYROLL = "---\ngroups: [finance]\nservice: storage\n---\n# Payroll run fails\n\nCall the bank.\n"
NOTES = "# Notes\n\nNobody has looked at these.\n"


class _InlineParser(InlineParser):
    """A process for each test would take longer than the test."""

    def close(self) -> None: ...


@pytest.fixture
def stocked(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(parts, "parser", cache(_InlineParser))
    world.has("ops/a/disk.md", DISK)
    world.has("ops/b/notes.md", NOTES)
    world.has("secret/payroll.md", PAYROLL)
    world.has("web/tls.md", TLS)
    return world


def titles(world: World, **query: Any) -> list[str]:
    reply = world.get("/v1/documents", **query)
    assert reply.status == 200, reply.body
    return [document["title"] for document in reply.json["documents"]]


def paged(world: World, cursor: str = "", **query: Any) -> list[str]:
    page = world.get("/v1/documents", cursor=cursor, **query).json
    found = [document["path"] for document in page["documents"]]
    return found + paged(world, page["next_cursor"], **query) if page["next_cursor"] else found


# Documents ────────────────────────────────────────────────────────────────
def test_documents_are_listed_by_source_and_path_with_what_is_known_of_them(stocked: World) -> None:
    first = stocked.get("/v1/documents").json["documents"][0]

    assert titles(stocked) == ["Disk full", "Notes", "Certificate expires"]
    assert (first["source"], first["path"], first["services"], first["owner"]) == (
        "ops",
        "a/disk.md",
        ["storage"],
        "team-data",
    )
    assert first["freshness"] == {"reviewed": "2020-01-05", "review_due": "2021-01-04", "state": "stale"}
    assert first["not_known"] == []


def test_filters_leave_only_documents_that_fit(stocked: World) -> None:
    assert titles(stocked, service="storage") == ["Disk full"]
    assert titles(stocked, owner="team-web") == ["Certificate expires"]
    assert titles(stocked, source="ops") == ["Disk full", "Notes"]
    assert titles(stocked, stale="true") == ["Disk full"]
    assert titles(stocked, stale="false") == ["Certificate expires"]
    assert titles(stocked, stale="unknown") == ["Notes"]
    assert titles(stocked, source="unknown") == []


def test_pages_follow_one_another_without_a_gap(stocked: World) -> None:
    assert [paged(stocked, limit=limit) for limit in (1, 2, 3, 50)] == 4 * [["a/disk.md", "b/notes.md", "tls.md"]]
    assert paged(stocked, limit=1, source="ops") == ["a/disk.md", "b/notes.md"]


def test_a_page_goes_on_where_the_last_one_ended_although_documents_came_and_went(stocked: World) -> None:
    first = stocked.get("/v1/documents", limit=1).json

    stocked.has("ops/a/cpu.md", NOTES)
    stocked.has("ops/a/memory.md", NOTES)
    stocked.removes("ops/a/disk.md", "02")
    rest = paged(stocked, limit=1, cursor=first["next_cursor"])

    assert rest == ["a/memory.md", "b/notes.md", "tls.md"]


def test_a_page_looks_at_so_many_documents_and_says_where_to_go_on(
    stocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_documents, "MOST_EXAMINED", 2)

    page = stocked.get("/v1/documents", owner="team-web").json

    assert (page["documents"], bool(page["next_cursor"])) == ([], True)
    assert paged(stocked, owner="team-web") == ["tls.md"]


def test_only_members_of_a_group_see_its_documents_and_sources(stocked: World) -> None:
    everybody = stocked.get("/v1/documents").body + stocked.get("/v1/sources").body
    stocked.groups = ("finance",)

    assert "payroll" not in everybody.casefold()
    assert "secret" not in everybody
    assert titles(stocked, source="secret") == ["Payroll run fails"]
    assert {"name": "secret", "documents": 1} in stocked.get("/v1/sources").json["sources"]


def test_a_page_never_ends_at_a_document_that_its_caller_may_not_see(
    stocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_documents, "MOST_EXAMINED", 1)
    places = []
    cursor = ""
    while cursor is not None:
        cursor = stocked.get("/v1/documents", owner="nobody", cursor=cursor).json["next_cursor"]
        if cursor:
            places.append(list_documents.place_of(cursor))

    assert places == [("ops", "a/disk.md"), ("ops", "b/notes.md")]


def test_a_row_of_an_older_release_says_what_is_not_known_of_it(
    stocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with parts.database().transaction() as connection:
        connection.execute("UPDATE documents SET overview = '' WHERE path = 'tls.md'")

    page = stocked.get("/v1/documents", owner="team-web").json
    document = stocked.get("/v1/documents", source="web").json["documents"][0]

    assert (page["documents"], page["unjudged"]) == ([], 1)
    assert (document["title"], document["owner"], document["updated"]) == ("Certificate expires", "", None)
    assert {"owner", "freshness", "services"} <= set(document["not_known"])


def test_a_rule_file_is_no_document(stocked: World) -> None:
    rules = "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up\n    annotations: {runbook_url: https://x/disk}\n"
    stocked.has("ops/rules.yaml", rules)

    assert titles(stocked, source="ops") == ["Disk full", "Notes"]
    assert stocked.get("/v1/sources").json["sources"][0] == {"name": "ops", "documents": 2}


def test_chosen_fields_are_all_there_is_and_the_id(stocked: World) -> None:
    listed = stocked.get("/v1/documents", fields="title, path", limit=1).json["documents"][0]
    whole = stocked.get(f"/v1/documents/{listed['id']}", fields="title,outline").json

    assert set(listed) == {"id", "title", "path"}
    assert set(whole) == {"id", "title", "outline"}


def test_a_field_that_is_not_there_is_refused_with_those_that_are(stocked: World) -> None:
    doc_id = stocked.get("/v1/documents").json["documents"][0]["id"]
    for path in ("/v1/documents", f"/v1/documents/{doc_id}"):
        reply = stocked.get(path, fields="title,txet")

        assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
        assert "'txet'" in reply.json["detail"]
        assert "path" in reply.json["detail"]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIl0", "bnVsbA", "%00", "e30", "WyJhIiwxXQ", "ä", "/" * 2000])
def test_a_cursor_that_is_none_of_ours_is_refused(stocked: World, cursor: str) -> None:
    reply = stocked.get("/v1/documents", cursor=cursor)

    assert reply.status == 400
    assert "next_cursor" in reply.json["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/documents",
        "/v1/documents/x",
        "/v1/sources",
        "/v1/coverage",
        "/v1/alerts",
        "/v1/alerts/x",
        "/v1/suggest",
        "/v1/search",
    ],
)
def test_an_unknown_parameter_is_refused(stocked: World, path: str) -> None:
    required = {"q": "x"} if path in {"/v1/suggest", "/v1/search"} else {}

    reply = stocked.get(path, colour="red", **required)

    assert (reply.status, "'colour'" in reply.json["detail"]) == (400, True)


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/sources", "/v1/coverage", "/v1/alerts", "/v1/openapi.json"])
def test_who_has_an_answer_is_told_so(stocked: World, path: str) -> None:
    first = stocked.get(path)

    again = stocked.get(path, headers={"if-none-match": first.headers["etag"]})

    assert (first.status, again.status, again.body) == (200, 304, "")


def test_an_answer_that_has_changed_is_given_anew(stocked: World) -> None:
    etags = {path: stocked.get(path).headers["etag"] for path in ("/v1/documents", "/v1/sources", "/v1/coverage")}

    stocked.has("ops/new.md", NOTES)

    for path, etag in etags.items():
        assert stocked.get(path, headers={"if-none-match": etag}).status == 200


def test_a_catalog_that_does_not_answer_is_a_problem_to_come_back_with(
    stocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TableUnavailableError("table catalog does not answer: try again")

    monkeypatch.setattr(SQLiteCatalog, "entries", broken)
    for path in ("/v1/documents", "/v1/sources", "/v1/coverage"):
        reply = stocked.get(path)

        assert (reply.status, reply.headers["retry-after"]) == (503, "2")


def test_a_list_and_the_document_itself_say_the_same_of_its_freshness(stocked: World) -> None:
    for listed in stocked.get("/v1/documents").json["documents"]:
        whole = stocked.get(f"/v1/documents/{listed['id']}").json["freshness"]

        assert listed["freshness"] == {name: whole[name] for name in listed["freshness"]}


# Coverage ─────────────────────────────────────────────────────────────────
SERVICES = "- name: storage\n- name: checkout\n  aliases: [cart]\n- name: payroll-engine\n  groups: [finance]\n"
RULES = """
groups:
- name: node
  rules:
  - {alert: DiskFull, expr: up, annotations: {runbook_url: "https://wiki/a/disk"}}
  - {alert: DiskGone, expr: up, annotations: {runbook_url: "https://wiki/nowhere-at-all"}}
  - {alert: PayrollFails, expr: up, annotations: {runbook_url: "https://wiki/payroll"}}
"""


def test_services_without_a_runbook_are_named(stocked: World) -> None:
    stocked.has("ops/_services.yaml", SERVICES)

    coverage = stocked.get("/v1/coverage").json

    assert coverage["services_without_runbook"] == {"count": 1, "first": ["checkout"]}
    assert (coverage["documents"], coverage["runbooks"], coverage["services"]) == (3, 3, 2)


def test_a_service_of_a_group_is_told_to_that_group(stocked: World) -> None:
    stocked.has("ops/_services.yaml", SERVICES)
    stocked.groups = ("finance",)

    assert stocked.get("/v1/coverage").json["services_without_runbook"]["first"] == ["checkout", "payroll-engine"]


def test_stale_documents_are_named_with_their_owner_and_the_day(stocked: World) -> None:
    coverage = stocked.get("/v1/coverage").json

    (stale,) = coverage["stale"]["first"]
    assert (stale["title"], stale["owner"], stale["review_due"]) == ("Disk full", "team-data", "2021-01-04")
    assert coverage["without_review"] == 1


LINKING = """# Index

See [a page that is there](a/disk.md#step-2), [its address](a/disk), [one that is not](b/gone.md?x=1),
[a web page](https://example.com/a/gone.md), [a picture](b/gone.png), [this page](#below),
[payroll](../secret/payroll.md) and [the site](/b/gone.md).
"""


def test_links_that_lead_to_no_document_of_their_source_are_named(stocked: World) -> None:
    stocked.has("ops/index.md", LINKING)

    (dead,) = stocked.get("/v1/coverage").json["dead_links"]["first"]

    assert (dead["title"], dead["path"], dead["link"], dead["alert"]) == ("Index", "index.md", "b/gone.md", "")


def test_a_link_to_what_the_caller_may_not_see_is_as_dead_as_one_to_nothing(stocked: World) -> None:
    stocked.has("ops/hidden.md", "---\ngroups: [finance]\n---\n# Hidden\n\nText.\n")
    stocked.has("ops/index.md", "# Index\n\nSee [it](hidden.md) and [that](nothing.md).\n")

    everybody = stocked.get("/v1/coverage").json["dead_links"]["first"]
    stocked.groups = ("finance",)

    assert [dead["link"] for dead in everybody] == ["hidden.md", "nothing.md"]
    assert [dead["link"] for dead in stocked.get("/v1/coverage").json["dead_links"]["first"]] == ["nothing.md"]


def test_a_rules_link_is_dead_where_it_leads_to_nothing_that_the_caller_may_see(stocked: World) -> None:
    stocked.has("ops/rules.yaml", RULES)

    def dead() -> list[tuple[str, str]]:
        return [(one["alert"], one["link"]) for one in stocked.get("/v1/coverage").json["dead_links"]["first"]]

    assert dead() == [("diskgone", "https://wiki/nowhere-at-all"), ("payrollfails", "https://wiki/payroll")]
    stocked.groups = ("finance",)
    assert dead() == [("diskgone", "https://wiki/nowhere-at-all")]


def test_alerts_that_got_no_runbook_are_counted_until_a_document_names_them(stocked: World) -> None:
    for number in range(2):
        stocked.post("/v1/alerts/alertmanager", firing("QueueBacklog", number), "alert_intake", **AUTHORISED)
        take_alerts(stocked)

    (alert,) = stocked.get("/v1/coverage").json["alerts_without_runbook"]["first"]
    stocked.has("ops/queue.md", "---\nalerts: QueueBacklog\n---\n# Queue grows\n\nLook at it.\n")

    assert (alert["name"], alert["count"]) == ("QueueBacklog", 2)
    assert stocked.get("/v1/coverage").json["alerts_without_runbook"]["count"] == 0


def test_what_there_is_no_time_for_is_said_and_not_guessed(stocked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stocked.has("ops/_services.yaml", SERVICES)
    out_of_time = bootstrap.find_gaps(most_seconds=-1.0)
    monkeypatch.setattr(bootstrap, "find_gaps", lambda: out_of_time)

    coverage = stocked.get("/v1/coverage").json

    assert coverage["services_without_runbook"]["count"] == 0
    assert any("documents after the first 0" in text for text in coverage["not_known"])


def test_without_the_table_of_alerts_the_rest_is_answered(stocked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TableUnavailableError("down")

    monkeypatch.setattr(AlertRecords, "listed", broken)

    coverage = stocked.get("/v1/coverage").json

    assert coverage["documents"] == 3
    assert any(text.startswith("alerts without a runbook") for text in coverage["not_known"])


def test_a_list_is_cut_and_its_count_is_not(stocked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_gaps, "MOST_NAMED", 1)
    stocked.has("ops/_services.yaml", "[{name: one}, {name: two}, {name: three}]")

    assert stocked.get("/v1/coverage").json["services_without_runbook"] == {"count": 3, "first": ["one"]}


# Batch ────────────────────────────────────────────────────────────────────
def batch(world: World, *queries: dict[str, Any]) -> list[dict[str, Any]]:
    reply = world.post("/v1/search/batch", json.dumps({"queries": queries}))
    assert reply.status == 200, reply.body
    return reply.json["answers"]


def test_each_query_is_answered_in_its_place_or_has_a_problem_there(stocked: World) -> None:
    disk, nothing, odd, tls = batch(stocked, {"q": "disk full"}, {"q": "  "}, {"q": "x", "cursor": "y"}, {"q": "renew"})

    assert [disk["status"], nothing["status"], odd["status"], tls["status"]] == [200, 400, 400, 200]
    assert disk["answer"]["hits"][0]["title"] == "Disk full"
    assert tls["answer"]["hits"][0]["title"] == "Certificate expires"
    assert nothing["problem"]["detail"]
    assert nothing["problem"]["status"] == 400


def test_a_query_of_a_batch_goes_through_the_same_cache(stocked: World) -> None:
    stocked.search("disk full")

    first, again, new = batch(stocked, {"q": "Disk  FULL"}, {"q": "disk full"}, {"q": "renew"})

    assert [one["answer"]["answered_by"] for one in (first, again, new)] == ["l1", "l1", "index"]
    assert stocked.search("renew")["answered_by"] == "l1"


def test_a_batch_shows_its_caller_no_more_than_a_search(stocked: World) -> None:
    (hidden,) = batch(stocked, {"q": "payroll run fails"})
    stocked.groups = ("finance",)
    (shown,) = batch(stocked, {"q": "payroll run fails"})

    assert "Payroll" not in json.dumps(hidden["answer"]["hits"])
    assert shown["answer"]["hits"][0]["title"] == "Payroll run fails"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"queries": []}, "queries"),
        ({"queries": [{"q": "x"}] * 101}, "queries"),
        ({"queries": [{"q": "x"}, {"q": "x", "limit": 99}]}, "queries.1.limit"),
        ({"queries": [{"q": "x", "colour": "red"}]}, "queries.0.colour"),
        ({}, "queries"),
    ],
)
def test_a_batch_of_another_form_is_refused_as_a_whole(stocked: World, body: dict[str, Any], place: str) -> None:
    reply = stocked.post("/v1/search/batch", json.dumps(body))

    assert reply.status == 400
    assert [error["field"] for error in reply.json["errors"]] == [place]


def test_what_there_is_no_time_for_comes_back_as_a_problem(stocked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_batch, "MOST_SECONDS", 0.0)

    (answer,) = batch(stocked, {"q": "disk full"})

    assert (answer["status"], answer["problem"]["status"]) == (503, 503)
    assert "ask it again" in answer["problem"]["detail"]


def test_what_does_not_fit_into_the_answer_comes_back_as_a_problem(
    stocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_batch, "MOST_BYTES", 2000)

    answers = batch(stocked, *({"q": "disk full"} for _ in range(4)))

    assert {answer["status"] for answer in answers} == {200, 503}
    assert "room" in answers[-1]["problem"]["detail"]


# Writes that are sent again ───────────────────────────────────────────────
def vote(world: World, helpful: bool | None = True, key: str = "k-1", **fields: Any) -> Any:
    said = {"alert": "DiskFull", "id": fields.get("id", ""), "helpful": helpful}
    return world.post("/v1/feedback", json.dumps(said), **{"idempotency-key": key} if key else {})


@pytest.fixture
def disk(stocked: World) -> str:
    return str(stocked.get("/v1/documents").json["documents"][0]["id"])


def weight(doc_id: str) -> tuple[float, float]:
    return parts.activity().feedback(signature("DiskFull", "")).get(doc_id, (0.0, 0.0))


def test_a_repeated_write_gets_the_first_answer_and_changes_nothing(stocked: World, disk: str) -> None:
    first = vote(stocked, id=disk)
    vote(stocked, helpful=None, key="k-2", id=disk)

    again = vote(stocked, id=disk)

    assert (first.json, again.json) == ({"status": "counted"}, {"status": "counted"})
    assert weight(disk) == (0.0, 0.0)
    vote(stocked, key="", id=disk)
    assert weight(disk)[0] > 0.9


def test_a_key_that_comes_with_another_body_is_refused(stocked: World, disk: str) -> None:
    vote(stocked, id=disk)

    reply = vote(stocked, helpful=False, id=disk)

    assert (reply.status, "Idempotency-Key" in reply.json["detail"]) == (422, True)


def test_what_was_refused_may_be_tried_again_under_its_key(stocked: World) -> None:
    missing = doc_id_of("ops/later.md")
    refused = vote(stocked, id=missing)
    stocked.has("ops/later.md", NOTES)

    assert (refused.status, vote(stocked, id=missing).status) == (404, 200)


def test_the_keys_of_one_caller_are_not_those_of_another(stocked: World, disk: str) -> None:
    vote(stocked, id=disk)
    stocked.groups = ("finance",)

    assert vote(stocked, helpful=False, id=disk).json == {"status": "counted"}


def test_a_key_that_is_too_long_is_refused(stocked: World, disk: str) -> None:
    assert vote(stocked, key="k" * 201, id=disk).status == 400


AUTHORISED = {"authorization": "Bearer correct-horse-battery-staple"}


def firing(name: str, number: int) -> str:
    alert = {
        "status": "firing",
        "labels": {"alertname": name, "instance": f"i-{number}"},
        "annotations": {"summary": "it grows"},
        "startsAt": "2026-11-29T03:00:00Z",
        "fingerprint": f"f{number}",
    }
    return json.dumps({"version": "4", "alerts": [alert]})


def take_alerts(world: World) -> None:
    queue = parts.queue("alert")
    received = queue.receive(limit=10)
    world.call("alert", {"Records": [sqs_record(one.message_id, one.body) for one in received]})
    queue.delete([one.receipt_handle for one in received])
