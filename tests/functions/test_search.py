"""HTTP in, answers out: what a caller of the API sees."""

import json
from pathlib import Path

import pytest

from infra.openapi import PUBLISHED, generate
from personal_pipeline import parts
from tests.functions.world import World, http_event

DISK = "---\nservice: storage\nseverity: critical\n---\n# Disk full on a node\n\n## Free space\n\nRun `df -h` first.\n"
TLS = "# Certificate expires\n\nRenew the TLS certificate of the ingress.\n"


@pytest.fixture
def stocked(world: World) -> World:
    world.has("ops/disk-full.md", DISK)
    world.has("web/tls.md", TLS)
    return world


def test_the_best_runbook_comes_first_with_its_reason_and_the_words_that_matched(stocked: World) -> None:
    hit = stocked.search("disk full")["hits"][0]

    assert hit["title"] == "Disk full on a node"
    assert any("title matches" in reason for reason in hit["reasons"])
    assert (hit["source"], hit["path"], hit["services"], hit["severity"]) == (
        "ops",
        "disk-full.md",
        ["storage"],
        "critical",
    )


def test_highlights_frame_the_words_in_the_snippet(stocked: World) -> None:
    snippet = stocked.search("df")["hits"][0]["snippet"]

    assert [snippet["text"][start:end] for start, end in snippet["highlights"]] == ["df"]


def test_the_second_answer_comes_from_the_cache_and_is_the_same(stocked: World) -> None:
    first = stocked.get("/v1/search", q="disk full")
    second = stocked.get("/v1/search", q="  Disk   FULL ")

    assert (first.json["answered_by"], second.json["answered_by"]) == ("index", "l1")
    assert first.json["hits"] == second.json["hits"]
    assert first.headers["etag"] == second.headers["etag"]
    assert second.headers["x-cache"] == "l1"
    assert "dur=" in second.headers["server-timing"]


def test_another_process_finds_the_answer_in_the_second_tier(stocked: World) -> None:
    stocked.search("disk full")
    stocked.app("search").search._memory.clear()

    assert stocked.search("disk full")["answered_by"] == "l2"


def test_who_has_the_answer_is_told_so(stocked: World) -> None:
    etag = stocked.get("/v1/search", q="disk full").headers["etag"]

    reply = stocked.get("/v1/search", q="disk full", headers={"if-none-match": etag})

    assert (reply.status, reply.body) == (304, "")


def test_filters_leave_only_what_fits(stocked: World) -> None:
    assert len(stocked.search("the node ingress")["hits"]) == 2
    assert [hit["source"] for hit in stocked.search("the node ingress", source="web")["hits"]] == ["web"]
    assert [hit["source"] for hit in stocked.search("the node ingress", service="storage")["hits"]] == ["ops"]
    assert stocked.search("the node ingress", severity="low")["hits"] == []


def test_facets_count_documents_by_service_source_and_type(stocked: World) -> None:
    facets = stocked.search("the node ingress")["facets"]

    assert facets["source"] == [{"value": "ops", "count": 1}, {"value": "web", "count": 1}]
    assert facets["service"] == [{"value": "storage", "count": 1}]


def test_pages_follow_each_other_without_gap_or_repeat(world: World) -> None:
    for number in range(7):
        world.has(f"ops/page-{number}.md", f"# Page {number}\n\nsame words here\n")
    seen: list[str] = []
    cursor = ""
    while True:
        answer = world.search("same words", limit=3, cursor=cursor) if cursor else world.search("same words", limit=3)
        seen += [hit["id"] for hit in answer["hits"]]
        cursor = answer["next_cursor"]
        if not cursor:
            break

    assert len(seen) == len(set(seen)) == 7


def test_a_long_query_is_posted(stocked: World) -> None:
    trace = "Traceback (most recent call last):\n  disk full\n" + "  at frame\n" * 300

    reply = stocked.post("/v1/search", json.dumps({"q": trace, "limit": 1}))

    assert reply.status == 200
    assert reply.json["hits"][0]["title"] == "Disk full on a node"


def test_nothing_found_is_an_answer(stocked: World) -> None:
    answer = stocked.search("zebra")

    assert (answer["hits"], answer["next_cursor"]) == ([], None)


@pytest.mark.parametrize("q", ["*", "/.*/", "_exists_:*", 'a AND "b', "((((", "title:disk^9", "😀", "‮desrever", "\\"])
def test_query_syntax_is_plain_words(stocked: World, q: str) -> None:
    assert stocked.get("/v1/search", q=q).status == 200


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({}, "q"),
        ({"q": ""}, "empty"),
        ({"q": "   "}, "empty"),
        ({"q": "x" * 1001}, "1000"),
        ({"q": "a\x00b"}, "control"),
        ({"q": "a\x1bb"}, "control"),
        ({"q": "disk", "limit": "0"}, "limit"),
        ({"q": "disk", "limit": "51"}, "limit"),
        ({"q": "disk", "limit": "many"}, "limit"),
        ({"q": "disk", "limit": "1e9"}, "limit"),
        ({"q": "disk", "cursor": "-1"}, "cursor"),
        ({"q": "disk", "cursor": "99999"}, "cursor"),
        ({"q": "disk", "cursor": "²"}, "cursor"),
        ({"q": "disk", "team": "x"}, "'team'"),
        ({"q": "disk", "source": "x" * 201}, "source"),
    ],
)
def test_a_wrong_request_is_told_what_to_change(stocked: World, query: dict[str, str], says: str) -> None:
    reply = stocked.get("/v1/search", **query)

    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert says in reply.json["detail"]
    assert reply.json["status"] == 400


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        '{"q": 5}',
        '{"q": "x", "team": "y"}',
        '{"limit": 3}',
        "[" * 100_000,
        '{"q": "x", "limit": ' + "9" * 5000 + "}",
        '{"q": "\\ud800"}',
        b"\xff\xfe\x00",
        json.dumps({"q": "x" * 8001}),
    ],
)
def test_a_wrong_body_is_a_problem_of_the_caller_and_never_ours(stocked: World, body: str | bytes) -> None:
    reply = stocked.post("/v1/search", body)

    assert reply.status in {400, 422}
    assert reply.headers["content-type"] == "application/problem+json"


def test_an_unknown_route_and_an_unknown_document_are_not_there(stocked: World) -> None:
    for path in ("/v1/nothing", "/v1/documents/aaaaaaaaaaaaaaaa", "/v1/documents/%2e%2e"):
        reply = stocked.get(path)
        assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")


def test_a_document_is_answered_whole(stocked: World) -> None:
    doc_id = stocked.search("disk full")["hits"][0]["id"]

    reply = stocked.get(f"/v1/documents/{doc_id}")

    assert reply.json["title"] == "Disk full on a node"
    assert "Run `df -h` first." in reply.json["text"]
    assert [part["heading"][-1] for part in reply.json["outline"]][-1] == "Free space"
    start, end = reply.json["outline"][-1]["start"], reply.json["outline"][-1]["end"]
    assert "df -h" in reply.json["text"][start:end]
    again = stocked.get(f"/v1/documents/{doc_id}", headers={"if-none-match": reply.headers["etag"]})
    assert again.status == 304


def test_a_document_whose_copy_was_lost_is_made_again_from_the_bucket(stocked: World) -> None:
    doc_id = stocked.search("disk full")["hits"][0]["id"]
    before = stocked.get(f"/v1/documents/{doc_id}").json
    with parts.database().transaction() as connection:
        connection.execute("DELETE FROM rendered")

    assert stocked.get(f"/v1/documents/{doc_id}").json == before


def test_a_document_of_another_group_does_not_exist_for_this_caller(world: World) -> None:
    doc_id = world.has("ops/secret.md", "---\ngroups: [finance]\n---\n# Payroll fails\n\nCall the bank.\n")
    claims = {"authorizer": {"jwt": {"claims": {"groups": "[finance staff]"}}}}

    assert world.search("payroll")["hits"] == []
    assert world.get(f"/v1/documents/{doc_id}").status == 404
    event = http_event("GET", "/v1/search", {"q": "payroll"})
    event["requestContext"] |= claims
    assert json.loads(world.call("search", event)["body"])["hits"]


def test_health_says_which_part_is_missing(stocked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stocked.get("/v1/health").json["status"] == "ok"
    for file in Path(stocked.data, "index").rglob("meta.json"):
        file.unlink()
    parts.index.cache_clear()
    stocked.apps.clear()

    reply = stocked.get("/v1/health")

    assert (reply.status, reply.json["status"]) == (200, "degraded")
    assert reply.json["checks"] == {"index": "unavailable", "tables": "ok"}


def test_the_published_description_is_what_the_routes_say(world: World) -> None:
    assert json.loads(PUBLISHED.read_text()) == json.loads(json.dumps(generate()))
    assert world.get("/v1/openapi.json").json["openapi"].startswith("3.1")
