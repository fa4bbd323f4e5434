"""``get_runbook`` and ``list_sources``: a document's text page by page, and where documents come from."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.safe_text import visible_lines
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.edge.mcp import schemas
from personal_pipeline.edge.mcp.budget import compact, most_that_fit, one_line, tokens
from personal_pipeline.edge.mcp.quoting import NOTICE, quoted
from personal_pipeline.edge.mcp.search_tools import SHOWN, described, shown
from personal_pipeline.edge.mcp.tool import Answer, Arguments, Tool, ToolFailedError

_SECTIONS_SHARE = 0.25  # of a page that the list of sections may take
Read = Callable[[str, CallerScope], RenderedDocument]
Sources = Callable[[], Sequence[tuple[str, int]]]

_SECTION = schemas.gives({"number": schemas.COUNT, "heading": schemas.TEXT})
_RUNBOOK = schemas.gives(
    SHOWN
    | {
        "owner": schemas.TEXT,
        "contact": schemas.TEXT,
        "updated": {"type": "string", "format": "date-time"},
        "sections": schemas.many(_SECTION),
        "section": {"type": ["string", "null"], "description": "The section that the text is of; null: the document"},
        "text": schemas.TEXT,
        "next_cursor": schemas.CURSOR,
        "notice": schemas.NOTICE,
    },
    "sections",
    "owner",
    "contact",
)
_SOURCES = schemas.gives(
    {
        "sources": schemas.many(schemas.gives({"name": schemas.TEXT, "documents": schemas.COUNT})),
        "next_cursor": schemas.CURSOR,
    }
)


def document_tools(read: Read, sources: Sources) -> list[Tool]:
    return [
        Tool(
            "get_runbook",
            "Read a runbook",
            "The text of a document, whole or one section, page by page; the first page lists its sections. For the "
            "steps alone get_procedure is shorter.",
            schemas.takes(
                {
                    "id": schemas.DOCUMENT_ID,
                    "section": {
                        "type": "integer",
                        "minimum": 1,
                        "description": "Only this section, by its number in 'sections'; the whole text without it",
                    },
                }
                | schemas.PAGED,
                "id",
            ),
            _RUNBOOK,
            lambda given, caller: _runbook(given, read(given["id"], caller.scope)),
        ),
        Tool(
            "list_sources",
            "List sources",
            "Where documents come from, and how many each source has.",
            schemas.takes(schemas.PAGED),
            _SOURCES,
            lambda given, _: _sources(given, sources()),
        ),
    ]


def _runbook(given: Arguments, rendered: RenderedDocument) -> Answer:
    document: Mapping[str, Any] = json.loads(rendered.body)
    start, end, section = _span(document, given.get("section"))
    offset = _offset(given.get("cursor", ""), rendered.rev, start, end)
    body: str = document["text"][offset:end]
    head = {
        **shown(document),
        "updated": document["updated"],
        "section": section,
    }
    if offset == start:
        head |= {"owner": one_line(document["owner"], 60), "contact": one_line(document["contact"], 100)}
        head["sections"] = _sections(document, given["max_tokens"]) if section is None else []

    def answer(count: int) -> Answer:
        count = _at_a_line(body, count)
        after = f"{rendered.rev}.{offset + count}" if count < len(body) else None
        text = visible_lines(body[:count], 4 * count + 4)  # tabs become four spaces: nothing is cut
        structured = {**head, "text": text, "next_cursor": after, "notice": NOTICE}
        return Answer(structured, _runbook_text(structured, section))

    return most_that_fit(len(body), answer, given["max_tokens"])


def _span(document: Mapping[str, Any], number: int | None) -> tuple[int, int, str | None]:
    if number is None:
        return 0, len(document["text"]), None
    outline = document["outline"]
    if number > len(outline):
        there = f"sections 1 to {len(outline)}" if outline else "no sections"
        raise ToolFailedError(f"section {number} is not there: the document has {there}; leave 'section' out for all")
    found = outline[number - 1]
    return found["start"], found["end"], one_line(" > ".join(found["heading"]), 160)


def _offset(cursor: str, rev: int, start: int, end: int) -> int:
    if not cursor:
        return start
    of, _, place = cursor.partition(".")
    if not (of.isascii() and of.isdigit() and place.isascii() and place.isdigit() and len(cursor) <= 30):
        raise ToolFailedError("the cursor is none of ours: send 'next_cursor' of the page before, unchanged")
    if int(of) != rev or not start <= int(place) <= end:
        raise ToolFailedError("the cursor is of another revision or section: call get_runbook again without a cursor")
    return int(place)


def _sections(document: Mapping[str, Any], max_tokens: int) -> list[dict[str, Any]]:
    """Those that there is room for; one that is not listed can be read by its number all the same."""
    sections: list[dict[str, Any]] = []
    room = max_tokens * _SECTIONS_SHARE
    for number, found in enumerate(document["outline"], 1):
        section = {"number": number, "heading": one_line(" > ".join(found["heading"][-2:]), 100)}
        room -= tokens(compact(section)) + 1
        if room < 0:
            break
        sections.append(section)
    return sections


def _at_a_line(text: str, count: int) -> int:
    """The end of the last whole line, unless that gives away more than half."""
    if count >= len(text):
        return len(text)
    line = text.rfind("\n", 0, count) + 1
    return line if line > count // 2 else count


def _runbook_text(answer: Mapping[str, Any], section: str | None) -> str:
    quote = [answer["title"], described(answer), f"at {answer['source']}/{answer['path']}"]
    quote[-1] += f" · updated {answer['updated'][:10]}"
    people = [
        answer.get("owner") and f"owner {answer['owner']}",
        answer.get("contact") and f"contact {answer['contact']}",
    ]
    if any(people):
        quote.append(" · ".join(part for part in people if part))
    if answer.get("sections"):
        quote.append("sections: " + "; ".join(f"{each['number']} {each['heading']}" for each in answer["sections"]))
    if section is not None:
        quote.append(f"section: {section}")
    quote += ["", answer["text"]]
    lines = [NOTICE, quoted("document", "\n".join(quote))]
    if answer["next_cursor"]:
        lines.append(f"The text goes on: call get_runbook again with cursor {answer['next_cursor']!r}.")
    return "\n".join(lines)


def _sources(given: Arguments, sources: Sequence[tuple[str, int]]) -> Answer:
    cursor = given.get("cursor", "")
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 8):
        raise ToolFailedError("the cursor is none of ours: send 'next_cursor' of the page before, unchanged")
    first = int(cursor or 0)
    left = [{"name": one_line(name, 100), "documents": documents} for name, documents in sources[first:]]

    def answer(count: int) -> Answer:
        after = str(first + count) if count < len(left) else None
        lines = [f"{each['name']}: {each['documents']} documents" for each in left[:count]]
        said = quoted("sources", "\n".join(lines)) if lines else "There are no documents yet."
        more = f"\nMore: call list_sources again with cursor {after!r}." if after else ""
        return Answer({"sources": left[:count], "next_cursor": after}, said + more)

    return most_that_fit(len(left), answer, given["max_tokens"])
