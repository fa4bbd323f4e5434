"""``kind: Runbook``: a runbook as data, for those who generate theirs or want them checked.

The models are the schema: docs/schemas/runbook.schema.json is made from them, and a file that does not follow it is
refused with the place. Texts are Markdown, so that they may hold inline code and links.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.writing import Markdown, code

MAX_STEPS = 500  # in one list
MAX_NESTED = 5
"""Levels of steps in steps: nobody follows more, and each is a level of recursion."""

_MOST_REPORTED = 5
_LONGEST = 10_000  # characters of one text
_METADATA = (
    *("title", "type", "services", "alerts", "severity", "owner", "contacts", "groups", "aliases"),
    *("url", "reviewed", "critical"),
)
_MESSAGES = {
    "extra_forbidden": "is no field of a runbook",
    "missing": "is missing",
    "string_type": "is no text",
    "list_type": "is no list",
    "model_type": "is no text and no mapping",
    "model_attributes_type": "is no text and no mapping",
    "string_too_short": "is empty",
    "too_short": "is empty",
}

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Names = Annotated[list[Name], Field(max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _OrText(_Part):
    """May be written as its one text alone."""

    @classmethod
    def text_field(cls) -> str:
        return next(iter(cls.model_fields))

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {cls.text_field(): value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        whole: dict[str, Any] = handler.resolve_ref_schema(handler(core_schema))
        text = whole["properties"][cls.text_field()]
        either = {"anyOf": [{name: text[name] for name in ("type", "minLength", "maxLength")}, dict(whole)]}
        whole.clear()
        whole.update(either)
        return whole


class Command(_OrText):
    run: Text = Field(description="What is typed, one command a line")
    language: Name = Field(default="sh", description="sh, sql, promql, …: how it is shown")


class Branch(_Part):
    when: Text = Field(alias="if", description="What is seen")
    then: Text = Field(description="What to do then: an instruction, or “go to step 3”, “go to *Free space*”")


class Step(_OrText):
    """One thing to do; a text alone is a step, too."""

    text: Text = Field(description="What to do, in one or two sentences")
    commands: Annotated[list[Command], Field(max_length=50)] = []
    expect: Text | None = Field(default=None, description="What is seen when it worked")
    branches: Annotated[list[Branch], Field(max_length=50)] = []
    steps: "Annotated[list[Step], Field(max_length=MAX_STEPS)]" = []


Steps = Annotated[list[Step], Field(max_length=MAX_STEPS)]


class Section(_Part):
    title: Name
    text: Text | None = None
    steps: Steps = []


class Contact(_OrText):
    """Whom to ask, in the order of the list."""

    who: Text
    reach: Annotated[list[Name], Field(max_length=20, description="Channels, phones, addresses")] = []
    when: Text | None = Field(default=None, description="“after 15 minutes”, “customers are affected”")


class Link(_Part):
    title: Name
    url: Name


class Runbook(_Part):
    """A runbook as data."""

    schema_: str | None = Field(default=None, alias="$schema", description="For editors; not looked at")
    kind: Literal["Runbook"]
    title: Name
    type: Name | None = Field(default=None, description="runbook (else), postmortem, document, …")
    summary: Text | None = Field(default=None, description="What this is about, and who notices")
    services: Names = []
    alerts: Annotated[Names, Field(description="Names of the alerts that this runbook answers")] = []
    severity: Name | None = None
    owner: Name | None = None
    contacts: Names = []
    groups: Annotated[Names, Field(description="Who may see it; everybody where it is left out")] = []
    aliases: Names = []
    url: Name | None = None
    reviewed: Name | None = Field(default=None, description="The day it was last reviewed, as 2026-11-29")
    critical: bool | None = None
    prerequisites: Annotated[list[Text], Field(max_length=100)] = []
    steps: Steps = []
    sections: Annotated[
        list[Section], Field(max_length=200, description="More steps, under headings of their own")
    ] = []
    verification: Steps = []
    rollback: Steps = []
    escalation: Annotated[list[Contact], Field(max_length=100)] = []
    links: Annotated[list[Link], Field(max_length=200)] = []


def is_runbook(value: Any) -> bool:
    """With an ``apiVersion`` it is a Kubernetes resource of somebody else's."""
    return isinstance(value, dict) and value.get("kind") == "Runbook" and "apiVersion" not in value


def write(value: dict[str, Any], node: yaml.Node | None) -> str:
    """Raises InvalidDocumentError with the places at which the schema is not followed."""
    try:
        runbook = Runbook.model_validate(value)
    except ValidationError as error:
        raise InvalidDocumentError(_complaint(error, node)) from error
    page = Markdown()
    page.front_matter(runbook.model_dump(include=set(_METADATA), exclude_none=True, exclude_defaults=True))
    page.heading(1, runbook.title)
    page.paragraph(runbook.summary or "")
    if runbook.prerequisites:
        page.heading(2, "Before you start")
        for text in runbook.prerequisites:
            page.item(text, 0)
    _section(page, "Steps", runbook.steps)
    for section in runbook.sections:
        page.heading(2, section.title)
        page.paragraph(section.text or "")
        _steps(page, section.steps, 0)
    _section(page, "Verify", runbook.verification)
    _section(page, "Roll back", runbook.rollback)
    if runbook.escalation:
        page.heading(2, "Escalation")
        for number, contact in enumerate(runbook.escalation, start=1):
            page.item(_reached(contact), 0, number)
    if runbook.links:
        page.heading(2, "Links")
        for link in runbook.links:
            page.item(f"[{link.title}](<{link.url}>)" if " " in link.url else f"[{link.title}]({link.url})", 0)
    return page.text


def _section(page: Markdown, title: str, steps: list[Step]) -> None:
    if steps:
        page.heading(2, title)
        _steps(page, steps, 0)


def _steps(page: Markdown, steps: Iterable[Step], depth: int) -> None:
    if depth >= MAX_NESTED:
        raise InvalidDocumentError(f"has steps in steps more than {MAX_NESTED} deep: make sections of them")
    for number, step in enumerate(steps, start=1):
        page.item(step.text, depth, number)
        for command in step.commands:
            page.code(command.run, command.language, depth + 1)
        if step.expect:
            page.paragraph(f"Expected: {step.expect}", depth + 1)
        for branch in step.branches:
            page.item(f"If {branch.when}, {branch.then}", depth + 1)
        if step.steps:
            _steps(page, step.steps, depth + 1)


def _reached(contact: Contact) -> str:
    """As a sentence that is read the same from a file in Markdown: when, who, how."""
    ways = ", ".join(_marked(way) for way in contact.reach)
    if not contact.when:
        return ": ".join(filter(None, (contact.who, ways))) + "."
    when = contact.when[:1].upper() + contact.when[1:]
    return f"{when}: {', '.join(filter(None, (contact.who, ways)))}."


def _marked(way: str) -> str:
    """A channel is shown as code: ``#data-oncall`` is no heading."""
    return code(way) if way.startswith("#") else way


def _complaint(error: ValidationError, node: yaml.Node | None) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    said = [f"{_place(one['loc'], node)} {_MESSAGES.get(one['type'], one['msg'])}" for one in found[:_MOST_REPORTED]]
    more = f", and {len(found) - _MOST_REPORTED} more" if len(found) > _MOST_REPORTED else ""
    return f"does not follow the schema of a runbook: {'; '.join(said)}{more}: see docs/schemas/runbook.schema.json"


def _place(path: tuple[int | str, ...], node: yaml.Node | None) -> str:
    """``steps[1].commands (line 12)``; a list counts from 0, as in JSON."""
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{part[:80]}" for part in path).lstrip(".")
    line = _line(path, node)
    return f"{said or 'it'} (line {line})" if line else said or "it"


def _line(path: tuple[int | str, ...], node: yaml.Node | None) -> int:
    """Of the last part that is there."""
    line = 0
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((name, value) for name, value in node.value if name.value == part), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
