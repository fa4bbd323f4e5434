"""What a runbook tells its reader to do, item by item, each with the span of the source text that says it.

Items refer to one another by their place in the tuples of ``Structure``, so that all of it can be written as JSON.
Nothing is guessed: what a document does not say has no item, an empty text or None.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

SectionKind = Literal[
    "", "background", "prerequisite", "procedure", "verification", "expected", "rollback", "escalation"
]
RemarkKind = Literal["prerequisite", "verification", "rollback"]
ContactKind = Literal["person", "team", "schedule", "channel", "phone", "email"]
FactKind = Literal["alert", "service", "owner", "severity", "reviewed", "review_in"]


class Risk(StrEnum):
    """What a command does to the systems it is run against."""

    READ_ONLY = "read-only"
    CHANGES_STATE = "changes-state"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters of the source text; the end is exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """From the sign of its heading to the next one of its level; ``parent`` is the place of the section around it."""

    span: Span
    title: str
    level: int
    kind: SectionKind
    parent: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """``number`` as it is written, empty where there is none; ``depth`` is 1 for the outermost."""

    span: Span
    text: str
    depth: int
    number: str = ""
    section: int | None = None
    parent: int | None = None
    commands: tuple[int, ...] = ()
    expected: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """``why`` names the rule that the risk comes from."""

    span: Span
    text: str
    language: str
    placeholders: tuple[str, ...]
    risk: Risk
    why: str


@dataclass(frozen=True, slots=True)
class Expected:
    """A sentence about what should be seen, or a block of output that is shown."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Branch:
    """``span`` is the condition, ``target`` what to do then.

    Where the target names a place, ``step`` or ``section`` is that place in this document, ``link`` another one.
    ``origin`` is the step that the condition is asked in.
    """

    span: Span
    condition: str
    target: Span
    action: str
    origin: int | None = None
    step: int | None = None
    section: int | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One name or address. Those of one line share ``group``; ``order`` counts the lines of a list of contacts.

    ``condition`` is when to turn to them, ``waits`` how many minutes to wait before, if the page says so.
    """

    span: Span
    kind: ContactKind
    value: str
    group: int
    order: int | None = None
    waits: int | None = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A prerequisite, a way to see that it worked, or a way back."""

    span: Span
    kind: RemarkKind
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    span: Span
    text: str
    target: str
    is_dashboard: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Said about the document as a whole: in its front matter, or in its first lines."""

    span: Span
    kind: FactKind
    value: str


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of the source as Markdown."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Structure:
    """Each tuple is in the order of the text. ``markdown`` is empty where the source is Markdown or plain text."""

    document: str = ""
    revision: int = 0
    sections: tuple[Section, ...] = ()
    steps: tuple[Step, ...] = ()
    commands: tuple[Command, ...] = ()
    expected: tuple[Expected, ...] = ()
    branches: tuple[Branch, ...] = ()
    remarks: tuple[Remark, ...] = ()
    contacts: tuple[Contact, ...] = ()
    links: tuple[Link, ...] = ()
    facts: tuple[Fact, ...] = ()
    markdown: tuple[Said, ...] = ()

    def place(self, span: Span) -> dict[str, str | int]:
        """Where an item comes from, for whoever wants to look it up."""
        return {"document": self.document, "revision": self.revision, "start": span.start, "end": span.end}
