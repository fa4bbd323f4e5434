"""Why a document was chosen, in words a person can check: the strongest reason first.

A reason names what in the document answers what in the question; a part of the score that says nothing is left out.
"""

from collections.abc import Iterator, Sequence

from personal_pipeline.domain.analysis import joined
from personal_pipeline.domain.questions import Question
from personal_pipeline.domain.ranking import RankedDocument, hinted
from personal_pipeline.domain.search import Candidate
from personal_pipeline.domain.snippets import Match, matches

MAX_WORDS_IN_REASON = 5
MOST_PAIRS = 0.5
CLOSE_IN_MEANING = 0.5  # cosine; below it most passages of a corpus are as close


def reasons(question: Question, document: RankedDocument, in_text: Sequence[Match]) -> tuple[str, ...]:
    """``in_text`` are the matches of the text of the document's best passage."""
    best, features = document.best, document.features
    found = []
    if features.exact:
        found.append(_exact(question, best))
    if value := hinted(question, best):
        found.append(f"{'service' if _is_service(value, best) else 'folder'} is {value}, as the alert says")
    found += _matching_words(question, best, in_text)
    if features.phrase >= MOST_PAIRS and len(question.pairs) > 1:
        found.append("most words stand together as here")
    if features.meaning >= CLOSE_IN_MEANING and best.similarity is not None:
        found.append("close in meaning")
    if features.feedback:
        found.append("helped before" if features.feedback > 0 else "did not help before")
    found += _read_otherwise(question, best)
    return tuple(found)


def _exact(question: Question, best: Candidate) -> str:
    name = joined(question.name)
    if joined(best.title) == name:
        return "its title is exactly this"
    return "it names this alert" if name in map(joined, best.alert_names) else "its file is named exactly this"


def _read_otherwise(question: Question, best: Candidate) -> Iterator[str]:
    standing = {term for _, terms in best.placed for term in terms.split()} if question.read_as else set()
    for slip in question.read_as:
        if slip.term in standing:
            yield f"read {slip.typed} as {slip.written}"


def _is_service(value: str, best: Candidate) -> bool:
    return value in {service.casefold() for service in best.services}


def _matching_words(question: Question, best: Candidate, in_text: Sequence[Match]) -> Iterator[str]:
    """Where the words were found, each named once, at its strongest place, as the document writes it."""
    places = (
        ("title", best.title),
        ("alert name", " ".join(best.alert_names)),
        ("service", " ".join(best.services)),
        ("heading", " ".join(best.heading)),
        ("path", best.path),
    )
    wanted = set(question.words)
    for place, text in (*places, ("text", best.text)):
        words: dict[str, None] = {}
        for match in in_text if place == "text" else matches(text, wanted):
            if not wanted.isdisjoint(match.terms):
                wanted -= match.terms
                words[text[match.start : match.end]] = None
        if words:
            yield f"{place} matches {', '.join(list(words)[:MAX_WORDS_IN_REASON])}"
