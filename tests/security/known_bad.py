"""Ways to verify that look right and are not. The trials must find each of them out, or they prove nothing."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from personal_pipeline.domain.senders import Bearer, Certificate, FormSignature, Proof, Received, Signature, Token
from personal_pipeline.services.seen_requests import SeenRequests
from tests.security.intake import SUBJECT, WAYS


def mac(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class ComparesABeginning(Signature):
    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        given = received.headers.get(self.header.lower(), "").removeprefix(self.prefix)
        fits = given and any(mac(secret, received.body).startswith(given[:16]) for secret in secrets)
        return Proof(hashlib.sha256(received.body).hexdigest(), 99_999) if fits else None


@dataclass(frozen=True)
class AsksForNoTime(Signature):
    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        timestamp = received.headers.get(self.timestamp_header.lower(), "")
        return Signature.proof(self, received, secrets, float(timestamp) if timestamp.isdecimal() else now)


@dataclass(frozen=True)
class SignsNoTime(Signature):
    """The time is looked at, and is not under the signature."""

    def _text(self, body: bytes, timestamp: str) -> bytes:
        return body.partition(b"{")[1] + body.partition(b"{")[2]


@dataclass(frozen=True)
class TakesAnyNumber(Signature):
    """``int`` reads more than digits, and raises on the rest."""

    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        timestamp = int(received.headers.get(self.timestamp_header.lower(), "0"))
        return Signature.proof(self, received, secrets, now) if abs(now - timestamp) < 300 else None


@dataclass(frozen=True)
class VerifiesWhatWasParsed(Signature):
    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        try:
            body = json.dumps(json.loads(received.body)).encode()
        except ValueError:
            return None
        parsed = Received(body, received.headers, received.parameters, received.url)
        return Signature.proof(self, parsed, secrets, now)


@dataclass(frozen=True)
class RemembersTheHeader(Signature):
    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        proof = Signature.proof(self, received, secrets, now)
        header = received.headers.get(self.header.lower(), "")
        return Proof(hashlib.sha256(header.encode()).hexdigest(), proof.seconds) if proof else None


@dataclass(frozen=True)
class KnowsTheNewestOnly(Signature):
    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        return Signature.proof(self, received, secrets[:1], now)


@dataclass(frozen=True)
class ComparesText(Bearer):
    """``compare_digest`` raises on text that is not ASCII."""

    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        given = received.headers.get("authorization", "").removeprefix("Bearer ")
        return Proof() if any(hmac.compare_digest(given, secret) for secret in secrets) else None


@dataclass(frozen=True)
class LooksInTheSecret(Token):
    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        given = received.parameters.get(self.parameter, "")
        return Proof() if given and any(given in secret or secret in given for secret in secrets) else None


@dataclass(frozen=True)
class TrustsAHeader(Certificate):
    """Without a certificate, what the client says of itself."""

    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        given = received.certificate or received.headers.get("x-ssl-client-s-dn", "")
        return Proof() if given in self.subjects else None


@dataclass(frozen=True)
class LooksForTheName(Certificate):
    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        return Proof() if any(subject in received.certificate for subject in self.subjects) else None


@dataclass(frozen=True)
class IgnoresTheForm(FormSignature):
    def _text(self, received: Received) -> bytes | None:
        fields = received.body.split(b"&")
        return received.url.encode() + b"".join(sorted(fields)[:1])


class RemembersNothing(SeenRequests):
    def has(self, source: str, once: str) -> bool:
        return False


class RemembersInThisProcess(SeenRequests):
    def remember(self, source: str, once: str, seconds: int) -> None:
        self._kept[f"SEEN#{source}", once] = self._clock() + seconds


class RemembersForAMinute(SeenRequests):
    def remember(self, source: str, once: str, seconds: int) -> None:
        super().remember(source, once, 60)


def _instead(source: str, *ways: Any) -> dict[str, Any]:
    return {"ways": {**WAYS, source: ways}}


GRAFANA = {"header": "x-grafana-alerting-signature", "timestamp_header": "x-grafana-alerting-timestamp"}
VARIANTS: dict[str, dict[str, Any]] = {
    "compares only the beginning": _instead("sentry", ComparesABeginning("sentry-hook-signature")),
    "ignores the time": _instead("grafana", AsksForNoTime(**GRAFANA)),
    "time is not signed": _instead("grafana", SignsNoTime(**GRAFANA)),
    "reads any number as a time": _instead("grafana", TakesAnyNumber(**GRAFANA)),
    "verifies the parsed body": _instead("zabbix", VerifiesWhatWasParsed("x-hub-signature-256", "sha256=")),
    "remembers the header": _instead("pagerduty", RemembersTheHeader("x-pagerduty-signature", "v1=")),
    "knows the newest secret only": _instead("pagerduty", KnowsTheNewestOnly("x-pagerduty-signature", "v1=")),
    "compares text": _instead("alertmanager", ComparesText()),
    "looks for the token in the secret": _instead("azure_monitor", LooksInTheSecret()),
    "trusts a header for a certificate": _instead("icinga", TrustsAHeader((SUBJECT,))),
    "looks for the name in the subject": _instead("icinga", LooksForTheName((SUBJECT,))),
    "signs the first field only": _instead("splunk_on_call", IgnoresTheForm()),
    "takes a bearer beside the signature": _instead("sentry", *WAYS["sentry"], Bearer()),
    "remembers nothing": {"make_seen": RemembersNothing},
    "remembers in one process only": {"make_seen": RemembersInThisProcess},
    "remembers for a minute": {"make_seen": RemembersForAMinute},
    "one secret for all": {f"of-{source}": () for source in WAYS},
}
