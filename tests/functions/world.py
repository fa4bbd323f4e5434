"""The functions as they run on one machine, in this process, over a folder of their own."""

import base64
import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode

from infra import openapi
from personal_pipeline import parts
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.notices import Notice
from personal_pipeline.edge.deliveries import delivery_messages
from personal_pipeline.ports import ReceivedMessage

ROOT = Path(__file__).parents[2]
SECRET = "correct-horse-battery-staple"
ENVIRONMENT = openapi.ENVIRONMENT | {
    "INGEST_QUEUE_URL": "ingest",
    "ALERT_QUEUE_URL": "alert",
    "REFRESH_QUEUE_URL": "refresh.fifo",
    "DELIVERY_QUEUES": "eventbridge=events.fifo",
    "GENERATION_MAX_AGE_SECONDS": "0",
    "STALE_LIST_SECONDS": "0",
    "RETRY_DELAYS_SECONDS": "0",
}


@dataclass
class Context:
    """What the Lambda runtime hands to a handler."""

    aws_request_id: str = "00000000-0000-4000-8000-000000000000"
    function_name: str = "test"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    remaining_milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_milliseconds


@dataclass
class World:
    data: Path
    apps: dict[str, ModuleType] = field(default_factory=dict)
    groups: tuple[str, ...] = ()  # of whoever asks over HTTP

    def app(self, name: str) -> ModuleType:
        if name not in self.apps:
            path = ROOT / "functions" / name / "app.py"
            spec = importlib.util.spec_from_file_location(f"app_{name}", path)
            assert spec
            assert spec.loader
            self.apps[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(self.apps[name])
        return self.apps[name]

    def call(self, name: str, event: dict[str, Any], context: Context | None = None) -> dict[str, Any]:
        return self.app(name).lambda_handler(event, context or Context())

    # Documents ────────────────────────────────────────────────────────────
    def put(self, key: str, text: str | bytes) -> None:
        parts.store().put(key, text if isinstance(text, bytes) else text.encode())

    def ingest(self, *keys: str, kind: str = "ObjectCreated:Put", sequencer: str = "01") -> dict[str, Any]:
        records = [sqs_record(f"m-{n}", s3_event(key, kind, sequencer)) for n, key in enumerate(keys)]
        return self.call("ingest", {"Records": records})

    def has(self, key: str, text: str | bytes, sequencer: str = "01") -> str:
        """Put and ingest one document; returns its id."""
        self.put(key, text)
        assert self.ingest(key, sequencer=sequencer) == {"batchItemFailures": []}
        return doc_id_of(key)

    def removes(self, key: str, sequencer: str) -> None:
        parts.store().delete(key)
        assert self.ingest(key, kind="ObjectRemoved:Delete", sequencer=sequencer) == {"batchItemFailures": []}

    # HTTP ─────────────────────────────────────────────────────────────────
    def get(self, path: str, function: str = "search", headers: dict[str, str] | None = None, **query: Any) -> "Reply":
        return self.ask(function, http_event("GET", path, query, headers=headers))

    def post(self, path: str, body: str | bytes, function: str = "search", **headers: str) -> "Reply":
        return self.ask(function, http_event("POST", path, {}, body, headers))

    def ask(self, function: str, event: dict[str, Any]) -> "Reply":
        if self.groups:
            claims = {"sub": "somebody", "groups": f"[{' '.join(self.groups)}]"}
            event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        return Reply(self.call(function, event))

    def search(self, q: str, **query: Any) -> dict[str, Any]:
        reply = self.get("/v1/search", q=q, **query)
        assert reply.status == 200, reply.body
        return reply.json

    def queued(self, name: str) -> list[ReceivedMessage]:
        return parts.queue(name).receive(limit=10)

    def announced(self) -> list[Notice]:
        """The notices that wait for their delivery; takes them away."""
        queue = parts.queue("events.fifo")
        found: list[Notice] = []
        while received := queue.receive(10):
            found += [message.notice for one in received for message in delivery_messages(one.body)]
            queue.delete([one.receipt_handle for one in received])
        return found


@dataclass
class Reply:
    raw: dict[str, Any]

    @property
    def status(self) -> int:
        return self.raw["statusCode"]

    @property
    def body(self) -> str:
        return self.raw.get("body") or ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.raw["headers"].items()}


def s3_event(
    key: str, kind: str = "ObjectCreated:Put", sequencer: str | None = "01", version: str | None = None
) -> str:
    stored: dict[str, Any] = {"key": quote(key, safe="/").replace("%20", "+")}
    stored |= {"sequencer": sequencer} if sequencer else {}
    stored |= {"versionId": version} if version else {}
    record = {"eventSource": "aws:s3", "eventName": kind, "s3": {"bucket": {"name": "documents"}, "object": stored}}
    return json.dumps({"Records": [record]})


def sqs_record(message_id: str, body: str, receive_count: int = 1) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-{message_id}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receive_count)},
        "eventSource": "aws:sqs",
    }


def http_event(
    method: str,
    path: str,
    query: dict[str, Any],
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """An API Gateway HTTP API event, payload format 2.0."""
    encoded = isinstance(body, bytes)
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": urlencode(query),
        "queryStringParameters": {name: str(value) for name, value in query.items()},
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {"http": {"method": method, "path": path}, "requestId": "r-1", "stage": "$default"},
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": encoded,
    }
