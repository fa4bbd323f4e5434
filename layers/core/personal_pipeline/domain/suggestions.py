"""What a person may be about to type: titles and alert names whose words begin so.

The last word counts as a beginning, those before it as whole words. An index proposes documents by their terms, which
are stems; whether a name really begins as it was typed is decided here, on the name itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from personal_pipeline.domain.analysis import fold, joined, smallest_spans, term_spans

Kind = Literal["title", "alert"]

MOST_PROPOSED = 100  # documents; more begin with one letter, and the first of them are as good as any
MAX_WHOLE_WORDS = 8
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Typed:
    """``words`` are terms, ``beginning`` is of a word and no stem; ``whole`` is all of it without separators."""

    words: tuple[str, ...]
    beginning: str
    whole: str

    @property
    def stems(self) -> tuple[str, ...]:
        """The terms, besides those that begin so, of words that do: the stem of ``queries`` is no longer ``queri``."""
        ends = range(_SHORTEST_STEM, len(self.beginning))
        found = [self.beginning[:end] for end in ends]
        found += [self.beginning[:end] + "y" for end in ends if self.beginning[end] == "i"]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class NamedDocument:
    doc_id: str
    title: str
    type: str
    alert_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``matched`` are the ranges of ``text`` that answer what was typed, in order; ``text`` is the title, or the name
    of an alert that the document is for."""

    doc_id: str
    title: str
    kind: Kind
    text: str
    matched: tuple[tuple[int, int], ...]


def typed(text: str) -> Typed | None:
    """None when there is no word in it."""
    spans = smallest_spans(text)
    if not spans:
        return None
    *before, (_, start, end) = spans
    words = tuple(dict.fromkeys(term for term, _, _ in before))[-MAX_WHOLE_WORDS:]
    return Typed(words, _plain(text[start:end]), _plain(text))


def suggestions(wanted: Typed, documents: Iterable[NamedDocument], limit: int) -> list[Suggestion]:
    """Names that begin so as a whole first, runbooks before others, then by name; equal names once."""
    found = []
    for document in documents:
        names: list[tuple[Kind, str]] = [("title", document.title)]
        names += [("alert", name) for name in document.alert_names]
        for kind, name in names:
            if matched := _matched(wanted, name):
                begins_otherwise = not _plain(name).startswith(wanted.whole)
                order = (begins_otherwise, document.type != "runbook", fold(name), kind != "title", document.doc_id)
                found.append((order, Suggestion(document.doc_id, document.title, kind, name, matched)))
    found.sort(key=lambda each: each[0])
    first: dict[str, Suggestion] = {}
    for _, suggestion in found:
        first.setdefault(_plain(suggestion.text), suggestion)
    return list(first.values())[:limit]


def _matched(wanted: Typed, name: str) -> tuple[tuple[int, int], ...]:
    """Nothing unless every word is in it."""
    spans = list(term_spans(name))
    ranges = set()
    for word in wanted.words:
        place = next(((start, end) for term, start, end in spans if term == word), None)
        if place is None:
            return ()
        ranges.add(place)
    last = _beginning(wanted.beginning, name, spans, ranges)
    return _merged({*ranges, last}) if last else ()


def _beginning(
    beginning: str, name: str, spans: Sequence[tuple[str, int, int]], taken: set[tuple[int, int]]
) -> tuple[int, int] | None:
    """Where a word begins so: one that no other typed word means, if there is one."""
    places = []
    for _, start, end in spans:
        word = name[start:end]
        if _plain(word).startswith(beginning):
            keeps_its_length = len(_plain(word)) == len(word)
            places.append(((start, end) in taken, start, start + len(beginning) if keeps_its_length else end))
    return min(places)[1:] if places else None


def _merged(ranges: set[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _plain(text: str) -> str:
    return joined(fold(text))
