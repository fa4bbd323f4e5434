"""For each alert that rules can fire: is there a runbook, and is it the one that the team links to?

Links are only looked up among the documents that are there; nothing is fetched. Where a link leads to a document,
the alert is matched once more without it: how often the first document is the linked one says what to expect for
alerts that nobody has linked yet.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal
from urllib.parse import quote

from personal_pipeline.domain.alert_sources import alertmanager
from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.parsing import AlertRule
from personal_pipeline.services.match_alert import MatchAlert

MAX_TEXT = 10_000  # characters of an annotation: what fires is not longer either
Z_95 = 1.96
_TEMPLATE = re.compile(r"\{\{[^{}]{0,500}\}\}")
_LINKS = ("runbook_url", "runbook")


@dataclass(frozen=True, slots=True)
class Covered:
    """``linked`` is what the rule's link leads to, ``match`` what the alert gets without such a link."""

    rule: AlertRule
    file: str
    linked: tuple[Card, ...]
    match: RunbookMatch

    @property
    def status(self) -> Literal["linked", "dead_link", "matched", "none"]:
        if self.linked:
            return "linked"
        if self.rule.runbook_url:
            return "dead_link"
        return "matched" if self.match.runbook else "none"

    @property
    def runbook(self) -> Card | None:
        return self.linked[0] if self.linked else self.match.runbook

    @property
    def is_hit(self) -> bool:
        """The linked document comes first without the link, be it sure enough to be attached or not."""
        found = self.match.runbook or next(iter(self.match.also), None)
        return found is not None and found.doc_id in {card.doc_id for card in self.linked}


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and between which shares the true one lies in 95 of 100 cases (Wilson)."""

    hits: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        share, weight = self.hits / self.of, Z_95**2 / self.of
        middle = (share + weight / 2) / (1 + weight)
        half = Z_95 * sqrt(share * (1 - share) / self.of + weight / (4 * self.of)) / (1 + weight)
        return max(0.0, middle - half), min(1.0, middle + half)


class MeasureCoverage:
    def __init__(self, match: MatchAlert) -> None:
        self._match = match

    def __call__(self, rules: Iterable[tuple[str, AlertRule]]) -> list[Covered]:
        """One for each rule, given with its file, in order. Raises UnavailableError."""
        return [self._covered(file, rule) for file, rule in rules]

    def _covered(self, file: str, rule: AlertRule) -> Covered:
        alert = firing(rule)
        linked = tuple(self._match.leads_to(alert.runbook_url)) if alert.runbook_url else ()
        if not linked:
            return Covered(rule, file, (), self._match(alert))
        return Covered(rule, file, linked, self._match(_without_link(alert), follow_rules=False))


def firing(rule: AlertRule) -> Alert:
    """The alert as Alertmanager would send it, with nothing where only firing can tell what stands there."""
    annotations = {name: _neutral(text) for name, text in rule.annotations.items() if name not in _LINKS}
    labels = {name: text for name, value in rule.labels.items() if (text := _neutral(value))}
    if rule.runbook_url:
        annotations["runbook_url"] = rule.runbook_url
    (alert,) = alertmanager.read({
        "alerts": [
            {
                "status": "firing",
                "labels": {**labels, "alertname": rule.name},
                "annotations": annotations,
                "generatorURL": f"https://prometheus.example.com/graph?g0.expr={quote(rule.expr, safe='')}&g0.tab=1",
            }
        ]
    }).alerts  # fmt: skip
    return alert


def first_hits(covered: Sequence[Covered]) -> list[Covered]:
    """What the share is measured over: alerts with a living link, one rule for each alert and document."""
    distinct: dict[tuple[str, str], Covered] = {}
    for one in covered:
        if one.linked:
            distinct.setdefault((one.rule.name, one.linked[0].doc_id), one)
    return list(distinct.values())


def _without_link(alert: Alert) -> Alert:
    kept = {name: text for name, text in alert.annotations.items() if name not in _LINKS}
    return replace(alert, runbook_url="", annotations=kept)


def _neutral(text: str) -> str:
    return " ".join(_TEMPLATE.sub(" ", text[:MAX_TEXT]).split())
