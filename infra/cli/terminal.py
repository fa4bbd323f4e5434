"""What is printed, and how. Results go to stdout, progress and errors to stderr.

Documents, alerts and error messages are somebody else's text: ``visible`` is the one place that makes it fit
for a terminal. Rich never parses it as markup, because it is only ever put into ``Text``.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

_LINE_END = re.compile("\r\n?|[\u2028\u2029\v\f]")
# Control codes but tab and line end, marks that reorder or hide text, tag characters, halves of a character.
_UNFIT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)


def visible(text: object) -> str:
    """Text that shows what it is: no escape sequences, nothing reordered or hidden. Line ends and tabs stay."""
    return _UNFIT.sub("", _LINE_END.sub("\n", str(text)))


def one_line(text: object) -> str:
    return " ".join(visible(text).split())


@cache
def out() -> "Console":
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


@cache
def err() -> "Console":
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def styled(*parts: str | tuple[str, str]) -> "Text":
    """Pieces of untrusted text, each plain or with a style."""
    from rich.text import Text

    line = Text()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        line.append(visible(text), style=style or None)
    return line


def say(*parts: str | tuple[str, str]) -> None:
    """Lines as they are: what is copied from the screen must be what was written."""
    out().print(styled(*parts))


def paragraph(*parts: str | tuple[str, str], indent: int) -> None:
    """Folded under its indent on a terminal; in a pipe a line stays one line."""
    if not out().is_terminal:
        return say(" " * indent, *parts)
    from rich.padding import Padding

    return out().print(Padding(styled(*parts), (0, 0, 0, indent), expand=False), soft_wrap=False)


def labelled(label: tuple[str, str], width: int, *parts: str | tuple[str, str]) -> None:
    """The label, and what belongs to it folded beside it on a terminal; in a pipe a line stays one line."""
    text, style = label
    if not out().is_terminal:
        return say((f"{visible(text):{width}}", style), *parts)
    from rich.table import Table

    grid = Table.grid()
    grid.add_column(width=width, no_wrap=True)
    grid.add_column()
    grid.add_row(styled(label), styled(*parts))
    return out().print(grid, soft_wrap=False)


def note(*parts: str | tuple[str, str]) -> None:
    """For people only: stderr, so that stdout stays what was asked for."""
    err().print(styled(*parts))


def print_json(value: Any) -> None:
    """ASCII, so that no text in it can reach the terminal as anything but text."""
    sys.stdout.write(json.dumps(value, indent=2).replace("\x7f", "\\u007f") + "\n")


def print_error(message: object) -> None:
    """Without rich: an error must show even when little else works."""
    sys.stderr.write(f"pp: {one_line(message)}\n")


def progress() -> "Progress":
    """Shown only where somebody watches: a log gets the result, not the way there."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err(), transient=True, disable=not err().is_terminal)


def place_of(document: Mapping[str, Any]) -> str:
    return one_line(f"{document['source']}/{document['path']}")


def dotted(parts: Iterable[object]) -> str:
    return " · ".join(text for part in parts if (text := one_line(part)))
