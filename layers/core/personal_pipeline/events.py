"""The event ``RunbookMatched``: a notice as facts, for programs. On the bus, and the body of webhooks.

Its JSON Schema is ``docs/schemas/runbook_matched.json``, made from these types by ``python -m infra.reference``. Texts
are without invisible characters and cut, lists too, so that an event stays within the 256 KB of the bus; labels of
alerts stay out of it.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.notices import Candidate, Example, Notice, Related, Section, Step
from personal_pipeline.domain.safe_text import visible, visible_lines

MAX_TEXT = 500
MAX_URL = 2000
MAX_COMMAND = 2000
MAX_EVENT_BYTES = 200_000
MAX_SECTIONS = 20
MAX_LISTED = 10  # candidates, steps, examples, related services, reasons, contacts


def _url(url: str) -> str:
    """A web address or nothing, never half of one."""
    fits = len(url) <= MAX_URL and url == visible(url, MAX_URL) and " " not in url
    return url if fits and url.lower().startswith(("https://", "http://")) else ""


def _shown(text: str) -> str:
    return visible(text, MAX_TEXT)


# Cleaned before they are checked: half of a character, as alerts may have, is no text to pydantic.
Text = Annotated[str, BeforeValidator(_shown), Field(max_length=MAX_TEXT, description="one line, cut")]
Url = Annotated[str, BeforeValidator(_url), Field(max_length=MAX_URL, description="a web address, or empty")]
Command = Annotated[str, BeforeValidator(lambda text: visible_lines(text, MAX_COMMAND)), Field(max_length=MAX_COMMAND)]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True)


class Document(_Fact):
    id: str = Field(description="what `GET /v1/documents/{id}` knows it by")
    title: Text
    url: Url
    source: Text
    path: Text
    contact: Text
    rev: int

    @classmethod
    def of(cls, card: Card) -> "Document":
        return cls(
            id=card.doc_id,
            title=card.title,
            url=card.url,
            source=card.source,
            path=card.path,
            contact=card.contact,
            rev=card.rev,
        )


class StepFact(_Fact):
    text: Text
    command: Command = Field(description="what to type, or empty")
    language: Text

    @classmethod
    def of(cls, step: Step) -> "StepFact":
        return cls(text=step.text, command=step.command, language=step.language)


class CandidateFact(_Fact):
    document: Document
    reasons: list[Text]

    @classmethod
    def of(cls, candidate: Candidate) -> "CandidateFact":
        return cls(document=Document.of(candidate.card), reasons=list(candidate.reasons[:MAX_LISTED]))


class AlertFact(_Fact):
    alert_id: Text
    source: Text
    name: Text
    summary: Text
    fingerprint: Text
    severity: Severity
    starts_at: datetime | None
    url: Url

    @classmethod
    def of(cls, example: Example) -> "AlertFact":
        return cls(
            alert_id=example.alert_id,
            source=example.source,
            name=example.name,
            summary=example.summary,
            fingerprint=example.fingerprint,
            severity=example.severity,
            starts_at=example.starts_at,
            url=example.url,
        )


class SectionFact(_Fact):
    """The alerts of a notice that one decision answers."""

    decision: Literal["attach", "suggest", "none"]
    matched_by: Text
    confidence: float = Field(
        ge=0, le=1, description="how sure it is that the runbook, or the first candidate, is right"
    )
    reasons: list[Text]
    runbook: Document | None
    candidates: list[CandidateFact]
    steps: list[StepFact]
    alerts: list[AlertFact] = Field(description="some of them; `firing` and `resolved` count all")
    firing: int
    resolved: int
    degraded: list[Text]

    @classmethod
    def of(cls, section: Section) -> "SectionFact":
        return cls(
            decision=section.decision,
            matched_by=section.matched_by,
            confidence=round(min(max(section.confidence, 0.0), 1.0), 3),
            reasons=list(section.reasons[:MAX_LISTED]),
            runbook=Document.of(section.runbook) if section.runbook else None,
            candidates=[CandidateFact.of(one) for one in section.candidates[:MAX_LISTED]],
            steps=[StepFact.of(step) for step in section.steps[:MAX_LISTED]],
            alerts=[AlertFact.of(example) for example in section.examples[:MAX_LISTED]],
            firing=section.firing,
            resolved=section.resolved,
            degraded=list(section.degraded[:MAX_LISTED]),
        )


class RelatedFact(_Fact):
    service: Text
    incident_id: Text
    since: datetime
    alert: Text
    is_upstream: bool
    runbook: Document | None

    @classmethod
    def of(cls, related: Related) -> "RelatedFact":
        return cls(
            service=related.service,
            incident_id=related.incident_id,
            since=related.since,
            alert=related.alert,
            is_upstream=related.is_upstream,
            runbook=Document.of(related.runbook) if related.runbook else None,
        )


class RunbookMatched(_Fact):
    """What was found for an alert, or for a burst of them. A later revision of a notice replaces the earlier ones."""

    delivery_id: str = Field(description="the same for every attempt at this revision: fold what arrives twice by it")
    notice_id: Text
    revision: int = Field(ge=1)
    incident_id: Text
    status: Literal["firing", "resolved"]
    severity: Severity
    service: Text
    owner: Text
    contacts: list[Text]
    started_at: datetime
    updated_at: datetime
    firing: int
    fired: int = Field(description="how often a flapping alert has fired")
    sections: list[SectionFact]
    sections_in_all: int = Field(description="more than are listed when a burst has very many")
    related: list[RelatedFact] = Field(description="services that alert at the same time, the likeliest cause first")
    cause: RelatedFact | None

    @classmethod
    def of(cls, notice: Notice, delivery_id: str) -> "RunbookMatched":
        sections = [SectionFact.of(section) for section in notice.sections[:MAX_SECTIONS]]
        return cls(
            delivery_id=delivery_id,
            notice_id=notice.notice_id,
            revision=notice.revision,
            incident_id=notice.incident_id,
            status=notice.status,
            severity=notice.severity,
            service=notice.service,
            owner=notice.owner,
            contacts=list(notice.contacts[:MAX_LISTED]),
            started_at=notice.started_at,
            updated_at=notice.updated_at,
            firing=notice.firing,
            fired=notice.fired,
            sections=_fitting(sections),
            sections_in_all=len(notice.sections),
            related=[RelatedFact.of(one) for one in notice.related[:MAX_LISTED]],
            cause=RelatedFact.of(notice.cause) if notice.cause else None,
        )

    def facts(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def _fitting(sections: list[SectionFact]) -> list[SectionFact]:
    """The first ones, as many as fit; the first always does."""
    size = 0
    for place, section in enumerate(sections):
        size += len(section.model_dump_json().encode())
        if size > MAX_EVENT_BYTES // 2 and place:  # JSON that is all ASCII may be twice as long
            return sections[:place]
    return sections
