"""Looking after a running system: dead letters, and answering ahead of time."""

from datetime import UTC, datetime

import click

from infra.cli.errors import CommandError
from infra.cli.options import api, as_json_option
from infra.cli.terminal import one_line, print_json, say

SHOWN_CHARACTERS = 400


@click.command()
@as_json_option
def failures(as_json: bool) -> None:
    """List what was given up after its attempts, and why.

    Nothing in this list is lost: mend the cause, then send it round again with `pp redrive`.

    \b
    Examples:
      pp failures
      pp failures --json | jq -r '.failures[].subject'
    """
    answer = api().get("/local/failures", "failures")
    if as_json:
        print_json(answer)
        return
    for failure in answer["failures"]:
        when = datetime.fromtimestamp(failure["failed_at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        say((one_line(failure["subject"]) or f"a message on {one_line(failure['queue'])}", "bold"))
        say("  ", one_line(failure["reason"])[:SHOWN_CHARACTERS])
        say((f"  {one_line(failure['queue'])}, {failure['attempts']} attempts, last {when}", "dim"))
        say(("  pp redrive ", "dim"), (one_line(failure["id"]), "cyan"))
        say("")
    count = len(answer["failures"])
    say(f"{count} {'failure' if count == 1 else 'failures'}" if count else "No failures.")


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@as_json_option
def redrive(ids: tuple[str, ...], as_json: bool) -> None:
    """Send failures round again, after their cause was mended.

    ID is what `pp failures` shows; without one, all of them.

    \b
    Examples:
      pp redrive
      pp redrive 5d0c9f7e-6a1b-4c9e-8f43-0b1f2f5f7c11
    """
    answer = api().post("/local/redrive", "redriven", {"ids": list(ids)} if ids else {})
    if as_json:
        print_json(answer)
    else:
        say(f"{answer['redriven']} sent round again; `pp failures` shows what fails once more.")
    if ids and answer["redriven"] < len(ids):
        raise CommandError(f"only {answer['redriven']} of {len(ids)} are dead letters: see `pp failures` for their ids")


@click.command()
@as_json_option
def warm(as_json: bool) -> None:
    """Answer the likely questions ahead of time.

    They are the most asked ones and the critical documents; the schedule does the same every few minutes.

    \b
    Examples:
      pp warm
      pp warm --json
    """
    answer = api().post("/local/warm", "warmed", {})
    if as_json:
        print_json(answer)
    else:
        say(f"{answer['warmed']} warmed, {answer['skipped']} were warm, {answer['failed']} failed.")
    if answer["failed"]:
        raise CommandError("not everything could be warmed: see `pp doctor`")
