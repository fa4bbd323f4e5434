"""What every catalog promises to those who walk through its documents page by page."""

from itertools import islice
from typing import Any

from personal_pipeline.domain.catalog import Commit
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.overview import Overview

DISK = Overview(
    type="runbook",
    url="https://wiki.example.com/ディスク",
    services=("storage", "ストレージ"),
    severity="critical",
    owner="team-data",
    updated="2026-11-29T03:00:00+00:00",
    reviewed="2026-01-05",
    review_in="6 months",
    links=("runbooks/a b.md",),
)


def has(catalog: Any, *keys: str, **fields: Any) -> None:
    for key in keys:
        rev = catalog.claim(key, None, None, 100.0).rev
        given: dict[str, Any] = {"deleted": False, "title": key, "groups": ("public",)} | fields
        commit = Commit(doc_id_of(key), rev, content_rev=rev, content_hash="", keys=(), card=None, **given)
        catalog.commit(commit)


def listed(catalog: Any, after: str = "", at_once: int = 500, most: int | None = None) -> list[str]:
    return [entry.key for entry in islice(catalog.entries("runbooks", after, at_once), most)]


def test_a_walk_goes_on_behind_the_path_it_had_come_to(catalog: Any) -> None:
    has(catalog, "runbooks/b.md", "runbooks/a.md", "runbooks/c/d.md", "wiki/b.md")

    assert listed(catalog, "a.md") == ["runbooks/b.md", "runbooks/c/d.md"]
    assert listed(catalog, "b") == ["runbooks/b.md", "runbooks/c/d.md"], "a path that is no document is a place as well"
    assert listed(catalog, "c/d.md") == []


def test_how_much_is_read_at_once_changes_nothing(catalog: Any) -> None:
    has(catalog, *(f"runbooks/{number}.md" for number in range(5)))
    has(catalog, "runbooks/2.md", deleted=True)

    assert [listed(catalog, "0.md", at_once) for at_once in (1, 2, 3)] == 3 * [[f"runbooks/{n}.md" for n in (1, 3, 4)]]


def test_no_document_is_left_out_or_comes_twice_while_others_change(catalog: Any) -> None:
    has(catalog, *(f"runbooks/{number}.md" for number in range(2, 8)))
    first = listed(catalog, most=3)

    has(catalog, "runbooks/0.md", "runbooks/6a.md")
    has(catalog, "runbooks/4.md", "runbooks/2.md", deleted=True)
    rest = listed(catalog, "4.md", at_once=2)

    assert first + rest == [f"runbooks/{name}.md" for name in ("2", "3", "4", "5", "6", "6a", "7")]


def test_what_a_list_shows_is_kept_to_the_letter(catalog: Any) -> None:
    has(catalog, "runbooks/a.md", overview=DISK)
    has(catalog, "runbooks/b.md")

    assert [entry.overview for entry in catalog.entries("runbooks")] == [DISK, None]
    assert catalog.entry(doc_id_of("runbooks/a.md")).overview == DISK


def test_the_newest_revision_says_what_a_list_shows(catalog: Any) -> None:
    has(catalog, "runbooks/a.md", overview=DISK)

    has(catalog, "runbooks/a.md", overview=None, title="Other")

    (entry,) = catalog.entries("runbooks")
    assert (entry.overview, entry.title) == (None, "Other")


def test_who_may_see_documents_is_told_for_many_at_once(catalog: Any) -> None:
    names = [f"runbooks/{number}.md" for number in range(120)]
    has(catalog, *names, groups=("sre", "ops"))
    has(catalog, names[0], deleted=True)
    has(catalog, names[1], groups=("public",))

    found = catalog.groups([doc_id_of(name) for name in (*names, names[5], "runbooks/unknown.md")])

    assert found == {doc_id_of(name): ("public",) if name == names[1] else ("sre", "ops") for name in names[1:]}
    assert catalog.groups([]) == {}
