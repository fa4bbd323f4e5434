"""One contract for every search index: tantivy on disk, and a real OpenSearch node where there is one."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.search import PassageChange
from personal_pipeline.ports import SearchIndex
from tests.contract import search_index_promises, search_index_statistics
from tests.contract.indexes import SPACE, NullIndex, an_opensearch_index, dead, find, live

PROMISES = [*search_index_promises.PROMISES, *search_index_statistics.PROMISES]
KINDS = ["tantivy", pytest.param("opensearch", marks=pytest.mark.real)]
Promise = Callable[[SearchIndex], None]


@pytest.fixture(params=KINDS)
def unprepared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    if request.param == "tantivy":
        index = TantivyIndex(tmp_path, writer=True, space=SPACE)
        yield index
        index.close()
    else:
        with an_opensearch_index(request.getfixturevalue("opensearch_url")) as index:
            yield index


@pytest.fixture
def index(unprepared: SearchIndex) -> SearchIndex:
    unprepared.prepare()
    return unprepared


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_an_index_keeps_its_promises(promise: Promise, index: SearchIndex) -> None:
    promise(index)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_an_index_that_knows_nothing_breaks_every_promise(promise: Promise) -> None:
    with pytest.raises((AssertionError, ValueError, IndexError)):
        promise(NullIndex())


def test_an_index_that_was_never_prepared_is_unavailable_and_says_what_to_do(unprepared: SearchIndex) -> None:
    for use in (lambda: find(unprepared, "alpha"), unprepared.count, lambda: unprepared.revisions("doc")):
        with pytest.raises(IndexUnavailableError, match="pp reindex"):
            use()


DOCUMENTS = st.sampled_from(["a", "b"])
CHANGES = st.tuples(DOCUMENTS, st.integers(0, 2), st.integers(1, 4), st.booleans())
EXAMPLES = count()
HISTORIES = st.lists(st.lists(CHANGES, min_size=1, max_size=6), min_size=1, max_size=6)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_any_history_ends_where_a_dictionary_ends(
    index: SearchIndex, history: list[list[tuple[str, int, int, bool]]]
) -> None:
    source = f"example-{next(EXAMPLES)}"  # one index for all examples, other documents in each
    model: dict[tuple[str, int], tuple[int, str]] = {}
    written = count()
    for bulk in history:
        changes: list[PassageChange] = []
        for name, ordinal, rev, is_live in bulk:
            doc_id, text = source + name, f"alpha {next(written)}" if is_live else ""
            changes.append(live(doc_id, ordinal, rev, text=text, source=source) if text else dead(doc_id, ordinal, rev))
            if rev >= model.get((doc_id, ordinal), (0, ""))[0]:
                model[doc_id, ordinal] = (rev, text)
        assert all(outcome.applied for outcome in index.apply(changes))

    alive = {key: (rev, text) for key, (rev, text) in model.items() if text}
    for doc_id in (source + "a", source + "b"):
        assert index.revisions(doc_id) == {o: rev for (doc, o), (rev, _) in alive.items() if doc == doc_id}
    newest = {doc: max(rev for (d, _), (rev, _) in alive.items() if d == doc) for doc, _ in alive}
    shown = {key: value for key, value in alive.items() if value[0] == newest[key[0]]}
    assert {(hit.doc_id, hit.ordinal): (hit.rev, hit.text) for hit in find(index, "alpha", source=source)} == shown
