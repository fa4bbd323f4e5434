"""What people type: the beginnings of words, and slips of the keyboard."""

import json
from pathlib import Path

import pytest

from tests.functions.world import World, http_event

NODE = "# Kubernetes node is not ready\n\nDrain the node, then look at the kubelet.\n"
SECRET = "---\ngroups: [finance]\n---\n# Payroll ledger\n\nCall the bank.\n"


@pytest.fixture
def stocked(world: World) -> World:
    world.has("ops/node.md", NODE)
    world.has("ops/pay.md", SECRET)
    return world


def test_an_answer_says_how_a_slip_was_read(stocked: World) -> None:
    answer = stocked.search("kuberntes node not raedy")

    assert answer["did_you_mean"] == "Kubernetes node not ready"
    assert answer["query"] == "kuberntes node not raedy"
    assert answer["hits"][0]["title"] == "Kubernetes node is not ready"
    assert "read kuberntes as Kubernetes" in answer["hits"][0]["reasons"]


def test_a_question_without_slips_says_nothing_of_the_kind(stocked: World) -> None:
    assert stocked.search("kubernetes node")["did_you_mean"] is None
    assert stocked.search("zookeeper")["did_you_mean"] is None


def test_words_of_documents_that_the_caller_may_not_see_stay_untold(stocked: World) -> None:
    assert stocked.search("ledgr") | {"took_ms": 0} == {
        "answered_by": "index",
        "degraded": [],
        "took_ms": 0,
        "query": "ledgr",
        "did_you_mean": None,
        "semantic": False,
        "hits": [],
        "next_cursor": None,
        "facets": {"service": [], "source": [], "type": []},
    }
    event = http_event("GET", "/v1/search", {"q": "ledgr"})
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"groups": "[finance]"}}}
    assert json.loads(stocked.call("search", event)["body"])["did_you_mean"] == "ledger"


def test_a_corrected_answer_is_kept_like_any_other(stocked: World) -> None:
    stocked.search("kuberntes")

    again = stocked.search("kuberntes")

    assert (again["answered_by"], again["did_you_mean"]) == ("l1", "Kubernetes")


def test_names_that_begin_so_are_suggested_with_what_matched(stocked: World) -> None:
    doc_id = stocked.has("ops/kafka.md", "---\nalerts: [KafkaBrokerDown]\n---\n# Broker is down\n\nStart it.\n")

    reply = stocked.get("/v1/suggest", q="kafka br")

    assert reply.json == {
        "suggestions": [
            {
                "id": doc_id,
                "title": "Broker is down",
                "kind": "alert",
                "text": "KafkaBrokerDown",
                "matched": [[0, 7]],
            }
        ]
    }
    again = stocked.get("/v1/suggest", q="kafka br", headers={"if-none-match": reply.headers["etag"]})
    assert again.status == 304


def test_names_of_documents_that_the_caller_may_not_see_are_not_suggested(stocked: World) -> None:
    assert stocked.get("/v1/suggest", q="payr").json == {"suggestions": []}
    event = http_event("GET", "/v1/suggest", {"q": "payr"})
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"groups": "[finance]"}}}
    assert json.loads(stocked.call("search", event)["body"])["suggestions"][0]["text"] == "Payroll ledger"


def test_what_begins_no_name_suggests_nothing(stocked: World) -> None:
    for text in ("zebra", "...", "😀", "kubelet", "[a-z]*"):
        assert stocked.get("/v1/suggest", q=text).json == {"suggestions": []}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": " "},
        {"q": "x" * 201},
        {"q": "a\x00"},
        {"q": "a", "limit": "0"},
        {"q": "a", "limit": "21"},
        {"q": "a", "source": "ops"},
    ],
)
def test_a_wrong_request_for_suggestions_is_told_what_to_change(stocked: World, query: dict[str, str]) -> None:
    reply = stocked.get("/v1/suggest", **query)

    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")


def test_without_an_index_suggestions_say_when_to_try_again(stocked: World) -> None:
    stocked.get("/v1/suggest", q="kube")
    for file in Path(stocked.data, "index").rglob("meta.json"):
        file.unlink()

    reply = stocked.get("/v1/suggest", q="kube")

    assert (reply.status, "retry-after" in reply.headers) == (503, True)
