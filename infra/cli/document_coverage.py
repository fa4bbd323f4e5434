"""``pp coverage --documents``: what is missing among the documents, all of them, whoever may see them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from infra.cli.terminal import one_line, print_json, say

if TYPE_CHECKING:
    from personal_pipeline.services.find_gaps import Found, Gaps


def measured() -> "Gaps":
    """In this process, over the documents that the environment names."""
    from personal_pipeline import bootstrap, parts
    from personal_pipeline.domain.documents import PUBLIC
    from personal_pipeline.domain.search import CallerScope

    everybody = CallerScope(tuple(sorted({PUBLIC, *parts.cache().generations().groups})))
    return bootstrap.find_gaps(most_seconds=float("inf"))(everybody)


def show(gaps: "Gaps", as_json: bool) -> float:
    """Returns the share of services that have a runbook."""
    if as_json:
        from personal_pipeline.edge.catalogue_models import coverage_fields

        print_json(coverage_fields(gaps))
    else:
        _print_lines(gaps)
        _print_summary(gaps)
    return 1 - gaps.services_without_runbook.count / gaps.services if gaps.services else 1.0


def _print_lines(gaps: "Gaps") -> None:
    """What is missing, where, and what is known about it, with tabs between."""
    lines: list[Iterable[object]] = [("no runbook", f"service {name}") for name in gaps.services_without_runbook.named]
    lines += [
        ("no runbook", f"alert {alert.name}", alert.service, f"fired {alert.count} times")
        for alert in gaps.alerts_without_runbook.named
    ]
    lines += [
        ("dead link", dead.entry.key, dead.link, f"of alert {dead.alert}" if dead.alert else "")
        for dead in gaps.dead_links.named
    ]
    lines += [
        ("stale", stale.entry.key, stale.entry.overview.owner if stale.entry.overview else "", f"due {stale.due}")
        for stale in gaps.stale.named
    ]
    for line in lines:
        click.echo("\t".join(map(one_line, line)).rstrip())


def _print_summary(gaps: "Gaps") -> None:
    found: dict[str, Found[Any]] = {
        "services without a runbook": gaps.services_without_runbook,
        "alerts that fired and got none": gaps.alerts_without_runbook,
        "dead links": gaps.dead_links,
        "stale documents": gaps.stale,
    }
    say("")
    say(f"documents: {gaps.documents:,}, of them runbooks: {gaps.runbooks:,}; services: {gaps.services:,}")
    for what, of_kind in found.items():
        cut = f", the first {len(of_kind.named):,} are shown" if len(of_kind.named) < of_kind.count else ""
        say(f"  {what}: {of_kind.count:,}{cut}")
    say(f"  documents that say no date of a review: {gaps.without_review:,}")
    for text in gaps.not_known:
        say(f"  not known: {text}")
