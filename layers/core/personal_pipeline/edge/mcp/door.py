"""What is refused before the protocol's library sees it.

It would answer a GET with a stream that never ends. A page in a browser names its origin: unless that one was allowed,
it may ask nothing in the name of whoever looks at it. Hosts are checked in front of us: API Gateway answers under its
own names only, and the local gateway under those of this machine.
"""

from base64 import b64decode
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from personal_pipeline.edge.http import PROBLEM, problem


class Door:
    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._origins = frozenset(origin.lower() for origin in allowed_origins)

    def refused(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer to a request that goes no further; None lets it in."""
        method = event["requestContext"]["http"]["method"]
        if method != "POST":
            said = "there are no streams and no sessions here: send each message as a POST"
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED, said, {"Allow": "POST"})
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        origin = headers.get("origin", "")
        if origin and origin.lower() not in self._origins:
            said = "this origin may not ask: whoever runs the system allows it with MCP_ALLOWED_ORIGINS"
            return _problem(HTTPStatus.FORBIDDEN, said, {})
        if not _is_text(event):
            return _problem(HTTPStatus.BAD_REQUEST, "the body cannot be read: send UTF-8 JSON", {})
        return None


def _is_text(event: Mapping[str, Any]) -> bool:
    body = event.get("body") or ""
    try:
        (b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()).decode()
    except ValueError:  # no base64, no UTF-8, half a character
        return False
    return True


def _problem(status: HTTPStatus, detail: str, headers: Mapping[str, str]) -> dict[str, Any]:
    answer = problem(status, detail)
    all_headers = {"Content-Type": PROBLEM, "Cache-Control": "no-store", **headers}
    return {"statusCode": status.value, "headers": all_headers, "body": answer.body, "isBase64Encoded": False}
