"""Takes an alert in: verify the sender over the raw bytes, queue them as they came, answer.

Nothing is parsed here. A bad shape ends in the dead-letter queue with its bytes kept, not in a refusal
that nobody reads; nothing is acknowledged before it is stored.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable

from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.errors import InvalidAlertError, MissingError, UnauthorisedError
from personal_pipeline.messages import AlertMessage
from personal_pipeline.ports import OutgoingMessage, Queue, Secrets

MAX_BODY_BYTES = 512 * 1024  # in base64 it still fits one SQS message of 1 MiB


class ReceiveAlert:
    def __init__(
        self, sources: AlertSources, secrets: Secrets, secret_name: str, queue: Queue, clock: Callable[[], float]
    ) -> None:
        self._sources = sources
        self._secrets = secrets
        self._secret_name = secret_name
        self._queue = queue
        self._clock = clock

    def __call__(self, source: str, authorization: str, body: bytes) -> None:
        """``authorization`` is the header's value. The source is looked at only for a sender that may know it.

        Raises UnauthorisedError, MissingError for an unknown source, InvalidAlertError for a body too large,
        UnavailableError when the secret or the queue cannot be reached.
        """
        self._verify(authorization)
        if source not in self._sources:
            raise MissingError(self._sources.unknown(source))
        if len(body) > MAX_BODY_BYTES:
            raise InvalidAlertError(
                f"the body has {len(body)} bytes, at most {MAX_BODY_BYTES} are taken: send fewer alerts"
            )
        message = AlertMessage(source=source, received_at=self._clock(), body=b64encode(body).decode())
        self._queue.send([OutgoingMessage(message.model_dump_json())])

    def _verify(self, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        live = self._secrets.values(self._secret_name)
        # Bytes: compare_digest raises on text that is not ASCII. All are compared, whichever fits.
        fits = [hmac.compare_digest(given.strip().encode(), secret.encode()) for secret in live if secret]
        if scheme.lower() != "bearer" or not any(fits):
            raise UnauthorisedError("the sender's secret is missing or wrong")
