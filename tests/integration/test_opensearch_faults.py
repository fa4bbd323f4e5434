"""An OpenSearch that is slow, broken, half there or not there is one thing: unavailable, said soon and once."""

import json
import re
import socket
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline.adapters import opensearch_requests
from personal_pipeline.adapters.opensearch_index import OpenSearchIndex
from personal_pipeline.adapters.opensearch_requests import search_bodies
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchRequest
from tests.contract.indexes import dead, find, found, live
from tests.integration.fault_server import Answer, FaultServer, a_fault_server

TIMEOUT_SECONDS = 2.0
HIT = {
    "_id": "doc.0000",
    "_score": 1.5,
    "_source": {
        **dict.fromkeys(("title", "url", "source", "path", "type", "severity"), ""),
        **dict.fromkeys(("services", "groups", "alert_names", "heading"), ()),
        "doc_id": "doc",
        "ordinal": 0,
        "rev": 1,
        "text": "alpha",
        "updated": "2026-01-01T00:00:00+00:00",
        "placed": {"8": "alpha"},
        "sequence": " alpha ",
        "names": [],
        "exact_names": [],
    },
}


def an_answer(**changes: Any) -> dict[str, Any]:
    """To one search, as ``_msearch`` wraps it."""
    whole = {
        "status": 200,
        "took": 1,
        "timed_out": False,
        "_shards": {"total": 1, "successful": 1, "failed": 0},
        "hits": {"hits": [HIT]},
        "aggregations": {"everything": {"words": {"buckets": {"all": {"doc_count": 1}, "=alpha": {"doc_count": 1}}}}},
    }
    return {"took": 1, "responses": [whole | changes]}


def as_json(answer: Any, **rest: Any) -> Answer:
    return Answer(json.dumps(answer).encode(), **rest)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with a_fault_server() as server:
        yield server


@pytest.fixture
def index(server: FaultServer) -> OpenSearchIndex:
    return OpenSearchIndex(
        server.url,
        timeout_seconds=TIMEOUT_SECONDS,
        connect_timeout_seconds=TIMEOUT_SECONDS,
        write_timeout_seconds=TIMEOUT_SECONDS,
        now=lambda: datetime(2026, 1, 2, tzinfo=UTC),
    )


def test_a_whole_answer_is_an_answer(index: OpenSearchIndex, server: FaultServer) -> None:
    server.answer = as_json(an_answer())

    assert found(index, "alpha") == [("doc", 0)]


FAULTS = {
    "it timed out inside": as_json(an_answer(timed_out=True)),
    "a shard failed": as_json(an_answer(_shards={"total": 2, "successful": 1, "failed": 1})),
    "overloaded": as_json(
        {"error": {"type": "circuit_breaking_exception", "reason": "heap"}, "status": 429}, status=429
    ),
    "no shard answers": as_json({"error": {"type": "search_phase_execution_exception"}, "status": 503}, status=503),
    "a gateway's page": Answer(b"<html>502 Bad Gateway</html>", 502, "text/html"),
    "a page that says OK": Answer(b"<html>Log in</html>", 200, "text/html"),
    "plain text that says OK": Answer(b"upstream connect error", 200, "text/plain"),
    "a redirect to a log-in": Answer(b"", 302, "text/html"),
    "no permission": as_json({"Message": "User: anonymous is not authorized"}, status=403),
    "no index": as_json({"error": {"type": "index_not_found_exception", "reason": "no such index"}}, status=404),
    "a query it does not know": as_json({"error": {"type": "parsing_exception", "reason": "x"}}, status=400),
    "a search that failed inside": as_json(
        {"took": 1, "responses": [{"error": {"type": "query_shard_exception", "reason": "x"}, "status": 400}]}
    ),
    "fewer answers than questions": as_json({"took": 1, "responses": []}),
    "counts without words": as_json(an_answer(aggregations={})),
    "JSON cut short": Answer(b'{"took": 1, "timed_out": false, "hits": {"hi'),
    "JSON of another kind": as_json([1, 2]),
    "JSON without hits": as_json({"took": 1}),
    "a hit without its fields": as_json(an_answer(hits={"hits": [{"_id": "x", "_score": 1.0, "_source": {}}]})),
    "a hit with a date that is none": as_json(
        an_answer(hits={"hits": [HIT | {"_source": HIT["_source"] | {"updated": "soon"}}]})  # type: ignore[operator]
    ),
    "an empty body": Answer(b""),
    "bytes that are no text": Answer(b"\xff\xfe{}"),
    "a body that never ends": Answer(b'{"took"', missing_bytes=100),
    "a black hole": Answer(hangs=True),
    "a connection that breaks": Answer(hangs_up=True),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_anything_else_is_an_unavailable_index_after_one_attempt(
    index: OpenSearchIndex, server: FaultServer, fault: str
) -> None:
    server.answer = FAULTS[fault]

    with pytest.raises(IndexUnavailableError, match="What to do") as raised:
        find(index, "alpha")

    assert len(server.requests) == 1
    assert len(str(raised.value)) < 600
    server.answer = as_json(an_answer())
    assert found(index, "alpha") == [("doc", 0)], "the next search is not spoiled"


def test_the_timeout_of_a_search_is_ours_and_not_that_of_the_library(
    index: OpenSearchIndex, server: FaultServer
) -> None:
    server.answer = Answer(hangs=True)

    with pytest.raises(IndexUnavailableError, match=rf"read timeout={TIMEOUT_SECONDS}"):
        find(index, "alpha")


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.startswith(("a hit", "counts"))])
def test_whatever_else_is_asked_of_it_is_unavailable_too(
    index: OpenSearchIndex, server: FaultServer, fault: str
) -> None:
    server.answer = FAULTS[fault]

    for use in (lambda: index.apply([live("doc")]), index.count, lambda: index.revisions("doc")):
        with pytest.raises(IndexUnavailableError):
            use()


def test_a_node_that_is_gone_is_unavailable(server: FaultServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = OpenSearchIndex(f"http://user:secret@127.0.0.1:{free.getsockname()[1]}", timeout_seconds=TIMEOUT_SECONDS)

        with pytest.raises(IndexUnavailableError, match="OPENSEARCH_URL") as raised:
            find(gone, "alpha")

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "applied", "is_retryable"),
    [
        (200, True, True),
        (201, True, True),
        (409, True, True),
        (400, False, False),
        (413, False, False),
        (404, False, True),
        (429, False, True),
        (500, False, True),
        (503, False, True),
    ],
)
def test_each_item_of_a_bulk_has_its_own_outcome(
    index: OpenSearchIndex, server: FaultServer, status: int, applied: bool, is_retryable: bool
) -> None:
    bad = {"_id": "b.0000", "status": status, "error": {"type": "some_exception", "reason": "because"}}
    items = [{"index": {"_id": "a.0000", "status": 201}}, {"index": bad}]
    server.answer = as_json({"errors": True, "items": items})

    good, other = index.apply([live("a"), live("b")])

    assert good.applied
    assert other.applied == applied
    if not applied:
        assert other.is_retryable == is_retryable
        assert other.error == f"OpenSearch refused b.0000: {status} some_exception: because"


def test_a_bulk_answer_with_too_few_items_is_no_answer(index: OpenSearchIndex, server: FaultServer) -> None:
    server.answer = as_json({"errors": False, "items": [{"index": {"_id": "a.0000", "status": 201}}]})

    with pytest.raises(IndexUnavailableError):
        index.apply([live("a"), live("b")])


def test_a_bulk_is_versioned_waits_for_the_refresh_and_never_creates_an_index(
    index: OpenSearchIndex, server: FaultServer
) -> None:
    server.answer = as_json({"items": [{"index": {"_id": "x", "status": 201}}] * 2})

    index.apply([dead("doc", 3, rev=9), live("doc", 2, rev=9, text="alpha beta")])

    [(_, path, body, _)] = server.requests
    assert path.startswith("/passages-v2-write/_bulk?")
    assert {"refresh=wait_for", "require_alias=true"} <= set(path.partition("?")[2].split("&"))
    action, tombstone, _, passage = map(json.loads, body.splitlines())
    assert action == {"index": {"_id": "doc.0003", "version": 9, "version_type": "external_gte"}}
    assert tombstone == {
        "doc_id": "doc",
        "ordinal": 3,
        "rev": 9,
        "deleted": True,
        "deleted_at": "2026-01-02T00:00:00+00:00",
    }
    assert passage["body_t"] == "alpha beta"


def test_large_bulks_are_cut_by_their_bytes(
    index: OpenSearchIndex, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opensearch_requests, "MAX_BULK_BYTES", 4600)
    server.answer = as_json({"items": [{"index": {"_id": "x", "status": 201}}] * 2})

    outcomes = index.apply([live("doc", ordinal, text="ü" * 300) for ordinal in range(6)])

    assert [outcome.change.ordinal for outcome in outcomes] == list(range(6))
    assert len(server.requests) == 3
    assert all(len(body) <= 4600 and body.endswith(b"\n") for _, _, body, _ in server.requests)


def test_one_passage_larger_than_a_bulk_still_goes(
    index: OpenSearchIndex, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opensearch_requests, "MAX_BULK_BYTES", 10)
    server.answer = as_json({"items": [{"index": {"_id": "x", "status": 201}}]})

    assert [outcome.applied for outcome in index.apply([live("a"), live("b")])] == [True, True]
    assert len(server.requests) == 2


def test_a_search_gives_up_inside_before_it_does_outside_and_takes_no_half_answer(
    index: OpenSearchIndex, server: FaultServer
) -> None:
    server.answer = as_json(an_answer())

    find(index, "alpha")

    [(_, path, body, _)] = server.requests
    assert path == "/passages/_msearch"
    header, asked = map(json.loads, body.splitlines())
    assert header == {"allow_partial_search_results": False}
    assert asked["timeout"] == "1500ms"
    assert asked["track_total_hits"] is False


def test_every_query_carries_the_groups_of_its_caller() -> None:
    filters, scope = SearchFilters("git", "billing", "guide", "critical"), CallerScope(("a", "b"))
    request = SearchRequest(typed_question("disk full").terms, filters, scope, vector=array("f", (1, 0)))

    by_text, by_vector = search_bodies(request, has_vectors=True)

    query = by_text["query"]["bool"]
    assert set(query) == {"filter", "should", "minimum_should_match"}
    for conditions in (query["filter"], by_vector["query"]["knn"]["vector"]["filter"]["bool"]["filter"]):
        assert {"terms": {"groups": ["a", "b"]}} in conditions
        assert {"term": {"deleted": False}} in conditions
        assert len(conditions) == 6


def test_one_function_alone_asks_opensearch_to_search() -> None:
    library = Path(opensearch_requests.__file__).parents[1]

    callers = [path.name for path in library.rglob("*.py") for _ in re.findall(r"client\.m?search\(", path.read_text())]

    assert callers == ["opensearch_index.py"]


@pytest.mark.parametrize("request_of_nothing", [("", ("public",)), ("disk", ())])
def test_what_can_find_nothing_is_not_asked(
    index: OpenSearchIndex, server: FaultServer, request_of_nothing: tuple[str, tuple[str, ...]]
) -> None:
    words, groups = request_of_nothing

    assert find(index, words, groups=groups) == []
    assert server.requests == []


def test_requests_are_signed_for_a_domain(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    server.answer = as_json(an_answer())

    find(OpenSearchIndex(server.url, auth="sigv4", timeout_seconds=5.0), "alpha")

    [(_, _, _, headers)] = server.requests
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-central-1/es/aws4_request" in headers["Authorization"]


def test_without_credentials_a_domain_is_unavailable_and_says_which_setting(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(IndexUnavailableError, match="OPENSEARCH_AUTH"):
        find(OpenSearchIndex(server.url, auth="sigv4"), "alpha")
