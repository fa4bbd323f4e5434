"""Plays the bucket's notifications: each change of an object becomes the message that S3 would send."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal
from urllib.parse import quote_plus

from infra.local.topology import REGION, Bucket
from personal_pipeline.ports import OutgoingMessage, Queue

_EVENT_NAMES = {"put": "ObjectCreated:Put", "delete": "ObjectRemoved:Delete"}


class BucketNotifications:
    """Called by the document store after each change. ``queue_with_id`` gives the queue that the template names."""

    def __init__(self, bucket: Bucket, queue_with_id: Callable[[str], Queue]) -> None:
        self._bucket = bucket
        self._queue_with_id = queue_with_id

    def __call__(self, kind: Literal["put", "delete"], key: str, sequencer: str | None) -> None:
        name = _EVENT_NAMES[kind]
        for rule in self._bucket.notifications:
            is_wanted = any(fnmatchcase(f"s3:{name}", event) for event in rule.events)
            if is_wanted and key.startswith(rule.prefix) and key.endswith(rule.suffix):
                body = json.dumps(s3_notification(self._bucket, name, key, sequencer))
                self._queue_with_id(rule.queue).send([OutgoingMessage(body)])


def s3_notification(bucket: Bucket, event_name: str, key: str, sequencer: str | None) -> dict[str, Any]:
    """Keys are URL-encoded in it, a blank as ``+``, as S3 does."""
    changed = {"key": quote_plus(key, safe="/")} | ({} if sequencer is None else {"sequencer": sequencer})
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "eventName": event_name,
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket.name, "arn": f"arn:aws:s3:::{bucket.name}"},
            "object": changed,
        },
    }
    return {"Records": [record]}
