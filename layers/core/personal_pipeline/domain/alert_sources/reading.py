"""What the readers of all sources need: a value of the expected type, or what stands for its absence.

A payload is somebody else's: a field may be missing, null, a number, or of another type than last year.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from personal_pipeline.domain.alerts import Severity

MAX_TEXT = 20_000  # characters of one value; longer ones are cut, not refused
MAX_LABELS = 128
MAX_KEY = 200
_LINK = re.compile(r"https?://[^\s<>\"'|\\^`{}]{1,2000}")
_LINK_TAIL = ".,;:!?)]"
_MILLISECONDS_FROM = 10**11  # an epoch beyond the year 5138 is one in milliseconds

SEVERITIES = {
    "critical": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "emergency": Severity.CRITICAL,
    "disaster": Severity.CRITICAL,
    "page": Severity.CRITICAL,
    "error": Severity.CRITICAL,
    "high": Severity.CRITICAL,
    "p1": Severity.CRITICAL,
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "average": Severity.WARNING,
    "medium": Severity.WARNING,
    "info": Severity.INFO,
    "information": Severity.INFO,
    "low": Severity.INFO,
    "none": Severity.INFO,
    "ok": Severity.INFO,
}


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Numbers become text, because a template quotes them or does not; anything else is nothing."""
    if isinstance(value, str):
        return value[:MAX_TEXT].strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def strings(value: object) -> dict[str, str]:
    """A wrong type in one label does not lose the others."""
    found = ((str(name), text(item)) for name, item in list(mapping(value).items())[:MAX_LABELS])
    return {name: said for name, said in found if said}


def first(*values: object) -> str:
    """The first of them that says something."""
    return next((said for said in map(text, values) if said), "")


def severity(word: object, known: Mapping[str, Severity] = SEVERITIES) -> Severity:
    return known.get(text(word).casefold(), Severity.UNKNOWN)


def time(value: object) -> datetime | None:
    """ISO 8601, or an epoch in seconds or milliseconds, as number or text; always with a time zone.

    The year 1, which Go writes for "not yet", is no time.
    """
    number = _number(value)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        if found is None or found.year == 1:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number > 0 else None


def link(*texts: object) -> str:
    """The first address in these texts."""
    for said in map(text, texts):
        if found := _LINK.search(said):
            return found[0].rstrip(_LINK_TAIL)
    return ""


def fingerprint(parts: Iterable[str]) -> str:
    """Of an alert whose source gives it none: the same parts, the same alert."""
    hashed = blake2b(digest_size=8)
    for part in parts:
        encoded = part.encode(errors="replace")
        hashed.update(len(encoded).to_bytes(4, "big") + encoded)
    return hashed.hexdigest()


def labels_fingerprint(labels: Mapping[str, str]) -> str:
    return fingerprint(part for pair in sorted(labels.items()) for part in pair)


PRIORITIES = SEVERITIES | {"p2": Severity.CRITICAL, "p3": Severity.WARNING, "p4": Severity.INFO, "p5": Severity.INFO}
_WRAPPED = re.compile(
    r"\[FIRING:\d{1,6}\]\s*\(?(?P<rule>[A-Z]\w*[a-z]\w*[A-Z]\w*)"  # of a group by another label there is no name
    r'|(?:ALARM|OK): "(?P<alarm>[^"]{1,255})" in '
)
SERVICE_NAMES = ("service", "service_name", "app", "application")


def named_values(value: object) -> dict[str, str]:
    """An object, or a list of objects with a name (or key) and a value, in whatever case they are written."""
    if not isinstance(value, list):
        return strings(value)
    items = [{str(name).casefold(): said for name, said in mapping(item).items()} for item in value[:MAX_LABELS]]
    found = {first(item.get("name"), item.get("key")): item.get("value") for item in items}
    return strings({name: said for name, said in found.items() if name})


def tag_values(value: object) -> dict[str, str]:
    """Tags ``name:value``, as a list or joined by commas; of tags with the same name the first."""
    tags = value if isinstance(value, list) else text(value).split(",")
    found: dict[str, str] = {}
    for tag in map(text, tags[:MAX_LABELS]):
        name, _, said = tag.partition(":")
        if said.strip():
            found.setdefault(name.strip(), said.strip())
    return found


def named(labels: Mapping[str, str], *names: str) -> str:
    """The first of these that says something, in whatever case it is written."""
    folded = {name.casefold(): said for name, said in reversed(list(labels.items()))}
    return first(*(folded.get(name.casefold()) for name in names))


def rule_in(title: str) -> str:
    """The name that Alertmanager or CloudWatch wrapped into a title on the way through another system, if any."""
    found = _WRAPPED.match(title)
    return first(found["rule"], found["alarm"]) if found else ""


def runbook_link(*texts: object) -> str:
    """The first address on a line that speaks of a runbook, else the first one."""
    lines = [line for said in map(text, texts) for line in said.splitlines()]
    return link(*(line for line in lines if "runbook" in line.casefold()), *texts)


def as_key(said: str) -> str:
    """A fingerprint becomes part of a key: what is too long for one is hashed."""
    return said if len(said) <= MAX_KEY else fingerprint((said,))
