"""What a document is made of, whatever it is written as."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

INLINE = re.compile(r"`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)")


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """``text`` may hold inline code in backticks and links, as in Markdown; so may that of items and cells."""

    text: str
    depth: int = 0


@dataclass(frozen=True)
class Item:
    text: str
    depth: int = 0
    number: int = 0  # 0 is a bullet


@dataclass(frozen=True)
class Code:
    text: str
    language: str = "sh"
    depth: int = 0


@dataclass(frozen=True)
class Table:
    rows: Sequence[Sequence[str]]


Block = Heading | Paragraph | Item | Code | Table


@dataclass(frozen=True)
class Run:
    text: str
    is_code: bool = False
    link: str = ""


def runs(text: str) -> list[Run]:
    found: list[Run] = []
    at = 0
    for match in INLINE.finditer(text):
        found.append(Run(text[at : match.start()]))
        found.append(Run(match[1], is_code=True) if match[1] else Run(match[2], link=match[3]))
        at = match.end()
    return [run for run in [*found, Run(text[at:])] if run.text]


def markdown_of(blocks: Sequence[Block]) -> str:
    """As a person would write it; items nest by three columns."""
    parts: list[str] = []
    for block in blocks:
        match block:
            case Heading(level, text):
                parts.append(f"{'#' * level} {text}")
            case Paragraph(text, depth):
                parts.append("   " * depth + text)
            case Item(text, depth, number):
                parts.append("   " * depth + (f"{number}. " if number else "-  ") + text)
            case Code(text, language, depth):
                lines = [f"```{language}", *text.split("\n"), "```"]
                parts.append("\n".join(("   " * depth + line).rstrip() for line in lines))
            case Table(rows):
                lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
                lines.insert(1, "|" + " --- |" * len(rows[0]))
                parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
