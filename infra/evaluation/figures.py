"""All figures of one ranking: as shipped, fitted out of fold, or with a part left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.evaluation.bench import Bench
from infra.evaluation.confidence import Judged, Reliability, reliability
from infra.evaluation.folds import Outcome
from infra.evaluation.intervals import Estimate
from infra.evaluation.judgements import Judgements
from infra.evaluation.run import Asked
from infra.evaluation.scores import by_part, scored


@dataclass(frozen=True, slots=True)
class Headline:
    """``bar`` is what we promise; ``baseline`` the best that was known (exact titles, then BM25 and
    MiniLM fused by score), ``bm25`` plain BM25."""

    name: str
    part: str  # of the scores, or AUROC
    bar: float
    baseline: float
    bm25: float


AUROC = "auroc"
HEADLINES = (
    Headline("alert payload", "alert", 0.95, 0.929, 0.82),
    Headline("alert payload, no page named like it", "alert/unnamed", 0.88, 0.829, 0.69),
    Headline("alert name as words", "alert_name_words", 0.93, 0.875, 0.70),
    Headline("symptom sentence", "symptom", 0.84, 0.774, 0.65),
    Headline("knows when there is none", AUROC, 0.92, 0.79, 0.76),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """``parts`` has the measures of the ranking by kind and group, ``sources`` by source and kind."""

    parts: Mapping[str, Mapping[str, Estimate]]
    sources: Mapping[str, Mapping[str, Mapping[str, Estimate]]]
    reliability: Reliability

    def headline(self, headline: Headline) -> Estimate | None:
        if headline.part == AUROC:
            return self.reliability.auroc
        return self.parts[headline.part]["hit@1"] if headline.part in self.parts else None


def outcome_of(asked: Iterable[Asked]) -> Outcome:
    """As it was answered."""
    listed = list(asked)
    return Outcome(
        {each.query_id: each.doc_ids for each in listed}, {each.query_id: each.confidence for each in listed}
    )


def figures_of(outcome: Outcome, bench: Bench, judgements: Judgements) -> Figures:
    scores = scored(judgements.relevant, outcome.answers)
    clusters = sources_of(bench, judgements)
    by_source: dict[str, dict[str, dict[str, float]]] = {}
    for query_id, of_query in scores.items():
        by_source.setdefault(clusters[query_id], {})[query_id] = of_query
    return Figures(
        by_part(scores, judgements.groups, clusters),
        {source: by_part(of_source, {}, clusters) for source, of_source in sorted(by_source.items())},
        reliability(judged_alerts(outcome, bench, judgements)),
    )


def sources_of(bench: Bench, judgements: Judgements) -> dict[str, str]:
    """Of the most relevant document, by query."""
    return {
        query_id: bench.sources[min(relevant, key=lambda doc_id: (-relevant[doc_id], doc_id))]
        for query_id, relevant in judgements.relevant.items()
    }


def judged_alerts(outcome: Outcome, bench: Bench, judgements: Judgements) -> list[Judged]:
    clusters = sources_of(bench, judgements)
    without = {each.query_id for each in bench.without_runbook}
    judged = []
    for query_id in (each.query_id for each in bench.alerts):
        relevant = judgements.relevant.get(query_id, {})
        if not relevant and query_id not in without:
            continue
        first = next(iter(outcome.answers.get(query_id, ())), "")
        source = clusters.get(query_id) or query_id
        judged.append(
            Judged(query_id, outcome.confidence.get(query_id, 0.0), first in relevant, query_id not in without, source)
        )
    return judged
