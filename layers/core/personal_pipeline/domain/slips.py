"""Slips of the keyboard: which words of a question no document has, and what was probably meant.

Terms are stems, so a slip and its correction are compared as stems; what a person is shown is how a document that
they may see writes the word. A question with many unknown words was pasted or is about something else: guessing at
those would answer another question.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from personal_pipeline.domain.analysis import matching_spans, smallest_spans, term_spans
from personal_pipeline.domain.questions import QueryTerm, Question, ReadAs
from personal_pipeline.domain.search import Candidate
from personal_pipeline.domain.synonyms import synonyms

MOST_SLIPS = 3  # in one question
MOST_CHARACTERS = 200  # longer ones are pasted, and a program makes no slips
MIN_LETTERS = 4
TWO_EDITS_FROM = 8  # letters; in a shorter word two edits make another word
ANY_BEGINNING_FROM = 6  # letters; people seldom miss the first one, and "flink" is not "link"
MAX_OPTIONS = 10  # that an index looks up
TOLD_OPTIONS = 4  # of those, that it tells
_PASSAGES_READ = 10  # for how a word is written


@dataclass(frozen=True, slots=True)
class Slip:
    """``text[start:end]`` of the question is analysed to ``term``."""

    term: str
    start: int
    end: int


def slips(question: Question, frequencies: Mapping[str, int]) -> tuple[Slip, ...]:
    """Words of letters alone of which the index says that they stand in no passage, neither do their synonyms.

    Not what a compound is as a whole: ``foo-bar`` is no slip where ``foo`` and ``bar`` are words.
    """
    if len(question.text) > MOST_CHARACTERS:
        return ()
    unknown = {
        each.term
        for each in question.terms
        if _may_be_a_slip(each.term) and all(frequencies.get(word) == 0 for word in (each.term, *each.synonyms))
    }
    if not unknown:
        return ()
    found = tuple(Slip(*span) for span in smallest_spans(question.text) if span[0] in unknown)
    return found if len({slip.term for slip in found}) <= MOST_SLIPS else ()


def _may_be_a_slip(term: str) -> bool:
    return term.isalpha() and len(term) >= MIN_LETTERS


def most_edits(term: str) -> int:
    return 2 if len(term) >= TWO_EDITS_FROM else 1


def likeliest(term: str, known: Mapping[str, int]) -> list[str]:
    """The words that ``term`` may stand for, likeliest first: the nearest, of those the ones that begin alike, of
    those the commonest. ``known`` are words of the index with the number of passages they stand in."""
    options = []
    for word, frequency in known.items():
        if frequency and (distance := _distance(term, word)):
            options.append((distance, word[0] != term[0], -frequency, word))
    return [word for _, _, _, word in sorted(options)[:MAX_OPTIONS]]


def _distance(term: str, word: str) -> int:
    """Edits between the two, or 0 where ``word`` is not to be proposed."""
    most = most_edits(term)
    if abs(len(term) - len(word)) > most or len(word) < MIN_LETTERS - 1 or not word.isalpha():
        return 0
    if word[0] != term[0] and len(term) < ANY_BEGINNING_FROM:
        return 0
    found = edits(term, word, most if word[0] == term[0] else 1)
    return found or 0


def edits(one: str, other: str, most: int) -> int | None:
    """Letters to insert, drop, replace or swap with their neighbour; None when it takes more than ``most``."""
    before: Sequence[int] = ()
    last: Sequence[int] = range(len(other) + 1)
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, opposite in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
        before, last = last, row
    return last[-1] if last[-1] <= most else None


def with_options(question: Question, options: Mapping[str, Sequence[str]]) -> tuple[QueryTerm, ...]:
    """The terms to ask a second time with, each slip replaced by all that it may stand for."""
    terms: dict[str, QueryTerm] = {}
    for each in question.terms:
        words = [each.term, *each.synonyms]
        if each.term in options:
            words = [word for option in options[each.term] for word in (option, *synonyms(option))]
        term, *others = dict.fromkeys(words)
        terms.setdefault(term, replace(each, term=term, synonyms=tuple(others)))
    return tuple(terms.values())


def read_as(
    question: Question, found: Sequence[Slip], options: Mapping[str, Sequence[str]], passages: Sequence[Candidate]
) -> Question:
    """The question with each slip read as that option which ``passages`` write most like what was typed.

    A slip of which they have no option stays; what was made of a slip and other words goes.
    """
    text, shift = question.text, 0
    read: dict[str, ReadAs] = {}
    mended = []
    for slip in sorted(found, key=lambda slip: slip.start):
        typed = question.text[slip.start : slip.end]
        if best := _as_written(typed, options.get(slip.term, ()), passages):
            read[slip.term] = best
            mended.append(slip)
            text = text[: slip.start + shift] + best.written + text[slip.end + shift :]
            shift += len(best.written) - len(typed)
    made_of_slips = {
        term
        for term, start, end in term_spans(question.text)
        if any(start <= slip.start and slip.end <= end for slip in mended)
    }
    terms: dict[str, QueryTerm] = {}
    for each in question.terms:
        if each.term in read:
            word = read[each.term].term
            terms.setdefault(word, replace(each, term=word, synonyms=synonyms(word)))
        elif each.term not in made_of_slips:
            terms.setdefault(each.term, each)
    return replace(question, terms=tuple(terms.values()), name=text, text=text, read_as=tuple(read.values()))


def _as_written(typed: str, options: Sequence[str], passages: Iterable[Candidate]) -> ReadAs | None:
    """The nearest form of any option, of equals that of the likelier one. Its ending may differ besides the slip."""
    forms: dict[tuple[str, str], int] = {}
    most = most_edits(typed) + 1
    for place, option in enumerate(options):
        having = (each for each in passages if any(option in terms.split() for _, terms in each.placed))
        for each in islice(having, _PASSAGES_READ):
            for form in _forms(option, each):
                if (distance := edits(typed.casefold(), form.casefold(), most)) is not None:
                    forms.setdefault((option, form), len(options) * distance + place)
    if not forms:
        return None
    option, form = min(forms, key=lambda found: forms[found])
    return ReadAs(option, typed, form)


def _forms(term: str, passage: Candidate) -> Iterator[str]:
    """Single words alone: a compound like ``read/write`` is one term too, but nobody's slip."""
    for text in (passage.title, *passage.heading, *passage.alert_names, passage.text):
        for _, start, end in matching_spans(text, frozenset((term,))):
            if text[start:end].isalpha():
                yield text[start:end]


def having(question: Question, passages: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Those that have a word of the question or are near in meaning: not what only a refused option found."""
    words = question.words
    return tuple(
        each
        for each in passages
        if each.similarity is not None or any(not words.isdisjoint(terms.split()) for _, terms in each.placed)
    )
