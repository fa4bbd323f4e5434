"""``pp search``: find a runbook."""

import re
from typing import TYPE_CHECKING, Any

import click

from infra.cli.options import api, as_json_option
from infra.cli.terminal import dotted, note, one_line, paragraph, place_of, print_json, say, visible

if TYPE_CHECKING:
    from infra.cli.api import Api

MAX_GET_CHARACTERS = 1_000
SAID_FROM = 0.01  # less is no confidence to speak of
REASONS_SHOWN = 3
_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
ANSWERED_BY = {
    "l1": "from memory",
    "l2": "from the cache",
    "index": "from the index",
    "stale": "from an older answer",
    "keys": "from exact keys only",
}


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True, help="Hits at most.")
@click.option("--service", default="", metavar="NAME", help="Only documents of this service.")
@click.option("--source", default="", metavar="NAME", help="Only documents of this source.")
@click.option("--type", "type_", default="", metavar="NAME", help="Only this type: runbook, postmortem, ...")
@click.option("--severity", default="", metavar="NAME", help="Only documents for this severity.")
@as_json_option
def search(
    words: tuple[str, ...], limit: int, service: str, source: str, type_: str, severity: str, as_json: bool
) -> None:
    """Find the runbook for a question, an alert name or a log line.

    Best first, with the reasons why.

    \b
    Examples:
      pp search disk full
      pp search "FATAL: sorry, too many clients already"
      pp search replication lag --service orders-db --json
    """
    filters = {"service": service, "source": source, "type": type_, "severity": severity}
    answer = _ask(api(), _plain(" ".join(words)), limit, {name: value for name, value in filters.items() if value})
    if as_json:
        print_json(answer)
    else:
        _print_answer(answer)


def _plain(words: str) -> str:
    """What was copied from a coloured log, without its colours."""
    return one_line(_ESCAPE_SEQUENCE.sub("", words))


def _ask(system: "Api", words: str, limit: int, filters: dict[str, str]) -> dict[str, Any]:
    question = {"q": words, "limit": limit, **filters}
    if len(words) <= MAX_GET_CHARACTERS:
        return system.get("/v1/search", "hits", question)
    return system.post("/v1/search", "hits", question)


def _print_answer(answer: dict[str, Any]) -> None:
    hits = answer["hits"]
    if answer.get("did_you_mean"):
        note(("read as ", "bold yellow"), one_line(answer["did_you_mean"]))
    for number, hit in enumerate(hits, 1):
        _print_hit(number, hit)
    if answer["degraded"]:
        note(("degraded: ", "bold yellow"), "; ".join(map(one_line, answer["degraded"])), "; see `pp doctor`")
    if not hits:
        note("Nothing fits. Use fewer or other words, or leave out a filter; `pp doctor` shows what is indexed.")
        return
    how = ANSWERED_BY.get(answer["answered_by"], one_line(answer["answered_by"]))
    more = "; more with --limit" if answer["next_cursor"] else ""
    say((f"{len(hits)} {'hit' if len(hits) == 1 else 'hits'} {how} in {answer['took_ms']:.1f} ms{more}", "dim"))


def _print_hit(number: int, hit: dict[str, Any]) -> None:
    about = dotted([*hit["services"], hit["severity"], hit["type"]])
    say((f"{number:2}  ", "dim"), (one_line(hit["title"]), "bold"), ("  " + about if about else "", "dim"))
    heading = [one_line(part) for part in hit["heading"] if one_line(part) != one_line(hit["title"])]
    paragraph((" › ".join([place_of(hit), *heading]), "dim"), indent=4)
    if hit["snippet"]["text"].strip():
        paragraph(*_highlighted(hit["snippet"]), indent=4)
    if hit["reasons"]:
        sure = f" ({hit['confidence']:.0%} sure)" if hit["confidence"] >= SAID_FROM else ""
        paragraph(
            ("because ", "dim"), "; ".join(map(one_line, hit["reasons"][:REASONS_SHOWN])), (sure, "dim"), indent=4
        )
    for twin in hit["also_at"]:
        paragraph(("the same at ", "dim"), place_of(twin), indent=4)
    say(("    pp show ", "dim"), (one_line(hit["id"]), "cyan"))
    say("")


def _highlighted(snippet: dict[str, Any]) -> list[str | tuple[str, str]]:
    """Cut before cleaning: the ranges count characters of the text as it came."""
    text, at = snippet["text"], 0
    pieces: list[str | tuple[str, str]] = []
    for start, end in snippet["highlights"]:
        if at <= start < end <= len(text):
            pieces += [_flat(text[at:start]), (_flat(text[start:end]), "bold green")]
            at = end
    return [*pieces, _flat(text[at:])]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", visible(text))
