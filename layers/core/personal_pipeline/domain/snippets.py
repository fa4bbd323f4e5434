"""The part of a passage that shows why it was found, with the ranges to highlight."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from personal_pipeline.domain.analysis import matching_spans

SNIPPET_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class Snippet:
    """``highlights`` are (start, end) pairs into ``text``, in order and without overlap."""

    text: str
    highlights: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """``text[start:end]`` is what these query terms matched: an identifier matches whole and in parts."""

    start: int
    end: int
    terms: frozenset[str]


def matches(text: str, query_terms: Collection[str]) -> list[Match]:
    """In order and without overlap."""
    wanted = frozenset(query_terms)
    found: list[Match] = []
    for start, end, term in sorted((start, end, term) for term, start, end in matching_spans(text, wanted)):
        if found and start < found[-1].end:
            last = found.pop()
            found.append(Match(last.start, max(last.end, end), last.terms | {term}))
        else:
            found.append(Match(start, end, frozenset((term,))))
    return found


def snippet(text: str, found: Sequence[Match]) -> Snippet:
    """The window with the most different query terms, the earliest of equals; cut at white space."""
    start, end = _window(text, found)
    shown = [(match.start - start, match.end - start) for match in found if match.start >= start and match.end <= end]
    return Snippet(text[start:end], tuple(shown))


def _window(text: str, found: Sequence[Match]) -> tuple[int, int]:
    best_start, best_count = 0, 0
    counts: dict[str, int] = {}
    left = 0
    for match in found:
        for term in match.terms:
            counts[term] = counts.get(term, 0) + 1
        while match.end - found[left].start > SNIPPET_CHARACTERS and found[left] is not match:
            for term in found[left].terms:
                counts[term] -= 1
                if not counts[term]:
                    del counts[term]
            left += 1
        if len(counts) > best_count:
            best_start, best_count = found[left].start, len(counts)
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
