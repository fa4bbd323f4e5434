"""The quality of the search with either index, and what meaning costs: ``python -m tests.eval.measure``.

Figures go where MEASURED says. Without the benchmark, or without what OpenSearch needs, it says so and leaves them out.
"""

import argparse
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from infra.evaluation.bench import read_bench
from infra.evaluation.evaluation import Evaluation, evaluate
from infra.evaluation.figures import HEADLINES, Figures
from infra.evaluation.intervals import Estimate
from infra.evaluation.page import write_page
from infra.evaluation.report import report_of, write_report
from infra.evaluation.system import Choice
from tests import opensearch_node
from tests.eval import speed
from tests.eval.structure import measure as structure
from tests.measured import record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--out", type=Path, default=Path("build/measured-evaluation"), help="emptied first")
    arguments = parser.parse_args()
    if not (arguments.bench / "corpus.jsonl").is_file():
        print(f"no benchmark in {arguments.bench}: the quality of the search is not measured")
        return
    structure.keep(structure.measure(arguments.bench), structure.milliseconds_of_100_kb())
    shutil.rmtree(arguments.out, ignore_errors=True)
    speed.measure(read_bench(arguments.bench), arguments.out)
    embedded, run = _evaluated(arguments.bench, arguments.out, Choice(), ablate=True)
    _record_quality(embedded)
    _record_parts(embedded)
    try:
        with opensearch_node.running() as url:
            choice = Choice("opensearch", opensearch_url=url)
            node, _ = _evaluated(arguments.bench, arguments.out, choice, other=run)
    except (pytest.skip.Exception, pytest.fail.Exception) as reason:
        print(f"OpenSearch is not measured: {reason}")
        return
    _record_quality(node)
    if node.agreement:
        record("retrieval agreement", node.agreement.same_first, "same first document", **node.agreement.difference)


def _evaluated(
    bench: Path, out: Path, choice: Choice, *, ablate: bool = False, other: Path | None = None
) -> tuple[Evaluation, Path]:
    """And its run. Both indexes share a folder, and with it the vectors, so each names its files after itself."""
    found = evaluate(read_bench(bench), out, choice, ablate=ablate, other=other)
    report = report_of(found)
    write_report(report, out / f"report-{choice.index}.json")
    write_page(report, out / f"report-{choice.index}.html")
    print(f"{choice.index}: {out / f'report-{choice.index}.html'}")
    return found, found.run.rename(out / f"run-{choice.index}.tsv")


def _record_quality(found: Evaluation) -> None:
    index = found.choice.index
    for headline, shipped, unseen in _headlines(found):
        detail = {"low": shipped.low, "high": shipped.high} | ({"out_of_fold": unseen.value} if unseen else {})
        unit = "AUROC" if headline == HEADLINES[-1].name else "hit@1"
        print(f"  {headline}: {shipped.value:.3f}")
        record(f"retrieval {index}: {headline}", shipped.value, unit, **detail)
    if not found.shipped:
        return
    sure, unseen = found.shipped.reliability, found.out_of_fold.reliability if found.out_of_fold else None
    beyond = {"coverage": sure.coverage.value}
    if sure.attached_without:
        beyond["without_runbook"] = sure.attached_without.value
    if unseen:
        beyond |= {"out_of_fold": unseen.accuracy.value, "coverage_out_of_fold": unseen.coverage.value}
    record(f"retrieval {index}: right where attached", sure.accuracy.value, "share", **beyond)


def _headlines(found: Evaluation) -> Iterable[tuple[str, Estimate, Estimate | None]]:
    for headline in HEADLINES:
        shipped = found.shipped.headline(headline) if found.shipped else None
        if shipped:
            yield headline.name, shipped, found.out_of_fold.headline(headline) if found.out_of_fold else None


def _record_parts(found: Evaluation) -> None:
    for part, figures in (found.ablation or {}).items():
        record(f"retrieval without {part}", _value(figures, HEADLINES[0].part), "hit@1 of alerts", **_others(figures))


def _others(figures: Figures) -> dict[str, float]:
    return {
        headline.part.replace("/", " "): each.value
        for headline in HEADLINES[1:]
        if (each := figures.headline(headline)) is not None
    }


def _value(figures: Figures, part: str) -> float:
    return figures.parts[part]["hit@1"].value if part in figures.parts else 0.0


if __name__ == "__main__":
    main()
