"""The part of a passage that a person sees, and the words in it that matched."""

from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.analysis import query_terms
from personal_pipeline.domain.snippets import SNIPPET_CHARACTERS, matches, snippet


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
