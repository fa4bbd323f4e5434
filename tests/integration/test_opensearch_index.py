"""What only a real OpenSearch can show: its mapping, its aliases, and what it does when they are missing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from opensearchpy import OpenSearch, Urllib3HttpConnection
from opensearchpy.exceptions import RequestError

from personal_pipeline.adapters.opensearch_index import OpenSearchIndex
from personal_pipeline.domain import index_fields
from tests.contract.indexes import SPACE, an_opensearch_index, ask, find, found, live

pytestmark = pytest.mark.real


@pytest.fixture
def client(opensearch_url: str) -> Iterator[OpenSearch]:
    with OpenSearch([opensearch_url], connection_class=Urllib3HttpConnection, timeout=20) as client:
        yield client


@pytest.fixture
def index(opensearch_url: str) -> Iterator[OpenSearchIndex]:
    with an_opensearch_index(opensearch_url) as index:
        yield index


def alias_of(index: OpenSearchIndex) -> str:
    return index._alias


def test_the_index_lies_behind_its_alias_and_takes_no_unknown_field(index: OpenSearchIndex, client: OpenSearch) -> None:
    index.prepare()
    alias = alias_of(index)

    assert list(client.indices.get_alias(name=alias)) == [f"{alias}-v2-test-model-1-3"]
    settings = client.indices.get_settings(index=alias)[f"{alias}-v2-test-model-1-3"]["settings"]["index"]
    assert settings["refresh_interval"], "unset, an idle shard makes the first search of the night wait"
    with pytest.raises(RequestError, match="strict_dynamic_mapping_exception"):
        client.index(index=alias, body={"doc_id": "x", "surprise": 1})


def test_the_searched_terms_are_not_stored_a_second_time(index: OpenSearchIndex, client: OpenSearch) -> None:
    index.prepare()
    index.apply([live("doc", text="alpha")])

    [hit] = client.search(index=alias_of(index))["hits"]["hits"]

    assert not [field for field in hit["_source"] if field.endswith("_t")]


def test_a_write_without_an_index_creates_none_and_can_be_tried_again(
    index: OpenSearchIndex, client: OpenSearch
) -> None:
    [outcome] = index.apply([live("doc", text="alpha")])

    assert not outcome.applied
    assert outcome.is_retryable
    assert client.indices.get(index=f"{alias_of(index)}*") == {}
    index.prepare()
    assert index.apply([live("doc", text="alpha")])[0].applied
    assert found(index, "alpha") == [("doc", 0)]


def test_an_alias_that_serves_an_older_version_stays_where_it_is(
    index: OpenSearchIndex, client: OpenSearch, opensearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.prepare()
    index.apply([live("doc", text="alpha")])
    monkeypatch.setattr(index_fields, "INDEX_VERSION", 3)
    newer = OpenSearchIndex(opensearch_url, alias_of(index), space=SPACE, timeout_seconds=5, refresh_interval="20ms")

    newer.prepare()

    assert newer.count() == 0, "so the caller fills it"
    newer.apply([live("doc", rev=2, text="beta")])
    assert found(newer, "alpha") == [("doc", 0)], "meanwhile the old one answers"
    assert ask(newer, "alpha", (1, 0, 0)).passages, "whose vectors are of another model, or none"
    assert (index.revisions("doc"), newer.revisions("doc")) == ({0: 1}, {0: 2})


def test_the_alias_moves_once_the_new_version_holds_as_much(
    index: OpenSearchIndex, opensearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.prepare()
    index.apply([live("a", text="alpha"), live("b", text="alpha")])
    monkeypatch.setattr(index_fields, "INDEX_VERSION", 3)
    newer = OpenSearchIndex(opensearch_url, alias_of(index), space=SPACE, timeout_seconds=5, refresh_interval="20ms")
    newer.prepare()

    newer.apply([live("a", rev=2, text="beta")])
    newer.apply([live("b", rev=2, text="beta")])
    assert found(newer, "alpha") == [("a", 0), ("b", 0)]

    newer.prepare()
    newer.apply([live("b", rev=3, text="beta")])
    assert found(newer, "beta") == [("a", 0), ("b", 0)]
    assert not found(newer, "alpha")


def test_what_an_older_version_stored_is_ranked_all_the_same(index: OpenSearchIndex, client: OpenSearch) -> None:
    index.prepare()
    index.apply([live("doc", title="Disk full", text="alpha")])
    [whole] = find(index, "alpha")
    old = {"script": "for (name in ['placed', 'names', 'exact_names']) { ctx._source.remove(name) }"}
    client.update_by_query(index=alias_of(index), body=old, params={"refresh": "true"})

    [stored] = client.search(index=alias_of(index))["hits"]["hits"]

    assert "placed" not in stored["_source"]
    assert index_fields.candidate(stored["_source"], 1.0).names == whole.names


def test_many_may_prepare_at_once(index: OpenSearchIndex, opensearch_url: str) -> None:
    others = [OpenSearchIndex(opensearch_url, alias_of(index), space=SPACE, write_timeout_seconds=20) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda other: other.prepare(), others))

    assert index.count() == 0
