"""The usual measures of a ranking, by query: what ``score_query`` says is averaged over kinds and groups.

hit@k: a relevant document among the first k. MRR@10: one over the place of the first relevant one. nDCG@10: gain
2^grade - 1, discount log2(place + 1), against the best order. recall@10: the share of the relevant ones found.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from infra.evaluation.bench import kind_of
from infra.evaluation.intervals import Estimate, mean_of

METRICS = ("hit@1", "hit@3", "hit@5", "MRR@10", "nDCG@10", "recall@10")
DEPTH = 10
ALL = "all"


def score_query(relevant: Mapping[str, int], answer: Sequence[str]) -> dict[str, float]:
    """``answer`` names each document once."""
    grades = [relevant.get(doc_id, 0) for doc_id in answer[:DEPTH]]
    first = next((place for place, grade in enumerate(grades, 1) if grade), None)
    best = _gain(sorted(relevant.values(), reverse=True)[:DEPTH])
    return {
        **{f"hit@{k}": float(any(grades[:k])) for k in (1, 3, 5)},
        "MRR@10": 1 / first if first else 0.0,
        "nDCG@10": _gain(grades) / best,
        "recall@10": sum(map(bool, grades)) / len(relevant),
    }


def _gain(grades: Sequence[int]) -> float:
    return math.fsum((2.0**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1))


def scored(
    relevant: Mapping[str, Mapping[str, int]], answers: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """By query; one without an answer counts as 0."""
    return {query_id: score_query(grades, answers.get(query_id, ())) for query_id, grades in relevant.items()}


def by_part(
    scores: Mapping[str, Mapping[str, float]], groups: Mapping[str, str], clusters: Mapping[str, str]
) -> dict[str, dict[str, Estimate]]:
    """Means for all queries, each kind, and each kind and group, as ``alert/unnamed``."""
    parts: dict[str, list[str]] = {}
    for query_id in scores:
        kind = kind_of(query_id)
        group = [f"{kind}/{groups[query_id]}"] if query_id in groups else []
        for part in (ALL, kind, *group):
            parts.setdefault(part, []).append(query_id)
    ordered = sorted(parts.items(), key=lambda part: (part[0] != ALL, part[0]))
    return {part: _means(scores, query_ids, clusters) for part, query_ids in ordered}


def _means(
    scores: Mapping[str, Mapping[str, float]], query_ids: Iterable[str], clusters: Mapping[str, str]
) -> dict[str, Estimate]:
    chosen = list(query_ids)
    of = [clusters[query_id] for query_id in chosen]
    return {metric: mean_of([scores[query_id][metric] for query_id in chosen], of) for metric in METRICS}
