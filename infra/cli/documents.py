"""Getting documents in, and indexing them again."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.options import AsJson, api
from infra.cli.terminal import note, one_line, print_json, say

if TYPE_CHECKING:
    from infra.cli.ingest import Ingested


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, folders, or .jsonl files")],
    source: Annotated[
        str, typer.Option(help="Source of files and folders; the folder's name if left out", metavar="NAME")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until what was stored is indexed")] = True,
    as_json: AsJson = False,
) -> None:
    """Store documents and wait until they can be found.

    A .jsonl file has one document a line: {"id", "source", "title", "path", "format", "text"}. A file or line that
    cannot be taken is named, does not stop the others, and makes the exit code 1.

    \b
    Examples:
      pp ingest ~/runbooks
      pp ingest disk-full.md --source platform
      pp ingest export.jsonl --json
    """
    from infra.cli.ingest import ingest_paths

    started = time.monotonic()
    result = ingest_paths(api(), paths, source, wait=wait)
    seconds = time.monotonic() - started
    if as_json:
        print_json({**result.as_json(), "seconds": round(seconds, 2)})
    else:
        _print_result(result, seconds)
    if result.failed:
        raise typer.Exit(1)


def reindex(
    source: Annotated[str, typer.Option(help="Only this source; all if left out", metavar="NAME")] = "",
    as_json: AsJson = False,
) -> None:
    """Index the stored documents again, without losing answers meanwhile.

    \b
    Examples:
      pp reindex
      pp reindex --source documents
    """
    answer = api().post("/local/reindex", "queued", {"source": source} if source else {})
    if as_json:
        print_json(answer)
    else:
        say(f"{answer['queued']} documents are queued to be indexed again.")


def _print_result(result: "Ingested", seconds: float) -> None:
    for problem in result.failed:
        note((f"{one_line(problem.name)}: ", "bold"), one_line(problem.reason))
    done = f"{len(result.stored):,} stored, " if result.indexed is None else f"{result.indexed:,} indexed, "
    skipped = f", {result.skipped:,} other files left out" if result.skipped else ""
    say((f"{done}{len(result.failed):,} failed{skipped}", "bold"), f" in {seconds:.1f} s")
