"""What people type: with slips of the keyboard."""

import json

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
