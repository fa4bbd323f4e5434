"""What an alert is answered with: its runbook, a few that may be it, or the plain word that there is none.

In a storm hundreds of alerts are of one kind and have one answer, so it is kept for a moment. An instance may have a
runbook of its own, so that the first few are each looked up; after them the instance decides no longer. A storm of many
kinds is not held up by that either: of all further instances, only some are looked up at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.domain.extract.serial import from_json
from personal_pipeline.domain.first_steps import first_steps
from personal_pipeline.domain.incidents import Facts
from personal_pipeline.domain.instances import without_instances
from personal_pipeline.domain.lanes import kind_of
from personal_pipeline.domain.notices import Candidate, Step, decision_of
from personal_pipeline.domain.questions import alert_question
from personal_pipeline.ports import Cache
from personal_pipeline.services.match_alert import MatchAlert

KEPT_SECONDS = 10.0
MOST_KEPT = 2_000
MOST_INSTANCES = 5  # of a kind that are looked up
MOST_FURTHER = 50  # beyond the first of each kind, of all kinds together
MOST_SUGGESTED = 3
NOT_LOOKED_FOR = "the search does not answer, so a runbook could not be looked for"


@dataclass(frozen=True, slots=True)
class Answered:
    """``facts`` are what a notice shows of it; ``section`` is what it has in common with others of the notice."""

    match: RunbookMatch
    facts: Facts
    section: str


@dataclass(slots=True)
class _Kept:
    """The answers to one kind of alert, by instance."""

    since: float
    answers: dict[frozenset[str], Answered] = field(default_factory=dict)


class AnswerAlert:
    def __init__(self, match: MatchAlert, cache: Cache, clock: Callable[[], float]) -> None:
        self._match = match
        self._cache = cache
        self._clock = clock
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._further, self._further_since = 0, 0.0

    def __call__(self, alert: Alert) -> Answered:
        """Raises UnavailableError when neither keys nor index answer."""
        (kind, instance), now = _kind(alert), self._clock()
        kept = self._kept.get(kind)
        if kept is None or now - kept.since >= KEPT_SECONDS:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept = self._kept[kind] = _Kept(now)
        if instance in kept.answers:
            return kept.answers[instance]
        if kept.answers and (len(kept.answers) >= MOST_INSTANCES or not self._may_look_further(now)):
            return next(iter(kept.answers.values()))
        match = self._match(alert)
        facts = self._facts(match)
        answered = Answered(match, facts, _section(alert, facts))
        if not match.degraded:
            kept.answers[instance] = answered
        return answered

    def _may_look_further(self, now: float) -> bool:
        if now - self._further_since >= KEPT_SECONDS:
            self._further, self._further_since = 0, now
        self._further += 1
        return self._further <= MOST_FURTHER

    def without_runbook(self, alert: Alert) -> Answered:
        """What is left to say while nobody knows whether there is one."""
        match = RunbookMatch(alert, "none", None, (NOT_LOOKED_FOR,), degraded=("index",))
        facts = self._facts(match)
        return Answered(match, facts, _section(alert, facts))

    def _facts(self, match: RunbookMatch) -> Facts:
        decision = decision_of(match)
        because = (*match.also_because, *[()] * len(match.also))
        candidates = tuple(Candidate(card, why) for card, why in zip(match.also, because, strict=False))
        return Facts(
            decision=decision,
            matched_by=match.matched_by,
            confidence=round(match.confidence, 3),
            reasons=match.reasons,
            runbook=match.runbook,
            candidates=candidates[:MOST_SUGGESTED] if decision == "suggest" else (),
            steps=self._steps(match.runbook.doc_id) if match.runbook else (),
            degraded=match.degraded,
        )

    def _steps(self, doc_id: str) -> tuple[Step, ...]:
        """A notice without steps is still one."""
        try:
            document = self._cache.document(doc_id)
        except PipelineError:
            return ()
        return first_steps(from_json(document.structure)) if document else ()


def _kind(alert: Alert) -> tuple[tuple[object, ...], frozenset[str]]:
    """What its kind is, and the names of which instance it has."""
    question = alert_question(alert)
    instance = frozenset(hint for hint in question.hints if without_instances(hint) != hint)
    hints = question.hints - instance
    return (alert.name, alert.service, alert.runbook_url, alert.arn, question.terms, hints, question.text), instance


def _section(alert: Alert, facts: Facts) -> str:
    if facts.runbook:
        return facts.runbook.doc_id
    return f"?{kind_of(alert.name)}"
