"""A smaller benchmark of the same form: some alerts with their questions, what is right for them, and other documents.

Embedding a whole corpus takes minutes that a check of every change does not have. Fewer documents are easier to tell
apart, so figures of a subset compare with its own of before, and with nothing else.
"""

import json
import random
from pathlib import Path

from infra.evaluation.bench import Bench, lines
from infra.evaluation.judgements import Judgements

SEED = 20261128


def write_subset(bench: Bench, judgements: Judgements, target: Path, alerts: int, documents: int) -> None:
    """What it holds depends on the ids alone. Alerts without a runbook are all kept."""
    draw = random.Random(SEED)  # noqa: S311  # which queries are asked is no secret
    needs = sorted({query_id.rpartition(".")[0] for query_id in judgements.relevant})
    chosen = set(draw.sample(needs, min(alerts, len(needs))))
    kept = {query_id for query_id in judgements.relevant if query_id.rpartition(".")[0] in chosen}
    right = {doc_id for query_id in kept for doc_id in judgements.relevant[query_id]}
    others = sorted(bench.sources.keys() - right)
    right.update(draw.sample(others, max(0, min(len(others), documents - len(right)))))
    target.mkdir(parents=True)
    for name, field, wanted in (
        ("corpus.jsonl", "id", right),
        ("alerts.jsonl", "query_id", kept),
        ("queries.jsonl", "query_id", kept),
        ("qrels.tsv", "", kept),
        ("groups.tsv", "", kept),
        ("no_runbook.jsonl", "", set()),
    ):
        _copy(bench.folder / name, target / name, field, wanted)


def _copy(source: Path, target: Path, field: str, wanted: set[str]) -> None:
    """The lines that are wanted: by a field of JSON, else by the first column; all where nothing is wanted."""
    if not source.exists():
        return
    kept = [line for _, line in lines(source) if not wanted or _id(line, field) in wanted]
    target.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def _id(line: str, field: str) -> str:
    return str(json.loads(line)[field]) if field else line.partition("\t")[0]
