"""The part of a passage that shows why it was found, with the ranges to highlight."""

from collections.abc import Collection
from dataclasses import dataclass

from personal_pipeline.domain.analysis import term_spans

SNIPPET_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class Snippet:
    """``highlights`` are (start, end) pairs into ``text``, in order and without overlap."""

    text: str
    highlights: tuple[tuple[int, int], ...]


def snippet(text: str, query_terms: Collection[str]) -> Snippet:
    """The window with the most different query terms, the earliest of equals; cut at white space."""
    wanted = set(query_terms)
    spans = _merged([(start, end, term) for term, start, end in term_spans(text) if term in wanted])
    start, end = _window(text, spans)
    shown = [(s - start, e - start) for s, e, _ in spans if s >= start and e <= end]
    return Snippet(text[start:end], tuple(shown))


def _merged(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, frozenset[str]]]:
    """An identifier matches whole and in parts: one highlight for what overlaps."""
    merged: list[tuple[int, int, frozenset[str]]] = []
    for start, end, term in sorted(spans):
        if merged and start < merged[-1][1]:
            before = merged.pop()
            merged.append((before[0], max(before[1], end), before[2] | {term}))
        else:
            merged.append((start, end, frozenset({term})))
    return merged


def _window(text: str, spans: list[tuple[int, int, frozenset[str]]]) -> tuple[int, int]:
    best_start, best_count = 0, 0
    counts: dict[str, int] = {}
    left = 0
    for _, end, terms in spans:
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
        while left < len(spans) and end - spans[left][0] > SNIPPET_CHARACTERS:
            for term in spans[left][2]:
                counts[term] -= 1
                if not counts[term]:
                    del counts[term]
            left += 1
        if len(counts) > best_count:
            best_start, best_count = spans[left][0], len(counts)
    start = _word_start(text, max(0, best_start - SNIPPET_CHARACTERS // 6))
    end = min(len(text), start + SNIPPET_CHARACTERS)
    if end < len(text):
        space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
        end = space if space > start + SNIPPET_CHARACTERS // 2 else end
    return start, end


def _word_start(text: str, position: int) -> int:
    """The beginning of the line or word at ``position``, looking at most a few characters back."""
    if position == 0:
        return 0
    floor = max(0, position - 40)
    newline = text.rfind("\n", floor, position)
    if newline >= 0:
        return newline + 1
    space = text.rfind(" ", floor, position)
    return space + 1 if space >= 0 else position
