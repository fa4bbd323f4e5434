"""Answers a queued webhook: normalise, match each firing alert, announce the result."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass

from personal_pipeline.domain.alert_sources.lookup import AlertSources
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
    def __init__(self, sources: AlertSources, match: MatchAlert, delivery: Delivery) -> None:
        self._sources = sources
        self._match = match
        self._delivery = delivery

    def __call__(self, message: AlertMessage) -> AnsweredAlerts:
        """Resolved alerts need no runbook and are only counted.

        Raises InvalidAlertError for a body that cannot be read, UnavailableError when matching or delivery
        cannot be done now; a second attempt may then deliver an alert of the batch twice, never none.
        """
        alerts = self._normalise(message)
        firing = [alert for alert in alerts if alert.status == "firing"]
        matches = []
        for alert in firing:
            match = self._match(alert)
            self._delivery.deliver(match)
            matches.append(match)
        return AnsweredAlerts(tuple(matches), len(alerts) - len(firing))

    def _normalise(self, message: AlertMessage) -> list[Alert]:
        if message.source not in self._sources:
            raise InvalidAlertError(self._sources.unknown(message.source))
        try:
            payload = json.loads(b64decode(message.body, validate=True))
        except (ValueError, Base64Error, RecursionError) as error:
            raise InvalidAlertError(
                f"{message.source}: the body is not JSON ({error}): check the sender's template"
            ) from error
        return list(self._sources.read(message.source, payload).alerts)
