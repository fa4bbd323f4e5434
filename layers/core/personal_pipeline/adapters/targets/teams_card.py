"""A notice as an Adaptive Card of Teams, never too large for a workflow, and nothing in it that takes effect.

All words stand in the text runs of rich text blocks: those render no Markdown, and ``<at>`` mentions nobody without an
entity that says so. Text blocks, which render Markdown, are not used at all.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from personal_pipeline.adapters.targets.fitting import DETAILS, Detail, Room, size_of
from personal_pipeline.domain import wording
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.notices import Notice, Section, Step
from personal_pipeline.domain.safe_text import visible, visible_lines

Element = dict[str, Any]
MAX_BYTES = 28 * 1024  # of what Teams takes; a workflow puts some of its own around the card
_CARD_BYTES = 24_000
_MAX_ELEMENTS = 150
_MAX_SECTIONS = 40
_KEPT_BYTES = 450  # for each section still to come
_MAX_COMMAND_LINES = 12
_COLORS = {"critical": "attention", "warning": "warning"}


def message(notice: Notice) -> bytes:
    top = [_words(wording.headline(notice, 200), size="large", weight="bolder", color=_color(notice))]
    top.append(_words(wording.overview(notice), isSubtle=True))
    if notice.cause:
        top.append(_words(wording.first_cause(notice.cause), weight="bolder"))
        top += _opener(notice.cause.runbook) if notice.cause.runbook else []
    end = [_words(wording.escalation(notice))]
    end += [_words(others)] if (others := wording.also_alerting(notice)) else []
    return _envelope([*top, *_sections(notice, notice.sections, size_of(top + end)), *end])


def update(notice: Notice, unseen: Sequence[Section]) -> bytes:
    """What changed, since Teams cannot change what was sent: refers to the first message by its time."""
    top = [
        _words(wording.headline(notice, 200), weight="bolder", color=_color(notice)),
        _words(f"An update to the message of {notice.started_at:%Y-%m-%d %H:%M} UTC. {wording.overview(notice)}"),
    ]
    return _envelope([*top, *_sections(notice, unseen, size_of(top))])


def _sections(notice: Notice, sections: Sequence[Section], used: int) -> list[Element]:
    room = Room(_MAX_ELEMENTS, _CARD_BYTES - used, _KEPT_BYTES)
    chosen = sections[:_MAX_SECTIONS]
    shown, left_out = room.fill(chosen, lambda section, detail: list(_section(notice, section, detail)), DETAILS)
    left_out += sections[len(chosen) :]
    return [*shown, _words(wording.not_shown(left_out))] if left_out else shown


def _section(notice: Notice, section: Section, detail: Detail) -> Iterator[Element]:
    if len(notice.sections) > 1:
        named = wording.answered_alerts(section, 3 if detail.reasons > 1 else 1)
        yield _words(named, weight="bolder") | {"separator": True}
    yield _words(wording.verdict(section))
    if section.decision == "none":
        yield _words(wording.owner(notice))
    if reasons := wording.reasons_of(section.reasons, detail.reasons, detail.reason):
        yield _words(f"Because: {reasons}")
    if missing := wording.without(section) if detail.reasons else "":
        yield _words(missing)
    if section.decision == "attach" and section.runbook:
        yield _words(wording.title(section.runbook, detail.title), weight="bolder")
        yield from _steps(section.steps, detail)
        yield from _opener(section.runbook)
    if section.decision == "suggest":
        for candidate in section.candidates[: detail.candidates]:
            yield _words(wording.title(candidate.card, detail.title), weight="bolder")
            if why := wording.reasons_of(candidate.reasons, detail.reasons, detail.reason):
                yield _words(why)
            yield from _opener(candidate.card)


def _steps(steps: Sequence[Step], detail: Detail) -> Iterator[Element]:
    """A line of a command is a block of its own: line breaks within a text run are not shown everywhere."""
    for number, step in enumerate(steps[: detail.steps], start=1):
        said, command = visible(step.text, detail.step), visible_lines(step.command, detail.command)
        if said or command:
            yield _words(f"{number}. {said}")
        lines = command.split("\n") if command else []
        for line in [*lines[:_MAX_COMMAND_LINES], *(["…"] if len(lines) > _MAX_COMMAND_LINES else [])]:
            yield _words(line or " ", fontType="monospace") | {"spacing": "none"}


def _opener(card: Card) -> list[Element]:
    address = wording.web_url(card.url)
    if not address:
        return []
    action = {"type": "Action.OpenUrl", "title": visible(f"Open {wording.title(card, 60)}", 80), "url": address}
    return [{"type": "ActionSet", "actions": [action]}]


def _words(text: str, **look: str | bool) -> Element:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}


def _color(notice: Notice) -> str:
    return "good" if notice.status == "resolved" else _COLORS.get(notice.severity.value, "default")


def _envelope(body: list[Element]) -> bytes:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": "An alert notice: update Teams to read it.",
        "msteams": {"width": "Full"},
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False).encode(errors="replace")
