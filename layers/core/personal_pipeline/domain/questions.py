"""What is looked for, whoever asks: a person's words, or an alert taken apart.

An alert's text is mostly instance: pods, hosts, numbers. Label values leave the text and become hints for the
service or folder of a document; what stays is weighed by where it stood. What a person pastes is full of instances,
too, and of words that no document has: it is cut to the rarest words that passages have.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from personal_pipeline.domain.alerts import Alert
from personal_pipeline.domain.analysis import MAX_QUERY_TERMS, normalise, query_terms, smallest_spans
from personal_pipeline.domain.instances import is_instance, without_instances
from personal_pipeline.domain.synonyms import synonyms

# Chosen on real alerts, out of fold: .7/.4/.2 and .4/.2/.1 differ from these by one alert in 353.
SUMMARY_WEIGHT, DESCRIPTION_WEIGHT, METRIC_WEIGHT = 0.5, 0.3, 0.2
_MOST_CHARS = 4_000  # of each text of an alert
_MOST_LABELS = 64
_MOST_WORDS = 4_000  # more than the longest query has
MAX_PASTED_TERMS = 600
_NO_HINTS = frozenset({"alertname", "severity"})
_EXPRESSIONS = ("g0.expr", "expr", "query")  # of Prometheus, Thanos and Grafana links

_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
_BRACED = re.compile(r"\{[^{}]*\}|\[[^][]*\]")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)")
_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]{3,200}(?!\w*\s*\()")  # what a bracket follows is a function
_KEYWORDS = frozenset({"bool", "offset", "unless", "atan2", "start", "end"})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """One analysed word of a question. ``is_name``: it belongs to what titles are compared with."""

    term: str
    weight: float = 1.0
    is_name: bool = True
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadAs:
    """A slip of the keyboard, and the word it was read as, the way a document writes it; ``term`` is its stem."""

    term: str
    typed: str
    written: str


@dataclass(frozen=True, slots=True)
class Question:
    """``name`` is compared with titles and alert names, ``text`` is what is embedded, ``hints`` are label
    values, case folded. ``pairs`` are terms that stand next to each other, with what that counts. ``more`` are words
    for which there is no room in ``terms``: see ``narrowed``."""

    terms: tuple[QueryTerm, ...]
    name: str
    text: str
    hints: frozenset[str] = frozenset()
    pairs: tuple[tuple[str, str, float], ...] = ()
    read_as: tuple[ReadAs, ...] = ()
    more: tuple[QueryTerm, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """The terms with their synonyms: what a highlight may mark."""
        return frozenset(_words(self.terms))


def all_words(question: Question) -> list[str]:
    """Those for which there is no room, too."""
    return sorted({*_words(question.terms), *_words(question.more)})


def typed_question(text: str) -> Question:
    """``text`` is normalised already.

    One of more words than an index is asked was pasted: what names one instance leaves it (time stamps, addresses,
    hashes, numbers), and what does not fit is kept until ``narrowed`` knows which words are rare.
    """
    found: Sequence[str] = query_terms(text, _MOST_WORDS)
    if len(found) > MAX_QUERY_TERMS:
        # Of the parts of words, too: "Handler07" leaves a rare 07 that some document has.
        kinds = [term for term in query_terms(without_instances(text), _MOST_WORDS) if not is_instance(term)]
        found = kinds[:MAX_PASTED_TERMS] or found[:MAX_QUERY_TERMS]
    terms = tuple(QueryTerm(term, synonyms=synonyms(term)) for term in found)
    asked, more = terms[:MAX_QUERY_TERMS], terms[MAX_QUERY_TERMS:]
    return Question(asked, text, text, pairs=tuple(_pairs(found[: len(asked)], 1.0)), more=more)


def narrowed(question: Question, frequencies: Mapping[str, int]) -> Question:
    """Cut to the words that say most: of those that stand in passages the rarest, in reading order.

    They are embedded alone, because a model reads the beginning of a text, and a trace has its cause at the end.
    """

    def frequency(each: QueryTerm) -> int:
        return frequencies.get(each.term, 0) or max((frequencies.get(word, 0) for word in each.synonyms), default=0)

    asked = (*question.terms, *question.more)
    known = [each for each in asked if frequency(each)] or asked
    rarest = set(sorted(known, key=frequency)[:MAX_QUERY_TERMS])
    terms = tuple(each for each in asked if each in rarest)
    wanted = {each.term for each in terms}
    words: dict[str, str] = {}
    for term, start, end in smallest_spans(question.text):
        if term in wanted:
            words.setdefault(term, question.text[start:end])
    pairs = tuple(_pairs([each.term for each in terms], 1.0))
    return replace(question, terms=terms, text=" ".join(words.values()) or question.text, pairs=pairs, more=())


def alert_question(alert: Alert) -> Question:
    labels = _labels(alert.labels)
    summary, description = (_without_values(text, labels) for text in (alert.summary, alert.description))
    name = alert.name[:_MOST_CHARS]
    parts = [
        (name, 1.0, True),
        (summary, SUMMARY_WEIGHT, False),
        (description, DESCRIPTION_WEIGHT, False),
        (" ".join(metric_names(alert.generator_url)), METRIC_WEIGHT, False),
    ]
    spoken = " ".join(filter(None, (_HUMP.sub(" ", name).replace("_", " "), summary or description)))
    pairs = [pair for text, weight, _ in parts[:2] for pair in _pairs(query_terms(normalise(text)), weight)]
    hints = frozenset(value.casefold() for value in labels.values())
    return Question(_weighted(parts), name, spoken, hints, tuple(pairs))


def metric_names(generator_url: str) -> list[str]:
    """The metrics of the expression behind an alert, without functions, label names and values."""
    try:
        asked = parse_qs(urlsplit(generator_url[: 4 * _MOST_CHARS]).query, max_num_fields=50)
    except ValueError:
        return []
    expression = next((asked[name][0] for name in _EXPRESSIONS if name in asked), "")[:_MOST_CHARS]
    for noise in (_QUOTED, _BRACED, _GROUPING):
        expression = noise.sub(" ", expression)
    return [name for name in dict.fromkeys(_METRIC.findall(expression)) if name not in _KEYWORDS]


def _pairs(terms: Sequence[str], weight: float) -> Iterator[tuple[str, str, float]]:
    return ((one, other, weight) for one, other in pairwise(terms))


def _words(terms: Iterable[QueryTerm]) -> Iterator[str]:
    return (word for each in terms for word in (each.term, *each.synonyms))


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    kept = [(name, value) for name, value in labels.items() if name not in _NO_HINTS and 1 < len(value) <= 200]
    return dict(kept[:_MOST_LABELS])


def _without_values(text: str, labels: Mapping[str, str]) -> str:
    """The longest values first, so that a host goes before its cluster."""
    text = text[:_MOST_CHARS]
    values = sorted({value for value in labels.values() if value in text}, key=len, reverse=True)
    for value in values:
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", " ", text)
    return " ".join(text.split())


def _weighted(parts: Iterable[tuple[str, float, bool]]) -> tuple[QueryTerm, ...]:
    """Each term once, at the first and so weightiest place."""
    found: dict[str, QueryTerm] = {}
    for text, weight, is_name in parts:
        for term in query_terms(normalise(text)) if text else ():
            found.setdefault(term, QueryTerm(term, weight, is_name, synonyms(term)))
    return tuple(found.values())[:MAX_QUERY_TERMS]
