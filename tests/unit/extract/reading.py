"""A structure from a few lines, and what tests compare of it."""

from datetime import UTC, datetime

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.extract import Structure, extract

NOW = datetime(2026, 11, 29, 3, 20, tzinfo=UTC)
FORMATS = {"md": "markdown", "adoc": "asciidoc", "rst": "restructuredtext", "html": "html", "txt": "text"}


def read(text: str, ending: str = "md") -> Structure:
    return extract(ParsedDocument("", ()), text, FORMATS[ending], "team/page", 3)


def steps(text: str, ending: str = "md") -> list[str]:
    return [step.text for step in read(text, ending).steps]


def commands(text: str, ending: str = "md") -> list[str]:
    return [command.text for command in read(text, ending).commands]


def branches(text: str, ending: str = "md") -> list[tuple[str, str]]:
    return [(branch.condition, branch.action) for branch in read(text, ending).branches]


def contacts(text: str, ending: str = "md") -> list[tuple[str, str]]:
    return [(contact.kind, contact.value) for contact in read(text, ending).contacts]


def remarks(text: str, ending: str = "md") -> list[tuple[str, str]]:
    return [(remark.kind, remark.text) for remark in read(text, ending).remarks]
