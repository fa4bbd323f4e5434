"""Announces a match as an EventBridge event, ``RunbookMatched``; whoever cares subscribes by rule.

``put_events`` answers 200 for entries it did not take: the count of failures is what says so.
"""

import json
from collections.abc import Callable
from typing import Any

from personal_pipeline.adapters.aws_clients import aws_errors
from personal_pipeline.domain.alerts import RunbookMatch
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.errors import UnavailableError

SOURCE = "personal-pipeline"
DETAIL_TYPE = "RunbookMatched"
MAX_TEXT = 2_000  # characters of any one text: an entry may have 256 KB in all


class EventBridgeDelivery:
    def __init__(self, client: Callable[[], Any], bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def deliver(self, match: RunbookMatch) -> None:
        entry = {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(match_detail(match)),
            "EventBusName": self._bus_name,
        }
        with aws_errors(f"EventBridge bus {self._bus_name!r}"):
            answer = self._client().put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            reason = answer["Entries"][0].get("ErrorMessage", "no reason given")
            raise UnavailableError(f"EventBridge bus {self._bus_name!r} did not take the event: {reason}")


def match_detail(match: RunbookMatch) -> dict[str, Any]:
    """The event's detail: facts only, texts cut, nothing of the alert's labels that was not asked for."""
    alert = match.alert
    return {
        "alert": {
            "source": alert.source,
            "name": alert.name[:MAX_TEXT],
            "fingerprint": alert.fingerprint[:MAX_TEXT],
            "severity": alert.severity.value,
            "service": alert.service[:MAX_TEXT],
            "summary": alert.summary[:MAX_TEXT],
            "starts_at": alert.starts_at.isoformat() if alert.starts_at else None,
        },
        "matched_by": match.matched_by,
        "confidence": round(match.confidence, 3),
        "degraded": list(match.degraded),
        "reasons": list(match.reasons),
        "runbook": _card(match.runbook) if match.runbook else None,
        "also": [_card(card) for card in match.also],
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "id": card.doc_id,
        "title": card.title,
        "url": card.url,
        "source": card.source,
        "path": card.path,
        "first_step": card.first_step,
        "contact": card.contact,
        "rev": card.rev,
    }
