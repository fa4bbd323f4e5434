"""What OpenSearch is asked about its words, and how its answers are read: corrections of slips, and what names begin
with. No I/O.

The suggester knows nothing of filters, so the words that it proposes are counted under them before one is told.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from personal_pipeline.adapters.opensearch_requests import counted, frequencies
from personal_pipeline.domain.index_fields import ALL_TERMS, NAME_FIELDS, encodable
from personal_pipeline.domain.slips import TOLD_OPTIONS, likeliest, most_edits
from personal_pipeline.domain.suggestions import MOST_PROPOSED, Typed

_MOST_SUGGESTED = 25


def suggestions(terms: Sequence[str]) -> dict[str, Any]:
    """One edit anywhere, and where two are allowed, those that leave the first letter alone."""
    wanted = {f"1={term}": _similar(term, max_edits=1, prefix_length=0) for term in terms}
    wanted |= {f"2={term}": _similar(term, max_edits=2, prefix_length=1) for term in terms if most_edits(term) > 1}
    return {"size": 0, "suggest": wanted}


def _similar(term: str, *, max_edits: int, prefix_length: int) -> dict[str, Any]:
    how = {
        "field": ALL_TERMS,
        "analyzer": "whitespace",
        "size": _MOST_SUGGESTED,
        "sort": "frequency",
        "suggest_mode": "always",  # the default leaves out terms that only deleted passages have
        "string_distance": "damerau_levenshtein",
        "accuracy": 0.0,  # the default, a half, is more than one edit of four letters
        "min_word_length": 3,
        "max_edits": max_edits,
        "prefix_length": prefix_length,
    }
    return {"text": encodable(term), "term": how}


def options(terms: Sequence[str], answer: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each term the words that it may stand for, likeliest first; terms without any are left out."""
    known: dict[str, dict[str, int]] = {}
    for name, suggested in answer["suggest"].items():
        for option in (option for entry in suggested for option in entry["options"]):
            known.setdefault(name[2:], {})[option["text"]] = option["freq"]
    found = {term: likeliest(encodable(term), known.get(term, {})) for term in terms}
    return {term: words for term, words in found.items() if words}


def standing_in(words: Sequence[str], conditions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Asks which of these words stand in passages under the conditions."""
    return {"size": 0, "query": {"bool": {"filter": list(conditions)}}, "aggs": counted(words)}


def told(options: Mapping[str, Sequence[str]], answer: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Of each term's options those that stand in a passage under the conditions."""
    counts, _ = frequencies(answer)
    standing = {word for word, count in counts.items() if count}
    visible = {term: [word for word in words if word in standing] for term, words in options.items()}
    return {term: tuple(words[:TOLD_OPTIONS]) for term, words in visible.items() if words}


def named(typed: Typed, conditions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first passages of the documents, since all passages of a document have its title and its keys."""
    in_fields = {"bool": {"should": [_named_in(field, typed, score) for field, score in NAME_FIELDS.items()]}}
    is_runbook = {"constant_score": {"filter": {"term": {"type": "runbook"}}, "boost": 0.5}}
    return {
        "size": MOST_PROPOSED,
        "query": {
            "bool": {"filter": [*conditions, {"term": {"ordinal": 0}}], "must": [in_fields], "should": [is_runbook]}
        },
        "sort": [{"_score": "desc"}, {"doc_id": "asc"}],
        "_source": ["doc_id", "title", "type", "alert_names"],
    }


def _named_in(field: str, typed: Typed, score: float) -> dict[str, Any]:
    begins_so = {"prefix": {field: {"value": encodable(typed.beginning)}}}
    stems = {"terms": {field: [encodable(stem) for stem in typed.stems]}}
    whole = [{"term": {field: encodable(word)}} for word in typed.words]
    last = {"bool": {"should": [begins_so, stems]}}
    return {"constant_score": {"filter": {"bool": {"filter": [last, *whole]}}, "boost": score}}
