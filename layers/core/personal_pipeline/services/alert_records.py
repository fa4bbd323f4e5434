"""Alerts, lanes and incidents as records: read, change, write, and again when somebody else was faster."""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from pydantic import TypeAdapter

from personal_pipeline.domain.episodes import AlertRecord
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.ids import short_id
from personal_pipeline.domain.incidents import Facts, Incident, Member, without_oldest
from personal_pipeline.domain.lanes import Lane
from personal_pipeline.ports import Record, Records
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.patience import patiently

KEPT_SECONDS = 30 * 86400.0
MAX_INCIDENT_BYTES = 250_000  # below what a record may have
MEMBERS_OF_ONE = 20  # gathered in one record
MOST_GATHERED = 5_000
GATHERED_SECONDS = 86400.0  # members of a slot: long enough for the last attempt at its notice
ATTEMPTS = 8
PATIENT_ATTEMPTS = 12  # a table that refuses every third request refuses so many in a row once in two million
PATIENCE_SECONDS = 2.0
ALERTS = "alerts"  # the listing of all alerts, by start
_Value = TypeVar("_Value")

_ALERT, _LANE, _INCIDENT = TypeAdapter(AlertRecord), TypeAdapter(Lane), TypeAdapter(Incident)
_MEMBERS, _FACTS = TypeAdapter(list[Member]), TypeAdapter(Facts)
_TOLD = TypeAdapter(dict[str, str])
_GATHERED, _SAID, _TOLD_SORT = "M", "=", "N"  # how the sort keys of a slot begin


class AlertRecords:
    """Every method raises TableUnavailableError, also when others were faster ``ATTEMPTS`` times in a row."""

    def __init__(
        self,
        records: Records,
        breaker: Breaker,
        clock: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._records = records
        self._breaker = breaker
        self._clock = clock
        self._sleep = sleep

    def alert(self, alert_id: str) -> AlertRecord | None:
        return self._read(_alert_key(alert_id), _ALERT)

    def change_alert(self, alert_id: str, change: Callable[[AlertRecord | None], AlertRecord | None]) -> None:
        """``change`` may be called again, with what another wrote meanwhile; None leaves it as it is."""
        self._change(_alert_key(alert_id), _ALERT, change, place=lambda record: record.place)

    def lane(self, name: str) -> Lane:
        return self._read(_lane_key(name), _LANE) or Lane(name)

    def change_lane(self, name: str, change: Callable[[Lane], Lane]) -> Lane:
        """Returns it as it is then."""
        return self._change(_lane_key(name), _LANE, lambda known: change(known or Lane(name))) or Lane(name)

    def incidents(self, services: Iterable[str]) -> dict[str, Incident]:
        keys = [_incident_key(service) for service in services]
        found = self._get(keys) if keys else {}
        return {key[0].removeprefix("I#"): _INCIDENT.validate_json(record.body) for key, record in found.items()}

    def change_incident(self, service: str, change: Callable[[Incident | None], Incident]) -> None:
        self._change(_incident_key(service), _INCIDENT, change, fitting=_fitting)

    def gather(self, lane: str, slot: float, members: Sequence[Member], facts: Mapping[str, Facts]) -> None:
        """Keeps members for a slot, and what those of a section have in common; each of these once."""
        partition, expires_at = _slot_partition(lane, slot), self._clock() + GATHERED_SECONDS
        for section, said in facts.items():
            self._put(Record(partition, f"{_SAID}{section}", _FACTS.dump_json(said).decode(), expires_at))
        for start in range(0, len(members), MEMBERS_OF_ONE):
            some = list(members[start : start + MEMBERS_OF_ONE])
            sort = f"{_GATHERED}{some[0].order}#{short_id(' '.join(member.order for member in some))}"
            self._put(Record(partition, sort, _MEMBERS.dump_json(some).decode(), expires_at))

    def gathered(self, lane: str, slots: Sequence[float]) -> tuple[dict[float, list[Member]], dict[str, Facts]]:
        """The members by slot, and the facts by section."""
        members: dict[float, list[Member]] = {}
        facts: dict[str, Facts] = {}
        for slot in slots:
            partition = _slot_partition(lane, slot)
            found = self._patiently(partial(self._records.under, partition, MOST_GATHERED))
            kept = [record.body for record in found if record.sort.startswith(_GATHERED)]
            members[slot] = [member for body in kept for member in _MEMBERS.validate_json(body)]
            facts |= {r.sort[1:]: _FACTS.validate_json(r.body) for r in found if r.sort.startswith(_SAID)}
        return members, facts

    def keep_told(self, lane: str, slot: float, incident: Incident, members: Iterable[Member]) -> None:
        """By which notice each alert of a slot was told of; whoever comes again writes nothing."""
        shown = {alert_id: notice.notice_id for notice in incident.notices for alert_id in notice.alert_ids}
        told = {m.example.alert_id: shown[m.example.alert_id] for m in members if m.example.alert_id in shown}
        if told:
            body = _TOLD.dump_json(told).decode()
            expires_at = self._clock() + KEPT_SECONDS
            self._put(Record(_slot_partition(lane, slot), _TOLD_SORT, body, expires_at))

    def notice_id(self, record: AlertRecord) -> str:
        """Of the notice that told of the alert last as news; empty until then."""
        key = (_slot_partition(record.lane, record.slot), _TOLD_SORT)
        found = self._get([key]).get(key)
        return _TOLD.validate_json(found.body).get(record.alert_id, "") if found else ""

    def listed(self, limit: int, before: str = "") -> list[AlertRecord]:
        """Newest first, by start."""
        return [
            _ALERT.validate_json(record.body)
            for record in self._patiently(lambda: self._records.listed(ALERTS, limit, before))
        ]

    def _get(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        return self._patiently(lambda: self._records.get(keys))

    def _put(self, record: Record) -> bool:
        return self._patiently(lambda: self._records.put(record))

    def _patiently(self, call: Callable[[], _Value]) -> _Value:
        """A throttled table takes it a moment later. One that is down is not waited for again and again."""
        if self._breaker.is_open():
            raise TableUnavailableError("the table of alerts failed a moment ago and is left alone: try again")
        try:
            result = patiently(call, self._clock, self._sleep, PATIENT_ATTEMPTS, PATIENCE_SECONDS)
        except TableUnavailableError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return result

    def _read(self, key: tuple[str, str], kind: TypeAdapter[_Value]) -> _Value | None:
        found = self._get([key]).get(key)
        return kind.validate_json(found.body) if found else None

    def _change(
        self,
        key: tuple[str, str],
        kind: TypeAdapter[_Value],
        change: Callable[[_Value | None], _Value | None],
        place: Callable[[_Value], str] | None = None,
        fitting: Callable[[_Value], _Value] = lambda value: value,
    ) -> _Value | None:
        """What is there after it."""
        for attempt in range(ATTEMPTS):
            found = self._get([key]).get(key)
            known = kind.validate_json(found.body) if found else None
            changed = change(known)
            if changed is None or changed == known:
                return known
            changed = fitting(changed)
            record = Record(
                *key,
                body=kind.dump_json(changed).decode(),
                expires_at=self._clock() + KEPT_SECONDS,
                version=found.version if found else 0,
                listing=ALERTS if place else "",
                place=place(changed) if place else "",
            )
            if self._put(record):
                return changed
            self._sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter
        raise TableUnavailableError(f"record {'/'.join(key)}: others were faster {ATTEMPTS} times in a row: try again")


def _fitting(incident: Incident) -> Incident:
    while len(incident.notices) > 1 and len(_INCIDENT.dump_json(incident)) > MAX_INCIDENT_BYTES:
        incident = without_oldest(incident)
    return incident


def _alert_key(alert_id: str) -> tuple[str, str]:
    return f"A#{alert_id}", "M"


def _lane_key(name: str) -> tuple[str, str]:
    return f"L#{name}", "M"


def _incident_key(service: str) -> tuple[str, str]:
    return f"I#{service}", "M"


def _slot_partition(lane: str, slot: float) -> str:
    return f"S#{lane}#{slot:.6f}"
