"""What Slack sends when a button of ours is clicked, and whether it was Slack that sent it.

The signature is over the raw bytes, so nothing is read before it fits.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from personal_pipeline.domain.errors import InvalidQueryError
from personal_pipeline.domain.senders import hex_mac, is_any_of, is_recent

HELPED, WRONG, RIGHT = "helped", "wrong", "right"  # what the buttons are told apart by
REPLY_HOST = "hooks.slack.com"
MAX_NAME = 2000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Click:
    """``reply_url`` is empty when it is not one of Slack's."""

    is_helpful: bool
    action: str
    alert: str
    service: str
    doc_id: str
    user: str
    reply_url: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether somebody is here, when the address is entered."""

    text: str


def signing(live: Sequence[str], timestamp: str, signature: str, body: bytes, now: float) -> bytes:
    """What was signed, the same however it is sent again; empty when it was not signed, or not lately."""
    if not is_recent(timestamp, now):
        return b""
    base = b"v0:" + timestamp.encode() + b":" + body
    expected = [b"v0=" + hex_mac(secret, base) for secret in live if secret]
    return base if is_any_of([signature], expected) else b""


def read(body: bytes) -> Click | Challenge | None:
    """None for what is none of our buttons: ``Open`` is clicked too. Raises ValueError or InvalidQueryError."""
    text = body.decode()
    if text.lstrip().startswith("{"):
        return _challenge(_object(text))
    payloads = parse_qs(text, max_num_fields=20).get("payload", [])
    if len(payloads) != 1:
        raise InvalidQueryError("an interaction has one field 'payload'")
    return _click(_object(payloads[0]))


def _challenge(said: Mapping[str, Any]) -> Challenge | None:
    text = said.get("challenge")
    if said.get("type") != "url_verification" or not isinstance(text, str):
        return None
    return Challenge(text[:500])


def _click(payload: Mapping[str, Any]) -> Click | None:
    actions = payload.get("actions")
    if payload.get("type") != "block_actions" or not isinstance(actions, list) or len(actions) != 1:
        return None
    action = _mapping(actions[0])
    if action.get("action_id") not in {HELPED, WRONG, RIGHT}:
        return None
    value = _object(_text(action, "value"))
    user, team = _mapping(payload.get("user")), _mapping(payload.get("team"))
    ids = [_text(team, "id") or _text(user, "team_id"), _text(user, "id")]
    if not all(_ID.fullmatch(one) for one in (*ids, _text(value, "d"))):
        raise InvalidQueryError("an interaction names its team, its user and a document")
    return Click(
        is_helpful=action["action_id"] != WRONG,
        action=action["action_id"],
        alert=_text(value, "a")[:MAX_NAME],
        service=_text(value, "s")[:MAX_NAME],
        doc_id=_text(value, "d"),
        user="/".join(ids),
        reply_url=_reply_url(_text(payload, "response_url")),
    )


def _reply_url(url: str) -> str:
    """Only Slack's own host is called, whatever the request says."""
    if not url.isascii() or not url.isprintable() or len(url) > 500 or set(url) & set(" \\@"):
        return ""
    try:
        parts = urlsplit(url)
        is_slacks = (parts.scheme, parts.netloc) == ("https", REPLY_HOST)
    except ValueError:
        return ""
    return url if is_slacks else ""


def _object(text: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text))
    except RecursionError as error:
        raise InvalidQueryError("an interaction is sanely nested JSON") from error


def _mapping(node: object) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}


def _text(node: Mapping[str, Any], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""
