"""How a notice is put into words, for every target that shows it to people.

What comes back is plain text without a character that moves, hides or reorders others. It is still the text of
outsiders: a target must put it where nothing in it is taken for formatting, a mention or a link.
"""

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.notices import Notice, Related, Section
from personal_pipeline.domain.safe_text import visible

MAX_URL_CHARACTERS = 1000
_NAME = 120


def headline(notice: Notice, limit: int) -> str:
    status = f"RESOLVED (was {notice.severity.value})" if notice.status == "resolved" else notice.severity.value.upper()
    service = visible(notice.service, 60)
    return visible(" · ".join(part for part in (status, _subject(notice), service) if part), limit)


def _subject(notice: Notice) -> str:
    total = sum(section.firing + section.resolved for section in notice.sections)
    names = {visible(example.name, _NAME) for section in notice.sections for example in section.examples}
    name = names.pop() if len(names) == 1 and len(notice.sections) == 1 else ""
    if total > 1:
        return f"{name} × {total}" if name else f"{total} alerts"
    return name or "alert without a name"


def counts(firing: int, resolved: int) -> str:
    return ", ".join(f"{count} {word}" for count, word in ((firing, "firing"), (resolved, "resolved")) if count)


def overview(notice: Notice) -> str:
    """One line: how many, whose, since when."""
    parts = [
        counts(notice.firing, sum(section.resolved for section in notice.sections)),
        f"has fired {notice.fired} times" if notice.fired > 1 else "",
        f"since {notice.started_at:%Y-%m-%d %H:%M} UTC",
        f"updated {notice.updated_at:%H:%M} UTC" if notice.is_update else "",
    ]
    return " · ".join(part for part in parts if part)


def escalation(notice: Notice) -> str:
    """Who owns the service and whom to call; says so when nobody is known."""
    contacts = [notice.owner, *notice.contacts]
    contacts += [section.runbook.contact for section in notice.sections if section.runbook]
    named = list(dict.fromkeys(shown for contact in contacts if (shown := visible(contact, _NAME))))
    return "Escalate to: " + ", ".join(named[:8]) if named else "Nobody is named as the owner of this service."


def owner(notice: Notice) -> str:
    service = visible(notice.service, _NAME) or "the service"
    named = visible(notice.owner, _NAME)
    return f"{service} is owned by {named}." if named else f"Nobody is named as the owner of {service}."


def first_cause(related: Related) -> str:
    return (
        f"Likely first cause: {visible(related.service, _NAME) or 'another service'}, which alerts since "
        f"{related.since:%H:%M} UTC ({visible(related.alert, _NAME) or 'no name'})"
    )


def also_alerting(notice: Notice, most: int = 5) -> str:
    """The other services that alert at the same time, without the one that is the first cause."""
    others = [visible(one.service, _NAME) for one in notice.related if one != notice.cause]
    named = [name for name in dict.fromkeys(others) if name]
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return f"Also alerting: {', '.join(named[:most])}{more}" if named else ""


def verdict(section: Section) -> str:
    """What was decided, before what it names."""
    if section.decision == "attach":
        return f"Runbook ({_percent(section)} sure)"
    if section.decision == "suggest":
        return f"No runbook is sure ({_percent(section)}); the likeliest:"
    return "No runbook was found for this."


def _percent(section: Section) -> str:
    return f"{round(100 * min(max(section.confidence, 0.0), 1.0))} %"


def answered_alerts(section: Section, most: int) -> str:
    """The alerts that a section of a burst answers: how many, and the first by name."""
    total = section.firing + section.resolved
    names = list(dict.fromkeys(visible(example.name, 60) for example in section.examples))
    shown = ", ".join(name for name in names[:most] if name)
    return f"{total} {'alert' if total == 1 else 'alerts'}" + (f": {shown}" if shown else "")


def not_shown(sections: Sequence[Section]) -> str:
    alerts = sum(section.firing + section.resolved for section in sections)
    return f"Not shown: {len(sections)} more answers, for {alerts} alerts."


def without(section: Section) -> str:
    return f"Without {visible(', '.join(section.degraded), 200)}, which did not answer." if section.degraded else ""


def reasons_of(reasons: Sequence[str], most: int, limit: int) -> str:
    return "; ".join(shown for reason in reasons[:most] if (shown := visible(reason, limit)))


def title(card: Card, limit: int) -> str:
    return visible(card.title, limit) or visible(card.path, limit) or card.doc_id[:limit]


def web_url(url: str) -> str:
    """The address when it is one of the web that can be shown as a link, otherwise nothing.

    One with a user in front of its host is none, nor one whose host is not ASCII: they look like they led elsewhere.
    What may not stand in an address is encoded.
    """
    if not url or url != visible(url, MAX_URL_CHARACTERS) or " " in url or "\\" in url:
        return ""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        _ = parts.port  # raises for what is no number
    except ValueError:
        return ""
    encoded = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    return encoded if is_web and parts.netloc.isascii() and len(encoded) <= MAX_URL_CHARACTERS else ""
