"""The exact keys that an alert brings along: all of them are asked for in one read.

An address is compared by its path, and rarely begins where a source does: a code host puts owner, repository and
branch before it, a site the folder it is served from. So the ends of the path are asked for too, as long as they
say enough to mean one page.
"""

import re
from collections.abc import Mapping, Sequence

from personal_pipeline.domain.alerts import Alert
from personal_pipeline.domain.catalog import AlertKey, Card
from personal_pipeline.domain.search import CallerScope

MAX_KEYS_PER_LINK = 12
_LONG_ENOUGH = 12  # letters of a word that stands alone: kubepodcrashlooping, not redis
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+|\d+")  # of DiskFull, disk_full, disk-full
_SAYS_NOTHING = frozenset({
    "alerts", "configuration", "docs", "documentation", "getting-started", "home", "installation", "introduction",
    "monitoring", "overview", "playbook", "playbooks", "runbook", "runbooks", "troubleshooting", "wiki",
})  # fmt: skip


def link_keys(url: str) -> tuple[AlertKey, ...]:
    """What the page of an address may be known by. The first is the whole path; the others are ends of it."""
    whole = AlertKey.of("url", url)
    if whole is None or "?" in whole.value:
        return (whole,) if whole else ()
    parts = whole.value.split("/")
    ends = (parts[start:] for start in range(1, len(parts)))
    said = [AlertKey("url", "/".join(end)) for end in ends if _says_enough(end, url)]
    return (whole, *said[1 - MAX_KEYS_PER_LINK :])


def cards_behind(link: Sequence[AlertKey], found: Mapping[AlertKey, list[Card]], scope: CallerScope) -> list[Card]:
    """By the whole address, or by the longest end of it that means exactly one document that the scope may see."""
    for place, key in enumerate(link):
        cards = [card for card in found.get(key, []) if scope.may_see(card.groups)]
        if cards and (place == 0 or len(cards) == 1):
            return cards
    return []


def _says_enough(end: list[str], url: str) -> bool:
    if end[-1] in _SAYS_NOTHING:
        return len(end) > 2
    if len(end) > 1 or len(end[-1]) >= _LONG_ENOUGH:
        return True
    at = url.casefold().rfind(end[-1])
    written = url[at : at + len(end[-1])] if at >= 0 else end[-1]
    return len(_WORD.findall(written)) > 1


def rule_key(alert: Alert) -> AlertKey | None:
    """Under which rule files say where the alert links to."""
    return AlertKey.of("rule", alert.name)


def name_keys(alert: Alert) -> tuple[AlertKey, ...]:
    """What the alert is called, the surest first: a document may name it, or be named like it."""
    named = (AlertKey.of("arn", _arn(alert)), AlertKey.of("alert", alert.name), AlertKey.of("title", alert.name))
    return tuple(key for key in named if key)


def _arn(alert: Alert) -> str:
    """Of a CloudWatch alarm, where a forwarder puts it."""
    given = alert.arn or alert.generator_url
    return given if given.startswith("arn:") else ""
