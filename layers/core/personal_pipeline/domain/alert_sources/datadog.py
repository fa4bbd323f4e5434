"""Monitors of Datadog, by a webhook whose body is a template of ours: docs/alert-sources.md has it to paste.

The body that Datadog proposes says neither status nor tags nor scope. It is read as far as it goes: the title begins
with ``[Triggered on {host:a}]`` or ``[Recovered on {host:a}]``, and without that the alert counts as firing.
A monitor that has no data, warns, or notifies again fires; only ``Recovered`` resolves. A variable that Datadog does
not know stays in the body as it was written, and one that has no value is empty: both are as if they were missing.
"""

import re
from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    PRIORITIES,
    SERVICE_NAMES,
    fingerprint,
    first,
    mapping,
    named,
    runbook_link,
    severity,
    strings,
    tag_values,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

_TITLE = re.compile(
    r"(?:\[(?:P[1-5]|TEST)\]\s*){0,2}"
    r"(?:\[(?P<transition>(?:re-?)?(?:triggered|warn|no data|notify)|recovered|muted)(?:\s+on\s+(?P<scope>[^\]]*))?\])?"
    r"\s*(?P<name>.*)",
    re.IGNORECASE | re.DOTALL,
)
_VARIABLE = re.compile(r"\$[A-Z][A-Z0-9_]*")
_FIRST_NOTICES = frozenset({"", "triggered", "warn", "no data"})  # the others come later than the start


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One alert, or none for a muted monitor. Raises InvalidAlertError when there is neither title nor monitor."""
    said = strings({name: "" if _VARIABLE.fullmatch(text(value)) else value for name, value in payload.items()})
    title = first(said.get("title"), said.get("alert_title"))
    if not title and not said.get("alert_id"):
        raise InvalidAlertError("datadog: there is no title: paste the webhook's payload from docs/alert-sources.md")
    transition, scope, name = _parts(title)
    transition = first(said.get("alert_transition")).casefold() or transition
    if transition == "muted":
        return ReadAlerts(())
    return ReadAlerts((_alert(payload, said, name or said.get("alert_id", ""), transition, scope),))


def _parts(title: str) -> tuple[str, str, str]:
    """Transition, scope and name of ``[P1] [Triggered on {host:a}] Disk is full``."""
    found = _TITLE.fullmatch(title)
    transition, scope, name = found.group("transition", "scope", "name") if found else ("", "", title)
    return (transition or "").casefold(), (scope or "").strip("{} "), name.strip() or title


def _alert(payload: Mapping[str, Any], said: Mapping[str, str], name: str, transition: str, scope: str) -> Alert:
    scope = first(said.get("alert_scope"), scope)
    labels = strings({
        "host": said.get("hostname"),
        "monitor_id": said.get("alert_id"),
        "metric": said.get("alert_metric"),
    }) | tag_values(scope) | tag_values(payload.get("tags"))  # fmt: skip
    over = transition == "recovered" or (not transition and said.get("alert_type") == "success")
    message = first(said.get("body"), said.get("text"))
    organisation = text(mapping(payload.get("org")).get("id"))
    named_key = first(said.get("alert_cycle_key"), said.get("aggreg_key"))
    return Alert(
        source="datadog",
        name=name,
        status="resolved" if over else "firing",
        fingerprint=named_key or fingerprint((organisation, said.get("alert_id", "") or name, scope)),
        severity=_severity(said, transition),
        service=named(labels, *SERVICE_NAMES),
        summary=first(said.get("alert_status"), name),
        description=message,
        runbook_url=first(said.get("runbook_url")) or runbook_link(message),
        starts_at=time(payload.get("date")) if transition in _FIRST_NOTICES and not over else None,
        labels=labels,
        annotations=strings({"message": message, "query": said.get("alert_query"), "status": said.get("alert_status")}),
        generator_url=said.get("link", ""),
    )


def _severity(said: Mapping[str, str], transition: str) -> Severity:
    """A monitor that warns is no more than a warning, whatever its priority."""
    if transition in {"warn", "re-warn"}:
        return Severity.WARNING
    by_priority = severity(said.get("alert_priority"), PRIORITIES)
    return severity(said.get("alert_type")) if by_priority is Severity.UNKNOWN else by_priority
