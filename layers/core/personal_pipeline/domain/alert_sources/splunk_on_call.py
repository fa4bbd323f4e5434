"""Splunk On-Call (VictorOps), in three bodies that say the same: what its REST endpoint takes, our template of an
outgoing webhook, and the form of an escalation webhook.

All are flat. Their fields differ in case and in a prefix (``entity_id``, ``ALERT.entity_id``, ``STATE.ENTITY_ID``), so
both are left aside; of two fields that say the same the alert's own counts. An acknowledgement is no alert. A variable
that On-Call does not fill stays as it was written: ``${{ALERT.host}}`` says nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import MAX_LABELS, as_key, first, severity, text, time
from personal_pipeline.domain.alerts import Alert, ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError

_PREFIXES = ("alert", "state", "incident")  # the first of them that has a field says what it holds
_ANNOTATION = "vo_annotate."
_RESOLVED = frozenset({"recovery", "resolved", "ok"})
_IGNORED = frozenset({"acknowledgement", "acked", "ack"})
_NOT_LABELS = frozenset({"message_type", "state_message", "state_start_time", "timestamp", "entity_display_name"})


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    fields = _fields(payload)
    entity = first(fields.get("entity_id"), fields.get("entity_display_name"), fields.get("incident_name"))
    if not entity:
        raise InvalidAlertError(
            "splunk_on_call: neither 'entity_id' nor 'entity_display_name' is there: paste the body of the outgoing "
            "webhook from the documentation"
        )
    said = [fields.get(name, "").casefold() for name in ("phase", "current_alert_phase", "current_phase")]
    kind = first(fields.get("message_type"), fields.get("entity_state"), fields.get("current_state")).casefold()
    if kind in _IGNORED or (kind not in _RESOLVED and _IGNORED & set(said)):
        return ReadAlerts(())
    host, _, rest = entity.partition("/")
    annotations = {name[len(_ANNOTATION) :]: value for name, value in fields.items() if name.startswith(_ANNOTATION)}
    urls = (value for name, value in annotations.items() if name.startswith("u.") and "runbook" in name)
    alert = Alert(
        source="splunk_on_call",
        name=first(fields.get("alert_name"), fields.get("entity_display_name"), entity),
        status="resolved" if kind in _RESOLVED or _RESOLVED & set(said) else "firing",
        fingerprint=as_key(entity),
        severity=severity(kind),
        service=first(fields.get("service"), fields.get("routing_key"), host if rest else ""),
        summary=first(fields.get("entity_display_name"), fields.get("summary")),
        description=text(fields.get("state_message")),
        runbook_url=first(fields.get("runbook_url"), *urls, fields.get("runbook")),
        starts_at=time(fields.get("state_start_time")) or time(fields.get("incident_timestamp")),
        labels={name: value for name, value in fields.items() if _is_label(name)},
        annotations=annotations,
        generator_url=first(fields.get("alert_url"), fields.get("incident_url")),
    )
    return ReadAlerts((alert,))


def _is_label(name: str) -> bool:
    return name not in _NOT_LABELS and not name.startswith(_ANNOTATION)


def _fields(payload: Mapping[str, Any]) -> dict[str, str]:
    """Lower case, without a prefix; fields without one before all others, then those of the alert."""
    told = [
        (prefix, name, said) for prefix, name, value in _split(payload) if (said := text(value)) and _is_filled(said)
    ]
    order = ("", *_PREFIXES)
    fields: dict[str, str] = {}
    for _, name, said in sorted(told, key=lambda each: order.index(each[0])):
        fields.setdefault(name, said)
    return dict(list(fields.items())[:MAX_LABELS])


def _split(payload: Mapping[str, Any]) -> Iterator[tuple[str, str, object]]:
    for key, value in payload.items():
        name = str(key).casefold()
        if name in _PREFIXES and isinstance(value, Mapping):
            yield from ((name, str(inner).casefold(), item) for inner, item in value.items())
            continue
        prefix, dot, rest = name.partition(".")
        if dot and prefix in _PREFIXES:
            # An escalation's incident calls "service" what the alert calls its display name.
            yield prefix, "entity_display_name" if (prefix, rest) == ("incident", "service") else rest, value
        else:
            yield "", name, value


def _is_filled(said: str) -> bool:
    return not (said.startswith("${{") and said.endswith("}}"))
