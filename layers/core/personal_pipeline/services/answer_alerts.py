"""Answers a queued webhook: normalise, match each firing alert, announce the result."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass

from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.errors import InvalidAlertError
from personal_pipeline.messages import AlertMessage
from personal_pipeline.ports import Delivery
from personal_pipeline.services.match_alert import MatchAlert


@dataclass(frozen=True, slots=True)
class AnsweredAlerts:
    matches: tuple[RunbookMatch, ...]
    resolved: int


class AnswerAlerts:
    def __init__(self, match: MatchAlert, delivery: Delivery) -> None:
        self._match = match
        self._delivery = delivery

    def __call__(self, message: AlertMessage) -> AnsweredAlerts:
        """Resolved alerts need no runbook and are only counted.

        Raises InvalidAlertError for a body that cannot be read, UnavailableError when matching or delivery
        cannot be done now; a second attempt may then deliver an alert of the batch twice, never none.
        """
        alerts = _normalise(message)
        firing = [alert for alert in alerts if alert.status == "firing"]
        matches = []
        for alert in firing:
            match = self._match(alert)
            self._delivery.deliver(match)
            matches.append(match)
        return AnsweredAlerts(tuple(matches), len(alerts) - len(firing))


def _normalise(message: AlertMessage) -> list[Alert]:
    read = SOURCES.get(message.source)
    if read is None:
        raise InvalidAlertError(f"no alert source {message.source!r}: there are {', '.join(sorted(SOURCES))}")
    try:
        payload = json.loads(b64decode(message.body, validate=True))
    except (ValueError, Base64Error, RecursionError) as error:
        raise InvalidAlertError(
            f"{message.source}: the body is not JSON ({error}): check the sender's template"
        ) from error
    if not isinstance(payload, Mapping):
        raise InvalidAlertError(f"{message.source}: the body is JSON, but no object: check the sender's template")
    return list(read(payload).alerts)
