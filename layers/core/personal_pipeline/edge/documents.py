"""What says that a document changed: S3 notifications, plain or from EventBridge, and our own messages."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from pydantic import ValidationError

from personal_pipeline.domain.errors import InvalidMessageError
from personal_pipeline.messages import IngestMessage


def ingest_messages(body: str) -> list[IngestMessage]:
    """None for events that concern no document, such as ``s3:TestEvent``. Raises InvalidMessageError."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidMessageError(f"ingest message is not JSON: {error}") from error
    if not isinstance(event, Mapping):
        raise InvalidMessageError("ingest message is no JSON object")
    try:
        return _messages(event)
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidMessageError(f"ingest message lacks {error}: not a form that S3 sends") from error
    except ValidationError as error:
        fields = ", ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidMessageError(f"ingest message: {fields}") from error


def _messages(event: Mapping[str, Any]) -> list[IngestMessage]:
    if event.get("Event") == "s3:TestEvent":
        return []
    if "kind" in event:
        return [IngestMessage.model_validate(event)]
    if event.get("source") == "aws.s3":
        return _from_eventbridge(event)
    if isinstance(event.get("Records"), list):
        return [message for record in event["Records"] for message in _from_notification(record)]
    raise InvalidMessageError("ingest message is neither an S3 notification nor one of our own ('kind')")


def _from_notification(record: Mapping[str, Any]) -> list[IngestMessage]:
    """Keys are URL-encoded here, and only here."""
    s3 = record["s3"]
    name = record["eventName"].removeprefix("s3:")
    key = unquote_plus(s3["object"]["key"])
    return _message(s3["bucket"]["name"], key, name, s3["object"].get("versionId"), s3["object"].get("sequencer"))


def _from_eventbridge(event: Mapping[str, Any]) -> list[IngestMessage]:
    detail = event["detail"]
    stored = detail["object"]
    name = {"Object Created": "ObjectCreated", "Object Deleted": "ObjectRemoved"}.get(event["detail-type"], "")
    if name == "ObjectRemoved":
        is_marker = detail.get("deletion-type") == "Delete Marker Created"
        name = "ObjectRemoved:DeleteMarkerCreated" if is_marker else "ObjectRemoved:Delete"
    return _message(detail["bucket"]["name"], stored["key"], name, stored.get("version-id"), stored.get("sequencer"))


def _message(bucket: str, key: str, name: str, version_id: str | None, sequencer: str | None) -> list[IngestMessage]:
    if name.startswith("ObjectCreated"):
        return [IngestMessage(bucket=bucket, key=key, kind="put", version_id=version_id, sequencer=sequencer)]
    if not name.startswith(("ObjectRemoved", "LifecycleExpiration")):
        return []
    if name.endswith(":Delete") and version_id:
        # One version was removed for good: another may be the newest now, so this only says "look".
        return [IngestMessage(bucket=bucket, key=key, kind="put")]
    return [IngestMessage(bucket=bucket, key=key, kind="delete", version_id=version_id, sequencer=sequencer)]
