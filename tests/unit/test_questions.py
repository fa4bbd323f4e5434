"""What is looked for when an alert fires: its words without its instance, weighed by where they stood."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.analysis import MAX_QUERY_TERMS
from personal_pipeline.domain.questions import (
    DESCRIPTION_WEIGHT,
    METRIC_WEIGHT,
    SUMMARY_WEIGHT,
    Question,
    alert_question,
    metric_names,
    typed_question,
)
from tests.unit.test_ranking import an_alert


def weights(question: Question) -> dict[str, float]:
    return {each.term: each.weight for each in question.terms}


def test_a_typed_question_is_all_name() -> None:
    question = typed_question("disk full")

    assert [(each.term, each.weight, each.is_name) for each in question.terms] == [("disk", 1, True), ("ful", 1, True)]
    assert (question.name, question.text, question.hints) == ("disk full", "disk full", frozenset())


def test_each_part_of_an_alert_has_its_weight_and_a_word_its_heaviest_place() -> None:
    question = alert_question(
        an_alert(
            "DiskFull",
            summary="Disk almost exhausted",
            description="The volume is exhausted",
            generator_url="https://p.example.com/graph?g0.expr=" + quote("node_filesystem_avail_bytes < 5"),
        )
    )

    found = weights(question)
    assert {found[word] for word in ("disk", "ful")} == {1.0}
    assert {found[word] for word in ("almost", "exhaust")} == {SUMMARY_WEIGHT}
    assert found["volum"] == DESCRIPTION_WEIGHT
    assert found["filesystem"] == METRIC_WEIGHT
    assert {each.term for each in question.terms if each.is_name} == {"diskful", "disk", "ful"}


def test_neighbours_are_those_of_the_name_and_at_less_weight_of_the_summary() -> None:
    question = alert_question(an_alert("DiskFull", summary="Disk almost exhausted", description="No space left"))

    assert question.pairs == (
        ("diskful", "disk", 1.0),
        ("disk", "ful", 1.0),
        ("disk", "almost", SUMMARY_WEIGHT),
        ("almost", "exhaust", SUMMARY_WEIGHT),
    )
    assert typed_question("disk full").pairs == (("disk", "ful", 1.0),)


def test_label_values_leave_the_text_and_become_hints() -> None:
    question = alert_question(
        an_alert(
            "PodCrashLooping",
            summary="Pod web-7f9c on ip-10-0-3-4.example.com keeps crashing in Payments",
            description="web-7f9c restarted; payments-worker is fine",
            labels={
                "alertname": "PodCrashLooping",
                "severity": "critical",
                "pod": "web-7f9c",
                "instance": "ip-10-0-3-4.example.com",
                "namespace": "Payments",
            },
        )
    )

    words = weights(question)
    assert not words.keys() & {"web", "7f9c", "ip", "10", "example", "com"}
    assert "crash" in words
    assert "worker" in words, "only whole values are taken out"
    assert question.hints == {"web-7f9c", "ip-10-0-3-4.example.com", "payments"}
    assert question.text == "Pod Crash Looping Pod on keeps crashing in"


def test_the_longest_value_goes_first_so_that_nothing_of_a_host_is_left() -> None:
    question = alert_question(
        an_alert("Down", summary="prod-eu-1/api is down", labels={"cluster": "prod-eu-1", "job": "prod-eu-1/api"})
    )

    assert "api" not in weights(question)


def test_what_is_embedded_is_the_name_as_words_and_the_summary_or_else_the_description() -> None:
    assert alert_question(an_alert("disk_FullSoon", description="No space")).text == "disk Full Soon No space"


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ('sum(rate(http_requests_total{code=~"5.."}[5m])) by (pod_name) > 10', ["http_requests_total"]),
        (
            "max_over_time(up{job='etcd'}[10m]) == 0 unless on (instance) node_boot_time_seconds",
            ["node_boot_time_seconds"],
        ),
        ("job:slo_errors:ratio_rate1h > (14.4 * 0.001)", ["job:slo_errors:ratio_rate1h"]),
        (
            "histogram_quantile(0.99, sum by (le) (rate(etcd_disk_wal_fsync_seconds_bucket[5m])))",
            ["etcd_disk_wal_fsync_seconds_bucket"],
        ),
        ("absent(kubelet_node_name) offset 5m", ["kubelet_node_name"]),
        ("", []),
    ],
)
def test_the_metrics_of_an_expression_are_evidence_without_functions_and_labels(
    expression: str, metrics: list[str]
) -> None:
    assert metric_names("https://p.example.com/graph?g0.tab=1&g0.expr=" + quote(expression)) == metrics


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "https://[",
        "https://p.example.com/graph?" + "&".join(f"a{n}=1" for n in range(500)),
        "\x00?g0.expr=%ff%fe",
    ],
)
def test_a_link_without_an_expression_gives_no_metrics(url: str) -> None:
    assert metric_names(url) == []


def test_a_huge_alert_costs_no_more_than_a_large_one() -> None:
    labels = {f"label{n}": f"value-{n}" for n in range(20_000)}
    question = alert_question(
        an_alert("A" * 100_000, summary="word " * 50_000, description="value-3 " * 50_000, labels=labels)
    )

    assert len(question.terms) <= MAX_QUERY_TERMS
    assert len(question.text) < 20_000


@given(st.text(max_size=200), st.text(max_size=400), st.dictionaries(st.text(max_size=20), st.text(max_size=40)))
def test_any_alert_becomes_a_question(name: str, summary: str, labels: dict[str, Any]) -> None:
    question = alert_question(an_alert(name, summary=summary, description=summary, labels=labels))

    assert len({each.term for each in question.terms}) == len(question.terms) <= MAX_QUERY_TERMS
