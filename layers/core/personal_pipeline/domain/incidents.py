"""What people were told of one service, and what they must be told next.

An incident gathers the alerts of a service while they follow each other. Its notices are the messages: a runbook that
was not shown yet makes a new one, everything else changes the one that shows it. Applying the same words twice changes
nothing, so that whoever died half-way is simply followed by somebody who does it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.ids import short_id
from personal_pipeline.domain.notices import MAX_EXAMPLES, Candidate, Decision, Example, Notice, Related, Section, Step

WINDOW = 600.0  # seconds; after that long without a firing the next one is news again
SETTLED = 60.0  # the same, when all of the notice are resolved
MAX_NAMED = 200  # alerts of a section that are known one by one; the others are counted
MAX_SECTIONS = 10  # of one notice
MAX_NOTICES = 30
_RANK = {Severity.CRITICAL: 3, Severity.WARNING: 2, Severity.UNKNOWN: 1, Severity.INFO: 0}


@dataclass(frozen=True, slots=True)
class Facts:
    """What all alerts of a section have in common: see ``notices.Section``."""

    decision: Decision
    matched_by: str
    confidence: float
    reasons: tuple[str, ...]
    runbook: Card | None
    candidates: tuple[Candidate, ...] = ()
    steps: tuple[Step, ...] = ()
    degraded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One word about one alert, gathered for a slot of a lane. ``at`` is in epoch seconds."""

    at: float
    status: Literal["firing", "resolved"]
    section: str
    example: Example
    fired: int = 1

    @property
    def order(self) -> str:
        """By time; of one time the firing first."""
        return f"{self.at:017.6f}#{self.status}#{self.example.alert_id}"


@dataclass(frozen=True, slots=True)
class SectionState:
    """``firing`` and ``resolved`` have the time of the last word about each alert, by id.

    ``more`` counts the alerts beyond ``MAX_NAMED``, ``more_resolved`` how many of them ended; ``more_until`` is the
    last word that was counted.
    """

    key: str
    facts: Facts
    examples: tuple[Example, ...] = ()
    firing: Mapping[str, float] = field(default_factory=dict)
    resolved: Mapping[str, float] = field(default_factory=dict)
    more: int = 0
    more_resolved: int = 0
    more_until: str = ""


@dataclass(frozen=True, slots=True)
class NoticeState:
    """``revision`` was queued last, for ``slot``; ``is_behind``: something changed since. Epoch seconds."""

    notice_id: str
    lane: str
    started_at: float
    fired_at: float
    severity: Severity
    sections: tuple[SectionState, ...]
    revision: int = 0
    slot: float = 0.0
    is_behind: bool = True
    fired: int = 1
    cause: str = ""

    @property
    def is_firing(self) -> bool:
        return any(section.firing or section.more > section.more_resolved for section in self.sections)

    @property
    def alert_ids(self) -> set[str]:
        return {alert_id for section in self.sections for alert_id in (*section.firing, *section.resolved)}


@dataclass(frozen=True, slots=True)
class Incident:
    incident_id: str
    service: str
    opened_at: float
    updated_at: float
    notices: tuple[NoticeState, ...] = ()

    @property
    def is_firing(self) -> bool:
        return any(notice.is_firing for notice in self.notices)

    def is_over(self, now: float) -> bool:
        return not self.is_firing and now - self.updated_at > WINDOW


def opened(lane_service: str, service: str, at: float) -> Incident:
    return Incident(short_id(f"incident\0{lane_service}\0{at:.6f}"), service, at, at)


def gathered(
    incident: Incident, lane: str, slot: float, members: Sequence[Member], facts: Mapping[str, Facts], now: float
) -> Incident:
    """With what the members say, oldest first; notices that changed are behind."""
    new: dict[str, list[Member]] = {}
    ordered = sorted(members, key=lambda one: one.order)
    for member in ordered:
        changed = _told(incident, lane, member, now)
        if changed is None and member.status == "firing":
            new.setdefault(member.section, []).append(member)
        incident = changed or incident
    sections = [_section(key, facts[key], of) for key, of in new.items() if key in facts]
    for start in range(0, len(sections), MAX_SECTIONS):
        part = tuple(sections[start : start + MAX_SECTIONS])
        incident = _with_notice(incident, lane, slot + start * 1e-6, part, [m for s in part for m in new[s.key]])
    for member in ordered if new else ():  # what fired and ended before it could be told
        incident = (_told(incident, lane, member, now) if member.status == "resolved" else None) or incident
    return replace(incident, updated_at=max(incident.updated_at, now)) if members else incident


def chosen(incident: Incident, lane: str, slot: float) -> tuple[Incident, NoticeState | None, bool]:
    """The one notice that goes out in this slot: what is new before what changed. Whether more are behind comes last.

    A slot that was given out already gets the same notice again, also if words for a later one came meanwhile.
    """
    given = [notice for notice in incident.notices if notice.lane == lane and notice.slot == slot and notice.revision]
    behind = [notice for notice in incident.notices if notice.lane == lane and notice.is_behind]
    if given or not behind:
        return incident, given[-1] if given else None, bool(behind)
    first = min(behind, key=lambda notice: (notice.revision > 0, notice.slot))
    sent = replace(first, revision=first.revision + 1, slot=slot, is_behind=False)
    return _replaced(incident, sent), sent, len(behind) > 1


def with_causes(incident: Incident, causes: Mapping[str, str]) -> Incident:
    """Firing notices with another likely cause (an incident's id, by notice) than was shown are behind.

    A cause that is over is no news, and who else suffers is shown when there is some.
    """
    for notice in incident.notices:
        cause = causes.get(notice.notice_id, "")
        if notice.is_firing and cause and cause != notice.cause:
            incident = _replaced(incident, replace(notice, cause=cause, is_behind=True))
    return incident


def without_oldest(incident: Incident) -> Incident:
    """What ended first is forgotten first, what fires still only when nothing else is there; never the newest."""
    notices = incident.notices
    over = next((notice for notice in notices[:-1] if not notice.is_firing), notices[0])
    return replace(incident, notices=tuple(notice for notice in notices if notice is not over))


def only_notice(incident: Incident, member: Member, facts: Facts) -> NoticeState:
    """Of one alert that is told by itself: whoever does it for the same firing gives it the same id."""
    section = _section(member.section, facts, [member])
    (notice,) = _with_notice(incident, "", incident.opened_at, (section,), [member]).notices
    return replace(notice, revision=1)


def cause_of(related: Sequence[Related]) -> Related | None:
    return next((other for other in related if other.is_upstream), None)


def notice_of(
    incident: Incident, state: NoticeState, owner: str, contacts: Sequence[str], related: Sequence[Related], now: float
) -> Notice:
    return Notice(
        notice_id=state.notice_id,
        revision=state.revision,
        incident_id=incident.incident_id,
        status="firing" if state.is_firing else "resolved",
        severity=state.severity,
        service=incident.service,
        owner=owner,
        contacts=tuple(contacts),
        sections=tuple(_shown(section) for section in state.sections),
        started_at=datetime.fromtimestamp(state.started_at, UTC),
        updated_at=datetime.fromtimestamp(now, UTC),
        related=tuple(related),
        cause=cause_of(related),
        fired=state.fired,
    )


def _told(incident: Incident, lane: str, member: Member, now: float) -> Incident | None:
    """None when no notice shows this alert, or its like: a firing one then needs a new notice."""
    alert_id = member.example.alert_id
    for notice in reversed(incident.notices):
        for section in notice.sections:
            last = section.firing.get(alert_id) or section.resolved.get(alert_id)
            if last is not None:
                return incident if member.at <= last else _known(incident, notice, section, member, now)
    alike = [notice for notice in incident.notices if notice.lane == lane and _shows(notice, member.section)]
    if not alike or (member.status == "firing" and not _goes_on(alike[-1], now)):
        return None
    notice = alike[-1]
    (section,) = (section for section in notice.sections if section.key == member.section)
    if member.status == "firing":
        grown = _grown(section, member)
        return incident if grown == section else _changed(incident, notice, grown, member)
    if section.more_resolved >= section.more or member.order <= section.more_until:
        return incident
    ended = replace(section, more_resolved=section.more_resolved + 1, more_until=member.order)
    return _changed(incident, notice, ended, member)


def _known(
    incident: Incident, notice: NoticeState, section: SectionState, member: Member, now: float
) -> Incident | None:
    alert_id = member.example.alert_id
    firing, resolved = dict(section.firing), dict(section.resolved)
    was_firing = firing.pop(alert_id, None) is not None
    resolved.pop(alert_id, None)
    if member.status == "resolved":
        if not was_firing:
            return incident
        resolved[alert_id] = member.at
        return _changed(incident, notice, replace(section, firing=firing, resolved=resolved), member)
    if not was_firing and not _goes_on(notice, now, since_resolved=member.fired > 1):
        return None  # news
    if was_firing and member.fired <= notice.fired:
        return incident
    firing[alert_id] = member.at
    return _changed(incident, notice, replace(section, firing=firing, resolved=resolved), member)


def _changed(incident: Incident, notice: NoticeState, section: SectionState, member: Member) -> Incident:
    sections = tuple(section if known.key == section.key else known for known in notice.sections)
    changed = replace(notice, sections=sections, is_behind=True)
    if member.status == "firing":
        worst = max(notice.severity, member.example.severity, key=_RANK.__getitem__)
        changed = replace(
            changed, fired_at=max(notice.fired_at, member.at), fired=max(notice.fired, member.fired), severity=worst
        )
    return _replaced(incident, changed)


def _with_notice(
    incident: Incident, lane: str, slot: float, sections: tuple[SectionState, ...], members: Sequence[Member]
) -> Incident:
    notice = NoticeState(
        notice_id=short_id(f"notice\0{incident.incident_id}\0{lane}\0{slot:.6f}"),
        lane=lane,
        started_at=min(member.at for member in members),
        fired_at=max(member.at for member in members),
        severity=max((member.example.severity for member in members), key=_RANK.__getitem__),
        sections=sections,
        fired=max(member.fired for member in members),
    )
    incident = replace(incident, notices=(*incident.notices, notice))
    return without_oldest(incident) if len(incident.notices) > MAX_NOTICES else incident


def _section(key: str, facts: Facts, members: Iterable[Member]) -> SectionState:
    section = SectionState(key, facts)
    for member in members:
        if member.example.alert_id not in section.firing:
            section = _grown(section, member)
    return section


def _grown(section: SectionState, member: Member) -> SectionState:
    if len(section.firing) + len(section.resolved) >= MAX_NAMED:
        is_new = member.order > section.more_until
        return replace(section, more=section.more + 1, more_until=member.order) if is_new else section
    named = {**section.firing, member.example.alert_id: member.at}
    examples = section.examples if len(section.examples) >= MAX_EXAMPLES else (*section.examples, member.example)
    return replace(section, firing=named, examples=examples)


def _shows(notice: NoticeState, section: str) -> bool:
    return any(known.key == section for known in notice.sections)


def _goes_on(notice: NoticeState, now: float, *, since_resolved: bool = False) -> bool:
    """A new alert of this kind is no news: it only counts. What is over is news again after a moment.

    With ``since_resolved`` it is the same alert that fires again, which the episode's own quiet time decides.
    """
    return now - notice.fired_at <= (WINDOW if notice.is_firing or since_resolved else SETTLED)


def _replaced(incident: Incident, notice: NoticeState) -> Incident:
    return replace(
        incident,
        notices=tuple(notice if known.notice_id == notice.notice_id else known for known in incident.notices),
    )


def _shown(section: SectionState) -> Section:
    facts = section.facts
    return Section(
        decision=facts.decision,
        matched_by=facts.matched_by,
        confidence=facts.confidence,
        reasons=facts.reasons,
        runbook=facts.runbook,
        candidates=facts.candidates,
        steps=facts.steps,
        examples=section.examples,
        firing=len(section.firing) + section.more - section.more_resolved,
        resolved=len(section.resolved) + section.more_resolved,
        degraded=facts.degraded,
    )
