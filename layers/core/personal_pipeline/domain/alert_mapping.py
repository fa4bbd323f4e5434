"""Alerts of a source that nobody wrote a reader for: an operator's mapping says where each field stands.

What finds a value is a function here (``Look``); which language it was written in is decided where mappings are
loaded. It is given one alert, or the whole payload; what stands in the payload is looked up once, so that a batch
costs what its size says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

from personal_pipeline.domain.alert_sources.reading import (
    MAX_LABELS,
    MAX_TEXT,
    SEVERITIES,
    as_key,
    fingerprint,
    link,
    listed,
    mapping,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

MAX_ALERTS = 1_000
_MOST_TIME = 100
_EPOCHS = {"epoch_seconds": 1, "epoch_milliseconds": 1_000}

Look = Callable[[Any], Any]  # what an expression finds, None for nothing; it never raises
Status = Literal["firing", "resolved", "ignored"]

STATUSES: Mapping[str, Status] = {
    "resolved": "resolved",
    "recovery": "resolved",
    "recovered": "resolved",
    "closed": "resolved",
    "ok": "resolved",
    "normal": "resolved",
    "acknowledgement": "ignored",
    "acknowledged": "ignored",
}
KNOWN_SEVERITIES: Mapping[str, str] = {word: str(found) for word, found in SEVERITIES.items()} | {"unknown": "unknown"}


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """One alert within its payload; ``found`` is what was already looked up there, for all alerts of it."""

    item: Any
    payload: Any
    found: dict[Look, Any]


@dataclass(frozen=True, slots=True)
class Path:
    look: Look
    in_payload: bool = False

    def raw(self, scope: Scope) -> Any:
        if not self.in_payload:
            return self.look(scope.item)
        if self.look not in scope.found:
            scope.found[self.look] = self.look(scope.payload)
        return scope.found[self.look]

    def text(self, scope: Scope) -> str:
        value = self.raw(scope)
        return str(value).lower() if isinstance(value, bool) else text(value)


@dataclass(frozen=True, slots=True)
class Constant:
    said: str

    def text(self, scope: Scope) -> str:  # noqa: ARG002  # as all values have it
        return self.said


@dataclass(frozen=True, slots=True)
class FirstOf:
    values: "tuple[Value, ...]"

    def text(self, scope: Scope) -> str:
        return next((said for value in self.values if (said := value.text(scope))), "")


@dataclass(frozen=True, slots=True)
class Template:
    """Says nothing unless each of its paths does: then the next alternative is asked."""

    parts: tuple[str | Path, ...]

    def text(self, scope: Scope) -> str:
        said = [part if isinstance(part, str) else part.text(scope) for part in self.parts]
        return "".join(said)[:MAX_TEXT].strip() if all(said) else ""


@dataclass(frozen=True, slots=True)
class FirstLink:
    """The first address in a text."""

    value: "Value"

    def text(self, scope: Scope) -> str:
        return link(self.value.text(scope))


Value = Path | Constant | FirstOf | Template | FirstLink


@dataclass(frozen=True, slots=True)
class Choice:
    """A word of the sender, looked up in a table without regard to case."""

    value: Value
    table: Mapping[str, str]
    default: str

    def of(self, scope: Scope) -> str:
        return self.table.get(self.value.text(scope).casefold(), self.default)


@dataclass(frozen=True, slots=True)
class Moment:
    """``form`` is empty (ISO 8601 or an epoch, whichever it is), the name of an epoch, or a pattern of strptime."""

    value: Value
    form: str = ""
    zone: tzinfo = UTC

    def of(self, scope: Scope) -> datetime | None:
        said = self.value.text(scope)[:_MOST_TIME]
        try:
            if self.form in _EPOCHS:
                seconds = float(said) / _EPOCHS[self.form]
                return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
            if self.form:
                return self._zoned(datetime.strptime(said, self.form))  # noqa: DTZ007  # the zone comes next
            found = time(said)
            return self._zoned(found.replace(tzinfo=None)) if found and _names_no_zone(said) else found
        except (ValueError, OverflowError, OSError):
            return None

    def _zoned(self, found: datetime) -> datetime:
        return found if found.tzinfo else found.replace(tzinfo=self.zone)


def _names_no_zone(said: str) -> bool:
    try:
        return datetime.fromisoformat(said).tzinfo is None and not said.isdecimal()
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Pairs:
    """A list of objects, each with a name and a value: ``[{"tag": "service", "value": "checkout"}]``."""

    path: Path
    name: str
    value: str

    def of(self, scope: Scope) -> dict[str, str]:
        items = [mapping(each) for each in listed(self.path.raw(scope))[:MAX_LABELS]]
        found = ((text(each.get(self.name)), each.get(self.value)) for each in items)
        return strings({name: value for name, value in found if name})


@dataclass(frozen=True, slots=True)
class Labels:
    """Whole objects first, then lists of pairs, then what is named one by one: the later counts."""

    objects: tuple[Path, ...] = ()
    pairs: tuple[Pairs, ...] = ()
    named: Mapping[str, Value] = field(default_factory=dict)

    def of(self, scope: Scope) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self.objects:
            found |= strings(path.raw(scope))
        for pairs in self.pairs:
            found |= pairs.of(scope)
        found |= {name: said for name, value in self.named.items() if (said := value.text(scope))}
        return dict(list(found.items())[:MAX_LABELS])


@dataclass(frozen=True, slots=True)
class AlertMapping:
    """``texts`` are the fields of an alert that are plain text, by name; ``alerts`` finds them in the payload."""

    source: str
    alerts: Look | None
    texts: Mapping[str, Value]
    fingerprint: Value
    status: Choice
    severity: Choice
    starts_at: Moment
    labels: Labels
    annotations: Labels

    def read(self, payload: Any) -> ReadAlerts:
        """Raises InvalidAlertError when there are no alerts where the mapping says."""
        found = self.alerts(payload) if self.alerts else payload
        items = [found] if isinstance(found, Mapping) else found
        if not isinstance(items, list):
            raise InvalidAlertError(
                f"{self.source}: there is no alert where the mapping says: compare its 'alerts' with the body that is "
                "sent (`pp alert try`)"
            )
        looked_up: dict[Look, Any] = {}
        ignored: list[Alert] = []

        def alert(item: Any) -> Alert:
            scope = Scope(item, payload, looked_up)
            status = self.status.of(scope)
            found = self._alert(scope, "resolved" if status == "resolved" else "firing")
            if status == "ignored":
                ignored.append(found)
            return found

        read = ReadAlerts.of(self.source, items[:MAX_ALERTS], alert)
        left_out = {id(each) for each in ignored}
        alerts = tuple(each for each in read.alerts if id(each) not in left_out)
        over = f"{self.source}: {len(items)} alerts, of which the first {MAX_ALERTS} are read: send fewer at once"
        return ReadAlerts(alerts, (*read.unreadable, over) if len(items) > MAX_ALERTS else read.unreadable)

    def _alert(self, scope: Scope, status: Literal["firing", "resolved"]) -> Alert:
        said = {name: value.text(scope) for name, value in self.texts.items()}
        name = said.get("name") or said.get("summary", "")
        known = self.fingerprint.text(scope)
        if not name and not known:
            raise InvalidAlertError("neither name nor fingerprint says anything: compare the mapping with the body")
        service = said.get("service", "")
        return Alert(
            source=self.source,
            name=name,
            status=status,
            fingerprint=as_key(known) if known else fingerprint((name, service)),
            severity=Severity(self.severity.of(scope)),
            service=service,
            summary=said.get("summary", ""),
            description=said.get("description", ""),
            runbook_url=said.get("runbook_url", ""),
            starts_at=self.starts_at.of(scope),
            labels=self.labels.of(scope),
            annotations=self.annotations.of(scope),
            generator_url=said.get("generator_url", ""),
            arn=said.get("arn", ""),
        )
