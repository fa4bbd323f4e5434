"""What a search makes of words that mean the same."""

import pytest

from tests.functions.world import World


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("postgres failover", "pg failover"),
        ("k8s upgrade", "kubernetes upgrade"),
        ("certificate renewal", "cert renewal"),
        ("out-of-memory", "the process was oomkilled"),
        ("oomkilled", "it ran out of memory: out-of-memory"),
    ],
)
def test_a_document_that_has_only_the_synonym_is_found_below_the_one_that_has_the_word(
    world: World, asked: str, written: str
) -> None:
    synonym = world.has("ops/a.md", f"# Notes of the first team\n\n{written}\n")
    word = world.has("ops/b.md", f"# Notes of the other team\n\n{asked}\n")
    world.has("ops/c.md", "# Tea\n\nBoil water.\n")

    hits = world.search(asked)["hits"]

    assert [hit["id"] for hit in hits] == [word, synonym]
    assert hits[0]["score"] > hits[1]["score"]


def test_what_the_synonym_found_is_marked_and_given_as_the_reason(world: World) -> None:
    world.has("ops/a.md", "# Notes\n\nThe pg primary is gone.\n")

    (hit,) = world.search("postgres")["hits"]

    snippet = hit["snippet"]
    assert [snippet["text"][start:end] for start, end in snippet["highlights"]] == ["pg"]
    assert hit["reasons"] == ["text matches pg"]
