"""What would have been right. Read when the run is written, never before."""

from dataclasses import dataclass

from infra.evaluation.bench import Bench, BenchError, lines


@dataclass(frozen=True, slots=True)
class Judgements:
    """``relevant`` has the grade by document, by query; ``groups`` may be empty."""

    relevant: dict[str, dict[str, int]]
    groups: dict[str, str]


def read_judgements(bench: Bench) -> Judgements | None:
    """None where the folder has no ``qrels.tsv``. Raises BenchError."""
    qrels, groups = (bench.folder / name for name in ("qrels.tsv", "groups.tsv"))
    if not qrels.exists():
        return None
    asked = {query.query_id for query in bench.queries}
    relevant: dict[str, dict[str, int]] = {}
    for number, line in lines(qrels):
        query_id, doc_id, grade = _columns(f"{qrels}:{number}", line, 3)
        if not grade.isdigit():
            raise BenchError(f"{qrels}:{number} has the grade {grade!r}: it is a number")
        for what, id_, known in (("query", query_id, asked), ("document", doc_id, bench.sources)):
            if id_ not in known:
                raise BenchError(f"{qrels}:{number} names the {what} {id_!r}, which is in no other file")
        if int(grade):
            relevant.setdefault(query_id, {})[doc_id] = int(grade)
    grouped: dict[str, str] = {}
    for number, line in lines(groups) if groups.exists() else ():
        query_id, group = _columns(f"{groups}:{number}", line, 2)
        grouped[query_id] = group
    return Judgements(relevant, grouped)


def _columns(place: str, line: str, count: int) -> list[str]:
    columns = line.split("\t")
    if len(columns) != count:
        raise BenchError(f"{place} has {len(columns)} columns, not {count}: separate them by tabs")
    return columns
