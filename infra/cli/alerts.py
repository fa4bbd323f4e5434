"""Alerts by hand, as a monitoring system would send them."""

import json
import sys
from pathlib import Path

import click

from infra.cli.environment import WEBHOOK_SECRET, Environment
from infra.cli.errors import CommandError
from infra.cli.options import api, as_json_option
from infra.cli.terminal import note, one_line, print_json, say

SAMPLE = Path(__file__).resolve().parents[2] / "events" / "alerts" / "alertmanager" / "firing.json"


@click.group()
def alert() -> None:
    """Send an alert by hand, as a monitoring system would."""


@alert.command()
@click.argument("file", type=click.Path(path_type=Path), default=SAMPLE, metavar="[FILE]")
@click.option(
    "--source",
    default="alertmanager",
    metavar="NAME",
    show_default=True,
    help="Which monitoring system's format it is.",
)
@as_json_option
def send(file: Path, source: str, as_json: bool) -> None:
    """Send a webhook body with the secret that the system demands.

    FILE is a webhook body, - reads stdin; without it, a sample is sent. The secret is read from PP_WEBHOOK_SECRET,
    else from the data folder. The matching runbook is shown where the system runs.

    \b
    Examples:
      pp alert send
      pp alert send events/alerts/alertmanager/batch.json
      curl -s http://alertmanager.example.com/last.json | pp alert send -
    """
    environment = Environment.read()
    if not environment.webhook_secret:
        raise CommandError(
            f"no webhook secret in {environment.data / WEBHOOK_SECRET}: start the system once with `make run`, "
            "set PP_DATA to its data folder, or set PP_WEBHOOK_SECRET"
        )
    answer = api().send_alert(source, _webhook_body(file), environment.webhook_secret)
    if as_json:
        print_json(answer)
    else:
        say(f"{one_line(answer['status']).capitalize()}. The runbook is shown where the system runs (`make run`).")


def _webhook_body(file: Path) -> bytes:
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}): name a file with a webhook body") from error
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        note(("note: ", "yellow"), f"{file} is not JSON; it is sent as it is, and ends up in `pp failures`")
    return body
