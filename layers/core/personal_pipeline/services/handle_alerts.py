"""Takes the alerts of one queued message: what is new about each, which runbook it has, and when people are told.

Everything may be done twice: what is kept says what was done, and ids come from what is told, not from when. Without
the table alerts are told all the same, each by itself; a duplicate is better than a missed page.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.episodes import (
    Action,
    AlertRecord,
    Answer,
    EpisodePolicy,
    Observed,
    alert_id,
    observe,
)
from personal_pipeline.domain.errors import InvalidAlertError, PipelineError, TableUnavailableError, UnavailableError
from personal_pipeline.domain.incidents import Member
from personal_pipeline.domain.lanes import lane_name
from personal_pipeline.domain.notices import Example, decision_of
from personal_pipeline.messages import AlertMessage
from personal_pipeline.services.alert_records import AlertRecords
from personal_pipeline.services.announce_notices import AnnounceNotices
from personal_pipeline.services.answer_alert import AnswerAlert, Answered
from personal_pipeline.services.known_services import KnownServices
from personal_pipeline.services.recently_handled import RecentlyHandled

PATIENT_ATTEMPTS = 3
"""So often an alert waits for its runbook while the index is down: half a minute by the schedule of retries."""
MAX_LABELS = 30
MAX_LABEL_CHARS = 2_000  # of an alert, in all


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one alert. ``match`` is None when nothing had to be looked for, ``is_alone`` without the table."""

    alert: Alert
    action: Action
    match: RunbookMatch | None = None
    is_alone: bool = False

    @property
    def outcome(self) -> str:
        return decision_of(self.match) if self.match else self.action


@dataclass(frozen=True, slots=True)
class _Word:
    """What one message says of one alert, of the lane that it is told in."""

    alert: Alert
    received_at: float
    message_id: str
    service: str
    lane: str

    @property
    def said(self) -> str:
        return f"{self.received_at}#{self.message_id}"


@dataclass(frozen=True, slots=True)
class _Planned:
    """``members`` are what is to be told of it; none for an alert that nobody was told of."""

    word: _Word
    record: AlertRecord
    action: Action
    members: tuple[Member, ...]
    answered: Answered | None


class HandleAlerts:
    def __init__(
        self,
        sources: AlertSources,
        records: AlertRecords,
        services: KnownServices,
        answer: AnswerAlert,
        announce: AnnounceNotices,
        recently: RecentlyHandled,
        clock: Callable[[], float],
        policy: EpisodePolicy,
    ) -> None:
        self._sources = sources
        self._records = records
        self._services = services
        self._answer = answer
        self._announce = announce
        self._recently = recently
        self._clock = clock
        self._policy = policy

    def __call__(self, message: AlertMessage, message_id: str, attempt: int) -> list[Handled]:
        """The alerts that can be handled are, whatever the others do; ``attempt`` counts from 1.

        Raises InvalidAlertError for what cannot be read and UnavailableError for what cannot be done now, after that.
        """
        read = self._sources.read_body(message.source, _body(message), message.content_type)
        handled: list[Handled] = []
        planned: list[_Planned] = []
        failures: list[PipelineError] = []
        for alert in read.alerts:
            word = self._word(alert, message, message_id)
            if not self._recently.take(alert, word.said):
                handled.append(Handled(alert, "nothing"))
                continue
            with self._collecting(failures, [word]):
                planned += self._planned(word, handled, attempt)
        for plans in _by_lane(planned):
            with self._collecting(failures, [plan.word for plan in plans]):
                handled += self._told(plans, attempt)
        if failures:
            raise failures[0]
        if read.unreadable:
            raise InvalidAlertError("; ".join(read.unreadable))
        return handled

    @contextmanager
    def _collecting(self, failures: list[PipelineError], words: Sequence[_Word]) -> Iterator[None]:
        try:
            yield
        except PipelineError as error:
            failures.append(error)
            for word in words:
                self._recently.forget(word.alert, word.said)

    def _word(self, alert: Alert, message: AlertMessage, message_id: str) -> _Word:
        service = self._services().name_of(alert.service)
        lane = lane_name(service, alert.name, alert.severity)
        return _Word(alert, message.received_at or self._clock(), message_id, service, lane)

    def _planned(self, word: _Word, handled: list[Handled], attempt: int) -> list[_Planned]:
        """At most one; what is done already goes to ``handled``."""
        try:
            observed = self._observed(word)
        except TableUnavailableError:
            handled.append(self._alone(word, None, attempt))
            return []
        record = observed.record
        if observed.action == "nothing" or record is None:
            handled.append(Handled(word.alert, "nothing"))
            return []
        members: list[Member] = []
        answered: Answered | None = None
        if observed.action != "close" or record.answer is None:  # it may have ended before anybody was told
            answered = self._answered(word.alert, attempt)
            members.append(_member(word, record, answered.section))
        if observed.action == "close":
            section = record.answer.section if record.answer else members[0].section
            ended = record.resolved_at or word.received_at
            members.append(replace(_member(word, record, section), at=ended, status="resolved"))
        return [_Planned(word, record, observed.action, tuple(members), answered)]

    def _answered(self, alert: Alert, attempt: int) -> Answered:
        """Who has waited for a runbook long enough is told without one."""
        try:
            return self._answer(alert)
        except UnavailableError:
            if attempt < PATIENT_ATTEMPTS:
                raise
            return self._answer.without_runbook(alert)

    def _observed(self, word: _Word) -> Observed:
        seen = Observed("nothing", None)

        def look(known: AlertRecord | None) -> AlertRecord | None:
            nonlocal seen
            seen = observe(known, word.alert, word.received_at, word.message_id, self._policy)
            if seen.record and not seen.record.lane:
                seen = replace(seen, record=replace(seen.record, lane=word.lane))
            return seen.record

        self._records.change_alert(alert_id(word.alert), look)
        return seen

    def _told(self, plans: Sequence[_Planned], attempt: int) -> list[Handled]:
        """All of one lane."""
        members = [member for plan in plans for member in plan.members]
        facts = {plan.answered.section: plan.answered.facts for plan in plans if plan.answered}
        lane, service = plans[0].record.lane, plans[0].word.service
        try:
            slot = self._announce.join(lane, service, members, facts, attempt)
        except TableUnavailableError:
            return [self._alone(plan.word, plan.answered, attempt) for plan in plans]
        for plan in plans:
            self._finish(plan, slot)
        return [Handled(plan.word.alert, plan.action, plan.answered.match if plan.answered else None) for plan in plans]

    def _finish(self, plan: _Planned, slot: float) -> None:
        record, now = plan.record, self._clock()
        answer = _answer(plan.answered) if plan.answered else record.answer

        def finish(known: AlertRecord | None) -> AlertRecord | None:
            """Unless another word came meanwhile: then only what was found is added."""
            known = known or record
            done = replace(known, answer=answer, slot=slot if plan.answered else known.slot)
            if known.status != record.status or known.started_at != record.started_at:
                return done
            if plan.answered and answer:
                why = answer.matched_by if answer.doc_id else f"{answer.matched_by}: {answer.decision}"
                done = done.told(now, "matched", why, answer.doc_id, answer.title)
                done = done.told(now, "announced")
            return replace(done, is_open=False)

        self._records.change_alert(record.alert_id, finish)

    def _alone(self, word: _Word, answered: Answered | None, attempt: int) -> Handled:
        """Told by itself, under ids that any other attempt at it has, too."""
        alert = word.alert
        if alert.status == "resolved":
            raise TableUnavailableError(f"alert {alert.name!r} was resolved, but what was told of it cannot be read")
        if not self._recently.is_first(alert):
            return Handled(alert, "nothing", is_alone=True)
        answered = answered or self._answered(alert, attempt)
        member = Member(word.received_at, "firing", answered.section, _example(alert))
        self._announce.alone(member, word.service, answered.facts)
        return Handled(alert, "announce", answered.match, is_alone=True)


def _body(message: AlertMessage) -> bytes:
    try:
        return b64decode(message.body, validate=True)
    except Base64Error as error:
        raise InvalidAlertError(
            f"{message.source}: the body is no base64 ({error}): send alerts to the intake"
        ) from error


def _by_lane(planned: Sequence[_Planned]) -> Iterable[list[_Planned]]:
    lanes: dict[str, list[_Planned]] = {}
    for plan in planned:
        lanes.setdefault(plan.record.lane, []).append(plan)
    return lanes.values()


def _member(word: _Word, record: AlertRecord, section: str) -> Member:
    at = word.received_at if word.alert.status == "firing" else record.announced_at
    return Member(at, "firing", section, _example(word.alert), record.fired)


def _answer(answered: Answered) -> Answer:
    match = answered.match
    answer = Answer(answered.facts.decision, answered.section, match.matched_by, match.confidence, match.reasons)
    if match.runbook:
        return replace(answer, doc_id=match.runbook.doc_id, title=match.runbook.title, url=match.runbook.url)
    return replace(answer, nearest_id=match.also[0].doc_id) if match.also else answer


def _example(alert: Alert) -> Example:
    """Texts as long as a message shows them."""
    labels: dict[str, str] = {}
    room = MAX_LABEL_CHARS
    for name, value in list(alert.labels.items())[:MAX_LABELS]:
        labels[name[:60]] = value[: min(200, max(room, 0))]
        room -= 60 + len(value[:200])
    return Example(
        alert_id=alert_id(alert),
        source=alert.source,
        name=alert.name[:200],
        summary=alert.summary[:500],
        fingerprint=alert.fingerprint[:200],
        severity=alert.severity,
        starts_at=alert.starts_at,
        url=alert.generator_url[:1_000],
        labels=labels,
    )
