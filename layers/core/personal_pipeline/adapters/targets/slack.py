"""Shows notices in a Slack channel and keeps the message up to date: one message for a notice, whatever changes.

Slack answers a refusal with HTTP 200 and a word, so the body decides. It offers no key that folds a message posted
twice: one whose answer was lost is posted again. ``delivery_id`` stands in the message's metadata to tell.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from personal_pipeline.adapters.targets import slack_blocks
from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.adapters.targets.remembered import unseen, with_shown
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notices import Notice, Section
from personal_pipeline.domain.safe_text import visible

BASE_URL = "https://slack.com/api"
_RATE_LIMIT_SECONDS = 30.0  # when Slack says so in the body, where it names no time

WHAT_TO_DO: Mapping[str, str] = {
    "invalid_auth": "put the bot's token (xoxb-...) into the secret",
    "not_authed": "put the bot's token (xoxb-...) into the secret",
    "account_inactive": "the bot was removed: install the app again and put its new token into the secret",
    "token_revoked": "install the app again and put its new token into the secret",
    "token_expired": "put the new token into the secret",
    "missing_scope": "give the app the scope chat:write and install it again",
    "channel_not_found": "name the channel by its id (C...), and invite the bot if it is private",
    "not_in_channel": "invite the bot into the channel",
    "is_archived": "the channel is archived: name another one",
    "restricted_action": "a rule of the workspace forbids the bot to post there",
    "ratelimited": "nothing: it is sent again",
}
_WRONG_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
_TOO_MUCH = {"msg_blocks_too_long", "msg_too_long", "invalid_blocks", "invalid_blocks_format"}
_MESSAGE_IS_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}


class SlackTarget:
    """``tokens`` gives the live ones, newest first: the next is tried when Slack no longer knows one."""

    def __init__(
        self,
        http: HttpClient,
        tokens: Callable[[], tuple[str, ...]],
        channel: str,
        base_url: str = BASE_URL,
        name: str = "slack",
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._channel = channel
        self._name = name
        self._base_url = base_url.rstrip("/")

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:
        message = _Message.of(handle)
        if message is None:
            return self._post(notice, delivery_id)
        try:
            self._call_or_shorten("chat.update", notice, delivery_id, message.place)
        except _RefusedError as refused:
            if refused.word not in _MESSAGE_IS_GONE:
                raise
            return handle if notice.status == "resolved" else self._post(notice, delivery_id)
        new = unseen(notice, message.shown)
        if new and notice.status == "firing":
            self._reply(message, new)
        return message.with_shown(notice).text()

    def _post(self, notice: Notice, delivery_id: str) -> str:
        place = {"channel": self._channel, "unfurl_links": False, "unfurl_media": False, "mrkdwn": False}
        answer = self._call_or_shorten("chat.postMessage", notice, delivery_id, place)
        message = _Message(str(answer.get("channel") or self._channel), str(answer.get("ts", "")), ())
        return message.with_shown(notice).text()

    def _reply(self, message: "_Message", new: list[Section]) -> None:
        said = "Another runbook: the message above says more."
        body = {"channel": message.channel, "thread_ts": message.ts, "text": said, "unfurl_links": False}
        self._call("chat.postMessage", body | {"blocks": slack_blocks.new_runbooks(new)})

    def _call_or_shorten(
        self, method: str, notice: Notice, delivery_id: str, place: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The limits of Slack change without notice: what it refuses is sent once more with only what must be said."""
        body = {
            **place,
            "text": slack_blocks.notification(notice),
            "parse": "none",
            "link_names": False,
            "metadata": {
                "event_type": "personal_pipeline_notice",
                "event_payload": {
                    "delivery_id": delivery_id,
                    "notice_id": notice.notice_id,
                    "revision": notice.revision,
                },
            },
        }
        try:
            return self._call(method, body | {"blocks": slack_blocks.blocks(notice)})
        except _RefusedError as refused:
            if refused.word not in _TOO_MUCH:
                raise
        return self._call(method, body | {"blocks": slack_blocks.blocks(notice, compact=True)})

    def _call(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        for token in (tokens := self._tokens()):
            try:
                return self._call_with(token, method, body)
            except _RefusedError as refused:
                if refused.word not in _WRONG_TOKEN or token == tokens[-1]:
                    raise
        raise TargetUnavailableError(
            f"target {self._name}: the secret holds no token: put the bot's token (xoxb-...) into it"
        )

    def _call_with(self, token: str, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        url = f"{self._base_url}/{method}"
        answer = self._http.deliver(url, json.dumps(body).encode(), headers, secrets=(token,))
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise _RefusedError(self._name, method, self._channel, "an answer that is no JSON") from error
        if not isinstance(said, dict) or said.get("ok") is not True:
            word = visible(str(said.get("error", "")), 100) if isinstance(said, dict) else ""
            raise _RefusedError(self._name, method, self._channel, word or "no word why")
        return said


class _RefusedError(TargetUnavailableError):
    def __init__(self, target: str, method: str, channel: str, word: str) -> None:
        advice = WHAT_TO_DO.get(word, "look the word up among the errors of this method")
        wait = _RATE_LIMIT_SECONDS if word == "ratelimited" else 0.0
        super().__init__(f"target {target}: {method} for channel {channel} said {word}: {advice}", wait)
        self.word = word


@dataclass(frozen=True, slots=True)
class _Message:
    """Where a message is, and which runbooks it has shown."""

    channel: str
    ts: str
    shown: tuple[str, ...]

    @classmethod
    def of(cls, handle: str) -> "_Message | None":
        """None for a first revision, and for a handle that is not one of ours: better twice than not at all."""
        try:
            said = json.loads(handle)
            return cls(str(said["channel"]), str(said["ts"]), tuple(map(str, said.get("shown", ()))))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    @property
    def place(self) -> dict[str, Any]:
        return {"channel": self.channel, "ts": self.ts}

    def with_shown(self, notice: Notice) -> "_Message":
        return _Message(self.channel, self.ts, with_shown(self.shown, notice))

    def text(self) -> str:
        return json.dumps({"channel": self.channel, "ts": self.ts, "shown": self.shown}, separators=(",", ":"))
