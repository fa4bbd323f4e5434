"""What a person sees of a hit: its document once, the reason, and the words that matched."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.analysis import query_terms
from personal_pipeline.domain.ranking import rank, reasons
from personal_pipeline.domain.search import Candidate
from personal_pipeline.domain.snippets import SNIPPET_CHARACTERS, matches, snippet

CANDIDATE = Candidate(
    doc_id="a",
    ordinal=0,
    rev=3,
    score=1.0,
    title="Disk full on a node",
    url="",
    source="ops",
    path="storage/disk.md",
    type="runbook",
    services=("storage",),
    severity="",
    groups=("public",),
    alert_names=("NodeDiskFull",),
    heading=("Disk full on a node", "Free space"),
    text="Run df to see which file system is full.",
    updated=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_the_best_passage_stands_for_its_document() -> None:
    other = replace(CANDIDATE, doc_id="b", score=1.5)
    best = replace(CANDIDATE, ordinal=4, score=2.0)

    assert rank([CANDIDATE, other, best]) == [best, other]


def test_equal_scores_are_ordered_by_id_whatever_order_the_index_gave() -> None:
    other = replace(CANDIDATE, doc_id="b")

    assert rank([other, CANDIDATE]) == rank([CANDIDATE, other]) == [CANDIDATE, other]


def test_a_passage_of_an_older_revision_never_stands_for_its_document() -> None:
    newer = replace(CANDIDATE, rev=4, score=0.1)

    assert rank([CANDIDATE, newer]) == [newer]


def test_each_word_is_named_once_at_its_strongest_place() -> None:
    words = query_terms("full disk free df zebra")

    said = reasons(words, CANDIDATE, matches(CANDIDATE.text, words))

    assert said == ("title matches Disk, full", "heading matches Free", "text matches df")


def test_the_snippet_shows_where_the_words_are() -> None:
    text = "padding " * 100 + "the disk is full here " + "padding " * 100

    shown = snippet(text, matches(text, query_terms("disk full")))

    assert [shown.text[start:end] for start, end in shown.highlights] == ["disk", "full"]
    assert len(shown.text) <= SNIPPET_CHARACTERS


def test_an_identifier_is_one_highlight_though_it_matches_whole_and_in_parts() -> None:
    text = "see KubePodCrashLooping now"

    shown = snippet(text, matches(text, query_terms("KubePodCrashLooping pod")))

    assert [shown.text[start:end] for start, end in shown.highlights] == ["KubePodCrashLooping"]


@given(st.text(max_size=2000), st.text(max_size=200))
def test_highlights_lie_in_the_snippet_in_order_and_apart(text: str, query: str) -> None:
    shown = snippet(text, matches(text, query_terms(query)))

    ends = [0, *[end for _, end in shown.highlights], len(shown.text)]
    starts = [0, *[start for start, _ in shown.highlights], len(shown.text)]
    assert shown.text in text
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert all(start < end for start, end in shown.highlights)
