"""``pp feedback``: say whether a document helped with an alert."""

import click

from infra.cli.options import api, as_json_option
from infra.cli.terminal import print_json, say


@click.command()
@click.argument("alert", metavar="ALERT")
@click.argument("document_id", metavar="ID")
@click.option("--helped/--did-not-help", "helpful", default=True, show_default=True, help="What is said of it.")
@click.option("--service", default="", metavar="NAME", help="The alert's service, if it has one.")
@click.option("--revoke", is_flag=True, help="Take back what you said.")
@as_json_option
def feedback(alert: str, document_id: str, helpful: bool, service: str, revoke: bool, as_json: bool) -> None:
    """Say whether a document helped with an alert.

    The next alert of its kind is answered accordingly. ALERT is its name, ID what a search or an alert named. Your last
    word counts, once, for 90 days, half as much after each 30; exact names weigh more than any number of votes.

    \b
    Examples:
      pp feedback NodeFilesystemAlmostOutOfSpace 3kq7x2m5c4ab6d7e --service platform
      pp feedback KubePodCrashLooping 3kq7x2m5c4ab6d7e --did-not-help
      pp feedback KubePodCrashLooping 3kq7x2m5c4ab6d7e --revoke
    """
    said = {"alert": alert, "service": service, "id": document_id, "helpful": None if revoke else helpful}
    answer = api().post("/v1/feedback", "status", said)
    if as_json:
        print_json(answer)
    elif revoke:
        say("Taken back.")
    else:
        say("Counted: it helped." if helpful else "Counted: it did not help.")
