"""The one way to targets over HTTP: short timeouts, no redirects, a bounded answer, and errors that tell no secret.

An address may be a secret itself (a Teams workflow's is), so errors name the host only. Without ``allow_private``
the host is resolved here, each of its addresses is checked, and the connection goes to one that was checked: a name
cannot lead to the metadata service or into the own network, however its answers change.
"""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import urllib3

from personal_pipeline.domain.addresses import is_public
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.safe_text import visible

CONNECT_SECONDS = 0.5
READ_SECONDS = 2.0
MAX_ANSWER_BYTES = 64 * 1024
MAX_RETRY_SECONDS = 900.0
_MAX_EXCERPT = 200
_KEPT_POOLS = 50
_MIN_SECRET = 6  # characters; shorter ones are words
_ADVICE = {
    401: "check its secret",
    403: "check its secret and what it may do",
    404: "check its address or ids in the routes file",
    410: "it is gone: take it out of the routes file, or write its new address",
    413: "the message is too large for it",
}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """``headers`` by lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """That of one target, which its errors name; connections are kept. ``clock`` is epoch seconds."""

    def __init__(
        self,
        target: str = "",
        *,
        allow_private: bool = True,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        clock: Callable[[], float] = time.time,
        resolve: Callable[..., Any] = socket.getaddrinfo,
    ) -> None:
        self._target = target
        self._allow_private = allow_private
        self._timeout = urllib3.Timeout(connect=connect_seconds, read=read_seconds)
        self._read_seconds = read_seconds
        self._clock = clock
        self._resolve = resolve
        self._pools: dict[tuple[str, str, int, str], Any] = {}

    def deliver(self, url: str, body: bytes, headers: Mapping[str, str], secrets: Sequence[str] = ()) -> HttpAnswer:
        """``post``, for targets that say by the status whether they took it.

        Raises TargetUnavailableError for all but 2xx. ``secrets`` are blotted out where the answer repeats them.
        """
        answer = self.post(url, body, headers)
        if not 200 <= answer.status < 300:
            raise TargetUnavailableError(self._refusal(url, answer, secrets), self.retry_after(answer))
        return answer

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Whatever is answered. Raises TargetUnavailableError when nothing is."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = host if self._allow_private else self._checked_address(host, port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        named = f"[{host}]" if ":" in host else host
        named = named if parts.port is None else f"{named}:{port}"
        given = {"Host": named, "User-Agent": "personal-pipeline", "Accept-Encoding": "identity", **headers}
        try:
            response = self._pool(parts.scheme, address, port, host).urlopen(
                "POST", path, body=body, headers=given, retries=False, redirect=False, preload_content=False
            )
            try:
                told = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(response.status, told, self._read(response))
            finally:
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise TargetUnavailableError(
                f"target {self._target}: {visible(host, 100)} does not answer ({_reason(error)}); it is tried again"
            ) from None  # the cause may name the whole address

    def retry_after(self, answer: HttpAnswer) -> float:
        return retry_after(answer.headers.get("retry-after", ""), self._clock())

    def _pool(self, scheme: str, address: str, port: int, host: str) -> Any:
        key = (scheme, address, port, host)
        if key not in self._pools:
            if len(self._pools) >= _KEPT_POOLS:
                self._pools.clear()
            if scheme == "https":
                self._pools[key] = urllib3.HTTPSConnectionPool(
                    address, port, timeout=self._timeout, maxsize=2, server_hostname=host, assert_hostname=host
                )
            else:
                self._pools[key] = urllib3.HTTPConnectionPool(address, port, timeout=self._timeout, maxsize=2)
        return self._pools[key]

    def _read(self, response: Any) -> bytes:
        """In pieces, because the read timeout is for each of them: a body that trickles in is given up in all."""
        deadline = time.monotonic() + self._read_seconds
        body = b""
        while piece := response.read1(8192):
            body += piece
            if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                response.close()  # what is left of it must not be read as the next answer
                break
        return body[:MAX_ANSWER_BYTES]

    def _checked_address(self, host: str, port: int) -> str:
        try:
            found = self._resolve(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise TargetUnavailableError(
                f"target {self._target}: {visible(host, 100)} has no address: check its url in the routes file"
            ) from None
        addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
        if private := [address for address in addresses if not is_public(address)]:
            raise TargetUnavailableError(
                f"target {self._target}: {visible(host, 100)} leads to {private[0]}, not to the public internet: "
                "write another url, or allow_private: true if it is meant"
            )
        return addresses[0]

    def _refusal(self, url: str, answer: HttpAnswer, secrets: Sequence[str]) -> str:
        said = answer.body.decode(errors="replace")
        for secret in (*secrets, *_parts_that_may_be_secret(url)):
            said = said.replace(secret, "***") if secret else said
        told = f"target {self._target}: {visible(urlsplit(url).hostname or '', 100)} answered {answer.status}"
        if excerpt := visible(said, _MAX_EXCERPT):
            told += f" ({excerpt})"
        if 300 <= answer.status < 400:
            return f"{told}: redirects are not followed, write the address that it leads to"
        if answer.status in {408, 425, 429} or answer.status >= 500:
            return f"{told}; it is tried again"
        return f"{told}; {_ADVICE.get(answer.status, 'see what it says of the message')}"


def _parts_that_may_be_secret(url: str) -> list[str]:
    """The longest first: an address may hold a key in its path or its query."""
    parts = urlsplit(url)
    values = [value for _, value in parse_qsl(parts.query) if len(value) >= _MIN_SECRET]
    pieces = [piece for piece in parts.path.split("/") if len(piece) >= 2 * _MIN_SECRET]
    return [url, parts.query, *values, *pieces]


def retry_after(header: str, now: float) -> float:
    """Seconds from now, from a number or a date, at most 15 minutes; 0 when it says nothing that can be read."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            when = parsedate_to_datetime(header)
        except (ValueError, IndexError, TypeError, OverflowError):
            return 0.0
        seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now
    return min(max(0.0, seconds), MAX_RETRY_SECONDS) if seconds == seconds else 0.0  # NaN is not equal to itself


def _reason(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError | urllib3.exceptions.NewConnectionError):
        return "no connection"
    if isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError):
        return "timeout"
    if isinstance(error, urllib3.exceptions.SSLError):
        return "its TLS certificate is not valid for that name"
    return "the connection broke"
