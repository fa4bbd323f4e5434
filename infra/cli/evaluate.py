"""``pp eval``: how good the search is, on a benchmark of real alerts, questions and runbooks."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from infra.cli.options import as_json_option
from infra.cli.terminal import note, one_line, out, print_json, progress, say, styled

if TYPE_CHECKING:
    from infra.evaluation.bench import Bench
    from infra.evaluation.evaluation import Progress


@click.command(name="eval")
@click.option("--bench", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help="The benchmark.")
@click.option(
    "--out",
    "folder",
    default=Path("build/evaluation"),
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the run, the report and the ingested documents are kept.",
)
@click.option(
    "--index",
    type=click.Choice(["tantivy", "opensearch"]),
    default="tantivy",
    show_default=True,
    help="Which index; opensearch is the node that OPENSEARCH_URL names.",
)
@click.option("--no-semantic", is_flag=True, help="By words alone, without an embedding model.")
@click.option("--ablate", is_flag=True, help="Also say what each part of the ranking is worth.")
@click.option("--fit", is_flag=True, help="Also print the weights that this benchmark would give.")
@click.option(
    "--compare",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="RUN",
    help="Another run.tsv: how often the first document is the same.",
)
@as_json_option
def evaluate(
    bench: Path,
    folder: Path,
    index: Literal["tantivy", "opensearch"],
    no_semantic: bool,
    ablate: bool,
    fit: bool,
    compare: Path | None,
    as_json: bool,
) -> None:
    """Measure the search on real alerts.

    Takes the documents of a benchmark in, asks every alert and question as production does, and writes run.tsv,
    report.json and report.html. What would have been right is read only after run.tsv is written. Documents and
    vectors are kept for the next time.

    \b
    Examples:
      pp eval --bench ../shared/bench/runbooks
      pp eval --bench held-out --out build/held-out --no-semantic
      pp eval --bench held-out --json | jq '.headlines[] | {name, shipped}'
    """
    from infra.evaluation.bench import read_bench
    from infra.evaluation.evaluation import evaluate as evaluated
    from infra.evaluation.page import write_page
    from infra.evaluation.report import report_of, write_report
    from infra.evaluation.system import Choice

    read = read_bench(bench)
    model = Path(os.environ.get("EMBEDDING_MODEL_DIR") or Choice().model)
    choice = Choice(index, not no_semantic, os.environ.get("OPENSEARCH_URL", ""), model)
    with _shown(read) as shown:
        evaluation = evaluated(read, folder, choice, ablate=ablate, other=compare, progress=shown)
    report = report_of(evaluation)
    write_report(report, folder / "report.json")
    write_page(report, folder / "report.html")
    if as_json:
        print_json(report)
    else:
        _print(report, folder, with_weights=fit)


@contextmanager
def _shown(bench: "Bench") -> "Iterator[Progress]":
    from infra.evaluation.evaluation import Progress

    with progress() as bar:
        documents = bar.add_task("Taking in documents", total=len(bench.uploads))
        queries = bar.add_task("Asking", total=len(bench.asked))
        yield Progress(lambda n: bar.advance(documents, n), lambda n: bar.advance(queries, n))


def _print(report: dict[str, Any], folder: Path, *, with_weights: bool) -> None:
    from infra.evaluation import table

    told, bench = ("words and meaning" if report["semantic"] else "words alone"), report["bench"]
    say(
        f"{bench['documents']:,} documents in {report['index']}, by {told}: {bench['alerts']:,} alerts, "
        f"{bench['queries']:,} questions, {bench['no_runbook']:,} alerts that have no runbook."
    )
    for refused in bench["refused"]:
        note(("not taken in: ", "yellow"), one_line(refused))
    if report["shipped"]:
        say("", "\nHow often the first document is the right one, and whether confidence tells where there is none:\n")
        _print_table(list(table.headline_rows(report)))
        say("")
        _print_table(list(table.part_rows(report)))
        say("")
        for line in table.confidence_lines(report):
            say(line)
        say(
            f"{len(report['misses']):,} queries were missed; {folder / 'report.html'} says what was preferred, and why."
        )
    else:
        say(f"The folder does not say what would be right (no qrels.tsv), so {folder / 'run.tsv'} is all there is.")
    _print_more(report, with_weights)


def _print_more(report: dict[str, Any], with_weights: bool) -> None:
    from infra.evaluation import table

    if report["ablation"]:
        say("", "\nEach part of the ranking left out, the others fitted anew:\n")
        _print_table(list(table.ablation_rows(report)))
    if with_weights and report["weights"]:
        say("", "\nFitted on everything here, beside what is shipped:\n")
        _print_table(list(table.weight_rows(report)))
        say("\nTo paste into domain/ranking.py:\n")
        for lines in table.constants(report):
            say(lines)
    if found := report["agreement"]:
        by_kind = ", ".join(f"{kind} {difference:+.3f}" for kind, difference in found["difference"].items())
        say(f"\nThe other run begins with the same document in {table.percent(found['same_first'])} of the queries.")
        say(f"hit@1 less that of the other run: {by_kind}." if by_kind else "")


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """In a pipe, columns are separated by tabs."""
    if not out().is_terminal:
        for row in rows:
            click.echo("\t".join(map(one_line, row)))
        return

    from rich.table import Table

    shown = Table(box=None, pad_edge=False, header_style="dim")
    for number, head in enumerate(rows[0]):
        shown.add_column(head, justify="right" if number else "left")
    for row in rows[1:]:
        shown.add_row(*(styled((cell, {"met": "green", "missed": "bold red"}.get(cell, ""))) for cell in row))
    out().print(shown, soft_wrap=False)
