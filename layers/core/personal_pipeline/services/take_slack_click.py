"""Takes a click on a button in Slack: it must be Slack's, lately signed and new; then it is a vote.

Each answer must be there within three seconds. What people are told of their click goes another way (``reply``),
and a reply that does not arrive changes nothing: the vote is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from personal_pipeline.domain.errors import DocumentMissingError, UnauthorisedError
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.domain.senders import WINDOW_SECONDS
from personal_pipeline.domain.slack_clicks import HELPED, RIGHT, WRONG, Challenge, Click, read, signing
from personal_pipeline.ports import Record, Records, Secrets
from personal_pipeline.services.give_feedback import GiveFeedback

MAX_BODY_BYTES = 512 * 1024  # a click repeats the message it was made in
_SAID = {
    HELPED: "Noted: this helped. The next alert of this kind finds it more surely.",
    WRONG: "Noted: this is the wrong runbook. The next alert of this kind finds it less surely.",
    RIGHT: "Noted: this is it. The next alert of this kind finds it more surely.",
}
_NOT_COUNTED = "This was not counted: the document is not there any more, or not for everybody."


@dataclass(frozen=True, slots=True)
class Taken:
    """``challenge`` is to be repeated. ``is_told``: the person got to see that it was counted, or not."""

    outcome: Literal["counted", "refused", "challenged", "ignored"]
    challenge: str = ""
    is_told: bool = False


class TakeSlackClick:
    """Without the name of a secret nothing is taken."""

    def __init__(
        self,
        secrets: Secrets,
        secret_name: str,
        records: Records,
        give_feedback: GiveFeedback,
        reply: Callable[[str, str], bool],
        clock: Callable[[], float],
    ) -> None:
        self._secrets = secrets
        self._secret_name = secret_name
        self._records = records
        self._give_feedback = give_feedback
        self._reply = reply
        self._clock = clock

    def __call__(self, timestamp: str, signature: str, body: bytes) -> Taken:
        """The headers' values, and the bytes as they came.

        Raises UnauthorisedError for all that is not Slack's, is old, or came before; InvalidQueryError or ValueError
        for what cannot be read; UnavailableError when it could not be counted now.
        """
        self._verify(timestamp, signature, body)
        said = read(body)
        if isinstance(said, Challenge):
            return Taken("challenged", said.text)
        return self._vote(said) if said else Taken("ignored")

    def _verify(self, timestamp: str, signature: str, body: bytes) -> None:
        if not self._secret_name or len(body) > MAX_BODY_BYTES:
            raise UnauthorisedError("no signing secret is set, or this is larger than what Slack sends")
        signed = signing(self._secrets.values(self._secret_name), timestamp, signature, body, self._clock())
        if not signed:
            raise UnauthorisedError("the signature is missing, wrong or old")
        seen = f"slack-request#{blake2b(signed, digest_size=16).hexdigest()}"
        if not self._records.put(Record(seen, "seen", "{}", expires_at=int(timestamp) + WINDOW_SECONDS + 1.0)):
            raise UnauthorisedError("this request came before")

    def _vote(self, click: Click) -> Taken:
        try:
            self._give_feedback(
                click.alert, click.service, click.doc_id, click.is_helpful, f"slack {click.user}", CallerScope()
            )
        except DocumentMissingError:
            return Taken("refused", is_told=self._tell(click, _NOT_COUNTED))
        return Taken("counted", is_told=self._tell(click, _SAID[click.action]))

    def _tell(self, click: Click, text: str) -> bool:
        return bool(click.reply_url) and self._reply(click.reply_url, text)
