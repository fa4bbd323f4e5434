"""Why a query was missed: what was preferred to the right document, its reasons, and what each part added to both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from infra.evaluation.bench import AlertQuery, Bench, Query, kind_of
from infra.evaluation.judgements import Judgements
from infra.evaluation.run import Asked, ask
from infra.evaluation.system import System
from personal_pipeline.domain.analysis import normalise
from personal_pipeline.domain.questions import Question, alert_question, typed_question
from personal_pipeline.domain.ranking import Features, RankedDocument
from personal_pipeline.domain.reasons import reasons
from personal_pipeline.domain.snippets import matches


@dataclass(frozen=True, slots=True)
class Explained:
    """A document as it was weighed for a query. ``place`` is 0 where it was no candidate at all, and then nothing else
    is known of it."""

    doc_id: str
    title: str
    place: int
    score: float = 0.0
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()
    parts: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """``right`` is the best placed relevant document; None for an alert that has no runbook."""

    query_id: str
    kind: str
    asked: str
    matched_by: str
    preferred: Explained | None
    right: Explained | None


def misses(asked: Iterable[Asked], bench: Bench, judgements: Judgements, system: System) -> list[Miss]:
    """Of the queries whose first document is not relevant. They are asked once more: texts are not kept meanwhile."""
    queries = {query.query_id: query for query in bench.queries}
    missed = [
        each
        for each in asked
        if (relevant := judgements.relevant.get(each.query_id)) and not relevant.keys() & set(each.doc_ids[:1])
    ]
    return [_explained(each, queries[each.query_id], judgements.relevant[each.query_id], system) for each in missed]


def attached_without_runbook(asked: Iterable[Asked], bench: Bench, system: System) -> list[Miss]:
    queries = {query.query_id: query for query in bench.without_runbook}
    attached = [each for each in asked if each.query_id in queries and each.is_attached]
    return [_explained(each, queries[each.query_id], {}, system) for each in attached]


def contributions(features: Features) -> dict[str, float]:
    """What each part adds to the score: they sum up to it."""
    whole = features.score()
    added = {field.name: whole - replace(features, **{field.name: 0.0}).score() for field in fields(Features)}
    return {name: value for name, value in added.items() if value}


def _explained(asked: Asked, query: Query, relevant: Mapping[str, int], system: System) -> Miss:
    ask(query, system)
    question = _question(query)
    ranked = {system.ids[each.doc_id]: (place, each) for place, each in enumerate(system.find.last.ranked, 1)}
    twins = {system.ids[twin.doc_id]: (place, each) for place, each in ranked.values() for twin in each.also_at}
    known = twins | ranked

    def explained(doc_id: str) -> Explained:
        if doc_id not in known:
            return Explained(doc_id, "", 0)
        place, document = known[doc_id]
        return _document(doc_id, place, document, question)

    right = sorted(map(explained, relevant), key=lambda each: (each.place or len(known) + 1, each.doc_id))
    preferred = explained(asked.doc_ids[0]) if asked.doc_ids else None
    return Miss(
        asked.query_id, kind_of(asked.query_id), _said(query), asked.matched_by, preferred, right[0] if right else None
    )


def _document(doc_id: str, place: int, document: RankedDocument, question: Question) -> Explained:
    why = reasons(question, document, matches(document.best.text, question.words))
    return Explained(
        doc_id,
        document.best.title,
        place,
        document.score,
        document.confidence,
        why,
        contributions(document.features),
    )


def _said(query: Query) -> str:
    if isinstance(query, AlertQuery):
        return ": ".join(filter(None, (query.alert.name, query.alert.summary or query.alert.description)))
    return query.text


def _question(query: Query) -> Question:
    return alert_question(query.alert) if isinstance(query, AlertQuery) else typed_question(normalise(query.text))
