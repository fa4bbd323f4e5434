"""The intake as the function builds it, over kept requests and a queue that tells what came through.

Requests are signed here by hand, as each vendor describes it, and not by the code under test.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.records import SQLiteRecords
from personal_pipeline.domain.errors import MissingError, ReplayedError, SecretMissingError, UnauthorisedError
from personal_pipeline.domain.senders import (
    SENDERS,
    Basic,
    Bearer,
    Certificate,
    Header,
    Received,
    Sender,
    Signature,
    Token,
)
from personal_pipeline.edge.webhooks import received
from personal_pipeline.ports import OutgoingMessage
from personal_pipeline.services.receive_alert import ReceiveAlert, SenderSecrets
from personal_pipeline.services.seen_requests import SeenRequests

NOW = 1_795_921_200.0
HOST = "alerts.example.com"
SUBJECT = "CN=monitor.example.com,OU=operations,O=Example"
WAYS: Mapping[str, tuple[Sender, ...]] = {
    "pagerduty": SENDERS["pagerduty"],
    "grafana": SENDERS["grafana"],
    "sentry": SENDERS["sentry"],
    "splunk_on_call": SENDERS["splunk_on_call"][:1],
    "nagios": (Signature("X-Signature", prefix="sha256=", timestamp_header="X-Time", separator="."),),
    "zabbix": (Signature("X-Hub-Signature-256", prefix="sha256="),),
    "alertmanager": (Bearer(),),
    "generic": (Basic("monitor"),),
    "datadog": (Header("X-Webhook-Secret"),),
    "azure_monitor": (Token(),),
    "icinga": (Certificate((SUBJECT,)),),
    "elastic": (Certificate((SUBJECT,), header="X-Client-Subject"),),
}
SIGNED = ("pagerduty", "grafana", "sentry", "splunk_on_call", "nagios", "zabbix")
TIMED = ("grafana", "nagios")
SIGNATURE_HEADERS = {
    "pagerduty": "x-pagerduty-signature",
    "grafana": "x-grafana-alerting-signature",
    "sentry": "sentry-hook-signature",
    "splunk_on_call": "x-victorops-signature",
    "nagios": "x-signature",
    "zabbix": "x-hub-signature-256",
}
TIME_HEADERS = {"grafana": "x-grafana-alerting-timestamp", "nagios": "x-time"}
PREFIXES = {"pagerduty": "v1=", "nagios": "sha256=", "zabbix": "sha256="}


@dataclass(frozen=True)
class Sent:
    """A request as its sender hands it to the network."""

    source: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    certificate: str = ""

    def with_header(self, name: str, value: str) -> "Sent":
        return replace(self, headers={**self.headers, name: value})

    def without(self, name: str) -> "Sent":
        return replace(self, headers={key: value for key, value in self.headers.items() if key != name})

    @property
    def event(self) -> dict[str, Any]:
        """As API Gateway hands it over."""
        path = f"/v1/alerts/{self.source}"
        parameters: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
        context: dict[str, Any] = {"http": {"method": "POST", "path": path}, "domainName": HOST}
        if self.certificate:
            context["authentication"] = {"clientCert": {"subjectDN": self.certificate}}
        return {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": self.query,
            "queryStringParameters": parameters,
            "headers": {"host": HOST, **self.headers},
            "requestContext": context,
            "body": b64encode(self.body).decode(),
            "isBase64Encoded": True,
        }


def proven(source: str, body: bytes, secret: str, now: float) -> Sent:
    """The body as a genuine sender of that source sends it."""
    sent = Sent(source, body, {"content-type": "application/json"})
    if source in SIGNED:
        return signed(sent, secret, str(int(now)))
    match source:
        case "alertmanager":
            return sent.with_header("authorization", f"Bearer {secret}")
        case "generic":
            return sent.with_header("authorization", "Basic " + b64encode(f"monitor:{secret}".encode()).decode())
        case "datadog":
            return sent.with_header("x-webhook-secret", secret)
        case "azure_monitor":
            return replace(sent, query=urlencode({"token": secret}))
        case "icinga":
            return replace(sent, certificate=SUBJECT)
    return sent.with_header("x-client-subject", SUBJECT)


def signed(sent: Sent, secret: str, timestamp: str, digest: Any = hashlib.sha256) -> Sent:
    header = SIGNATURE_HEADERS[sent.source]
    if sent.source == "splunk_on_call":
        pairs = sorted(parse_qsl(sent.body.decode(), keep_blank_values=True))
        text = f"https://{HOST}/v1/alerts/splunk_on_call" + "".join(name + value for name, value in pairs)
        mac = hmac.new(secret.encode(), text.encode(), hashlib.sha1 if digest is hashlib.sha256 else digest)
        return sent.with_header(header, b64encode(mac.digest()).decode())
    text = sent.body
    if sent.source in TIMED:
        separator = b"." if sent.source == "nagios" else b":"
        text = timestamp.encode() + separator + text
        sent = sent.with_header(TIME_HEADERS[sent.source], timestamp)
    return sent.with_header(header, PREFIXES.get(sent.source, "") + hmac.new(secret.encode(), text, digest).hexdigest())


def a_body(source: str, number: int) -> bytes:
    """Unlike any other, as those of systems that sign are: they hold a time and an id."""
    if source == "splunk_on_call":
        return urlencode({"entity_id": f"disk/{number}", "message_type": "CRITICAL", "note": "a b&c=d é"}).encode()
    return json.dumps({"id": number, "title": "Disk full", "labels": {"alertname": "DiskFull", "n": "7"}}).encode()


class KeptSecrets:
    def __init__(self, live: Mapping[str, tuple[str, ...]]) -> None:
        self.live = dict(live)

    def values(self, name: str) -> tuple[str, ...]:
        if not self.live.get(name):
            raise SecretMissingError(f"secret {name}: there is none")
        return self.live[name]


class ListQueue:
    def __init__(self) -> None:
        self.sent: list[OutgoingMessage] = []

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        self.sent += messages

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the intake only sends, it called {name}")


def secrets_of(source: str) -> tuple[str, str]:
    """The newest, and the one that it takes the place of."""
    return f"{source}-new-7Hq2", f"{source}-old-Zk81"


class KnownSources:
    def __contains__(self, source: object) -> bool:
        return source in WAYS

    def unknown(self, source: str) -> str:
        return f"no alert source {source!r}"


class Intake:
    """``ways`` and ``make_seen`` may be worse than ours: then the suite must notice."""

    def __init__(
        self,
        folder: Path,
        ways: Mapping[str, Sequence[Sender]] | None = None,
        make_seen: Callable[..., SeenRequests] = SeenRequests,
        **secrets: tuple[str, ...],
    ) -> None:
        self.now = NOW
        self.queue = ListQueue()
        live = {"common": ("common-2fYp",)} | {f"of-{source}": secrets_of(source) for source in WAYS}
        self.secrets = KeptSecrets(live | secrets)
        self._records = SQLiteRecords(Database(folder / "pipeline.db"), lambda: self.now)
        self._ways = ways or WAYS
        self.make_seen = make_seen
        self.restart()

    def restart(self) -> None:
        """Another process: it remembers nothing but what is in the table."""
        self._receive = ReceiveAlert(
            KnownSources(),  # type: ignore[arg-type]
            self._ways,
            SenderSecrets(self.secrets, "common", "of-"),
            self.make_seen(self._records, lambda: self.now),
            self.queue,
            lambda: self.now,
        )

    def takes(self, sent: Sent) -> bool:
        """Whether it is on the queue now. Anything but a refusal that is meant comes out."""
        before = len(self.queue.sent)
        try:
            self.receive(sent)
        except (UnauthorisedError, ReplayedError, MissingError):
            assert len(self.queue.sent) == before, "it was refused, and queued"
            return False
        return len(self.queue.sent) == before + 1

    def receive(self, sent: Sent) -> None:
        self.receive_as(sent.source, received(APIGatewayProxyEventV2(sent.event)))

    def receive_as(self, source: str, request: Received) -> None:
        self._receive(source, request)
