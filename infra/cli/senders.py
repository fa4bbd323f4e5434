"""Signs a webhook as its source demands, so that a body sent by hand is taken as the sender's own."""

import os
import time
from pathlib import Path
from urllib.parse import quote

from infra.cli.environment import WEBHOOK_SECRET, Environment
from infra.cli.errors import CommandError
from personal_pipeline.domain.senders import (
    SENDERS,
    SHARED,
    Certificate,
    FormSignature,
    Received,
    Sender,
    Token,
)

FORM = "application/x-www-form-urlencoded"
DEFAULT_SOURCE = "alertmanager"


def source_of(file: Path) -> str:
    """The folder of a sample says it: ``alerts/<source>/firing.json``."""
    folder = file.resolve().parent
    return folder.name if folder.parent.name == "alerts" else DEFAULT_SOURCE


def signed(source: str, body: bytes, environment: Environment) -> Received:
    is_form = body.lstrip()[:1] not in {b"{", b"["}
    way = _way(source, is_form)
    secret = environment.webhook_secret(source)
    if way.needs_secret and not secret:
        raise CommandError(
            f"no webhook secret in {environment.data / WEBHOOK_SECRET}: start the system once with `make run`, "
            "set PP_DATA to its data folder, or set PP_WEBHOOK_SECRET"
        )
    content_type = FORM if isinstance(way, FormSignature) else "application/json"
    plain = Received(body, {"content-type": content_type}, url=f"{environment.url}/v1/alerts/{quote(source, safe='')}")
    return way.signed(plain, secret, time.time())


def _way(source: str, is_form: bool) -> Sender:
    """The first that can be gone by hand; a token in the URL only where nothing else is taken."""
    ways = [way for way in _ways(source) if is_form or not isinstance(way, FormSignature)]
    by_hand = [way for way in ways if not isinstance(way, Certificate) or way.header]
    if not by_hand:
        raise CommandError(f"{source} proves itself in a way that nobody can by hand, such as a client certificate")
    return next((way for way in by_hand if not isinstance(way, Token)), by_hand[0])


def _ways(source: str) -> tuple[Sender, ...]:
    """As the server that runs under the same SENDERS_FILE verifies it."""
    if not (file := os.environ.get("SENDERS_FILE", "")):
        return SENDERS.get(source, SHARED)
    from personal_pipeline.alert_mappings import alert_sources
    from personal_pipeline.sender_choices import senders

    return tuple(senders(file, alert_sources()).get(source, SHARED))
