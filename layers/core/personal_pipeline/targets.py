"""Which adapter stands behind a target of the routes file, as ``parts`` has it for the ports that there is one of.

Each is made on first use and kept: a target's connections and its secrets outlive a message.
"""

import time
from functools import cache as once
from typing import TYPE_CHECKING

from personal_pipeline import parts
from personal_pipeline.domain.errors import RejectedError
from personal_pipeline.domain.routing import TargetSettings
from personal_pipeline.ports import Target
from personal_pipeline.settings import DeliverSettings

if TYPE_CHECKING:
    from personal_pipeline.adapters.targets.http_client import HttpClient


class UnknownTargetError(RejectedError):
    pass


@once
def target(name: str) -> Target:
    """Raises UnknownTargetError for a name that the routes do not have, or not any more."""
    settings = parts.routes().target(name)
    if settings is None:
        raise UnknownTargetError(
            f"no target is named {name!r} in the routes file: add it and redrive the message, or delete the message"
        )
    storage = DeliverSettings.from_env().storage
    if settings.kind == "terminal" or (settings.kind == "eventbridge" and storage == "local"):
        return _terminal(name, storage)
    if settings.kind in {"eventbridge", "sns"}:
        return _on_aws(settings)
    return _over_http(settings)


def _terminal(name: str, storage: str) -> Target:
    """On one machine there is no bus; what is announced on it is shown."""
    if storage != "local":
        raise UnknownTargetError(f"target {name}: a terminal is there on one machine only: take it out of the routes")
    from personal_pipeline.adapters.targets.terminal import TerminalTarget

    return TerminalTarget()


def _on_aws(settings: TargetSettings) -> Target:
    if settings.kind == "sns":
        from personal_pipeline.adapters.targets.sns import SnsTarget

        return SnsTarget(settings.name, parts.clients().factory("sns"), settings.text("topic_arn"))
    from personal_pipeline.adapters.targets.eventbridge import EventBridgeTarget

    bus = settings.text("bus", DeliverSettings.from_env().event_bus_name)
    return EventBridgeTarget(settings.name, parts.clients().factory("events"), bus)


def _over_http(settings: TargetSettings) -> Target:
    if settings.kind == "webhook":
        from personal_pipeline.adapters.targets.webhook import WebhookTarget

        allow_private = bool(settings.options.get("allow_private"))
        client = _client(settings.name, allow_private=allow_private)
        url, secret = settings.text("url"), settings.text("secret")
        return WebhookTarget(settings.name, client, url, parts.target_secrets(), secret, time.time)
    if settings.kind == "pagerduty":
        from personal_pipeline.adapters.targets.pagerduty import PagerDutyTarget

        return PagerDutyTarget(settings, _client(settings.name), parts.target_secrets())
    return _chat(settings)


def _chat(settings: TargetSettings) -> Target:
    def values() -> tuple[str, ...]:
        return parts.target_secrets().values(settings.text("secret"))

    if settings.kind == "teams":
        from personal_pipeline.adapters.targets.teams import TeamsTarget

        return TeamsTarget(_client(settings.name), values, settings.name)
    from personal_pipeline.adapters.targets.slack import BASE_URL, SlackTarget

    base_url = settings.text("base_url", BASE_URL)
    return SlackTarget(_client(settings.name), values, settings.text("channel"), base_url, settings.name)


def _client(name: str, *, allow_private: bool = True) -> "HttpClient":
    from personal_pipeline.adapters.targets.http_client import HttpClient

    return HttpClient(name, allow_private=allow_private)
