"""Asks every query as production does, and writes what came back: ``query_id doc_id rank score``, tab-separated."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from infra.evaluation.bench import Bench, Query, TypedQuery
from infra.evaluation.system import RUN_DEPTH, System
from personal_pipeline.domain.errors import EmbedderUnavailableError, InvalidQueryError
from personal_pipeline.domain.questions import alert_question, typed_question
from personal_pipeline.domain.ranking import EXACT, Features, RankedDocument
from personal_pipeline.domain.search import CallerScope, SearchFilters
from personal_pipeline.services.search_runbooks import canonical_query

MAX_CHARACTERS = 8_000  # of a question sent by POST


@dataclass(frozen=True, slots=True)
class Found:
    """A ranked document. ``also_at`` are those that say the same."""

    doc_id: str
    features: Features
    score: float
    confidence: float
    also_at: tuple[str, ...]

    @property
    def doc_ids(self) -> tuple[str, ...]:
        return (self.doc_id, *self.also_at)


@dataclass(frozen=True, slots=True)
class Asked:
    """``answer`` is what the caller gets, best first, with its scores. ``ranked`` are all that were weighed.

    ``matched_by`` is empty for a typed query; ``is_attached`` says whether an alert got a runbook.
    """

    query_id: str
    answer: tuple[tuple[str, float], ...]
    ranked: tuple[Found, ...]
    confidence: float
    matched_by: str = ""
    is_attached: bool = False

    @property
    def doc_ids(self) -> list[str]:
        return [doc_id for doc_id, _ in self.answer]


def ask_all(bench: Bench, system: System, step: Callable[[int], None] = lambda _: None) -> list[Asked]:
    asked = []
    for query in bench.asked:
        asked.append(ask(query, system))
        step(1)
    return asked


def ask(query: Query, system: System) -> Asked:
    """Raises EmbedderUnavailableError when meaning did not count: the figures would be another system's."""
    if isinstance(query, TypedQuery):
        found = _typed(query, system)
    else:
        match = system.match(query.alert)
        # One document with an exact key is found without a search; what the search would say is recorded all the same.
        system.find(alert_question(query.alert), SearchFilters(), CallerScope())
        ranked = _found(system)
        first = [match.runbook] if match.runbook else []
        order = [system.ids[card.doc_id] for card in (*first, *match.also)]
        order = list(dict.fromkeys([*order, *(found.doc_id for found in ranked)]))[:RUN_DEPTH]
        answer = _answer(order, ranked, is_by_key=match.matched_by not in {"search", "none"})
        is_attached = match.runbook is not None
        found = Asked(query.query_id, answer, ranked, match.confidence, match.matched_by, is_attached)
    if system.find.last.degraded:
        raise EmbedderUnavailableError(f"{query.query_id}: the embedding model did not answer: run it again")
    return found


def _typed(query: TypedQuery, system: System) -> Asked:
    """A query that the API refuses has no answer."""
    try:
        asked = canonical_query(query.text, SearchFilters(), RUN_DEPTH, "", CallerScope(), MAX_CHARACTERS)
    except InvalidQueryError:
        return Asked(query.query_id, (), (), 0.0)
    system.find(typed_question(asked.text), asked.filters, asked.scope)
    ranked = _found(system)
    order = [found.doc_id for found in ranked[: asked.limit]]
    return Asked(query.query_id, _answer(order, ranked), ranked, ranked[0].confidence if ranked else 0.0)


def _found(system: System) -> tuple[Found, ...]:
    return tuple(_of_ranked(document, system) for document in system.find.last.ranked)


def _of_ranked(document: RankedDocument, system: System) -> Found:
    also_at = tuple(system.ids[twin.doc_id] for twin in document.also_at)
    return Found(system.ids[document.doc_id], document.features, document.score, document.confidence, also_at)


def _answer(order: Iterable[str], ranked: Iterable[Found], *, is_by_key: bool = False) -> tuple[tuple[str, float], ...]:
    """Each document with its twins right behind it. Scores never rise, so that sorting by them changes nothing: what
    a key puts first counts as exact, and a document found by key alone has no other score."""
    heads = {found.doc_id: found for found in ranked}
    answer: dict[str, float] = {}
    last = float("inf")
    for rank, doc_id in enumerate(order):
        known = heads.get(doc_id)
        score = known.score if known else 0.0
        if is_by_key and rank == 0 and not (known and known.features.exact):
            score += EXACT
        last = min(last, score)
        for each in known.doc_ids if known else (doc_id,):
            answer.setdefault(each, last)
    return tuple(answer.items())


def write_run(asked: Iterable[Asked], path: Path) -> None:
    """Whole or not at all."""
    lines = [
        f"{each.query_id}\t{doc_id}\t{rank}\t{score:.6f}\n"
        for each in asked
        for rank, (doc_id, score) in enumerate(each.answer, 1)
    ]
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text("".join(lines), encoding="utf-8")
    partial.replace(path)
