"""A notice as Slack blocks: never refused for its size, and nothing in it that takes effect.

Text of outsiders stands only in ``plain_text`` and in ``text`` elements of rich text. Neither is parsed: no mention,
link, emoji or formatting in it means anything, and a command cannot end the block that it stands in. The one field
that Slack parses is the message's own ``text``, which notifications show: see ``notification``.

Slack refuses messages by a total that it does not document (``msg_blocks_too_long`` near 13,200 characters). So each
section gets the most detail that leaves the others their place, measured on the JSON itself.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from personal_pipeline.adapters.targets.fitting import DETAILS, LEAST, Detail, Room, size_of
from personal_pipeline.domain import wording
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.notices import Notice, Section, Step
from personal_pipeline.domain.safe_text import visible, visible_lines
from personal_pipeline.domain.slack_clicks import HELPED, RIGHT, WRONG

Block = dict[str, Any]
MAX_BLOCKS = 50
MAX_HEADER = 150
MAX_BUTTON_VALUE = 2000
MAX_BUTTON_TEXT = 75
MAX_BYTES = 12_000  # of all blocks as JSON
OPEN = "open"
_MAX_SECTIONS = 18
_KEPT_BYTES = 420  # for each section still to come: its title and count
_LEFT_OUT_BYTES = 200  # for the line that says what is not shown


def blocks(notice: Notice, *, compact: bool = False) -> list[Block]:
    """``compact``: only what must be said, for when Slack refused the whole."""
    top, end = list(_top(notice)), list(_end(notice))
    if compact:
        top, end = top[:1], []
    chosen = notice.sections[: 3 if compact else _MAX_SECTIONS]
    room = Room(MAX_BLOCKS - len(top) - len(end) - 1, MAX_BYTES - size_of(top + end) - _LEFT_OUT_BYTES, _KEPT_BYTES)
    details = (LEAST,) if compact else DETAILS
    shown, left_out = room.fill(chosen, lambda section, detail: list(_section(notice, section, detail)), details)
    left_out += notice.sections[len(chosen) :]
    if left_out:
        shown.append(_rich(_line(_text(wording.not_shown(left_out)))))
    return [*top, *shown, *end]


def notification(notice: Notice) -> str:
    """The message's ``text``, which Slack parses: what it could take for formatting is replaced by a lookalike."""
    return quiet(wording.headline(notice, 300))


_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LONELY_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


def quiet(text: str) -> str:
    """Underscores within words mean nothing to Slack and stay; colons part emoji and addresses from their names."""
    lookalike = _LONELY_UNDERSCORE.sub("ˍ", text.translate(_LOOKALIKES))
    return lookalike.replace(":", "∶").replace("@", "＠").replace("#", "＃")


def new_runbooks(sections: list[Section]) -> list[Block]:
    """The short reply that makes people look at a message which changed."""
    lines = [_line(_text("New in this alert:"))]
    for section in sections[:5]:
        card = section.runbook or section.candidates[0].card
        lines += [_line(*_linked(card, 150), _text(f" · {wording.answered_alerts(section, 1)}"))]
    return [_rich(*lines)]


def _top(notice: Notice) -> Iterator[Block]:
    yield {"type": "header", "text": _plain(wording.headline(notice, MAX_HEADER))}
    yield {"type": "context", "elements": [_plain(wording.overview(notice))]}
    if notice.cause:
        elements = [_text(wording.first_cause(notice.cause), bold=True)]
        if notice.cause.runbook:
            elements += [_text(" · "), *_linked(notice.cause.runbook, 120)]
        yield _rich(_line(*elements))


def _end(notice: Notice) -> Iterator[Block]:
    others = wording.also_alerting(notice)
    lines = [_line(_text(wording.escalation(notice)))]
    lines += [_line(_text(others))] if others else []
    yield _rich(*lines)


def _section(notice: Notice, section: Section, detail: Detail) -> Iterator[Block]:
    lines = list(_lead(notice, section, detail))
    if section.decision == "attach" and section.runbook:
        yield _rich(*lines, *_steps(section.steps, detail))
        if detail.has_buttons:
            yield _buttons(notice, section, section.runbook, ("This helped", HELPED), ("Wrong runbook", WRONG))
        return
    yield _rich(*lines)
    if section.decision != "suggest" or not detail.has_buttons:
        return
    for candidate in section.candidates[: detail.candidates]:
        reasons = wording.reasons_of(candidate.reasons, detail.reasons, detail.reason)
        yield _rich(_line(*_linked(candidate.card, detail.title), _text(f" · {reasons}" if reasons else "")))
        yield _buttons(notice, section, candidate.card, ("This is it", RIGHT))


def _lead(notice: Notice, section: Section, detail: Detail) -> Iterator[Block]:
    if len(notice.sections) > 1:
        yield _line(_text(wording.answered_alerts(section, 3 if detail.reasons > 1 else 1), bold=True))
    if section.decision == "attach" and section.runbook:
        yield _line(_text(f"{wording.verdict(section)}: "), *_linked(section.runbook, detail.title))
    elif section.decision == "suggest" and not detail.has_buttons and section.candidates:
        yield _line(_text(f"{wording.verdict(section)} "), *_linked(section.candidates[0].card, detail.title))
    else:
        yield _line(_text(wording.verdict(section)))
    if section.decision == "none" and detail.reasons:
        yield _line(_text(wording.owner(notice)))
    reasons = wording.reasons_of(section.reasons, detail.reasons, detail.reason)
    if reasons:
        yield _line(_text(f"Because: {reasons}"))
    if detail.has_buttons and (missing := wording.without(section)):
        yield _line(_text(missing))


def _steps(steps: tuple[Step, ...], detail: Detail) -> Iterator[Block]:
    """A command stands in a block of its own: a list of Slack can hold none."""
    for number, step in enumerate(steps[: detail.steps], start=1):
        said = visible(step.text, detail.step)
        command = visible_lines(step.command, detail.command)
        if said or command:
            yield _line(_text(f"{number}. {said}"))
        if command:
            yield {"type": "rich_text_preformatted", "elements": [_text(command)]}


def _buttons(notice: Notice, section: Section, card: Card, *kinds: tuple[str, str]) -> Block:
    alert = section.examples[0].name if section.examples else ""
    value = button_value(alert, notice.service, card.doc_id)
    elements: list[Block] = [
        {"type": "button", "action_id": action, "text": _plain(text[:MAX_BUTTON_TEXT]), "value": value}
        for text, action in kinds
    ]
    if address := wording.web_url(card.url):
        elements.append({"type": "button", "action_id": OPEN, "text": _plain("Open"), "url": address})
    return {"type": "actions", "elements": elements}


def button_value(alert: str, service: str, doc_id: str) -> str:
    """What a click tells us. Names are cut where feedback no longer looks at them, and until they fit."""
    for limit in (1000, 400, 150):
        said = {"a": visible(alert, limit), "s": visible(service, min(limit, 400)), "d": doc_id[:64]}
        value = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        if len(value) <= MAX_BUTTON_VALUE:
            break
    return value


def _linked(card: Card, limit: int) -> list[Block]:
    name, address = wording.title(card, limit), wording.web_url(card.url)
    if not address:
        return [_text(name, bold=True)]
    return [{"type": "link", "url": address, "text": name, "style": {"bold": True}}]


def _rich(*elements: Block) -> Block:
    """Slack takes sections that follow each other for one line: each begins a line of its own here."""
    ended = [
        {**element, "elements": [*element["elements"], _text("\n")]}
        if element["type"] == "rich_text_section" and place < len(elements) - 1
        else element
        for place, element in enumerate(elements)
    ]
    return {"type": "rich_text", "elements": ended}


def _line(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": [element for element in elements if element.get("text")]}


def _text(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def _plain(text: str) -> Mapping[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
