"""``pp routes``: is the routes file right, and who would be told of an alert."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.cli.errors import CommandError
from infra.cli.options import as_json_option
from infra.cli.terminal import one_line, print_error, print_json, say

if TYPE_CHECKING:
    from personal_pipeline.domain.routing import Route, Routes, Window

SEVERITIES = ("critical", "warning", "info", "unknown")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def routes() -> None:
    """Check who is told of which alert."""


@routes.command()
@click.argument("file", required=False, type=_FILE, metavar="[FILE]")
@as_json_option
def check(file: Path | None, as_json: bool) -> None:
    """See whether a routes file is right.

    Without FILE: the one in ROUTES_FILE, else the one that comes with the system. All that is wrong is named at once,
    with what to write instead; the exit code is then 1. Nothing is sent.

    \b
    Examples:
      pp routes check routes.yaml
    """
    from personal_pipeline.routes import InvalidRoutesError

    try:
        found = _read(file)
    except InvalidRoutesError as error:
        problems = str(error).splitlines()
        if as_json:
            print_json({"problems": problems})
        for line in problems if not as_json else ():
            print_error(line)
        raise click.exceptions.Exit(1) from None
    if as_json:
        kinds = {target.name: target.kind for target in found.targets}
        print_json({"problems": [], "targets": kinds, "routes": len(found.routes), "default": list(found.default)})
        return
    targets, number = len(found.targets), len(found.routes)
    say(f"{_many(targets, 'target')}, {_many(number, 'route')}, by default: {', '.join(found.default) or 'nobody'}.")


@routes.command()
@click.option("--file", type=_FILE, metavar="FILE", help="This routes file, not that of the system.")
@click.option("--service", default="", help="Service that the alert is of.")
@click.option(
    "--severity", type=click.Choice(SEVERITIES), default="critical", show_default=True, help="How bad the alert is."
)
@click.option("--team", default="", help="Team that owns the service.")
@click.option("--source", default="", help="Source that the alert comes from, as alertmanager.")
@click.option("--at", default="", metavar="TIME", help="When it began, as 2026-11-29T03:00+01:00; now by default.")
@as_json_option
def test(file: Path | None, service: str, severity: str, team: str, source: str, at: str, as_json: bool) -> None:
    """See who would be told of an alert, and why. Nothing is sent.

    \b
    Examples:
      pp routes test --service checkout --severity critical --team payments
      pp routes test --service checkout --team payments --at 2026-11-29T03:00+01:00
    """
    found, when = _read(file), _time(at)
    asked = (service, severity, team, when, [source] if source else [])
    matching, targets = found.matching(*asked), found.targets_for(*asked)
    why = {target.name: [route for route in matching if target.name in route.targets] for target in targets}
    if as_json:
        print_json([_target_json(target.name, target.kind, why[target.name]) for target in targets])
        return
    for target in targets:
        because = "; ".join(f"route {route.number}: {_conditions(route)}" for route in why[target.name])
        say((target.name, "bold"), f"  {target.kind}  ", because or "default, because no route matches")
    if not targets:
        say(
            "Nobody: "
            + ("the routes that match name no target." if matching else "no route matches, default is empty.")
        )


def _read(file: Path | None) -> "Routes":
    from personal_pipeline.routes import load_routes
    from personal_pipeline.settings import RoutingSettings

    given = RoutingSettings.from_env().routes_file
    return load_routes(file or (Path(given) if given else None))


def _time(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--at {one_line(text)} is no time: write it like 2026-11-29T03:00+01:00") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _conditions(route: "Route") -> str:
    given = [
        ("service", route.services),
        ("severity", route.severities),
        ("team", route.teams),
        ("source", route.sources),
        ("during", tuple(_window(window) for window in route.during)),
    ]
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in given if values) or "every alert"


def _window(window: "Window") -> str:
    from personal_pipeline.domain.routing import DAYS

    days = " ".join(DAYS[day] for day in sorted(window.days))
    return f"{days} {_clock(window.begins)}-{_clock(window.ends)} {window.zone}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _target_json(name: str, kind: str, because: "Sequence[Route]") -> dict[str, Any]:
    return {
        "target": name,
        "kind": kind,
        "because": [{"route": route.number, "conditions": _conditions(route)} for route in because] or "default",
    }


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
