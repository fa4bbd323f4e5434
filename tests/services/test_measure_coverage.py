"""What would each alert of a rule file get, and how often is it what the team links to?"""

from typing import Any

import pytest

from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.catalog import AlertKey, Card
from personal_pipeline.domain.parsing import AlertRule
from personal_pipeline.services.find_documents import FoundDocuments
from personal_pipeline.services.match_alert import MatchAlert
from personal_pipeline.services.measure_coverage import Covered, MeasureCoverage, Share, firing, first_hits


def a_rule(name: str = "DiskFull", link: str = "", **labels: str) -> AlertRule:
    annotations = {"summary": "Disk is full"} | ({"runbook_url": link} if link else {})
    return AlertRule(name, "g", "up == 0", labels, annotations)


def a_card(name: str, groups: tuple[str, ...] = ("public",), links: tuple[str, ...] = ()) -> Card:
    return Card(name, name.title(), "", "ops", f"{name}.md", "", "", groups, 1, links)


class Parts:
    """A catalog with these keys, and an index in which there is nothing."""

    def __init__(self, **keys: Card) -> None:
        self._cards = {AlertKey(*name.split("__", 1)): [card] for name, card in keys.items()}  # type: ignore[arg-type]

    def cards(self, keys: Any) -> dict[AlertKey, list[Card]]:
        return {key: self._cards[key] for key in keys if key in self._cards}

    def __call__(self, *asked: Any) -> FoundDocuments:
        return FoundDocuments((), is_semantic=False)


def measured(parts: Parts, *rules: AlertRule) -> list[Covered]:
    return MeasureCoverage(MatchAlert(parts, parts))(("a.yaml", rule) for rule in rules)  # type: ignore[arg-type]


def test_a_living_link_a_dead_one_and_none_are_told_apart() -> None:
    parts = Parts(url__disk=a_card("disk"), alert__named=a_card("named"))
    living, dead, dead_but_named, named, none = measured(
        parts,
        a_rule(link="https://wiki/disk"),
        a_rule(link="https://wiki/gone"),
        a_rule("Named", link="https://wiki/gone"),
        a_rule("Named"),
        a_rule(),
    )

    assert [one.status for one in (living, dead, dead_but_named, named, none)] == [
        "linked",
        "dead_link",
        "dead_link",
        "matched",
        "none",
    ]
    assert [one.runbook.doc_id if one.runbook else None for one in (living, dead, dead_but_named, named, none)] == [
        "disk",
        None,
        "named",
        "named",
        None,
    ]


def test_a_link_to_what_not_everybody_may_see_is_dead_here() -> None:
    (one,) = measured(Parts(url__disk=a_card("disk", groups=("finance",))), a_rule(link="https://wiki/disk"))

    assert one.status == "dead_link"


def test_the_link_is_withheld_from_the_alert_and_so_is_what_rule_files_say() -> None:
    rule_file = a_card("rules", links=("https://wiki/disk",))
    (one,) = measured(Parts(url__disk=a_card("disk"), rule__diskfull=rule_file), a_rule(link="https://wiki/disk"))

    assert (one.status, one.match.matched_by, one.is_hit) == ("linked", "none", False)
    assert one.match.alert.runbook_url == ""
    assert "wiki" not in str(one.match.alert)


def test_a_link_of_another_rule_file_counts_where_the_rule_has_none() -> None:
    rule_file = a_card("rules", links=("https://wiki/disk",))
    (one,) = measured(Parts(url__disk=a_card("disk"), rule__diskfull=rule_file), a_rule())

    assert (one.status, one.match.matched_by) == ("matched", "rule")


def test_the_first_document_is_a_hit_when_it_is_the_linked_one() -> None:
    parts = Parts(url__disk=a_card("disk"), alert__right=a_card("disk"), alert__wrong=a_card("other"))
    rules = [a_rule(name, link="https://wiki/disk") for name in ("Right", "Wrong", "Right")]

    found = first_hits(measured(parts, *rules))

    assert [(one.rule.name, one.is_hit) for one in found] == [("Right", True), ("Wrong", False)], "each once"


def test_a_rule_fires_as_alertmanager_would_send_it() -> None:
    rule = AlertRule(
        "DiskFull",
        "g",
        'up{job="a b"} < 1',
        {"severity": "page", "service": "storage", "team": "{{ $labels.team }}", "alertname": "Other"},
        {
            "summary": 'Disk of {{ $labels.instance }} on {{$labels.node}} is {{ printf "%.2f" $value }} full',
            "runbook": "https://wiki/disk?instance={{ $labels.instance }}",
        },
    )

    alert = firing(rule)

    assert (alert.name, alert.severity, alert.service) == ("DiskFull", Severity.CRITICAL, "storage")
    assert alert.summary == "Disk of on is full"
    assert alert.labels == {"severity": "page", "service": "storage", "alertname": "DiskFull"}
    assert alert.runbook_url == "https://wiki/disk"
    assert alert.generator_url.endswith("g0.expr=up%7Bjob%3D%22a%20b%22%7D%20%3C%201&g0.tab=1")
    assert "{{" not in str(alert)


def test_templates_without_end_take_no_time() -> None:
    rule = AlertRule("A", "g", "up", {}, {"summary": "{{" * 1_000_000, "description": "{{ {" * 1_000_000})

    assert len(firing(rule).summary) <= 10_000


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (8, 10, 0.4902, 0.9433), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilson_s(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval == pytest.approx((low, high), abs=5e-4)
