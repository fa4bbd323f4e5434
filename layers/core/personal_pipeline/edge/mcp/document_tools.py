"""``get_runbook`` and ``list_sources``: a document's text page by page, and where documents come from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from personal_pipeline.domain.safe_text import visible_lines
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.edge.mcp import schemas
from personal_pipeline.edge.mcp.budget import BYTES_PER_TOKEN, compact, most_that_fit, one_line, tokens
from personal_pipeline.edge.mcp.cursors import place_in_revision, place_of
from personal_pipeline.edge.mcp.quoting import NOTICE, quoted
from personal_pipeline.edge.mcp.search_tools import SHOWN, described, shown
from personal_pipeline.edge.mcp.tool import Answer, Arguments, Caller, Tool, ToolFailedError
from personal_pipeline.services.read_structure import ReadStructure

_SECTIONS_SHARE = 0.25  # of a page that the list of sections may take
Sources = Callable[[CallerScope], Sequence[tuple[str, int]]]

_RUNBOOK = schemas.gives(
    SHOWN
    | {
        "updated": {"type": "string", "format": "date-time"},
        "review": {"type": "string", "enum": ["fresh", "stale", "unknown"], "description": "By its own review date"},
        "owner": schemas.TEXT,
        "contact": schemas.TEXT,
        "sections": schemas.many(schemas.gives({"id": schemas.TEXT, "heading": schemas.TEXT})),
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


def document_tools(read: ReadStructure, sources: Sources) -> list[Tool]:
    return [
        Tool(
            "get_runbook",
            "Read a runbook",
            "The text of a document, whole or one section, page by page; the first page lists its sections. For the "
            "steps alone get_procedure is shorter.",
            schemas.takes(
                {
                    "id": schemas.DOCUMENT_ID,
                    "section": schemas.text("Only this section: its id or heading; the whole text without it"),
                }
                | schemas.PAGED,
                "id",
            ),
            _RUNBOOK,
            lambda given, caller: _runbook(given, caller, read),
        ),
        Tool(
            "list_sources",
            "List sources",
            "Where documents come from, and how many of each source you may see.",
            schemas.takes(schemas.PAGED),
            _SOURCES,
            lambda given, caller: _sources(given, sources(caller.scope)),
        ),
    ]


def _runbook(given: Arguments, caller: Caller, read: ReadStructure) -> Answer:
    document = read.about(given["id"], caller.scope)
    start, end, section = _span(given, caller, read, document)
    offset = _offset(given.get("cursor", ""), document["rev"], start, end)
    window = int(given["max_tokens"] * BYTES_PER_TOKEN) + 1  # more never fits
    body: str = document["text"][offset : min(end, offset + window)]
    head = {
        **shown(document),
        "updated": document["updated"],
        "review": document["freshness"]["state"],
        "section": section,
    }
    if offset == start:
        head |= {"owner": one_line(document["owner"], 60), "contact": one_line(document["contact"], 100)}
        head["sections"] = _section_list(document, given["max_tokens"]) if section is None else []

    def answer(count: int) -> Answer:
        count = _at_a_line(body, count, is_end=offset + count >= end)
        after = f"{document['rev']}.{offset + count}" if offset + count < end else None
        text = visible_lines(body[:count], 4 * count + 4)  # tabs become four spaces: nothing is cut
        structured = {**head, "text": text, "next_cursor": after, "notice": NOTICE}
        return Answer(structured, _runbook_text(structured, section))

    return most_that_fit(len(body), answer, given["max_tokens"])


def _span(
    given: Arguments, caller: Caller, read: ReadStructure, document: Mapping[str, Any]
) -> tuple[int, int, str | None]:
    """Raises PlaceMissingError, InvalidQueryError, which say what sections there are."""
    if not given.get("section"):
        return 0, len(document["text"]), None
    found = read.text(given["id"], caller.scope, given["section"])
    title = found["section"]["title"] if found["section"] else ""
    return found["span"]["start"], found["span"]["end"], one_line(title, 160)


def _offset(cursor: str, rev: int, start: int, end: int) -> int:
    if not cursor:
        return start
    of, place = place_in_revision(cursor)
    if of != rev or not start <= place <= end:
        raise ToolFailedError("the cursor is of another revision or section: call get_runbook again without a cursor")
    return place


def _section_list(document: Mapping[str, Any], max_tokens: int) -> list[dict[str, Any]]:
    """Those that there is room for; one that is not listed can be read by its heading all the same."""
    sections: list[dict[str, Any]] = []
    room = max_tokens * _SECTIONS_SHARE
    for found in document["outline"]:
        section = {"id": found["id"], "heading": one_line(" > ".join(found["heading"][-2:]), 100)}
        room -= tokens(compact(section)) + 1
        if room < 0:
            break
        sections.append(section)
    return sections


def _at_a_line(text: str, count: int, *, is_end: bool) -> int:
    """The end of the last whole line, unless that gives away more than half."""
    if is_end:
        return count
    line = text.rfind("\n", 0, count) + 1
    return line if line > count // 2 else count


def _runbook_text(answer: Mapping[str, Any], section: str | None) -> str:
    quote = [answer["title"], described(answer), f"at {answer['source']}/{answer['path']}"]
    quote[-1] += f" · updated {answer['updated'][:10]}"
    quote[-1] += " · STALE: its review is overdue" if answer["review"] == "stale" else ""
    people = [
        answer.get("owner") and f"owner {answer['owner']}",
        answer.get("contact") and f"contact {answer['contact']}",
    ]
    if any(people):
        quote.append(" · ".join(part for part in people if part))
    if answer.get("sections"):
        quote.append("sections: " + "; ".join(f"{each['id']} {each['heading']}" for each in answer["sections"]))
    if section is not None:
        quote.append(f"section: {section}")
    quote += ["", answer["text"]]
    lines = [NOTICE, quoted("document", "\n".join(quote))]
    if answer["next_cursor"]:
        lines.append(f"The text goes on: call get_runbook again with cursor {answer['next_cursor']!r}.")
    return "\n".join(lines)


def _sources(given: Arguments, sources: Sequence[tuple[str, int]]) -> Answer:
    first = place_of(given.get("cursor", ""))
    left = [{"name": one_line(name, 100), "documents": documents} for name, documents in sources[first:]]

    def answer(count: int) -> Answer:
        after = str(first + count) if count < len(left) else None
        lines = [f"{each['name']}: {each['documents']} documents" for each in left[:count]]
        said = quoted("sources", "\n".join(lines)) if lines else "There are no documents yet."
        more = f"\nMore: call list_sources again with cursor {after!r}." if after else ""
        return Answer({"sources": left[:count], "next_cursor": after}, said + more)

    return most_that_fit(len(left), answer, given["max_tokens"])
