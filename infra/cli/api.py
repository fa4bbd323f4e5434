"""The HTTP client of every command: kept-open connections, and errors that say what to do."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)

from infra.cli.environment import Environment
from infra.cli.errors import CommandError, NotReachableError, RefusedError

if TYPE_CHECKING:
    from personal_pipeline.domain.senders import Received

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 60.0
CONNECTIONS = 4
Answer = dict[str, Any]


class Api:
    """One pool of kept-open connections, safe to share between threads."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def get(self, path: str, needs: str, query: Mapping[str, object] | None = None) -> Answer:
        """``needs`` is a field without which it is not our answer."""
        return self._answer(needs, "GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, needs: str, body: Mapping[str, object]) -> Answer:
        return self._answer(needs, "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def send_alert(self, signed: "Received") -> Answer:
        """``url`` begins with this system's own."""
        path = signed.url.removeprefix(self.environment.url)
        headers = {name.title(): value for name, value in signed.headers.items()}
        return self._answer("status", "POST", path, signed.body, headers)

    def put_document(self, key: str, body: bytes, external_id: str = "") -> Answer:
        # a header is ASCII; percent-encoding brings any id through
        headers = {"X-External-Id": quote(external_id, safe="/:@#")} if external_id else {}
        return self._answer("doc_id", "PUT", f"/local/documents/{quote(key)}", body, headers)

    def exchange(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The answer as it is, a refusal too: its status and its body. Raises NotReachableError, CommandError."""
        response = self._response("POST", path, body, headers)
        if response.status == 401:
            raise self._refusal(path, response)
        return response.status, response.data

    def stream(self, path: str) -> Iterator[bytes]:
        """The body as it comes. Raises when the connection breaks before its end."""
        response = self._send("GET", path, None, {}, streaming=True)
        try:
            yield from response.stream(256 * 1024)
        except HTTPError as error:
            raise CommandError(f"{self.environment.url}{path} broke off ({error}): try again") from error
        finally:
            response.release_conn()

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        # A PUT or GET may be sent twice; a POST never is, because urllib3 does not repeat one.
        retries = urllib3.Retry(
            total=3, connect=0, status_forcelist={429, 503}, backoff_factor=0.3, raise_on_status=False
        )
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
        return urllib3.PoolManager(maxsize=CONNECTIONS, retries=retries, timeout=timeout)

    def _answer(
        self, needs: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        response = self._send(method, path, body, headers or {})
        try:
            answer = json.loads(response.data)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or needs not in answer:
            raise CommandError(f"{self.environment.url} does not answer as Personal Pipeline does: is PP_URL right?")
        return answer

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], *, streaming: bool = False
    ) -> urllib3.BaseHTTPResponse:
        response = self._response(method, path, body, headers, streaming=streaming)
        if response.status >= 300:
            raise self._refusal(path, response)
        return response

    def _response(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], *, streaming: bool = False
    ) -> urllib3.BaseHTTPResponse:
        url = self.environment.url
        token = self.environment.token_for(path)
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        sent = {"Accept": "application/json", **authorization, **headers}
        try:
            return self._pool.request(
                method, url + path, body=body, headers=sent, redirect=False, preload_content=not streaming
            )
        except HTTPError as error:
            raise self._failure(path, error) from error

    def _failure(self, path: str, error: HTTPError) -> CommandError:
        url = self.environment.url
        reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        if isinstance(reason, NewConnectionError | ConnectTimeoutError):
            start = "start it with `make run`" if self.environment.is_this_machine else "see whether it runs"
            return NotReachableError(f"nothing answers at {url}: {start}, or name another address with PP_URL")
        if isinstance(reason, ReadTimeoutError):
            return CommandError(f"{url}{path} did not answer within {ANSWER_SECONDS:.0f} s: see `pp doctor`")
        return CommandError(f"{url}{path} broke off ({reason}): see `pp doctor`, then try again")

    def _refusal(self, path: str, response: urllib3.BaseHTTPResponse) -> RefusedError:
        said = _problem(response)
        if response.status == 401:
            said = _token_advice(path, self.environment)
        elif response.status == 409 and path.startswith("/v1/alerts/"):
            said = "this signed request was taken before and counts as a copy: change the body, such as an id"
        elif not said:
            said = f"{path.partition('?')[0]} answered {response.status} {response.reason or ''}: is PP_URL right?"
        return RefusedError(said, response.status)


def _token_advice(path: str, environment: Environment) -> str:
    if path.startswith("/v1/alerts/"):
        return "the webhook secret is wrong: set PP_WEBHOOK_SECRET, or PP_DATA to the folder of the running system"
    if not path.startswith("/local/"):
        return "this address asks for a token: set PP_API_TOKEN to the one it was started with"
    if environment.operator_token:
        return "the token in PP_TOKEN is wrong: it is in the file 'token' of the data folder"
    return (
        f"the token is missing or wrong, looked for it in {environment.data / 'token'}: "
        "set PP_DATA to the data folder of the running system, or PP_TOKEN"
    )


def _problem(response: urllib3.BaseHTTPResponse) -> str:
    """What a problem body (RFC 9457) says; empty when it is none."""
    try:
        body = json.loads(response.data)
    except (ValueError, RecursionError, HTTPError):
        return ""
    if not isinstance(body, dict):
        return ""
    fields = [item for item in body.get("errors") or [] if isinstance(item, dict)]
    named = "; ".join(f"{item.get('field', '')}: {item.get('problem', '')}" for item in fields)
    said = str(body.get("detail") or body.get("title") or "")
    return f"{said} ({named})" if named else said
