"""Who sent a webhook, proven over the request as it came: one small class for each way to prove it, and who uses which.

Signatures are checked over the raw bytes, never over what was parsed of them. Everything is compared as bytes, because
``compare_digest`` raises on text that is not ASCII, and with all live secrets, whichever fits.
"""

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import parse_qsl, quote

WINDOW_SECONDS = 300
REMEMBERED_SECONDS = 14 * 24 * 3600
_MOST_SIGNATURES = 10
_MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came. Names of headers are lower case; ``certificate`` is the subject (distinguished name) of the
    client certificate that the gateway checked.
    """

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The sender is who it must be. ``once``: this request must not come again for so many seconds; empty where a
    repeated body is normal, because nothing in the request tells a repetition from a replay.
    """

    once: str = ""
    seconds: int = 0


class Sender(Protocol):
    """One way to prove who sends."""

    @property
    def needs_secret(self) -> bool: ...

    def proof(self, received: Received, secrets: Sequence[str], now: float, /) -> Proof | None:
        """None when it is not proven in this way."""

    def signed(self, received: Received, secret: str, now: float, /) -> Received:
        """The request as a sender of this kind would send it."""


@dataclass(frozen=True, slots=True)
class Bearer:
    needs_secret = True

    def proof(self, received: Received, secrets: Sequence[str], _now: float) -> Proof | None:
        scheme, _, given = received.headers.get("authorization", "").partition(" ")
        return Proof() if scheme.lower() == "bearer" and _is_one_of(given.strip(), secrets) else None

    def signed(self, received: Received, secret: str, _now: float) -> Received:
        return _with_header(received, "authorization", f"Bearer {secret}")


@dataclass(frozen=True, slots=True)
class Basic:
    """The password is the secret. ``user`` empty: any."""

    user: str = ""
    needs_secret = True

    def proof(self, received: Received, secrets: Sequence[str], _now: float) -> Proof | None:
        scheme, _, given = received.headers.get("authorization", "").partition(" ")
        try:
            decoded = b64decode(given.strip().encode(errors="replace"), validate=True)
        except binascii.Error:
            return None
        user, colon, password = decoded.partition(b":")
        fits = _is_one_of(password, secrets)
        is_user = not self.user or hmac.compare_digest(user, self.user.encode())
        return Proof() if scheme.lower() == "basic" and colon and fits and is_user else None

    def signed(self, received: Received, secret: str, _now: float) -> Received:
        given = b64encode(f"{self.user or 'pipeline'}:{secret}".encode()).decode()
        return _with_header(received, "authorization", f"Basic {given}")


@dataclass(frozen=True, slots=True)
class Header:
    """The secret is the value of a header of the operator's choice."""

    name: str
    needs_secret = True

    def proof(self, received: Received, secrets: Sequence[str], _now: float) -> Proof | None:
        return Proof() if _is_one_of(received.headers.get(self.name.lower(), ""), secrets) else None

    def signed(self, received: Received, secret: str, _now: float) -> Received:
        return _with_header(received, self.name, secret)


@dataclass(frozen=True, slots=True)
class Token:
    """The secret is a parameter of the URL, for those that can send no header. Whoever sees the URL has it."""

    parameter: str = "token"
    needs_secret = True

    def proof(self, received: Received, secrets: Sequence[str], _now: float) -> Proof | None:
        return Proof() if _is_one_of(received.parameters.get(self.parameter, ""), secrets) else None

    def signed(self, received: Received, secret: str, _now: float) -> Received:
        joint = "&" if "?" in received.url else "?"
        url = f"{received.url}{joint}{quote(self.parameter, safe='')}={quote(secret, safe='')}"
        return replace(received, url=url, parameters={**received.parameters, self.parameter: secret})


@dataclass(frozen=True, slots=True)
class Signature:
    """HMAC-SHA256 in hex over the body, or over ``{timestamp}{separator}{body}`` where the time has a header.

    The header may hold several, with commas between them, each after ``prefix``: any that fits passes, which is how
    senders rotate. ``remembered_seconds`` counts where there is no time: 0 lets the same bytes come again, as they do
    from a sender whose bodies say neither when nor which.
    """

    header: str
    prefix: str = ""
    timestamp_header: str = ""
    separator: str = ":"
    remembered_seconds: int = REMEMBERED_SECONDS
    needs_secret = True

    def proof(self, received: Received, secrets: Sequence[str], now: float) -> Proof | None:
        timestamp = received.headers.get(self.timestamp_header.lower(), "") if self.timestamp_header else ""
        if self.timestamp_header and not is_recent(timestamp, now):
            return None
        parts = received.headers.get(self.header.lower(), "").split(",")[:_MOST_SIGNATURES]
        given = [part.strip().removeprefix(self.prefix) for part in parts if part.strip().startswith(self.prefix)]
        text = self._text(received.body, timestamp)
        if not is_any_of(given, [hex_mac(secret, text) for secret in secrets if secret]):
            return None
        seconds = 2 * WINDOW_SECONDS if self.timestamp_header else self.remembered_seconds
        # Of what was signed, not of the header, which may name the same signature in more than one way.
        return Proof(hashlib.sha256(text).hexdigest(), seconds) if seconds else Proof()

    def signed(self, received: Received, secret: str, now: float) -> Received:
        timestamp = str(int(now)) if self.timestamp_header else ""
        if timestamp:
            received = _with_header(received, self.timestamp_header, timestamp)
        mac = hex_mac(secret, self._text(received.body, timestamp)).decode()
        return _with_header(received, self.header, f"{self.prefix}{mac}")

    def _text(self, body: bytes, timestamp: str) -> bytes:
        return f"{timestamp}{self.separator}".encode() + body if self.timestamp_header else body


@dataclass(frozen=True, slots=True)
class FormSignature:
    """HMAC-SHA1 in base64 over the URL and the fields of a form, by name: an escalation webhook of Splunk On-Call.

    Theirs: it tells neither where one field ends nor the order that they came in. ``url`` is the address as it was
    given to the sender, where a proxy changed it on the way; empty: as it arrived.
    """

    header: str = "x-victorops-signature"
    url: str = ""
    needs_secret = True

    def proof(self, received: Received, secrets: Sequence[str], _now: float) -> Proof | None:
        text = self._text(received)
        given = [received.headers.get(self.header.lower(), "")]
        if text is None or not is_any_of(given, [_base64_mac(secret, text) for secret in secrets if secret]):
            return None
        return Proof(hashlib.sha256(text).hexdigest(), REMEMBERED_SECONDS)

    def signed(self, received: Received, secret: str, _now: float) -> Received:
        mac = _base64_mac(secret, self._text(received) or b"").decode()
        return _with_header(received, self.header, mac)

    def _text(self, received: Received) -> bytes | None:
        """Bytes that are no UTF-8 come through as they are."""
        body = received.body.decode(errors="surrogateescape")
        try:
            fields = parse_qsl(body, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MOST_FIELDS)
        except ValueError:
            return None
        said = "".join(name + value for name, value in sorted(fields))
        return (self.url or received.url).encode(errors="replace") + said.encode(errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Mutual TLS: the subject of the client's certificate is one of these, to the letter.

    ``header`` empty: what the gateway itself checked. With a header, a proxy in front checks the certificate and sets
    it; then nobody may reach the API but through that proxy, because whoever does may set the header too.
    """

    subjects: tuple[str, ...]
    header: str = ""
    needs_secret = False

    def proof(self, received: Received, _secrets: Sequence[str], _now: float) -> Proof | None:
        given = received.headers.get(self.header.lower(), "") if self.header else received.certificate
        return Proof() if _is_one_of(given, self.subjects) else None

    def signed(self, received: Received, _secret: str, _now: float) -> Received:
        subject = self.subjects[0]
        return _with_header(received, self.header, subject) if self.header else replace(received, certificate=subject)


def _with_header(received: Received, name: str, value: str) -> Received:
    return replace(received, headers={**received.headers, name.lower(): value})


def _is_one_of(given: str | bytes, expected: Iterable[str]) -> bool:
    return is_any_of([given], [value.encode() for value in expected if value])


def is_any_of(given: Iterable[str | bytes], expected: Sequence[bytes]) -> bool:
    """All are compared, in a time that does not tell how much of one was right."""
    offered = [value if isinstance(value, bytes) else value.encode(errors="replace") for value in given]
    return any([hmac.compare_digest(offer, value) for offer in offered for value in expected])  # noqa: C419


def hex_mac(secret: str, text: bytes) -> bytes:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest().encode()


def _base64_mac(secret: str, text: bytes) -> bytes:
    return b64encode(hmac.new(secret.encode(), text, hashlib.sha1).digest())


def is_recent(timestamp: str, now: float) -> bool:
    """Whole seconds since 1970, as digits only: ``int`` would take other scripts' digits, spaces and underscores."""
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return is_number and abs(now - int(timestamp)) <= WINDOW_SECONDS


SECRET_HEADER = "x-webhook-secret"  # noqa: S105  # a header's name
SHARED: tuple[Sender, ...] = (Bearer(), Basic())
"""For a source that does not sign: the secret goes along."""

SENDERS: Mapping[str, tuple[Sender, ...]] = {
    "azure_monitor": (Token(), *SHARED),
    "datadog": (Header(SECRET_HEADER), *SHARED),
    "gcp_monitoring": (Basic(), Token()),
    "grafana": (Signature("x-grafana-alerting-signature", timestamp_header="x-grafana-alerting-timestamp"),),
    "new_relic": (Header(SECRET_HEADER), *SHARED),
    "opsgenie": (Header(SECRET_HEADER), *SHARED),
    "pagerduty": (Signature("x-pagerduty-signature", prefix="v1="),),
    "sentry": (Signature("sentry-hook-signature"),),
    "splunk_on_call": (FormSignature(), Header(SECRET_HEADER), *SHARED),
}
"""Any of a source's ways passes, and the first is the one that `pp alert send` takes."""
