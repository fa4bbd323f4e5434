"""Posts ``RunbookMatched`` to any address, signed as Standard Webhooks has it (standardwebhooks.com).

The signature is over id, time and body; during a rotation there is one for each live secret. ``webhook-id`` is the
delivery id, the same for every attempt: receivers fold what comes twice by it.
"""

import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import UTC, datetime

from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notices import Notice
from personal_pipeline.events import RunbookMatched
from personal_pipeline.ports import Secrets

TYPE = "runbook.matched"
PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)  # as the standard has it


class WebhookTarget:
    """Each revision is posted; receivers know it by ``notice_id`` and ``revision``."""

    def __init__(
        self, name: str, client: HttpClient, url: str, secrets: Secrets, secret: str, clock: Callable[[], float]
    ) -> None:
        self._name = name
        self._client = client
        self._url = url
        self._secrets = secrets
        self._secret = secret
        self._clock = clock

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:  # noqa: ARG002  # as the port has it
        seconds = int(self._clock())
        sent_at = datetime.fromtimestamp(seconds, UTC).isoformat()
        event = {"type": TYPE, "timestamp": sent_at, "data": RunbookMatched.of(notice, delivery_id).facts()}
        body = json.dumps(event).encode()
        values = self._secrets.values(self._secret)
        keys = [self._key(value) for value in values]
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": " ".join(signature(key, delivery_id, seconds, body) for key in keys),
        }
        self._client.deliver(self._url, body, headers, secrets=values)
        return delivery_id

    def _key(self, value: str) -> bytes:
        try:
            key = b64decode(value.removeprefix(PREFIX), validate=True)
        except (Base64Error, ValueError):
            key = b""
        if len(key) not in SECRET_BYTES:
            raise TargetUnavailableError(
                f"target {self._name}: the secret {self._secret} is no {PREFIX} with 24 to 64 bytes in "
                "base64: make one with `echo whsec_$(openssl rand -base64 32)`"
            )
        return key


def signature(key: bytes, message_id: str, seconds: int, body: bytes) -> str:
    signed = hmac.digest(key, f"{message_id}.{seconds}.".encode() + body, "sha256")
    return f"v1,{b64encode(signed).decode()}"
