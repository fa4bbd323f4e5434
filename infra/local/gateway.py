"""Plays an API Gateway HTTP API (payload format 2.0) in front of the handlers, as a WSGI application.

What AWS does around a handler happens here too: routing, authorization, limits, and answers that tell a
caller nothing about what went wrong inside. WSGI on granian was chosen by measurement: with 50 clients one
worker answered 21,900 requests a second of a trivial handler, granian's ASGI 12,600, uvicorn 12,400.
"""

import base64
import binascii
import hmac
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl

from infra.local.functions import FunctionTimeoutError
from infra.local.topology import ACCOUNT, Route
from personal_pipeline.domain.callers import Callers
from personal_pipeline.edge.authorizing import authorization

MAX_BODY_BYTES = 6 * 1024 * 1024  # what Lambda takes
MAX_DISCARDED_BYTES = 64 * 1024 * 1024
DISCARD_BYTES = 256 * 1024
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

logger = logging.getLogger(__name__)

Headers = list[tuple[str, str]]
StartResponse = Callable[[str, Headers], object]
Environ = Mapping[str, Any]


class Invocable(Protocol):
    def invoke(self, event: dict[str, Any], request_id: str = "") -> Any: ...


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes | Iterable[bytes] = b""
    headers: Headers = field(default_factory=list)

    @classmethod
    def json(cls, value: Any, status: int = 200) -> "Response":
        return cls(status, json.dumps(value).encode(), [("content-type", "application/json")])


class Refusal(Exception):  # noqa: N818  # an answer, not a fault
    """Ends a request with a problem body (RFC 9457)."""

    def __init__(self, status: int, detail: str, headers: Headers | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or []

    def response(self) -> Response:
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return Response(
            self.status, json.dumps(problem).encode(), [("content-type", "application/problem+json"), *self.headers]
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, decoded; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    source_ip: str
    protocol: str
    read: Callable[[int], bytes]
    """The body, refused with 413 when it is longer than this."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may ask. ``api_token`` empty: anybody on this machine; ``hosts`` empty: any Host header.

    ``groups`` are those of everybody who is let in without a key of their own.
    """

    api_token: str = ""
    operator_token: str = ""
    hosts: frozenset[str] = LOOPBACK_HOSTS
    callers: Callers = field(default_factory=Callers)
    groups: tuple[str, ...] = ()

    def check_host(self, request: Request) -> None:
        """A page of somebody else's that rebinds its own name to 127.0.0.1 still sends its own name."""
        host = request.headers.get("host", "")
        name = host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] or host
        if self.hosts and name.lower() not in self.hosts:
            raise Refusal(421, "This server answers on its own address only: ask it by that name.")

    def authorize(self, request: Request) -> dict[str, str]:
        """What the authorizer in AWS would tell the function of the caller."""
        given = request.headers.get("authorization", "")
        if known := authorization(self.callers, given):
            return known
        if self.api_token or (given and self.callers.by_hash):
            _check_bearer(request, self.api_token, "the token that PP_API_TOKEN was set to, or a key of CALLER_GROUPS")
        return {"caller": "", "groups": ",".join(self.groups)}

    def check_operator(self, request: Request) -> None:
        _check_bearer(request, self.operator_token, "the token in the data folder (the file 'token'), or PP_TOKEN")


def _check_bearer(request: Request, token: str, what: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(given.strip().encode(errors="replace"), token.encode())
    if scheme.lower() != "bearer" or not token or not is_right:
        detail = f"Send 'Authorization: Bearer ...' with {what}."
        raise Refusal(401, detail, [("www-authenticate", "Bearer")])


class RoutingTable:
    """The most specific route wins: literal parts before parameters, before a greedy one, before ``$default``."""

    def __init__(self, routes: Sequence[Route]) -> None:
        ordered = sorted(routes, key=lambda route: (_specificity(route.path), route.method == "ANY"))
        self._routes = [(route, _pattern(route.path)) for route in ordered]

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for route, pattern in self._routes:
            if route.method in {method, "ANY"} and (found := pattern.fullmatch(path)):
                return route, found.groupdict()
        return None


def _specificity(path: str) -> list[int]:
    if path == "$default":
        return [9]
    return [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in path.split("/")[1:]]


def _pattern(path: str) -> re.Pattern[str]:
    if path == "$default":
        return re.compile(r".*", re.DOTALL)
    parts = []
    for part in path.split("/")[1:]:
        if part.startswith("{"):
            form = "(?P<{}>.+)" if part.endswith("+}") else "(?P<{}>[^/]+)"
            parts.append(form.format(part.strip("{}+")))
        else:
            parts.append(re.escape(part))
    return re.compile("/" + "/".join(parts), re.DOTALL)


Operator = Callable[[Request], Response]


class HttpApi:
    """``replace_process`` is called after a timeout, whose handler cannot be stopped in any other way."""

    def __init__(
        self,
        routes: Sequence[Route],
        functions: Mapping[str, Invocable],
        guard: Guard,
        operator: Operator | None = None,
        replace_process: Callable[[], None] = lambda: None,
    ) -> None:
        self._table = RoutingTable(routes)
        self._functions = functions
        self._guard = guard
        self._operator = operator
        self._replace_process = replace_process

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request_id = str(uuid.uuid4())
        try:
            response = self._answer(_request(environ), request_id)
        except Refusal as refusal:
            response = refusal.response()
        headers = [*response.headers, ("apigw-requestid", request_id)]
        if not any(name.lower() == "x-content-type-options" for name, _ in headers):
            headers.append(("x-content-type-options", "nosniff"))
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return [response.body] if isinstance(response.body, bytes) else response.body

    def _answer(self, request: Request, request_id: str) -> Response:
        self._guard.check_host(request)
        if self._operator and request.path.startswith("/local/"):
            self._guard.check_operator(request)
            return self._operator(request)
        found = self._table.match(request.method, request.path)
        if found is None:
            raise Refusal(404, f"There is no {request.method} {request.path[:200]!r} here.")
        route, parameters = found
        authorized = {} if route.is_open else self._guard.authorize(request)
        event = http_event(request, route, parameters, request_id)
        if authorized.get("groups"):
            event["requestContext"]["authorizer"] = {"lambda": authorized}
        return self._invoke(route, event, request_id)

    def _invoke(self, route: Route, event: dict[str, Any], request_id: str) -> Response:
        try:
            return http_response(self._functions[route.function].invoke(event, request_id))
        except FunctionTimeoutError as error:
            logger.error("%s request %s: %s; this worker is replaced", route.key, request_id, error)  # noqa: TRY400
            self._replace_process()
            raise Refusal(504, "The function took too long.") from None
        except Exception:  # Lambda's border: whatever a handler raises becomes a 500 that tells nothing
            logger.exception("%s request %s failed", route.key, request_id)
            raise Refusal(500, f"Something failed here. The log has it under request {request_id}.") from None


def _request(environ: Environ) -> Request:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]

    def read(limit: int) -> bytes:
        length = headers.get("content-length", "")
        source = environ["wsgi.input"]
        declared = int(length) if length.isdigit() else 0
        body: bytes = b"" if declared > limit else source.read(limit + 1)
        if max(declared, len(body)) <= limit:
            return body
        left = MAX_DISCARDED_BYTES  # most clients read an answer only after they have sent everything
        while left > 0 and (piece := source.read(DISCARD_BYTES)):
            left -= len(piece)
        raise Refusal(413, f"The body is too large: at most {limit} bytes are taken.")

    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "/").encode("latin-1", "replace").decode(errors="replace") or "/",
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        source_ip=str(environ.get("REMOTE_ADDR", "")).rpartition(":")[0] or str(environ.get("REMOTE_ADDR", "")),
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        read=read,
    )


def http_event(request: Request, route: Route, parameters: Mapping[str, str], request_id: str) -> dict[str, Any]:
    """The event as API Gateway builds it, payload format 2.0. Absent parts are left out, as there."""
    now = time.time()
    host = request.headers.get("host", "localhost")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        # A proxy in front says for itself what it was asked over.
        "headers": {"x-forwarded-proto": "http"}
        | {name: value for name, value in request.headers.items() if name != "cookie"},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": host.rpartition(":")[0] or host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route.key,
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := [cookie.strip() for cookie in request.headers.get("cookie", "").split(";") if cookie.strip()]:
        event["cookies"] = cookies
    if query := _query_parameters(request.query):
        event["queryStringParameters"] = query
    if parameters:
        event["pathParameters"] = dict(parameters)
    if body := request.read(MAX_BODY_BYTES):
        event["body"], event["isBase64Encoded"] = _body(body, request.headers.get("content-type", ""))
    return event


def _query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise Refusal(400, "The query string has more than 200 parameters.") from error
    for name, value in pairs:
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    kind = content_type.partition(";")[0].strip().lower()
    is_text = kind.startswith("text/") or kind.endswith(("json", "xml", "javascript", "x-www-form-urlencoded"))
    if is_text:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # it is not the text that it says it is: the handler gets every byte
    return base64.b64encode(body).decode(), True


def http_response(result: Any) -> Response:
    """A handler's return value as API Gateway reads it: without ``statusCode`` it is the JSON body itself."""
    if not isinstance(result, dict) or "statusCode" not in result:
        body = result if isinstance(result, str) else json.dumps(result)
        return Response(200, body.encode(), [("content-type", "application/json")])
    status = int(result["statusCode"])
    HTTPStatus(status)
    headers = [(str(name).lower(), str(value)) for name, value in (result.get("headers") or {}).items()]
    headers = [(name, value) for name, value in headers if name not in {"content-length", "transfer-encoding"}]
    headers += [("set-cookie", cookie) for cookie in result.get("cookies") or []]
    if any(ord(char) < 32 or ord(char) > 255 for _, value in headers for char in value):
        raise ValueError("a header of the answer holds characters that no header may hold")
    given = result.get("body")
    text = given if isinstance(given, str) else "" if given is None else json.dumps(given)
    try:
        content = base64.b64decode(text, validate=True) if result.get("isBase64Encoded") else text.encode()
    except binascii.Error as error:
        raise ValueError("the answer says that its body is base64, and it is not") from error
    if len(content) > MAX_BODY_BYTES:
        raise ValueError(f"the answer has {len(content)} bytes, at most {MAX_BODY_BYTES} can leave a function")
    if not any(name == "content-type" for name, _ in headers) and content:
        headers.append(("content-type", "text/plain; charset=utf-8"))
    return Response(status, content, headers)
