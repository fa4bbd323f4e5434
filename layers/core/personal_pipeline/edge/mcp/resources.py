"""Documents as resources: ``runbook://{id}``, page by page, and ``runbook://{id}/steps/{step}``.

What a resource says is what the tool for it says, so that it is bounded, quoted and hidden from others alike.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from personal_pipeline.domain.safe_text import visible
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.edge.mcp.budget import one_line
from personal_pipeline.edge.mcp.calling import Failed, Tools
from personal_pipeline.edge.mcp.tool import Caller
from personal_pipeline.services.list_documents import DocumentFilters, ListDocuments, ListedDocument

PAGE = 100
DOCUMENT = "runbook://{id}{?max_tokens,cursor}"
STEP = "runbook://{id}/steps/{step}"
_URI = re.compile(r"runbook://(?P<id>[^/?#]{1,300})(?:/steps/(?P<step>[^/?#]{1,300}))?(?:\?(?P<query>[^#]{0,300}))?")
_PRIORITY = {"critical": 1.0, "runbook": 0.8, "other": 0.4}


@dataclass(frozen=True, slots=True)
class Listed:
    """``modified`` is an ISO time, empty where it is not known; ``priority`` is from 0 to 1."""

    uri: str
    name: str
    title: str
    description: str
    modified: str
    priority: float


class ResourceMissingError(Exception):
    """There is no such resource, or the caller may not see it."""


class Resources:
    def __init__(self, tools: Tools, documents: ListDocuments) -> None:
        self._tools = tools
        self._documents = documents

    def page(self, cursor: str, scope: CallerScope) -> tuple[list[Listed], str]:
        """And the cursor of the next page, empty at the end. Raises InvalidQueryError, UnavailableError."""
        found = self._documents(DocumentFilters(), scope, PAGE, cursor)
        return [_listed(document) for document in found.documents], found.next_cursor

    def read(self, uri: str, caller: Caller) -> str:
        """Raises ResourceMissingError saying what to do."""
        found = _URI.fullmatch(uri)
        if found is None:
            raise ResourceMissingError(f"no resource {visible(uri, 120)!r}: there are {DOCUMENT} and {STEP}")
        arguments: dict[str, object] = {"id": unquote(found["id"])}
        asked = dict(parse_qsl(found["query"] or ""))
        if asked.get("max_tokens", "").isdecimal():
            arguments["max_tokens"] = int(asked["max_tokens"][:9])
        if asked.get("cursor"):
            arguments["cursor"] = asked["cursor"]
        if found["step"]:
            arguments["step"] = unquote(found["step"])
        answer = self._tools.call("get_procedure" if found["step"] else "get_runbook", arguments, caller)
        if isinstance(answer, Failed):
            raise ResourceMissingError(answer.message)
        return answer.text


def uri_of(doc_id: str) -> str:
    return f"runbook://{quote(doc_id, safe='')}"


def _listed(document: ListedDocument) -> Listed:
    entry, overview = document.entry, document.entry.overview
    kind = overview.type if overview else "other"
    services = ", ".join(overview.services[:4]) if overview else ""
    about = " · ".join(part for part in (kind, services, overview.severity if overview else "") if part)
    return Listed(
        uri=uri_of(entry.doc_id),
        name=one_line(entry.key, 160),
        title=one_line(entry.title),
        description=one_line(about, 160),
        modified=overview.updated if overview else "",
        priority=_PRIORITY["critical" if entry.critical else "runbook" if kind == "runbook" else "other"],
    )
