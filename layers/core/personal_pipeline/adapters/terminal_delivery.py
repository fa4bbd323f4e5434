"""Shows a match on the terminal of the one-machine system.

Alerts and documents are somebody else's text: what could move the cursor, change colours or reorder
characters is taken out before it is printed.
"""

import sys
import unicodedata
from typing import TextIO

from personal_pipeline.domain.alerts import RunbookMatch
from personal_pipeline.domain.catalog import Card

MAX_TEXT = 200


class TerminalDelivery:
    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def deliver(self, match: RunbookMatch) -> None:
        alert = match.alert
        where = f" on {_plain(alert.service)}" if alert.service else ""
        lines = [f"ALERT  {_plain(alert.name) or '(no name)'}{where} [{alert.severity.value}] {_plain(alert.summary)}"]
        lines += _found(match.runbook, match) if match.runbook else _nothing_sure(match)
        if match.degraded:
            lines.append(f"  without  {', '.join(match.degraded)}, which did not answer")
        self._stream.write("\n".join(lines) + "\n")
        self._stream.flush()


def _found(card: Card, match: RunbookMatch) -> list[str]:
    lines = [
        f"  RUNBOOK  {_named(card)}",
        f"  because  {_reasons(match)}  (confidence {match.confidence:.2f})",
    ]
    if card.first_step:
        lines.append(f"  first    {_plain(card.first_step)}")
    if card.contact:
        lines.append(f"  contact  {_plain(card.contact)}")
    return lines


def _nothing_sure(match: RunbookMatch) -> list[str]:
    if not match.also:
        return [f"  none     {_reasons(match)}"]
    lines = [f"  none     no runbook is sure enough (confidence {match.confidence:.2f}); the nearest, to look at:"]
    return lines + [f"  nearest  {_named(card)}" for card in match.also] + [f"  the first because  {_reasons(match)}"]


def _named(card: Card) -> str:
    return f"{_plain(card.title)}  ({_plain(card.source)}/{_plain(card.path)}, id {card.doc_id})"


def _reasons(match: RunbookMatch) -> str:
    return "; ".join(_plain(reason) for reason in match.reasons)


def _plain(text: str) -> str:
    """One line of visible characters: no control (Cc), format (Cf) or surrogate (Cs) characters."""
    visible = "".join(" " if char in "\n\r\t" else char for char in text[: 4 * MAX_TEXT])
    shown = "".join(char for char in visible if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    folded = " ".join(shown.split())
    return folded if len(folded) <= MAX_TEXT else folded[: MAX_TEXT - 1] + "…"
