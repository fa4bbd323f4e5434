"""``pp coverage``: which alerts have a runbook, before they fire, and what is missing among the documents."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.cli.environment import Environment
from infra.cli.errors import CommandError
from infra.cli.options import as_json_option
from infra.cli.terminal import note, one_line, out, print_json, say, styled

if TYPE_CHECKING:
    from infra.cli.rule_files import RuleFiles
    from personal_pipeline.domain.catalog import Card
    from personal_pipeline.services.measure_coverage import Covered, Share

STATUSES = {  # the worst first: its word in the table, its colour, and what the summary calls so many of them
    "none": ("none", "bold red", "with none"),
    "dead_link": ("dead link", "yellow", "with a link that leads to no document here"),
    "matched": ("no link", "cyan", "without a link that would get one"),
    "linked": ("linked", "green", "with a link that leads to one"),
}
FOUND = {
    "alert": "by name",
    "title": "by title",
    "arn": "by alarm",
    "search": "by search",
    "none": "where nothing is found",
}


@click.command()
@click.option("--rules", multiple=True, metavar="PATH", help="Rule file, folder of them, or pattern.")
@click.option("--documents", is_flag=True, help="See what is missing among the documents instead.")
@click.argument("more", nargs=-1, metavar="[PATH]...")
@click.option(
    "--runbooks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Ask these documents, not those of the data folder.",
)
@click.option(
    "--min-coverage",
    type=click.FloatRange(0, 100),
    default=100,
    show_default=True,
    metavar="PERCENT",
    help="Exit code 1 when fewer of the alerts have a runbook; of the services with --documents.",
)
@as_json_option
def coverage(
    rules: tuple[str, ...],
    documents: bool,
    more: tuple[str, ...],
    runbooks: Path | None,
    min_coverage: float,
    as_json: bool,
) -> None:
    """See which alerts and services have no runbook.

    Every alert of Prometheus rule files is matched as if it fired: does its runbook link lead to a document, and
    what would be found without? Documents are those of the data folder, whether the system runs or not, or those of
    --runbooks. Links are looked up there; nothing is fetched.

    With --documents: services and alerts that fired without a runbook, links between documents and in their rule files
    that lead nowhere, and documents whose review is overdue. Groups do not count: it shows what there is to anybody.

    \b
    Examples:
      pp coverage --rules rules/*.yaml
      pp coverage --rules rules --runbooks docs/runbooks --min-coverage 80
      pp coverage --documents
      pp coverage --rules rules --json | jq '.alerts[] | select(.status == "none") | .alert'
    """
    if documents == bool(rules or more):
        raise click.UsageError("Name rule files with --rules, or ask for --documents.")
    if documents:
        share = _of_documents(runbooks, as_json)
        if 100 * share < min_coverage:
            raise click.exceptions.Exit(1)
        return

    from infra.cli.rule_files import read_rule_files

    found = read_rule_files((*rules, *more))
    for problem in (*found.problems, *found.warnings):
        note((f"{one_line(problem.name)}: ", "bold"), one_line(problem.reason))
    if not found.rules:
        raise CommandError("no alert rules there: name files with 'groups: - rules: - alert: ...'")
    covered = _measured(found, runbooks)
    share = sum(one.runbook is not None for one in covered) / len(covered)
    if as_json:
        print_json(_as_json(found, covered))
    else:
        _print_table(covered)
        _print_summary(found, covered)
    if found.problems or 100 * share < min_coverage:
        raise click.exceptions.Exit(1)


def _of_documents(runbooks: Path | None, as_json: bool) -> float:
    from infra.cli.document_coverage import measured, show

    with _over(runbooks):
        return show(measured(), as_json)


def _measured(found: "RuleFiles", runbooks: Path | None) -> "list[Covered]":
    with _over(runbooks):
        from personal_pipeline import bootstrap

        return bootstrap.measure_coverage()(found.rules)


@contextmanager
def _over(runbooks: Path | None) -> Iterator[None]:
    from infra.local.in_process import over_data_folder, over_documents

    if runbooks is None:
        data = Environment.read().data
        if not (data / "pipeline.db").is_file():
            raise CommandError(
                f"{data} has no documents: start the system once, set PP_DATA to its data folder, or name --runbooks"
            )
        with over_data_folder(data):
            yield
        return

    from infra.cli.uploads import Upload, found_in

    objects = ((upload.key, upload.body) for upload in found_in(runbooks) if isinstance(upload, Upload))
    with over_documents(objects, lambda key, error: note((f"{one_line(key)}: ", "bold"), one_line(error))):
        yield


def _print_table(covered: "Sequence[Covered]") -> None:
    order = list(STATUSES)
    ordered = sorted(covered, key=lambda one: order.index(one.status))
    if not out().is_terminal:
        for one in ordered:
            click.echo(
                "\t".join((STATUSES[one.status][0], one_line(one.rule.name), _severity(one), _runbook(one), _why(one)))
            )
        return

    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in ("", "alert", "runbook", "because"):
        table.add_column(head, overflow="fold")
    for one in ordered:
        word, style, _ = STATUSES[one.status]
        name = styled((one_line(one.rule.name), "bold"), (f"  {_severity(one)}", "dim"))
        table.add_row(styled((word, style)), name, styled(_runbook(one)), styled(_why(one)))
    out().print(table, soft_wrap=False)


def _severity(one: "Covered") -> str:
    return one_line(one.rule.labels.get("severity", ""))


def _runbook(one: "Covered") -> str:
    card = one.runbook
    return f"{one_line(card.title)} ({one_line(card.source)}/{one_line(card.path)})" if card else "none"


def _why(one: "Covered") -> str:
    if one.status == "linked":
        return "its rule links to it"
    reasons = "; ".join(map(one_line, one.match.reasons))
    dead_link = f"; its link leads to no document: {one_line(one.rule.runbook_url)}" if one.rule.runbook_url else ""
    if one.runbook is None and one.match.also:
        nearest = one.match.also[0]
        return f"nearest at {one.match.confidence:.2f}: {one_line(nearest.title)} ({reasons}){dead_link}"
    return f"{reasons} (confidence {one.match.confidence:.2f}){dead_link}"


def _print_summary(found: "RuleFiles", covered: "Sequence[Covered]") -> None:
    counts: Counter[str] = Counter(one.status for one in covered)
    parts = [f"{counts[status]} {words}" for status, (_, _, words) in reversed(STATUSES.items()) if counts[status]]
    others = f" ({_many(found.others, 'other file')} without alerts)" if found.others else ""
    say("")
    say(f"{_many(len(covered), 'alert')} in {_many(found.files, 'file')}{others}: {', '.join(parts)}.")
    hits, by = _hit_shares(covered)
    if hits.of:
        low, high = hits.interval
        kinds = ", ".join(f"{share.hits} of {share.of} {FOUND.get(kind, kind)}" for kind, share in by.items())
        say(
            f"With the links withheld, the first document is the linked one for {hits.hits} of {hits.of} "
            f"({100 * hits.hits / hits.of:.0f} %; 95 % interval {100 * low:.0f} to {100 * high:.0f} %): {kinds}."
        )


def _hit_shares(covered: "Sequence[Covered]") -> "tuple[Share, dict[str, Share]]":
    """Of all, and by how the first document was found: a name that a document lists is no proof of a good search."""
    from personal_pipeline.services.measure_coverage import Share, first_hits

    measured = first_hits(covered)
    by: dict[str, list[bool]] = {}
    for one in measured:
        by.setdefault(one.match.matched_by, []).append(one.is_hit)
    return (
        Share(sum(one.is_hit for one in measured), len(measured)),
        {kind: Share(sum(hits), len(hits)) for kind, hits in sorted(by.items())},
    )


def _as_json(found: "RuleFiles", covered: "Sequence[Covered]") -> dict[str, Any]:
    hits, by = _hit_shares(covered)
    counts: Counter[str] = Counter(one.status for one in covered)
    return {
        "alerts": [_alert_json(one) for one in covered],
        "summary": {
            "alerts": len(covered),
            "covered": sum(one.runbook is not None for one in covered),
            **{status: counts[status] for status in STATUSES},
        },
        "hit_at_1": {
            "hits": hits.hits,
            "of": hits.of,
            "interval_95": [round(bound, 4) for bound in hits.interval],
            "by": {kind: {"hits": share.hits, "of": share.of} for kind, share in by.items()},
        },
        "files": {"read": found.files, "without_alerts": found.others},
        "problems": [{"name": problem.name, "reason": problem.reason} for problem in found.problems],
        "warnings": [{"name": problem.name, "reason": problem.reason} for problem in found.warnings],
    }


def _alert_json(one: "Covered") -> dict[str, Any]:
    """``match`` is what is found without a link, also where the link leads to a document."""
    found = one.match.runbook
    return {
        "alert": one.rule.name,
        "severity": one.rule.labels.get("severity", ""),
        "file": one.file,
        "group": one.rule.group,
        "status": one.status,
        "runbook_url": one.rule.runbook_url,
        "linked": [_card_json(card) for card in one.linked],
        "match": {
            "matched_by": one.match.matched_by,
            "confidence": round(one.match.confidence, 3),
            "reasons": list(one.match.reasons),
            "runbook": _card_json(found) if found else None,
            "nearest": [_card_json(card) for card in one.match.also],
        },
    }


def _card_json(card: "Card") -> dict[str, str]:
    return {"id": card.doc_id, "title": card.title, "source": card.source, "path": card.path}


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
