"""From the passages an index proposes to the documents a person sees, and the reason for each.

Pure, and the same for every index. The best passage stands for its document.
"""

from collections.abc import Iterable, Sequence

from personal_pipeline.domain.search import Candidate
from personal_pipeline.domain.snippets import Match, matches

MAX_WORDS_IN_REASON = 5


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


def reasons(query_terms: Sequence[str], candidate: Candidate, in_text: Sequence[Match]) -> tuple[str, ...]:
    """Where the words of the query were found, each named once, at its strongest place, as the document writes it.

    ``in_text`` are the matches of the candidate's text.
    """
    places = (
        ("title", candidate.title),
        ("alert name", " ".join(candidate.alert_names)),
        ("service", " ".join(candidate.services)),
        ("heading", " ".join(candidate.heading)),
        ("path", candidate.path),
    )
    wanted = set(query_terms)
    found = []
    for place, text in (*places, ("text", candidate.text)):
        words: dict[str, None] = {}
        for match in in_text if place == "text" else matches(text, wanted):
            if not wanted.isdisjoint(match.terms):
                wanted -= match.terms
                words[text[match.start : match.end]] = None
        if words:
            found.append(f"{place} matches {', '.join(list(words)[:MAX_WORDS_IN_REASON])}")
    return tuple(found)
