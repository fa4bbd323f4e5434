"""Two runs of the same queries beside each other: as close as two indexes under one ranking should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.evaluation.bench import BenchError, kind_of, lines
from infra.evaluation.judgements import Judgements
from infra.evaluation.scores import scored

Answers = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """``same_first`` is the share of queries with the same first document, ``difference`` this run's hit@1 less the
    other's by kind, ``differing`` the queries that begin otherwise."""

    same_first: float
    difference: Mapping[str, float]
    differing: tuple[str, ...]


def agreement(one: Answers, other: Answers, judgements: Judgements | None) -> Agreement:
    """Over the queries that either run knows: one without an answer is missing from a run."""
    queries = sorted(one.keys() | other.keys())
    differing = tuple(each for each in queries if list(one.get(each, ()))[:1] != list(other.get(each, ()))[:1])
    return Agreement(
        1 - len(differing) / max(1, len(queries)),
        _difference(one, other, judgements) if judgements else {},
        differing,
    )


def _difference(one: Answers, other: Answers, judgements: Judgements) -> dict[str, float]:
    first, second = (scored(judgements.relevant, answers) for answers in (one, other))
    by_kind: dict[str, list[float]] = {}
    for query_id in judgements.relevant:
        difference = first[query_id]["hit@1"] - second[query_id]["hit@1"]
        by_kind.setdefault(kind_of(query_id), []).append(difference)
    return {kind: sum(found) / len(found) for kind, found in sorted(by_kind.items())}


def read_run(path: Path) -> dict[str, list[str]]:
    """Raises BenchError."""
    ranked: dict[str, list[tuple[float, str]]] = {}
    for number, line in lines(path):
        columns = line.split("\t")
        try:
            query_id, doc_id, rank = columns[:3]
            ranked.setdefault(query_id, []).append((float(rank), doc_id))
        except ValueError as error:
            raise BenchError(f"{path}:{number} is no line of a run: query, document, rank and score by tabs") from error
    return {query_id: [doc_id for _, doc_id in sorted(found)] for query_id, found in ranked.items()}
