"""Getting documents in, and indexing them again."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.cli.errors import CommandError
from infra.cli.options import api, as_json_option
from infra.cli.terminal import note, one_line, print_json, say

if TYPE_CHECKING:
    from infra.cli.ingest import Ingested


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--source", default="", metavar="NAME", help="Source of files and folders; else the folder's name.")
@click.option("--wait/--no-wait", default=True, help="Wait until what was stored is indexed (the default), or not.")
@as_json_option
def ingest(paths: tuple[Path, ...], source: str, wait: bool, as_json: bool) -> None:
    """Store documents and wait until they can be found.

    PATH is a file, a folder, or a .jsonl file with one document a line: {"id", "source", "format", "text"}. A file or
    line that cannot be taken is named, does not stop the others, and makes the exit code 1.

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
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--source", default="", metavar="NAME", help="Only this source; all if left out.")
@as_json_option
def reindex(source: str, as_json: bool) -> None:
    """Index the stored documents again; answers go on meanwhile.

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
    if source and not answer["queued"]:
        raise CommandError(f"the source {source!r} has no documents: `pp search --json` names the sources, as facets")


def _print_result(result: "Ingested", seconds: float) -> None:
    for problem in result.failed:
        note((f"{one_line(problem.name)}: ", "bold"), one_line(problem.reason))
    done = f"{len(result.stored):,} stored, " if result.indexed is None else f"{result.indexed:,} indexed, "
    skipped = f", {result.skipped:,} other files left out" if result.skipped else ""
    say((f"{done}{len(result.failed):,} failed{skipped}", "bold"), f" in {seconds:.1f} s")
