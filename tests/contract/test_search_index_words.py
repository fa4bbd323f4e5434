"""One contract for what every search index says about its words, against the same engines as that of searching."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from personal_pipeline.adapters.opensearch_index import OpenSearchIndex
from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.search import CallerScope, SearchFilters
from personal_pipeline.domain.suggestions import NamedDocument, Typed
from personal_pipeline.domain.vectors import EmbeddingSpace
from personal_pipeline.ports import SearchIndex
from tests.contract import search_index_corrections, search_index_counts, search_index_names
from tests.contract.indexes import an_opensearch_index, live

PROMISES = [*search_index_corrections.PROMISES, *search_index_counts.PROMISES, *search_index_names.PROMISES]
Promise = Callable[[SearchIndex], None]


class KnowsNothing:
    """Takes everything and knows no word: a contract that it passes promises nothing."""

    def apply(self, changes: object) -> list[object]:
        return []

    def frequencies(self, *asked: object) -> dict[str, int]:
        return {}

    def corrections(self, *asked: object) -> dict[str, tuple[str, ...]]:
        return {}

    def named(self, *asked: object) -> list[NamedDocument]:
        return []


@pytest.fixture(params=["tantivy", pytest.param("opensearch", marks=pytest.mark.real)])
def unprepared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    if request.param == "tantivy":
        index = TantivyIndex(tmp_path, writer=True)
        yield index
        index.close()
    else:
        with an_opensearch_index(request.getfixturevalue("opensearch_url")) as index:
            yield index


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_an_index_keeps_its_promises(promise: Promise, unprepared: SearchIndex) -> None:
    unprepared.prepare()
    promise(unprepared)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_an_index_that_knows_nothing_breaks_every_promise(promise: Promise) -> None:
    with pytest.raises((AssertionError, ValueError, IndexError)):
        promise(KnowsNothing())  # type: ignore[arg-type]


def test_an_index_that_was_never_prepared_is_unavailable_and_says_what_to_do(unprepared: SearchIndex) -> None:
    for use in (
        lambda: unprepared.frequencies(["backup"]),
        lambda: unprepared.named(Typed((), "disk", "disk"), CallerScope()),
    ):
        with pytest.raises(IndexUnavailableError, match="pp reindex"):
            use()


@pytest.mark.real
def test_while_the_alias_leads_to_another_version_no_word_is_taken_for_a_slip(opensearch_url: str) -> None:
    with an_opensearch_index(opensearch_url) as older:
        older.prepare()
        older.apply([live("doc", text="backup")])
        newer = OpenSearchIndex(opensearch_url, older._alias, space=EmbeddingSpace("other", 3), timeout_seconds=5.0)
        newer.prepare()

        asked = (["bakup"], SearchFilters(), CallerScope())

        assert (older.corrections(*asked), newer.corrections(*asked)) == ({"bakup": ("backup",)}, {})
