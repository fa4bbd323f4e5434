"""A notice as lines of plain text: what the terminal, e-mails and notes on incidents show."""

from collections.abc import Iterator, Sequence

from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.notices import Candidate, Notice, Related, Section, Step
from personal_pipeline.domain.safe_text import visible, visible_lines
from personal_pipeline.domain.wording import counts, reasons_of

MAX_TEXT = 200
MAX_COMMAND = 600
MAX_STEPS = 3
MAX_REASONS = 4
MAX_RELATED = 5
_LABEL = 9


def headline(notice: Notice) -> str:
    """What alerts, where, how badly: one line."""
    examples = [example for section in notice.sections for example in section.examples]
    name = visible(examples[0].name, 120) if examples else ""
    count = sum(section.firing + section.resolved for section in notice.sections)
    burst = f" and {count - 1} more" if count > 1 else ""
    where = f" on {visible(notice.service, 80)}" if notice.service else ""
    return f"{name or '(no name)'}{burst}{where} [{notice.severity.value}]"


def notice_lines(notice: Notice) -> list[str]:
    word = "RESOLVED" if notice.status == "resolved" else "ALERT"
    summary = next((e.summary for section in notice.sections for e in section.examples if e.summary), "")
    lines = [f"{word}  {headline(notice)} {visible(summary, MAX_TEXT)}".rstrip()]
    if notice.is_update:
        state = "resolved" if notice.status == "resolved" else "update"
        lines.append(_line(state, f"revision {notice.revision} of notice {visible(notice.notice_id, 64)}"))
    if notice.fired > 1:
        lines.append(_line("flapping", f"fired {notice.fired} times"))
    if notice.cause:
        lines += _cause(notice.cause)
    for section in notice.sections:
        lines += _section(section, notice)
    lines += _related(notice)
    contacts = ", ".join(visible(contact, 80) for contact in notice.contacts[:5])
    if contacts:
        lines.append(_line("contact", contacts))
    return lines


def _section(section: Section, notice: Notice) -> Iterator[str]:
    if len(notice.sections) > 1 or section.firing + section.resolved > 1:
        yield _line("alerts", _counted(section))
    if section.decision == "attach" and section.runbook:
        yield _line("RUNBOOK", _named(section.runbook))
        yield _line("because", f"{_joined(section.reasons)}  (confidence {section.confidence:.2f})")
        if notice.status == "firing":
            yield from _steps(section.steps, section.runbook)
        if section.runbook.contact and section.runbook.contact != ", ".join(notice.contacts):
            yield _line("contact", visible(section.runbook.contact, MAX_TEXT))
    elif section.candidates:
        yield _line("suggest", f"none is sure enough (confidence {section.confidence:.2f}); the likeliest, to look at:")
        for candidate in section.candidates[:MAX_STEPS]:
            yield from _candidate(candidate)
    else:
        owner = f"; {visible(notice.owner, 80)} owns the service" if notice.owner else ""
        yield _line("none", f"{_joined(section.reasons) or 'no runbook was found'}{owner}")
    if section.degraded:
        yield _line("without", f"{visible(', '.join(section.degraded), MAX_TEXT)}, which did not answer")


def _counted(section: Section) -> str:
    counted = counts(section.firing, section.resolved)
    names = list(dict.fromkeys(visible(example.name, 60) for example in section.examples))
    return f"{counted}: {', '.join(names)}" if names else counted


def _steps(steps: Sequence[Step], runbook: Card) -> Iterator[str]:
    if not steps and runbook.first_step:
        yield _line("first", visible(runbook.first_step, MAX_TEXT))
    for number, step in enumerate(steps[:MAX_STEPS]):
        said = visible(step.text, MAX_TEXT)
        if said:
            yield _line("" if number else "first", said)
        lines = visible_lines(step.command, MAX_COMMAND).split("\n") if step.command else []
        for place, line in enumerate(lines):
            label = "first" if not number and not said and not place else ""
            yield _line(label, f"{' ' if place else '$'} {line}")


def _candidate(candidate: Candidate) -> Iterator[str]:
    yield _line("nearest", _named(candidate.card))
    if candidate.reasons:
        yield _line("", f"because {_joined(candidate.reasons)}")


def _cause(cause: Related) -> Iterator[str]:
    since = f"{cause.since:%H:%M} UTC"
    yield _line("cause", f"likely {visible(cause.service, 80)}: {visible(cause.alert, 120)} since {since}")
    if cause.runbook:
        yield _line("", f"its runbook: {_named(cause.runbook)}")


def _related(notice: Notice) -> Iterator[str]:
    others = [one for one in notice.related if one != notice.cause]
    for place, one in enumerate(others[:MAX_RELATED]):
        upstream = ", which this one depends on" if one.is_upstream else ""
        yield _line("" if place else "related", f"{visible(one.service, 80)}: {visible(one.alert, 120)}{upstream}")
    if len(others) > MAX_RELATED:
        yield _line("", f"and {len(others) - MAX_RELATED} more")


def _named(card: Card) -> str:
    where = f"{visible(card.source, 80)}/{visible(card.path, 160)}"
    return f"{visible(card.title, MAX_TEXT) or where}  ({where}, id {card.doc_id})"


def _joined(reasons: Sequence[str]) -> str:
    return reasons_of(reasons, MAX_REASONS, MAX_TEXT)


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}}{text}"
