"""What every search index promises about numbers: cosines of vectors, and in how many passages a word stands.

Each promise is given an empty, prepared index.
"""

from array import array
from collections.abc import Callable
from typing import Any

import pytest

from personal_pipeline.ports import SearchIndex
from tests.contract.indexes import ask, dead, live


def the_nearest_in_meaning_are_found_with_their_cosine(index: SearchIndex) -> None:
    index.apply(
        [
            live("east", text="alpha", vector=array("f", (1, 0, 0))),
            live("north", text="beta", vector=array("f", (0, 1, 0))),
            live("between", text="gamma", vector=array("f", (0.8, 0.6, 0))),
            live("west", text="delta", vector=array("f", (-1, 0, 0))),
            live("nowhere", text="epsilon"),
        ]
    )

    near = ask(index, "", (1, 0, 0)).passages
    assert [hit.doc_id for hit in near] == ["east", "between", "north", "west"]
    assert [hit.similarity for hit in near] == pytest.approx([1, 0.8, 0, -1], abs=1e-5)
    assert {hit.score for hit in near} == {0}
    assert [hit.doc_id for hit in ask(index, "", (0, 1, 0), limit=2).passages] == ["north", "between"]


def text_and_meaning_are_asked_at_once(index: SearchIndex) -> None:
    index.apply(
        [
            live("both", text="alpha", vector=array("f", (1, 0, 0))),
            live("text", text="alpha alpha"),
            live("meaning", text="beta", vector=array("f", (0.6, 0.8, 0))),
        ]
    )

    answer = ask(index, "alpha", (1, 0, 0))

    assert {hit.doc_id: hit.similarity for hit in answer.passages} == {
        "text": None,
        "both": pytest.approx(1, abs=1e-5),
        "meaning": pytest.approx(0.6, abs=1e-5),
    }
    assert [hit.doc_id for hit in answer.passages if hit.score == 0] == ["meaning"]
    assert answer.passages[-1].doc_id == "meaning"


def meaning_finds_only_what_the_caller_may_see_and_asks_for(index: SearchIndex) -> None:
    """Though hundreds of passages that are out of bounds lie nearer."""
    vector = array("f", (1, 0, 0))
    index.apply([live(f"near-{n}", text="x", groups=("staff",), vector=vector) for n in range(300)])
    index.apply([live(f"other-{n}", text="x", source="web", vector=array("f", (0.8, 0.6, 0))) for n in range(3)])
    index.apply([live("mine", text="x", vector=array("f", (0, 1, 0)))])

    assert {hit.doc_id for hit in ask(index, "", (1, 0, 0), limit=5).passages} == {
        "mine",
        *(f"other-{n}" for n in range(3)),
    }
    assert [hit.doc_id for hit in ask(index, "", (1, 0, 0), limit=5, source="runbooks").passages] == ["mine"]
    assert not ask(index, "", (1, 0, 0), groups=()).passages
    assert len(ask(index, "", (1, 0, 0), limit=5, groups=("staff",)).passages) == 5


def a_vector_goes_with_its_passage(index: SearchIndex) -> None:
    index.apply(
        [live("a", text="one", vector=array("f", (1, 0, 0))), live("b", text="two", vector=array("f", (1, 0, 0)))]
    )
    index.apply([dead("a", rev=2), live("b", rev=2, text="two", vector=array("f", (0, 1, 0)))])

    assert [(hit.doc_id, hit.similarity) for hit in ask(index, "", (1, 0, 0)).passages] == [
        ("b", pytest.approx(0, abs=1e-5))
    ]


def how_rare_words_are_is_counted_over_everything(index: SearchIndex) -> None:
    """Over every field, whatever the filters and the groups of who asks; a synonym is counted too."""
    index.apply(
        [
            live("a", title="postgres down", text="restart"),
            live("b", heading=("Restart",), text="restart restart", groups=("staff",)),
            live("c", text="pg is slow", path="restart/c.md", source="web"),
        ]
    )

    everybody_asks: tuple[dict[str, Any], ...] = ({}, {"source": "web"}, {"groups": ("staff",)}, {"groups": ("no",)})
    for asked in everybody_asks:
        answer = ask(index, "restart postgres zebra", None, **asked)
        counted = {word: answer.frequencies.get(word) for word in ("restart", "postgr", "pg", "zebra")}
        assert counted == {"restart": 3, "postgr": 1, "pg": 1, "zebra": 0}
        assert answer.total >= 3


PROMISES: list[Callable[[SearchIndex], None]] = [
    the_nearest_in_meaning_are_found_with_their_cosine,
    text_and_meaning_are_asked_at_once,
    meaning_finds_only_what_the_caller_may_see_and_asks_for,
    a_vector_goes_with_its_passage,
    how_rare_words_are_is_counted_over_everything,
]
