"""Text of alerts and documents is somebody else's: what may be shown of it, on any target.

What could move a cursor, change colours, hide or reorder characters is taken out. Each target escapes its own markup.
"""

import unicodedata

_UNSHOWN = {"Cc", "Cf", "Co", "Cs"}  # control, format (bidi, zero width, tags), private use, halves of a character
_MARKS = {"Mn", "Me"}
_MOST_MARKS = 3  # on one letter; more would paint over the lines around it


def visible(text: str, limit: int = 200) -> str:
    """One line, cut with an ellipsis."""
    return _cut(" ".join(_shown(text[: 4 * limit], " ").split()), limit)


def visible_lines(text: str, limit: int) -> str:
    """Its lines stay, as in a command of several; tabs become spaces."""
    given = text[: 4 * limit].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _cut("\n".join(_shown(line, "    ").rstrip() for line in given.split("\n")).strip("\n"), limit)


def ascii_line(text: str, limit: int) -> str:
    """For where only ASCII may stand: accents are dropped, what has no like in ASCII becomes ``?``."""
    plain = unicodedata.normalize("NFKD", visible(text, limit).replace("…", "..."))
    return "".join(char if char.isascii() else "?" for char in plain if unicodedata.category(char) not in _MARKS)[
        :limit
    ].strip()


def _shown(text: str, tab: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if char == "\t":
            kept.append(tab)
        elif char in "\n\r\v\f\x85" or category in {"Zl", "Zp"}:
            kept.append(" ")
        elif category not in _UNSHOWN and marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
