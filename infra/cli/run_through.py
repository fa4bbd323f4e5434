"""``pp run-through``: the steps of a runbook one at a time, for somebody who was asleep a minute ago.

Nothing is run: commands are there to be copied, and stand alone on their lines.
"""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import click

from infra.cli.options import api
from infra.cli.procedures import LABEL, branch_words, print_command, print_escalation, words
from infra.cli.terminal import labelled, one_line, paragraph, say
from infra.cli.walk import Fields, Stop, Walk, stops_of

KEYS = {
    "Enter": "done, go on",
    "s": "skip",
    "b": "back",
    "l": "list all",
    "f": "fill in <…>",
    "e": "whom to call",
    "r": "way back",
    "q": "quit",
}


@click.command("run-through")
@click.argument("document_id", metavar="ID")
def run_through(document_id: str) -> None:
    """Walk through the steps of a runbook, one at a time.

    Each step comes with its commands, to be copied (nothing is run), what should be seen then, and where its conditions
    lead. ID is what a search or an alert named.

    \b
    Example:
      pp run-through 3kq7x2m5c4ab6d7e
    """
    path = f"/v1/documents/{quote(document_id, safe='')}"
    system = api()
    procedure = system.get(f"{path}/procedure", "steps")
    say((one_line(procedure["title"]), "bold"), (f"  version {procedure['rev']}", "dim"))
    walk = Walk(stops_of(procedure))
    if not walk.stops:
        say(one_line(procedure["note"]) or "there is nothing to walk through in it")
        say("pp show ", one_line(procedure["id"]))
        return
    for remark in procedure["prerequisites"]:
        labelled(("first", "dim"), LABEL, words(remark["text"]))
    try:
        _walk(walk, lambda: print_escalation(system.get(f"{path}/escalation", "contacts")))
    except click.Abort:  # Ctrl-C, or the end of what is piped in
        say("")
    _sum_up(walk)


def _walk(walk: Walk, call: Callable[[], None]) -> None:
    """Until the last step is done, or whoever walks has enough."""
    answers: dict[str, Callable[[], None]] = {
        "b": lambda: None if walk.back() else say("This is where you began."),
        "l": lambda: _list(walk),
        "f": lambda: _fill_in(walk),
        "e": call,
        "r": lambda: _way_back(walk),
        "?": _print_keys,
    }
    _print_keys()
    shown = None
    while True:
        if shown != (walk.at, dict(walk.values)):
            _show(walk)
        shown = (walk.at, dict(walk.values))
        said = click.prompt("", "", prompt_suffix="> ", show_default=False).strip().casefold()
        if said in {"", "s"}:
            if not said:
                walk.done[walk.stop.id] = datetime.now().astimezone()
            if (following := walk.following) is None:
                return
            walk.go(following)
        elif said == "q":
            return
        elif said in answers:
            answers[said]()
        elif said.isascii() and said.isdecimal() and 0 < int(said) <= len(walk.stop.branches):
            _take(walk, walk.stop.branches[int(said) - 1], call)
        else:
            say(f"{one_line(said)!r} is no answer here.")
            _print_keys()


def _show(walk: Walk) -> None:
    stop = walk.stop
    place, of = walk.position
    done = f"  done at {walk.done[stop.id]:%H:%M}" if stop.id in walk.done else ""
    way = "way back, " if stop.apart == "rollback" else ""
    title = f" · {one_line(stop.title)}" if stop.title else ""
    say("")
    say((f"── {way}{place} of {of}{title}{done}", "cyan"))
    if stop.text:
        number = f"{one_line(stop.number)}. " if stop.number else ""
        paragraph((f"{number}{words(stop.text)}", "bold"), indent=0)
    for piece in stop.also:
        labelled(("also", "dim"), LABEL, words(piece["text"]))
    for command in stop.own_commands:
        say("")
        print_command(command, walk.values)
    if stop.own_commands:
        say("")
    for expected in stop.expected:
        labelled(("see", "dim"), LABEL, words(expected["text"]))
    is_told = len(stop.branches) == 1 and not stop.branches[0]["leads_to"]  # by the words of the step
    for number_of, branch in enumerate(() if is_told else stop.branches, 1):
        labelled((str(number_of), "bold"), 3, *branch_words(branch))
    if walk.following is None:
        say(("the last step", "dim"))


def _take(walk: Walk, branch: Fields, call: Callable[[], None]) -> None:
    """Go where it leads; where it leads nowhere, show what is to be done."""
    target = branch["leads_to"]
    if target and (place := walk.place_of(target)) is not None:
        walk.go(place)
    elif target and target["kind"] == "document":
        paragraph("That is another page: ", (one_line(target["link"]), "bold"), indent=0)
    elif target and "escalation" in target["text"].casefold():
        call()
    else:
        paragraph((words(branch["action"]), "bold"), indent=0)
        for command in walk.stop.commands_of(branch):
            print_command(command, walk.values)


def _way_back(walk: Walk) -> None:
    if walk.way_back is None:
        say("It says nothing about a way back.")
    else:
        walk.go(walk.way_back)


def _fill_in(walk: Walk) -> None:
    """What is typed stands for the placeholder from here on; nothing leaves it as it is."""
    names = dict.fromkeys(name for command in walk.stop.commands for name in command["placeholders"])
    if not names:
        say("There is nothing to fill in here.")
    for name in names:
        value = click.prompt(one_line(name), walk.values.get(name, ""), prompt_suffix=" = ", show_default=False)
        if value.strip():
            walk.values[name] = one_line(value)


def _list(walk: Walk) -> None:
    for place, stop in enumerate(walk.stops):
        mark = "here" if place == walk.at else "done" if stop.id in walk.done else ""
        labelled((mark, "bold green"), 5, _name(stop), (f"  {one_line(stop.title)}", "dim"))


def _print_keys() -> None:
    say((" · ".join(f"{key} {does}" for key, does in KEYS.items()) + " · 1, 2 … where that condition leads", "dim"))


def _sum_up(walk: Walk) -> None:
    done = [stop for stop in walk.stops if stop.id in walk.done]
    say("")
    say(("Done:" if done else "Nothing was done.", "bold"))
    for stop in done:
        labelled((f"{walk.done[stop.id]:%H:%M}", "dim"), 7, _name(stop))


def _name(stop: Stop) -> str:
    return words(stop.text) or one_line(stop.title) or "before the first heading"
