"""Alerts by hand: sent as a monitoring system would, or only read, to see what a source or a mapping makes of them."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.cli.environment import Environment
from infra.cli.errors import CommandError
from infra.cli.options import api, as_json_option
from infra.cli.terminal import note, one_line, out, print_json, say, styled

if TYPE_CHECKING:
    from infra.cli.replays import Foreseen, Recorded
    from personal_pipeline.domain.alert_sources.lookup import AlertSources
    from personal_pipeline.domain.alerts import Alert, ReadAlerts

SAMPLE = Path(__file__).resolve().parents[2] / "events" / "alerts" / "alertmanager" / "firing.json"


@click.group()
def alert() -> None:
    """Send an alert, replay a storm, or see how one is read."""


@alert.command()
@click.argument("file", type=click.Path(path_type=Path), default=SAMPLE, metavar="[FILE]")
@click.option(
    "--source",
    metavar="NAME",
    help="Which monitoring system's format it is; else the folder says it (alerts/NAME/FILE), else alertmanager.",
)
@as_json_option
def send(file: Path, source: str | None, as_json: bool) -> None:
    """Send a webhook body, signed as the source demands it.

    FILE is a webhook body, - reads stdin; without it, a sample is sent. The secret is read from PP_WEBHOOK_SECRET,
    else from the data folder: the source's own, such as webhook-secret-grafana, else webhook-secret. The matching
    runbook is shown where the system runs.

    \b
    Examples:
      pp alert send
      pp alert send events/alerts/pagerduty/firing.json
      pp alert send body.json --source grafana
      curl -s http://alertmanager.example.com/last.json | pp alert send -
    """
    from infra.cli.senders import signed, source_of  # the library, which other commands do without

    source = source or source_of(file)
    answer = api().send_alert(signed(source, _webhook_body(file), Environment.read()))
    if as_json:
        print_json(answer)
    else:
        say(f"{one_line(answer['status']).capitalize()}. The runbook is shown where the system runs (`make run`).")


@alert.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--dry-run", is_flag=True, help="Send nothing; say which alerts each line holds, and what people would get."
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    metavar="N",
    help="So many times faster than it was recorded.",
)
@as_json_option
def replay(file: Path, dry_run: bool, speed: float, as_json: bool) -> None:
    """Send a recorded storm at the pace that it had.

    Each line of FILE is {"at": seconds or ISO time, "source": name, "body": {...}}, in the order of time; - reads
    stdin. All lines are checked before the first is sent, signed as `pp alert send` signs. With --dry-run a message is
    counted as if no alert had a runbook, and no service another name.

    \b
    Examples:
      pp alert replay events/alerts/storm.jsonl --dry-run
      pp alert replay events/alerts/storm.jsonl --speed 5
    """
    from infra.cli.replays import read_lines
    from personal_pipeline.alert_mappings import alert_sources

    sources = alert_sources()
    lines = read_lines(_body(file).decode(errors="replace"), sources)
    if dry_run:
        _foretell(lines, sources, as_json)
    else:
        _replay(lines, speed, as_json)


def _replay(lines: "Sequence[Recorded]", speed: float, as_json: bool) -> None:
    from infra.cli.senders import signed

    to, environment, began = api(), Environment.read(), time.monotonic()
    for line in lines:
        time.sleep(max(0.0, began + line.after / speed - time.monotonic()))
        try:
            to.send_alert(signed(line.source, line.body, environment))
        except CommandError as error:
            raise CommandError(f"line {line.number}: {error}") from error
    took = time.monotonic() - began
    if as_json:
        print_json({"webhooks": len(lines), "seconds": round(took, 3)})
    else:
        say(f"{len(lines)} webhooks sent in {took:.0f} s.")


def _foretell(lines: "Sequence[Recorded]", sources: "AlertSources", as_json: bool) -> None:
    from infra.cli.replays import foreseen

    found = list(zip(lines, foreseen(lines, sources, time.time()), strict=True))
    messages = [message for _, one in found for message in one.messages]
    new = sum(not message.is_update for message in messages)
    if as_json:
        of_lines = [_line_as_json(line, one) for line, one in found]
        print_json({"lines": of_lines, "messages": new, "changes": len(messages) - new})
    else:
        for line, one in found:
            _print_line(line, one)
        say(
            f"{len(lines)} webhooks with {sum(len(one.alerts) for _, one in found)} alerts: people would get {new} "
            f"messages, which would change {len(messages) - new} times."
        )
    for line, one in found:
        for reason in one.unreadable:
            note(f"line {line.number}: {one_line(reason)}")
    if any(one.unreadable for _, one in found):
        raise click.exceptions.Exit(1)


def _line_as_json(line: "Recorded", found: "Foreseen") -> dict[str, Any]:
    return {
        "line": line.number,
        "after": line.after,
        "source": line.source,
        "alerts": [
            {"name": one.name, "service": one.service, "severity": one.severity, "status": one.status}
            for one in found.alerts
        ],
        "unreadable": list(found.unreadable),
        "messages": len(found.messages),
    }


def _print_line(line: "Recorded", found: "Foreseen") -> None:
    say((f"{line.after:.1f} s  ", "dim"), f"line {line.number}, {line.source}: messages {len(found.messages)}")
    for one in found.alerts:
        service = one_line(one.service) or "no service"
        say(f"    {one_line(one.name)} on {service} [{one.severity}] {one.status}")


@alert.command("try")
@click.argument("source", metavar="MAPPING_OR_SOURCE")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--mappings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your file of mappings; else that of ALERT_MAPPINGS_FILE.",
)
@as_json_option
def try_(source: str, file: Path, mappings: Path | None, as_json: bool) -> None:
    """See what a source or a mapping makes of a webhook body.

    Nothing is sent, and no system has to run. FILE is a webhook body, - reads stdin. What cannot be read is named,
    and gives exit code 1.

    \b
    Examples:
      pp alert try zabbix events/alerts/zabbix/firing.json
      pp alert try beacon events/alerts/generic/batch.json --mappings events/alerts/generic/mapping.yaml
      pp alert try splunk body.json --json | jq '.alerts[].fingerprint'
    """
    read = _read(source, _body(file), mappings)
    if as_json:
        print_json({"alerts": [_as_json(one) for one in read.alerts], "unreadable": list(read.unreadable)})
    else:
        _print_alerts(read)
    for line in read.unreadable:
        note(one_line(line))
    if read.unreadable:
        raise click.exceptions.Exit(1)


def _read(source: str, body: bytes, mappings: Path | None) -> "ReadAlerts":
    from personal_pipeline.alert_mappings import alert_sources
    from personal_pipeline.settings import AlertMappingSettings

    settings = AlertMappingSettings(alert_mappings_file=str(mappings)) if mappings else None
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"the body is not JSON ({error}): save it as the sender sent it") from error
    return alert_sources(settings).read(source, payload)


def _as_json(one: "Alert") -> dict[str, Any]:
    return asdict(one) | {"starts_at": one.starts_at.isoformat() if one.starts_at else None}


def _print_alerts(read: "ReadAlerts") -> None:
    """A line for each field, the empty ones too: what a mapping does not find is what its author looks for."""
    if not read.alerts:
        return note("There is no alert in it that fires or ends.")
    rows = [
        (str(number), one_line(field), one_line(value))
        for number, one in enumerate(read.alerts, start=1)
        for field, value in _fields(one)
    ]
    if not out().is_terminal:
        for row in rows:
            click.echo("\t".join(row))
        return None

    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in ("", "field", "value"):
        table.add_column(head, overflow="fold")
    for number, field, value in rows:
        table.add_row(styled((number, "dim")), styled((field, "bold")), styled(value or ("nothing", "dim")))
    return out().print(table, soft_wrap=False)


def _fields(one: "Alert") -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    for field, value in _as_json(one).items():
        if isinstance(value, dict):
            said += [(f"{field}.{name}", item) for name, item in value.items()]
        else:
            said.append((field, value or ""))
    return said


def _webhook_body(file: Path) -> bytes:
    body = _body(file)
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        note(
            ("note: ", "yellow"),
            f"{file} is not JSON; it is sent as it is, and ends up in `pp failures` if it is no form",
        )
    return body


def _body(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}): name a file with a webhook body") from error
