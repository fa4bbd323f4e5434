"""Tells PagerDuty: a note on the incident that an alert came from, otherwise an event that opens or resolves one.

An alert that PagerDuty sent must not open a second incident: without the REST key its notice is refused by name. Only
where it does not say its incident is an event sent after all, because a second page is better than none.
A note cannot be changed; an update is a further note, and the delivery id at its end shows one that came twice.
Sources: Events API v2 (dedup_key at most 255 characters, summary at most 1,024, an event at most 512 KB) and REST
API v2, ``POST /incidents/{id}/notes`` with the header From.
"""

import json
import re
from typing import Any
from urllib.parse import quote

from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notice_text import headline, notice_lines
from personal_pipeline.domain.notices import Notice
from personal_pipeline.domain.routing import TargetSettings
from personal_pipeline.domain.safe_text import visible
from personal_pipeline.events import RunbookMatched
from personal_pipeline.ports import Secrets

REST_URL = "https://api.pagerduty.com"
EVENTS_URL = "https://events.pagerduty.com"
SOURCE = "pagerduty"  # of alerts
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255
MAX_NOTE = 6000
MAX_FIELD = 255
MAX_LINKS = 10
MAX_INCIDENTS = 5
SEVERITIES = {Severity.CRITICAL: "critical", Severity.WARNING: "warning", Severity.INFO: "info"}
_INCIDENT_ID = re.compile(r"[A-Za-z0-9]{1,40}")


class PagerDutyTarget:
    def __init__(self, settings: TargetSettings, client: HttpClient, secrets: Secrets) -> None:
        self._name = settings.name
        self._client = client
        self._secrets = secrets
        self._rest_url = settings.text("base_url", REST_URL)
        self._events_url = settings.text("events_url", EVENTS_URL)
        self._from = settings.text("from")
        self._rest_secret = settings.text("secret")
        self._routing_secret = settings.text("routing_secret")

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:  # noqa: ARG002  # as the port has it
        if incidents := incident_ids(notice):
            for incident in incidents:
                self._note(incident, notice, delivery_id)
            return ",".join(incidents)
        return self._event(notice, delivery_id)

    def _note(self, incident: str, notice: Notice, delivery_id: str) -> None:
        token = self._value(self._rest_secret, "secret and from, for notes on incidents")
        text = "\n".join(notice_lines(notice))[:MAX_NOTE]
        body = {"note": {"content": f"{text}\n(delivery {delivery_id})"}}
        headers = {
            "Accept": "application/vnd.pagerduty+json;version=2",
            "Authorization": f"Token token={token}",
            "Content-Type": "application/json",
            "From": self._from,
        }
        url = f"{self._rest_url}/incidents/{quote(incident, safe='')}/notes"
        self._client.deliver(url, json.dumps(body).encode(), headers, secrets=[token])

    def _event(self, notice: Notice, delivery_id: str) -> str:
        key = self._value(self._routing_secret, "routing_secret, for incidents of alerts from elsewhere")
        event = {"routing_key": key, **event_of(notice, delivery_id)}
        headers = {"Content-Type": "application/json"}
        self._client.deliver(f"{self._events_url}/v2/enqueue", json.dumps(event).encode(), headers, secrets=[key])
        return str(event["dedup_key"])

    def _value(self, secret: str, wanted: str) -> str:
        if not secret:
            raise TargetUnavailableError(f"target {self._name}: add {wanted} to it in the routes file")
        value = self._secrets.values(secret)[0]
        if not (value.isascii() and value.isprintable()):
            raise TargetUnavailableError(f"target {self._name}: the secret {secret} is no key of PagerDuty")
        return value


def incident_ids(notice: Notice) -> list[str]:
    """Of the alerts that PagerDuty sent; what is no id of an incident is left out."""
    found = [
        example.labels.get("incident_id", "")
        for section in notice.sections
        for example in section.examples
        if example.source == SOURCE
    ]
    return [one for one in dict.fromkeys(found) if _INCIDENT_ID.fullmatch(one)][:MAX_INCIDENTS]


def event_of(notice: Notice, delivery_id: str) -> dict[str, Any]:
    """Without its routing key. A trigger with a known key is folded into its incident: updates open no second one."""
    event: dict[str, Any] = {
        "event_action": "resolve" if notice.status == "resolved" else "trigger",
        "dedup_key": notice.notice_id[:MAX_DEDUP_KEY],
        "client": "Personal Pipeline",
        "payload": {
            "summary": visible(headline(notice), MAX_SUMMARY),
            "source": visible(notice.service, MAX_FIELD) or "unknown service",
            "severity": SEVERITIES.get(notice.severity, "warning"),
            "timestamp": notice.started_at.isoformat(),
            "component": visible(notice.service, MAX_FIELD),
            "group": visible(notice.owner, MAX_FIELD),
            "custom_details": {
                "notice": "\n".join(notice_lines(notice))[:MAX_NOTE],
                "delivery_id": delivery_id,
                "revision": notice.revision,
            },
        },
        "links": _links(notice, delivery_id),
    }
    return event


def _links(notice: Notice, delivery_id: str) -> list[dict[str, str]]:
    facts = RunbookMatched.of(notice, delivery_id)
    documents = [section.runbook for section in facts.sections if section.runbook]
    documents += [candidate.document for section in facts.sections for candidate in section.candidates]
    links = {document.url: document.title or document.path for document in documents if document.url}
    return [{"href": url, "text": visible(title, MAX_FIELD)} for url, title in list(links.items())[:MAX_LINKS]]
