"""Takes an alert in: verify the sender over the raw bytes, queue them as they came, answer.

Nothing is parsed here. A bad shape ends in the dead-letter queue with its bytes kept, not in a refusal
that nobody reads; nothing is acknowledged before it is stored.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence

from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.errors import (
    InvalidAlertError,
    MissingError,
    ReplayedError,
    SecretMissingError,
    UnauthorisedError,
    UnavailableError,
)
from personal_pipeline.domain.senders import SHARED, Proof, Received, Sender
from personal_pipeline.messages import AlertMessage
from personal_pipeline.ports import OutgoingMessage, Queue, Secrets
from personal_pipeline.services.seen_requests import SeenRequests

MAX_BODY_BYTES = 512 * 1024  # in base64 it still fits one SQS message of 1 MiB


class SenderSecrets:
    """One secret for each source, named ``prefix`` and the source, else the common one."""

    def __init__(self, secrets: Secrets, common: str, prefix: str = "") -> None:
        self._secrets = secrets
        self._common = common
        self._prefix = prefix

    def of(self, source: str) -> Sequence[str]:
        """None for a source without any. Raises UnavailableError when it cannot be told."""
        own = [self._prefix + source] if self._prefix and source else []
        for name in (*own, self._common):
            try:
                return self._secrets.values(name)
            except SecretMissingError:
                continue
            except UnavailableError as error:  # its text names files and secrets, and nobody is verified yet
                raise UnavailableError("the sender cannot be verified now: send it again") from error
        return ()


class ReceiveAlert:
    def __init__(
        self,
        sources: AlertSources,
        senders: Mapping[str, Sequence[Sender]],
        secrets: SenderSecrets,
        seen: SeenRequests,
        queue: Queue,
        clock: Callable[[], float],
    ) -> None:
        self._sources = sources
        self._senders = senders
        self._secrets = secrets
        self._seen = seen
        self._queue = queue
        self._clock = clock

    def __call__(self, source: str, received: Received) -> None:
        """Raises InvalidAlertError for a body too large, UnauthorisedError, MissingError for an unknown source (told
        only to who has the common secret), ReplayedError, UnavailableError when the secret or the queue cannot be
        reached.
        """
        if len(received.body) > MAX_BODY_BYTES:
            raise too_large(len(received.body))
        proof = self._verified(source, received)
        if source not in self._sources:
            raise MissingError(self._sources.unknown(source[:100]))
        if proof.once and self._seen.has(source, proof.once):
            raise ReplayedError(f"{source}: this request was taken before")
        message = AlertMessage(
            source=source,
            received_at=self._clock(),
            body=b64encode(received.body).decode(),
            content_type=received.headers.get("content-type", "")[:200],
        )
        self._queue.send([OutgoingMessage(message.model_dump_json())])
        if proof.once:  # only now: a sender that was told to send it again must be let in
            self._seen.remember(source, proof.once, proof.seconds)

    def _verified(self, source: str, received: Received) -> Proof:
        is_known = source in self._sources
        ways = self._senders.get(source, SHARED) if is_known else SHARED
        live = self._secrets.of(source if is_known else "") if any(way.needs_secret for way in ways) else ()
        now = self._clock()
        proofs = [way.proof(received, live, now) for way in ways]
        found = next((proof for proof in proofs if proof), None)
        if found is None:
            raise UnauthorisedError(f"{source[:100]!r}: the sender proves itself in no way that is known for it")
        return found


def too_large(size: int) -> InvalidAlertError:
    return InvalidAlertError(f"the body has {size} bytes, at most {MAX_BODY_BYTES} are taken: send fewer alerts")
