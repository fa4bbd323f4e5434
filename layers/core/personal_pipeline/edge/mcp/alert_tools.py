"""``match_alert`` and ``record_resolution_feedback``: which runbook an alert has, and whether it helped."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.alerts import Alert, ReadAlerts, RunbookMatch, Severity
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.notices import decision_of
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.domain.service_map import ServiceMap
from personal_pipeline.edge.mcp import schemas
from personal_pipeline.edge.mcp.budget import BYTES_PER_TOKEN, compact, most_that_fit, one_line, weight
from personal_pipeline.edge.mcp.quoting import NOTICE, quoted
from personal_pipeline.edge.mcp.tool import Answer, Arguments, Caller, Tool, ToolFailedError
from personal_pipeline.services.receive_alert import MAX_BODY_BYTES

_CANDIDATES = {"attach": 1, "suggest": 3, "none": 0}
MOST_ALERTS = 5  # of one payload that are looked up for a page
_ROOMY_TOKENS = 1_000
_FRAME_BYTES = 450  # of an answer besides its matches
BY_HAND = "mcp"  # the source of an alert that is given by its fields


class GiveFeedback(Protocol):
    def __call__(
        self, alert: str, service: str, doc_id: str, helpful: bool | None, caller: str, scope: CallerScope
    ) -> None: ...


class Match(Protocol):
    def __call__(self, alert: Alert, *, scope: CallerScope) -> RunbookMatch: ...


Services = Callable[[], ServiceMap]

_CARD = schemas.gives(
    {
        "id": schemas.TEXT,
        "title": schemas.TEXT,
        "source": schemas.TEXT,
        "path": schemas.TEXT,
        "begins": {"type": "string", "description": "The first of its steps, or of its text"},
        "reasons": schemas.TEXTS,
    }
)
_MATCH = schemas.gives(
    {
        "alert": schemas.gives(dict.fromkeys(("name", "service", "severity", "status", "summary"), schemas.TEXT)),
        "decision": {
            "type": "string",
            "enum": ["attach", "suggest", "none"],
            "description": "attach: 'runbook' is it; suggest: unsure, see 'candidates'; none: there is no runbook",
        },
        "runbook": {**_CARD, "type": ["object", "null"]},
        "confidence": schemas.CONFIDENCE | {"description": "That the first of runbook or candidates is right"},
        "candidates": schemas.many(_CARD),
        "reasons": schemas.TEXTS,
        "owner": {"type": "string", "description": "Who owns the service, if that is known"},
        "contacts": schemas.TEXTS,
        "degraded": schemas.TEXTS,
    }
)
_GIVES = schemas.gives(
    {
        "matches": schemas.many(_MATCH),
        "unreadable": schemas.TEXTS | {"description": "Alerts of the payload that could not be read, and why"},
        "next_cursor": schemas.CURSOR,
        "notice": schemas.NOTICE,
    }
)
_FIELDS = {
    "name": schemas.text("The alert's name, where there is no payload", 1_000),
    "service": schemas.text("The service that it is of"),
    "severity": {"type": "string", "enum": [each.value for each in Severity], "description": "How bad it is"},
    "summary": schemas.text("What it says in a line", 2_000),
    "description": schemas.text("What else it says", 8_000),
    "runbook_url": schemas.text("The link to a runbook that it carries", 2_000),
    "labels": {
        "type": "object",
        "maxProperties": 100,
        "additionalProperties": {"type": "string", "maxLength": 1_000},
        "description": "Its labels or tags: names and values",
    },
}
_FEEDBACK = {
    "alert": schemas.text("The alert's name, as match_alert says it", 1_000, 1),
    "service": schemas.text("The alert's service, if it has one"),
    "id": schemas.DOCUMENT_ID,
    "helpful": {
        "type": ["boolean", "null"],
        "description": "Whether the document helped to resolve the alert; null takes an earlier word back",
    },
}


def alert_tools(match: Match, sources: AlertSources, services: Services, give_feedback: GiveFeedback) -> list[Tool]:
    matching = _Matching(match, sources, services)
    return [
        Tool(
            "match_alert",
            "Find an alert's runbook",
            "Find the runbook of an alert, with reasons and confidence, or the plain word that there is none and who "
            "owns the service. Give the payload as its source sent it, with 'source'; or the fields by hand.",
            schemas.takes(
                {
                    "source": {
                        "type": "string",
                        "enum": sources.names,
                        "description": "Where the payload comes from",
                    },
                    "payload": {
                        "type": ["object", "array", "string"],
                        "description": "What the source sent: its JSON, as it is or as text",
                    },
                }
                | _FIELDS
                | schemas.PAGED
            ),
            _GIVES,
            matching,
        ),
        Tool(
            "record_resolution_feedback",
            "Say whether a runbook helped",
            "Record whether a document helped with an alert; alerts of this kind are then matched better. Say it once, "
            "after the resolution. Saying the same again changes nothing.",
            schemas.takes(_FEEDBACK, "alert", "id", "helpful"),
            schemas.gives({"status": {"type": "string", "enum": ["counted", "taken back"]}, "id": schemas.TEXT}),
            lambda given, caller: _record(given, caller, give_feedback),
            writes=True,
        ),
    ]


def _record(given: Arguments, caller: Caller, give_feedback: GiveFeedback) -> Answer:
    service = given.get("service", "")
    give_feedback(given["alert"], service, given["id"], given["helpful"], caller.name, caller.scope)
    status = "taken back" if given["helpful"] is None else "counted"
    said = "Your word on it is taken back." if given["helpful"] is None else "Counted: it weighs in the next matches."
    return Answer({"status": status, "id": given["id"]}, f"{said} (document {given['id']})")


class _Matching:
    def __init__(self, match: Match, sources: AlertSources, services: Services) -> None:
        self._match = match
        self._sources = sources
        self._services = services

    def __call__(self, given: Arguments, caller: Caller) -> Answer:
        read = self._alerts(given)
        first = _first(given.get("cursor", ""), len(read.alerts))
        alerts = read.alerts[first : first + MOST_ALERTS]
        room = _Room(given["max_tokens"])
        matches = [self._told(alert, caller, room) for alert in alerts]
        problems = read.unreadable[: room.problems] if not first else ()
        unreadable = [room.line(problem, 160) for problem in problems]

        def answer(count: int) -> Answer:
            after = str(first + count) if first + count < len(read.alerts) else None
            structured = {
                "matches": matches[:count],
                "unreadable": unreadable,
                "next_cursor": after,
                "notice": NOTICE,
            }
            return Answer(structured, _as_text(structured, first, len(read.alerts)))

        return most_that_fit(len(matches), answer, given["max_tokens"])

    def _alerts(self, given: Arguments) -> ReadAlerts:
        if "payload" not in given:
            if not given.get("name") and not given.get("summary"):
                raise ToolFailedError(
                    "give 'source' and 'payload' as the alert source sent it, or at least the alert's 'name'"
                )
            return ReadAlerts((_by_hand(given),))
        if "source" not in given:
            raise ToolFailedError(f"'payload' needs 'source': one of {', '.join(self._sources.names)}")
        payload = given["payload"]
        raw = (payload if isinstance(payload, str) else compact(payload)).encode(errors="replace")
        if len(raw) > MAX_BODY_BYTES:
            raise ToolFailedError(
                f"the payload has {len(raw)} bytes, at most {MAX_BODY_BYTES} are read: give one alert"
            )
        read = self._sources.read_body(given["source"], raw)
        if not read.alerts and not read.unreadable:
            raise ToolFailedError(
                f"the payload has no alert as {given['source']} sends them: check 'source', or give 'name' by hand"
            )
        return read

    def _told(self, alert: Alert, caller: Caller, room: "_Room") -> dict[str, Any]:
        match = self._match(alert, scope=caller.scope)
        decision = decision_of(match)
        service = self._services().find(alert.service)
        may_see = service is not None and (not service.groups or caller.scope.may_see(service.groups))
        because = [*match.also_because, *[()] * len(match.also)]
        told: dict[str, Any] = {
            "alert": {
                "name": room.line(alert.name, 120),
                "service": room.line(alert.service, 60),
                "severity": alert.severity.value,
                "status": alert.status,
                "summary": room.line(alert.summary, 160),
            },
            "decision": decision,
            "runbook": _card(match.runbook, match.reasons, room) if match.runbook else None,
            "confidence": round(match.confidence, 3),
            "candidates": [],
            "reasons": [room.line(reason, 80) for reason in match.reasons[:3]],
            "owner": room.line(service.owner, 60) if service and may_see else "",
            "contacts": [room.line(each, 60) for each in service.contacts[:3]] if service and may_see else [],
            "degraded": list(match.degraded),
        }
        candidates = zip(match.also[: _CANDIDATES[decision]], because, strict=False)
        for card in (_card(card, why, room) for card, why in candidates):
            if weight([told, card]) > room.bytes - _FRAME_BYTES:
                break
            told["candidates"].append(card)
        return told


class _Room:
    """Where an answer may be small, so are the texts in it."""

    def __init__(self, max_tokens: int) -> None:
        self.bytes = int(max_tokens * BYTES_PER_TOKEN)
        self.problems = 1 if max_tokens < _ROOMY_TOKENS else 3
        self._share = min(1.0, max_tokens / _ROOMY_TOKENS)

    def line(self, text: str, most_bytes: int) -> str:
        return one_line(text, int(most_bytes * self._share))


def _by_hand(given: Arguments) -> Alert:
    return Alert(
        source=BY_HAND,
        name=given.get("name") or given["summary"],
        status="firing",
        fingerprint="",
        severity=Severity(given.get("severity", Severity.UNKNOWN)),
        service=given.get("service", ""),
        summary=given.get("summary", ""),
        description=given.get("description", ""),
        runbook_url=given.get("runbook_url", ""),
        starts_at=None,
        labels=given.get("labels", {}),
    )


def _first(cursor: str, count: int) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 8 and int(cursor) < max(count, 1)):
        raise ToolFailedError(
            "the cursor is none of ours: send 'next_cursor' of the page before, with the same payload"
        )
    return int(cursor)


def _card(card: Card, reasons: Sequence[str], room: _Room) -> dict[str, Any]:
    return {
        "id": card.doc_id,
        "title": room.line(card.title, 120),
        "source": room.line(card.source, 40),
        "path": room.line(card.path, 120),
        "begins": room.line(card.first_step, 160),
        "reasons": [room.line(reason, 80) for reason in reasons[:2]],
    }


def _as_text(answer: Mapping[str, Any], first: int, count: int) -> str:
    matches = answer["matches"]
    lines = [NOTICE]
    lines += [_match_text(match, first + n, count) for n, match in enumerate(matches, 1)]
    lines += [f"Not read: {problem}" for problem in answer["unreadable"]]
    if answer["next_cursor"]:
        lines.append(f"More alerts: call it again with the same payload and cursor {answer['next_cursor']!r}.")
    if any(match["decision"] == "attach" for match in matches):
        lines.append("Next: get_procedure with the runbook's id; at the end record_resolution_feedback.")
    elif matches:
        lines.append("Next: look into the candidates, or search_knowledge_base with the symptom; ask the owner.")
    return "\n".join(lines)


def _match_text(match: Mapping[str, Any], number: int, count: int) -> str:
    verdict = {
        "attach": f"runbook found, confidence {match['confidence']}",
        "suggest": f"no sure runbook; the nearest, confidence {match['confidence']}",
        "none": "no runbook",
    }[match["decision"]]
    which = f"Alert {number} of {count}" if count > 1 else "Alert"
    quote = [f"{match['alert']['name']} ({match['alert']['severity']}, {match['alert']['status']})"]
    quote += [f"service {match['alert']['service']}"] if match["alert"]["service"] else []
    quote += [f"summary {match['alert']['summary']}"] if match["alert"]["summary"] else []
    if match["runbook"]:
        quote.append(f"runbook {_card_text(match['runbook'])}")
    quote += [f"candidate {_card_text(card)}" for card in match["candidates"]]
    if match["decision"] != "attach" and match["reasons"]:
        quote.append(f"because {'; '.join(match['reasons'])}")
    if match["owner"] or match["contacts"]:
        quote.append(f"owner {match['owner'] or 'unknown'}, contacts {', '.join(match['contacts']) or 'unknown'}")
    degraded = f" (degraded: {', '.join(match['degraded'])})" if match["degraded"] else ""
    return f"{which}: {verdict}{degraded}.\n" + quoted("alert", "\n".join(quote))


def _card_text(card: Mapping[str, Any]) -> str:
    because = f" · because {'; '.join(card['reasons'])}" if card["reasons"] else ""
    begins = f"\n  | {card['begins']}" if card["begins"] else ""
    return f"{card['title']} · id {card['id']} · at {card['source']}/{card['path']}{because}{begins}"
