"""What every shared cache promises."""

import random
from array import array
from typing import Any

import pytest

from personal_pipeline.domain.caching import RENDERED_FORM, CacheEntry, RenderedDocument, Stamp
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery

KEY = SearchQuery("disk full").cache_key()
OTHER = SearchQuery("disk full", limit=20).cache_key()


def an_entry(clock: Any, body: bytes = b'{"hits":[]}', stale_after: float = 600) -> CacheEntry:
    now = clock()
    return CacheEntry(body, Stamp("c0ffee", 3), now, now + 60, now + stale_after)


def test_an_answer_is_read_back_as_it_was_written(cache: Any, clock: Any) -> None:
    entry = an_entry(clock, bytes(range(256)) * 40)

    cache.write(KEY, entry)

    assert cache.read(KEY).entry == entry
    assert cache.read(OTHER).entry is None


def test_the_last_write_wins(cache: Any, clock: Any) -> None:
    cache.write(KEY, an_entry(clock, b"old"))
    cache.write(KEY, an_entry(clock, b"new"))

    assert cache.read(KEY).entry.body == b"new"


def test_an_answer_is_gone_when_it_may_not_even_serve_stale(cache: Any, clock: Any) -> None:
    cache.write(KEY, an_entry(clock, stale_after=600))

    clock.forward(599)
    assert cache.read(KEY).entry is not None
    clock.forward(1)
    assert cache.read(KEY).entry is None


def test_an_answer_too_large_for_the_store_is_a_miss_and_no_error(cache: Any, clock: Any) -> None:
    cache.write(OTHER, an_entry(clock, b"small"))

    cache.write(KEY, an_entry(clock, random.Random(1).randbytes(2_000_000)))

    assert cache.read(KEY).entry is None
    assert cache.read(OTHER).entry is not None


def test_generations_come_with_the_entry_and_without(cache: Any) -> None:
    assert cache.generations().sources == {}

    cache.bump(["runbooks", "wiki"], groups=["public", "storage"])
    cache.bump(["wiki"], groups=["storage", "network"])

    generations = cache.generations()
    assert generations.sources == {"runbooks": 1, "wiki": 2}
    assert generations.groups == {"public", "storage", "network"}
    assert generations.acl == 0
    assert cache.read(KEY).generations == generations


def test_permissions_and_deletes_have_a_generation_of_their_own(cache: Any) -> None:
    cache.bump(["runbooks"], acl=True)
    cache.bump([], acl=True)

    assert cache.generations().acl == 2
    assert cache.generations().sources == {"runbooks": 1}


@pytest.mark.parametrize("source", ["acl", "groups", "pk", "git/platform", "a b.c#d", "日本", "_", "g_acl"])
def test_a_source_may_have_any_name(cache: Any, source: str) -> None:
    cache.bump([source, source, "runbooks"])
    cache.bump(["runbooks"])

    assert cache.generations().sources == {source: 1, "runbooks": 2}
    assert cache.generations().acl == 0


def test_a_bump_of_everything_at_once_is_one_step(cache: Any) -> None:
    sources = [f"source-{number}" for number in range(64)]

    cache.bump(sources, groups=[f"group-{number}" for number in range(50)], acl=True)

    generations = cache.generations()
    assert generations.sources == dict.fromkeys(sources, 1)
    assert (len(generations.groups), generations.acl) == (50, 1)


def test_a_bump_of_nothing_changes_nothing(cache: Any) -> None:
    cache.bump(["runbooks"])
    before = cache.generations()

    cache.bump([])

    assert cache.generations() == before
    assert before.sources == {"runbooks": 1}


def test_a_document_is_read_as_it_was_written(cache: Any) -> None:
    document = RenderedDocument("d1", 3, ("public", "storage"), b'{"title":"Disk full"}')

    cache.write_document(document)

    assert cache.document("d1") == document
    assert cache.document("d2") is None


def test_a_document_is_kept_with_its_structure_and_form(cache: Any) -> None:
    structure = b'{"steps":[{"span":[0,5],"text":"Stop"}]}'
    for document in (
        RenderedDocument("d1", 3, ("public",), b"{}", structure),
        RenderedDocument("d1", 3, ("public",), b"{}", b""),
        RenderedDocument("d1", 3, ("public",), b"{}", structure, form=RENDERED_FORM + 1),
        RenderedDocument("d1", 4, ("public",), b"{}", b"", form=1),
    ):
        cache.write_document(document)

        assert cache.document("d1") == document

    cache.delete_document("d1", 5)
    assert cache.document("d1") is None


def test_a_structure_larger_than_an_item_is_kept_whole(cache: Any) -> None:
    rng = random.Random(4)
    for rev, body, structure in ((1, 1_000_000, 900_000), (2, 10, 400_000), (3, 400_000, 10), (4, 300_000, 300_000)):
        document = RenderedDocument("d1", rev, ("public",), rng.randbytes(body), rng.randbytes(structure))

        cache.write_document(document)

        assert cache.document("d1") == document


def test_a_late_write_of_an_older_revision_is_ignored(cache: Any) -> None:
    cache.write_document(RenderedDocument("d1", 3, ("public",), b"new"))

    cache.write_document(RenderedDocument("d1", 2, ("public",), b"old"))
    assert cache.document("d1").body == b"new"

    cache.write_document(RenderedDocument("d1", 3, ("storage",), b"again"))
    assert cache.document("d1").body == b"again"
    assert cache.document("d1").groups == ("storage",)


def test_a_deleted_document_cannot_be_revived_by_a_late_write(cache: Any) -> None:
    cache.write_document(RenderedDocument("d1", 3, ("public",), b"three"))
    cache.delete_document("d1", 4)
    assert cache.document("d1") is None

    cache.write_document(RenderedDocument("d1", 3, ("public",), b"three"))
    assert cache.document("d1") is None

    cache.write_document(RenderedDocument("d1", 5, ("public",), b"five"))
    assert cache.document("d1").body == b"five"


def test_a_late_delete_of_an_older_revision_is_ignored(cache: Any) -> None:
    cache.write_document(RenderedDocument("d1", 5, ("public",), b"five"))

    cache.delete_document("d1", 4)

    assert cache.document("d1").body == b"five"


def test_a_document_larger_than_an_item_is_kept_whole(cache: Any) -> None:
    rng = random.Random(3)
    for rev, size in ((1, 1_000_000), (2, 400_000), (3, 1_500_000), (4, 10)):
        document = RenderedDocument("d1", rev, ("public",), rng.randbytes(size))

        cache.write_document(document)

        assert cache.document("d1") == document


def test_the_key_of_an_answer_depends_on_everything_the_answer_depends_on(cache: Any, clock: Any) -> None:
    variants = [
        SearchQuery("disk full"),
        SearchQuery("disk  full"),
        SearchQuery("disk full", limit=11),
        SearchQuery("disk full", offset=10),
        SearchQuery("disk full", SearchFilters(source="a")),
        SearchQuery("disk full", SearchFilters(service="a")),
        SearchQuery("disk full", SearchFilters(type="a")),
        SearchQuery("disk full", SearchFilters(severity="a")),
        SearchQuery("disk full", SearchFilters(source="a", service="a")),
        SearchQuery("disk full", scope=CallerScope(("storage",))),
        SearchQuery("disk full", scope=CallerScope(("public", "storage"))),
        SearchQuery('disk full","filters":["a'),
    ]
    for number, query in enumerate(variants):
        cache.write(query.cache_key(), an_entry(clock, str(number).encode()))

    assert [cache.read(query.cache_key()).entry.body for query in variants] == [
        str(number).encode() for number in range(len(variants))
    ]


def test_the_order_of_groups_does_not_matter_to_the_key(cache: Any, clock: Any) -> None:
    cache.write(SearchQuery("x", scope=CallerScope(("a", "b"))).cache_key(), an_entry(clock))

    assert cache.read(SearchQuery("x", scope=CallerScope(("b", "a"))).cache_key()).entry is not None


def a_vector(seed: int, dimensions: int = 384) -> "array[float]":
    rng = random.Random(seed)
    return array("f", [rng.uniform(-1, 1) for _ in range(dimensions)])


def test_vectors_are_read_to_the_last_bit(cache: Any, clock: Any) -> None:
    vectors = {"model#a": a_vector(1), "model#b": a_vector(2, 1024)}

    cache.write_vectors(vectors, clock() + 60)

    assert cache.vectors(["model#b", "model#missing", "model#a", "model#a"]) == vectors


def test_more_vectors_than_a_batch_holds_are_kept(cache: Any, clock: Any) -> None:
    vectors = {f"model#{number}": a_vector(number, 8) for number in range(230)}

    cache.write_vectors(vectors, clock() + 60)

    assert cache.vectors(list(vectors)) == vectors


def test_a_vector_is_gone_when_it_expires(cache: Any, clock: Any) -> None:
    cache.write_vectors({"model#a": a_vector(1)}, clock() + 60)

    clock.forward(59)
    assert cache.vectors(["model#a"])
    clock.forward(1)
    assert cache.vectors(["model#a"]) == {}


def test_a_vector_that_is_written_again_is_kept_longer(cache: Any, clock: Any) -> None:
    cache.write_vectors({"model#a": a_vector(1)}, clock() + 60)

    cache.write_vectors({"model#a": a_vector(2)}, clock() + 120)

    clock.forward(90)
    assert cache.vectors(["model#a"]) == {"model#a": a_vector(2)}


def test_no_vectors_are_written_and_read(cache: Any, clock: Any) -> None:
    cache.write_vectors({}, clock() + 60)
    cache.write_vectors({"model#a": a_vector(1)}, clock() + 60)

    assert cache.vectors([]) == {}
    assert list(cache.vectors(["model#a"])) == ["model#a"]
