"""From the passages an index proposes to the documents a person sees, and the reason for each.

Pure, and the same for every index. The best passage stands for its document.
"""

from collections.abc import Iterable, Mapping, Sequence

from personal_pipeline.domain.analysis import term_spans
from personal_pipeline.domain.search import Candidate

MAX_TERMS_IN_REASON = 5


def rank(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The best passage of each document, best first; ties by id, so that two runs agree.

    A passage of an older revision than another of the same document is left out: an index may show both
    for the moment between two of its refreshes.
    """
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        held = best.get(candidate.doc_id)
        if held is None or _preference(candidate) < _preference(held):
            best[candidate.doc_id] = candidate
    return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.doc_id))


def _preference(candidate: Candidate) -> tuple[int, float, int]:
    return (-candidate.rev, -candidate.score, candidate.ordinal)


def reasons(query_terms: Sequence[str], candidate: Candidate) -> tuple[str, ...]:
    """Where the words of the query were found; each word is named once, at its strongest place."""
    wanted = dict.fromkeys(query_terms)
    places = (
        ("title", candidate.title),
        ("alert name", " ".join(candidate.alert_names)),
        ("service", " ".join(candidate.services)),
        ("heading", " ".join(candidate.heading)),
        ("path", candidate.path),
        ("text", candidate.text),
    )
    found = []
    for place, text in places:
        here = _words(text, wanted) if wanted else {}
        for term in here:
            del wanted[term]
        if here:
            found.append(f"{place} matches {', '.join(list(here.values())[:MAX_TERMS_IN_REASON])}")
    return tuple(found)


def _words(text: str, wanted: Mapping[str, None]) -> dict[str, str]:
    """The wanted terms that the text has, each as the text writes it."""
    words: dict[str, str] = {}
    for term, start, end in term_spans(text):
        if term in wanted and term not in words:
            words[term] = text[start:end]
    return words
