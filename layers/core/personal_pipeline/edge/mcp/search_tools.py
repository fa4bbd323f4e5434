"""``search_runbooks`` and ``search_knowledge_base``: one search, which the first asks for runbooks before all else."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from personal_pipeline.domain.answers import with_preamble
from personal_pipeline.domain.safe_text import visible_lines
from personal_pipeline.domain.search import SearchFilters, SearchQuery
from personal_pipeline.edge.mcp import schemas
from personal_pipeline.edge.mcp.budget import cut, most_that_fit, one_line
from personal_pipeline.edge.mcp.quoting import NOTICE, quoted
from personal_pipeline.edge.mcp.tool import Answer, Arguments, Caller, Tool
from personal_pipeline.services.search_runbooks import MAX_CHARACTERS, canonical_query
from personal_pipeline.services.search_runbooks import Answer as Found

RUNBOOK = "runbook"
_SNIPPET_BYTES = 500
_ALL_KINDS = "all-"  # of a cursor: no runbook fitted, so the pages are of all kinds

Search = Callable[[SearchQuery], Found]

SHOWN = {
    "id": schemas.TEXT,
    "title": schemas.TEXT,
    "type": schemas.TEXT,
    "services": schemas.TEXTS,
    "severity": schemas.TEXT,
    "source": schemas.TEXT,
    "path": schemas.TEXT,
}
_HIT = schemas.gives(
    SHOWN
    | {
        "section": schemas.TEXTS,
        "snippet": schemas.TEXT,
        "confidence": schemas.CONFIDENCE,
        "reasons": schemas.TEXTS,
    }
)
_GIVES = schemas.gives(
    {
        "query": schemas.TEXT,
        "did_you_mean": {"type": ["string", "null"], "description": "The query as it was answered, slips corrected"},
        "kinds": {"type": "string", "description": "'runbook', or 'all' where other documents are among the hits"},
        "degraded": schemas.TEXTS | {"description": "What did not answer, so that the hits may be worse than usual"},
        "hits": schemas.many(_HIT),
        "next_cursor": schemas.CURSOR,
        "notice": schemas.NOTICE,
    }
)
_TAKES = {
    "query": schemas.text("Words, an error message or a log line as it was seen", MAX_CHARACTERS, 1),
    "service": schemas.text("Only documents of this service"),
    "source": schemas.text("Only documents of this source; list_sources names them"),
    "severity": schemas.text("Only documents for this severity"),
    "limit": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5, "description": "Hits a page"},
}


def search_tools(search: Search) -> list[Tool]:
    searching = _Searching(search)
    return [
        Tool(
            "search_runbooks",
            "Search runbooks",
            "Find runbooks by symptom, service, alert name or error message. Other documents are searched only where "
            "no runbook fits. Then read one with get_procedure (steps) or get_runbook (text).",
            schemas.takes(_TAKES | schemas.PAGED, "query"),
            _GIVES,
            searching.runbooks,
        ),
        Tool(
            "search_knowledge_base",
            "Search all documents",
            "Search documents of every kind: runbooks, architecture notes, post-mortems, guides. For an alert or a "
            "symptom, search_runbooks is the better first call.",
            schemas.takes(_TAKES | {"type": schemas.text("Only this type of document")} | schemas.PAGED, "query"),
            _GIVES,
            searching.all_kinds,
        ),
    ]


class _Searching:
    def __init__(self, search: Search) -> None:
        self._search = search

    def runbooks(self, given: Arguments, caller: Caller) -> Answer:
        cursor = given.get("cursor", "")
        if cursor.startswith(_ALL_KINDS):
            return self._answer(given, caller, "", cursor.removeprefix(_ALL_KINDS), _ALL_KINDS)
        found = self._found(given, caller, RUNBOOK, cursor)
        if found["hits"] or cursor:
            return _page(given, found, RUNBOOK, cursor, "")
        return self._answer(given, caller, "", "", _ALL_KINDS)

    def all_kinds(self, given: Arguments, caller: Caller) -> Answer:
        return self._answer(given, caller, given.get("type", ""), given.get("cursor", ""), "")

    def _answer(self, given: Arguments, caller: Caller, kind: str, cursor: str, prefix: str) -> Answer:
        return _page(given, self._found(given, caller, kind, cursor), kind, cursor, prefix)

    def _found(self, given: Arguments, caller: Caller, kind: str, cursor: str) -> dict[str, Any]:
        filters = SearchFilters(given.get("source", ""), given.get("service", ""), kind, given.get("severity", ""))
        query = canonical_query(given["query"], filters, given["limit"], cursor, caller.scope, MAX_CHARACTERS)
        answer = self._search(query)
        found: dict[str, Any] = json.loads(with_preamble(answer.body, answer.answered_by, answer.degraded, 0))
        return found


def _page(given: Arguments, found: Mapping[str, Any], kind: str, cursor: str, prefix: str) -> Answer:
    """As many hits as fit; those that do not are on the next page."""
    hits = [_hit(hit) for hit in found["hits"]]
    first = int(cursor or 0)

    def answer(count: int) -> Answer:
        is_cut = count < len(hits)
        after = (
            prefix + str(first + count) if is_cut else (prefix + found["next_cursor"] if found["next_cursor"] else None)
        )
        query, meant = one_line(found["query"], 300), found["did_you_mean"]
        structured = {
            "query": query,
            "did_you_mean": one_line(meant, 300) if meant else None,
            "kinds": kind or "all",
            "degraded": list(found["degraded"]),
            "hits": hits[:count],
            "next_cursor": after,
            "notice": NOTICE,
        }
        return Answer(structured, _as_text(structured, first, prefix))

    return most_that_fit(len(hits), answer, given["max_tokens"])


def _hit(hit: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **shown(hit),
        "section": [one_line(heading, 60) for heading in hit["heading"][-2:]],
        "snippet": cut_lines(hit["snippet"]["text"], _SNIPPET_BYTES),
        "confidence": hit["confidence"],
        "reasons": [one_line(reason, 80) for reason in hit["reasons"][:4]],
    }


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """What every tool tells of a document first."""
    return {
        "id": document["id"],
        "title": one_line(document["title"]),
        "type": one_line(document["type"], 30),
        "services": [one_line(service, 40) for service in document["services"][:4]],
        "severity": one_line(document["severity"], 30),
        "source": one_line(document["source"], 60),
        "path": one_line(document["path"]),
    }


def cut_lines(text: str, most_bytes: int) -> str:
    return cut(visible_lines(text, most_bytes), most_bytes)


def described(document: Mapping[str, Any]) -> str:
    """One line: id, kind, services, severity."""
    parts = [f"id {document['id']}", document["type"], ", ".join(document["services"]), document["severity"]]
    return " · ".join(part for part in parts if part)


def _as_text(answer: Mapping[str, Any], first: int, prefix: str) -> str:
    hits: Sequence[Mapping[str, Any]] = answer["hits"]
    lines = [_head(answer, first, prefix)]
    if hits:
        lines += [
            NOTICE,
            quoted("hits", "\n".join(_hit_lines(hit, first + n) for n, hit in enumerate(hits, 1))),
        ]
    if answer["next_cursor"]:
        lines.append(f"More: call it again with cursor {answer['next_cursor']!r}.")
    if hits:
        lines.append("Read one: get_procedure (its steps) or get_runbook (its text), with its id.")
    else:
        lines.append("Try fewer or other words, or leave out filters; list_sources says what there is.")
    return "\n".join(lines)


def _head(answer: Mapping[str, Any], first: int, prefix: str) -> str:
    count = len(answer["hits"])
    numbers = f"Hits {first + 1} to {first + count}" if count else "No hits" if not first else "No further hits"
    parts = [f"{numbers} for {answer['query']!r}."]
    if prefix:
        parts.append("No runbook fits; these are documents of all kinds." if count else "Not in any kind of document.")
    if answer["did_you_mean"]:
        parts.append(f"Read as {answer['did_you_mean']!r}.")
    if answer["degraded"]:
        parts.append(f"Degraded ({', '.join(answer['degraded'])}): better hits may be missing.")
    return " ".join(parts)


def _hit_lines(hit: Mapping[str, Any], number: int) -> str:
    lines = [f"{number}. {hit['title']}", f"   {described(hit)} · confidence {hit['confidence']}"]
    lines.append(f"   at {hit['source']}/{hit['path']}" + "".join(f" > {part}" for part in hit["section"]))
    if hit["reasons"]:
        lines.append(f"   because {'; '.join(hit['reasons'])}")
    lines += [f"   | {line}" for line in hit["snippet"].splitlines()]
    return "\n".join(lines)
