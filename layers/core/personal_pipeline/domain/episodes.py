"""One alert over time: what a new word about it means for what was known.

Senders repeat themselves, queues deliver twice and out of order, and an alert that comes and goes is one trouble, not
ten. An episode is one firing. Who handles it takes it under a lease, so that a redelivered message can go on where a
dead handler stopped, while a repeated one changes nothing.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Literal

from personal_pipeline.domain.alerts import Alert, Severity
from personal_pipeline.domain.ids import short_id
from personal_pipeline.domain.notices import Decision

MAX_TIMELINE = 50
MAX_TEXT = 500

Word = Literal["received", "matched", "announced", "delivered", "repeated", "fired again", "resolved"]
Action = Literal["announce", "again", "close", "nothing"]


@dataclass(frozen=True, slots=True)
class Moment:
    """``at`` is in epoch seconds; ``title`` is of the document that it speaks of."""

    at: float
    what: Word
    why: str = ""
    doc_id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an alert was answered with; ``section`` is what it has in common with others of its notice.

    ``reasons`` speak of the runbook, or of what came nearest where there is none.
    """

    decision: Decision
    section: str
    matched_by: str
    confidence: float
    reasons: tuple[str, ...]
    doc_id: str = ""
    title: str = ""
    url: str = ""
    nearest_id: str = ""

    def about(self) -> frozenset[str]:
        """The documents that it says something of."""
        return frozenset({self.doc_id, self.nearest_id} - {""})


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """What is known of one alert. All times are epoch seconds.

    ``fired`` counts the firings that people see as one; ``announced_at`` is when they were last told anew, through
    ``slot`` of ``lane`` (0 until then).
    ``is_open``: what the last word about it demands is not finished; ``owner`` works on that until ``lease_until``.
    """

    alert_id: str
    source: str
    fingerprint: str
    name: str
    service: str
    severity: Severity
    summary: str
    url: str
    status: Literal["firing", "resolved"]
    started_at: float
    seen_at: float
    resolved_at: float | None
    fired: int
    announced_at: float
    is_open: bool
    owner: str
    lease_until: float
    lane: str = ""
    slot: float = 0.0
    answer: Answer | None = None
    timeline: tuple[Moment, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands among all alerts, by start."""
        return f"{self.started_at:017.6f}#{self.alert_id}"

    def about(self) -> frozenset[str]:
        """The documents that it says something of."""
        answered = self.answer.about() if self.answer else frozenset()
        return answered | {moment.doc_id for moment in self.timeline if moment.doc_id}

    def for_who_sees(self, doc_ids: Container[str]) -> "AlertRecord":
        """Without a word of other documents: who may see a document may have changed since it was written."""
        answer = self.answer
        if answer and any(doc_id not in doc_ids for doc_id in answer.about()):
            answer = replace(answer, reasons=(), doc_id="", title="", url="", nearest_id="")
        timeline = tuple(
            moment if not moment.doc_id or moment.doc_id in doc_ids else replace(moment, doc_id="", title="")
            for moment in self.timeline
        )
        return replace(self, answer=answer, timeline=timeline)

    def told(self, at: float, what: Word, why: str = "", doc_id: str = "", title: str = "") -> "AlertRecord":
        """The first moments of a long story and its last ones are kept."""
        moments = (*self.timeline, Moment(at, what, why[:MAX_TEXT], doc_id, title[:MAX_TEXT]))
        if len(moments) > MAX_TIMELINE:
            moments = (*moments[:5], *moments[5 - MAX_TIMELINE :])
        return replace(self, timeline=moments)


@dataclass(frozen=True, slots=True)
class EpisodePolicy:
    """In seconds. An alert that fires again less than ``quiet`` after it was resolved is the same trouble; people are
    told anew when it has gone on like this for ``remind``."""

    quiet: float = 300.0
    remind: float = 3600.0
    lease: float = 60.0


@dataclass(frozen=True, slots=True)
class Observed:
    """What to do, and what to write down first; ``record`` is None when nothing is worth writing."""

    action: Action
    record: AlertRecord | None


def alert_id(alert: Alert) -> str:
    return id_of(alert.source, alert.fingerprint)


def id_of(source: str, fingerprint: str) -> str:
    return short_id(f"{source}\0{fingerprint}")


def observe(known: AlertRecord | None, alert: Alert, received_at: float, owner: str, policy: EpisodePolicy) -> Observed:
    """``owner`` is the message that brings the word: its redelivery is the same owner."""
    started = alert.starts_at.timestamp() if alert.starts_at else received_at
    if alert.status == "resolved":
        return _resolved(known, alert, started, received_at, owner, policy)
    if known is None:
        return _announced(_new(alert, started, received_at), received_at, owner, policy)
    if known.status == "firing":
        if known.is_open and (known.owner == owner or known.lease_until <= received_at):
            return _resumed(known, received_at, owner, policy)
        return _still_firing(known, alert, started, received_at, owner, policy)
    return _firing_again(known, alert, started, received_at, owner, policy)


def _resolved(
    known: AlertRecord | None, alert: Alert, started: float, at: float, owner: str, policy: EpisodePolicy
) -> Observed:
    """What is resolved before it was seen firing is written down: its firing may only be late."""
    if known is None:
        record = replace(_new(alert, started, at), status="resolved", resolved_at=at).told(at, "resolved")
        return Observed("nothing", record)
    if known.status == "resolved":
        if alert.starts_at and started > known.started_at:
            return Observed("nothing", _overtaking(known, alert, started, at, policy))
        return _resumed(known, at, owner, policy) if known.is_open and known.owner == owner else _NOTHING
    if alert.starts_at and started < known.started_at and known.resolved_at is not None:
        return _NOTHING  # of the firing before
    record = replace(
        known, status="resolved", resolved_at=at, seen_at=at, is_open=True, owner=owner, lease_until=at + policy.lease
    )
    return Observed("close", record.told(at, "resolved"))


def _overtaking(known: AlertRecord, alert: Alert, started: float, at: float, policy: EpisodePolicy) -> AlertRecord:
    """The end of a firing that is not here yet; it is news unless it followed the one before closely."""
    if at - (known.resolved_at or known.seen_at) >= policy.quiet:
        known = _new(alert, started, at, known)
    record = replace(known, status="resolved", started_at=started, seen_at=at, resolved_at=at)
    return record.told(at, "resolved")


def _resumed(known: AlertRecord, at: float, owner: str, policy: EpisodePolicy) -> Observed:
    """Whoever had it is gone, or is asked to do it again: from the start, with the same ids."""
    record = replace(known, owner=owner, lease_until=at + policy.lease)
    return Observed("close" if known.status == "resolved" else "announce" if known.fired == 1 else "again", record)


def _still_firing(
    known: AlertRecord, alert: Alert, started: float, at: float, owner: str, policy: EpisodePolicy
) -> Observed:
    """Senders repeat what still fires. A newer start after a long silence is another firing whose end was missed."""
    if alert.starts_at and started > known.started_at and at - known.seen_at > policy.remind:
        return _announced(_new(alert, started, at, known), at, owner, policy)
    if at - known.seen_at < policy.lease:
        return _NOTHING
    return Observed("nothing", replace(known, seen_at=at).told(at, "repeated"))


def _firing_again(
    known: AlertRecord, alert: Alert, started: float, at: float, owner: str, policy: EpisodePolicy
) -> Observed:
    resolved_at = known.resolved_at or known.seen_at
    is_late = started <= known.started_at if alert.starts_at else at <= resolved_at
    if is_late:
        return _overtaken(known, at, owner, policy)
    if at - resolved_at < policy.quiet and known.announced_at and at - known.announced_at < policy.remind:
        record = replace(
            known, status="firing", started_at=started, seen_at=at, resolved_at=None, fired=known.fired + 1,
            severity=alert.severity, is_open=True, owner=owner, lease_until=at + policy.lease,
        )  # fmt: skip
        return Observed("again", record.told(at, "fired again", f"{record.fired} times within {policy.quiet:.0f} s"))
    return _announced(_new(alert, started, at, known), at, owner, policy)


def _overtaken(known: AlertRecord, at: float, owner: str, policy: EpisodePolicy) -> Observed:
    """Its end was handled before it, though it came later: nobody was told, so that both are told now."""
    is_untold = known.answer is None and not known.announced_at and known.resolved_at is not None
    if not (is_untold and at < (known.resolved_at or 0.0)) and not (known.is_open and known.owner == owner):
        return _NOTHING
    record = replace(known, is_open=True, owner=owner, lease_until=at + policy.lease, announced_at=at)
    return Observed("close", record.told(at, "received"))


def _announced(record: AlertRecord, at: float, owner: str, policy: EpisodePolicy) -> Observed:
    record = replace(record, is_open=True, owner=owner, lease_until=at + policy.lease, announced_at=at)
    return Observed("announce", record.told(at, "received"))


def _new(alert: Alert, started: float, at: float, known: AlertRecord | None = None) -> AlertRecord:
    return AlertRecord(
        alert_id=alert_id(alert),
        source=alert.source,
        fingerprint=alert.fingerprint[:MAX_TEXT],
        name=alert.name[:MAX_TEXT],
        service=alert.service[:MAX_TEXT],
        severity=alert.severity,
        summary=alert.summary[:MAX_TEXT],
        url=alert.generator_url[:2_000],
        status="firing",
        started_at=started,
        seen_at=at,
        resolved_at=None,
        fired=1,
        announced_at=0.0,
        is_open=False,
        owner="",
        lease_until=0.0,
        timeline=known.timeline if known else (),
    )


_NOTHING = Observed("nothing", None)
