"""Shows notices in a channel of Microsoft Teams, through a workflow's webhook.

A workflow cannot change what it posted. So an update is posted only when people must know it: the status changed, or
there is a runbook that was not shown before. There are no feedback buttons: their clicks need a bot.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from personal_pipeline.adapters.targets import teams_card
from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.adapters.targets.remembered import unseen, with_shown
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notices import Notice


class TeamsTarget:
    """``urls`` gives the workflow's address, which is a secret; the newest is used.

    ``allow_http`` is for a stand-in of this machine, which has no certificate.
    """

    def __init__(
        self,
        http: HttpClient,
        urls: Callable[[], tuple[str, ...]],
        name: str = "teams",
        *,
        allow_http: bool = False,
    ) -> None:
        self._http = http
        self._urls = urls
        self._name = name
        self._allow_http = allow_http

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:  # noqa: ARG002  # a workflow folds nothing
        known = _Known.of(handle)
        if known is None:
            self._post(teams_card.message(notice))
            return _Known("", ()).after(notice).text()
        new = [] if notice.status == "resolved" else unseen(notice, known.shown)
        if known.status == notice.status and not new:
            return handle
        self._post(teams_card.update(notice, new))
        return known.after(notice).text()

    def _post(self, message: bytes) -> None:
        url = next(iter(self._urls()), "").strip()
        if urlsplit(url).scheme not in ({"https", "http"} if self._allow_http else {"https"}):
            raise TargetUnavailableError(
                f"target {self._name}: the secret holds no https address: put the workflow's address into it"
            )
        headers = {"Content-Type": "application/json; charset=utf-8"}
        self._http.deliver(url, message, headers, secrets=(url,))


@dataclass(frozen=True, slots=True)
class _Known:
    """What people were told: the status, and which documents were shown."""

    status: str
    shown: tuple[str, ...]

    @classmethod
    def of(cls, handle: str) -> "_Known | None":
        try:
            said = json.loads(handle)
            return cls(str(said["status"]), tuple(map(str, said["shown"])))
        except (ValueError, TypeError, KeyError):
            return None

    def after(self, notice: Notice) -> "_Known":
        return _Known(notice.status, with_shown(self.shown, notice))

    def text(self) -> str:
        return json.dumps({"status": self.status, "shown": self.shown}, separators=(",", ":"))
