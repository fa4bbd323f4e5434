"""Tells people: gathers what is said of a service, and gives out one notice at a time.

Flushing a slot may be done again by anybody: what was gathered makes the same notice under the same ids, and whoever
receives it folds what comes twice. A slot is finished when all of that is done; until then every flush of its lane does
it again.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.incidents import (
    Facts,
    Incident,
    Member,
    NoticeState,
    cause_of,
    chosen,
    gathered,
    notice_of,
    only_notice,
    opened,
    with_causes,
)
from personal_pipeline.domain.lanes import Joined, Lane, finished_lane, flushed_lane, joined_lane, key_of
from personal_pipeline.domain.notices import Related
from personal_pipeline.domain.related import related_to
from personal_pipeline.domain.routing import Routes
from personal_pipeline.messages import TickMessage
from personal_pipeline.ports import OutgoingMessage, Queue
from personal_pipeline.services.alert_records import AlertRecords
from personal_pipeline.services.known_services import KnownServices
from personal_pipeline.services.queue_deliveries import DeliveryQueues

JOIN_ATTEMPTS = 5
POSTPONED_SECONDS = 30  # a tick, while the table is down
SAME_FIRING_SECONDS = 300.0  # told without records, and without a start: how long it is taken for the same


@dataclass(slots=True)
class _Flushed:
    """What one change of an incident came to; made anew when the change is tried again."""

    incident: Incident
    notices: list[NoticeState] = field(default_factory=list)
    related: dict[str, tuple[Related, ...]] = field(default_factory=dict)  # by notice, of those that fire
    has_more: bool = False
    is_new: bool = False


class AnnounceNotices:
    """``service`` is the name that people know, of the lane's. All may raise TableUnavailableError (``alone`` excepted)
    and QueueUnavailableError."""

    def __init__(
        self,
        records: AlertRecords,
        services: KnownServices,
        routes: Callable[[], Routes],
        deliveries: DeliveryQueues,
        ticks: Queue,
        clock: Callable[[], float],
    ) -> None:
        self._records = records
        self._services = services
        self._routes = routes
        self._deliveries = deliveries
        self._ticks = ticks
        self._clock = clock

    def join(
        self, lane: str, service: str, members: Sequence[Member], facts: Mapping[str, Facts], attempt: int
    ) -> float:
        """What the members say goes out at once, or with the next slot of their lane, which is returned.

        From the second ``attempt`` on it is not trusted that somebody else comes for the slot: that may have been us.
        """
        for _ in range(JOIN_ATTEMPTS):
            joined = self._joined(lane)
            slot = joined.lane.slot
            self._records.gather(lane, slot, members, facts)
            if joined.due == "now":
                if self.flush(lane, service, slot):
                    return slot
                continue
            if joined.due == "tick" or attempt > 1:
                self._send_tick(lane, service, slot)
            if self._records.lane(lane).flushed < slot:
                return slot
        raise TableUnavailableError(f"lane {lane}: its slots closed {JOIN_ATTEMPTS} times before an alert was in")

    def tick(self, message: TickMessage) -> None:
        """Comes again until the table does: what gathered is told of by nobody else, and attempts are few."""
        try:
            self.flush(message.lane, message.service, message.slot)
        except TableUnavailableError:
            self._ticks.send([OutgoingMessage(message.model_dump_json(), delay_seconds=POSTPONED_SECONDS)])

    def flush(self, lane: str, service: str, slot: float) -> bool:
        """Gives out the notice of a slot. False when that was finished before: what came into it since is not told."""
        now = self._clock()
        slots = self._records.change_lane(lane, lambda known: flushed_lane(known, slot, now)).unfinished
        if not slots:
            return False
        others = self._records.incidents(self._neighbours(service))
        flushed = self._tell(lane, service, slots, others.values())
        for notice in flushed.notices:
            self._deliver(flushed.incident, notice, flushed.related.get(notice.notice_id, ()))
        if flushed.has_more:
            self._come_back(lane, service)
        if flushed.is_new:
            self._tell_dependents(service, others.values())
        self._records.change_lane(lane, lambda known: finished_lane(known, slots))
        return slot in slots

    def alone(self, member: Member, service: str, facts: Facts) -> None:
        """Without any records: a notice of one alert, under ids that any other attempt at it has, too."""
        starts_at = member.example.starts_at
        began = starts_at.timestamp() if starts_at else member.at // SAME_FIRING_SECONDS
        incident = opened(member.example.alert_id, service, began)
        self._deliver(incident, only_notice(incident, member, facts), ())

    def _joined(self, lane: str) -> Joined:
        now = self._clock()
        joined = joined_lane(Lane(lane), now)

        def join(known: Lane) -> Lane:
            nonlocal joined
            joined = joined_lane(known, now)
            return joined.lane

        self._records.change_lane(lane, join)
        return joined

    def _tell(self, lane: str, service: str, slots: Sequence[float], others: Collection[Incident]) -> _Flushed:
        members, facts = self._records.gathered(lane, slots)
        now, of, services = self._clock(), Lane(lane).service, self._services()
        flushed = _Flushed(opened(of, service, slots[0]))

        def tell(known: Incident | None) -> Incident:
            nonlocal flushed
            is_new = known is None or known.is_over(now)
            incident = opened(of, service, slots[0]) if known is None or is_new else known
            for slot in slots:
                incident = gathered(incident, lane, slot, members[slot], facts, now)
            firing = [notice for notice in incident.notices if notice.lane == lane and notice.is_firing]
            related = {one.notice_id: related_to(one, service, others, services) for one in firing}
            causes = {notice_id: cause_of(found) for notice_id, found in related.items()}
            incident = with_causes(incident, {id_: cause.incident_id for id_, cause in causes.items() if cause})
            flushed = _Flushed(incident, related=related, is_new=is_new)
            for slot in slots:
                incident, notice, flushed.has_more = chosen(incident, lane, slot)
                flushed.notices += [notice] if notice else []
            flushed.incident = incident
            return incident

        self._records.change_incident(of, tell)
        for slot in slots:
            self._records.keep_told(lane, slot, flushed.incident, members[slot])
        return flushed

    def _neighbours(self, service: str) -> list[str]:
        services = self._services()
        found = [*services.upstream(service), *services.downstream(service)]
        return list(dict.fromkeys(key_of(neighbour.name) for neighbour in found))

    def _come_back(self, lane: str, service: str) -> None:
        joined = self._joined(lane)
        if joined.due != "later":
            self._send_tick(lane, service, joined.lane.slot)

    def _tell_dependents(self, service: str, others: Iterable[Incident]) -> None:
        """Trouble here may be the cause of theirs: they are told of again, with this."""
        dependents = (other for other in others if self._services().is_upstream(service, of=other.service))
        for other in dependents:
            for lane in dict.fromkeys(notice.lane for notice in other.notices if notice.is_firing):
                self._come_back(lane, other.service)

    def _send_tick(self, lane: str, service: str, slot: float) -> None:
        tick = TickMessage(lane=lane, service=service, slot=slot)
        delay = max(0, math.ceil(slot - self._clock()))
        self._ticks.send([OutgoingMessage(tick.model_dump_json(), delay_seconds=delay)])

    def _deliver(self, incident: Incident, state: NoticeState, related: Sequence[Related]) -> None:
        services = self._services()
        owner, contacts = services.owner(incident.service), services.contacts(incident.service)
        notice = notice_of(incident, state, owner, contacts, related, self._clock())
        self._deliveries.send(notice, self._routes().targets_of(notice))
