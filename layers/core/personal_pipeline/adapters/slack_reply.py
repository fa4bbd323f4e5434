"""Tells one person in Slack what became of a click; the message itself and all others stay as they are."""

import json

from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.domain.errors import TargetUnavailableError


class SlackReply:
    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def __call__(self, url: str, text: str) -> bool:
        """False when Slack did not take it: a confirmation is not worth a second attempt."""
        body = {"response_type": "ephemeral", "replace_original": False, "text": text}
        try:
            self._http.deliver(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, secrets=(url,))
        except TargetUnavailableError:
            return False
        return True
