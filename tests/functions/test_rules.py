"""Rule files in the bucket tie alerts to documents, and never to what is not there."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.domain.alert_sources import alertmanager
from personal_pipeline.domain.alerts import RunbookMatch
from personal_pipeline.domain.catalog import AlertKey, Card
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.services.match_alert import MatchAlert
from tests.functions.world import World, sqs_record

RULES = "ops/rules/node.rules.yaml"
PAGE = "# Making room\n\n1. Run `df -h`.\n"


def rules(**links: str) -> str:
    """A rule file, by alert."""
    listed = [{"alert": alert, "annotations": {"runbook_url": url}} for alert, url in links.items()]
    return json.dumps({"groups": [{"name": "node", "rules": listed}]})


def match(name: str = "SpaceLow", **alert: Any) -> RunbookMatch:
    payload = {"alerts": [{"labels": {"alertname": name}, **alert}]}
    (normalised,) = alertmanager.read(payload).alerts
    return bootstrap.match_alert()(normalised)


def title(found: RunbookMatch) -> str | None:
    return found.runbook.title if found.runbook else None


LINK = "https://github.com/shop/ops/blob/main/runbooks/disk-full.md#free-space"


def test_a_rule_ties_an_alert_to_the_document_it_links(world: World) -> None:
    doc_id = world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(SpaceLow=LINK))

    found = match()

    assert found.runbook is not None
    assert (found.matched_by, found.runbook.doc_id) == ("rule", doc_id)
    assert found.reasons == ("a rule links this alert to it",)
    assert found.runbook.first_step == "Run df -h."


def test_the_alert_s_own_link_and_what_documents_say_go_before_the_rule(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(SpaceLow=LINK))
    world.has("ops/other-page.md", "---\nurl: https://wiki/other-page\n---\n# By link\n\nx\n")
    assert match(annotations={"runbook_url": "https://wiki/other-page"}).matched_by == "url"

    world.has("ops/named.md", "---\nalerts: [SpaceLow]\n---\n# By name\n\nx\n")
    assert (match().matched_by, title(match())) == ("alert", "By name")


def test_a_link_in_the_alert_that_leads_nowhere_is_no_reason_to_forget_the_rule(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(SpaceLow=LINK))

    assert match(annotations={"runbook_url": "https://wiki/gone"}).matched_by == "rule"


def test_a_link_is_followed_to_what_is_there_when_the_alert_fires(world: World) -> None:
    world.has(RULES, rules(SpaceLow=LINK))
    assert match().matched_by == "none"

    world.has("ops/runbooks/disk-full.md", PAGE)
    assert match().matched_by == "rule"

    world.removes("ops/runbooks/disk-full.md", sequencer="02")
    assert match().matched_by == "none"

    moved = world.has("docs/storage/new.md", f"---\naliases: ['{LINK}']\n---\n# Moved\n\nx\n")
    assert match().runbook is not None
    assert match().runbook.doc_id == moved


def test_a_deleted_rule_file_leaves_no_link(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(SpaceLow=LINK))

    world.removes(RULES, sequencer="02")

    assert match().matched_by != "rule"
    entry = parts.catalog().entry(doc_id_of(RULES))
    assert entry is not None
    assert (entry.deleted, entry.keys) == (True, ())


def test_a_renamed_alert_is_found_by_its_new_name_only(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(SpaceLow=LINK, Stays=LINK))

    world.has(RULES, rules(SpaceGone=LINK, Stays=LINK), sequencer="02")

    assert [match(name).matched_by for name in ("SpaceLow", "SpaceGone", "Stays")] == ["none", "rule", "rule"]


def test_hundreds_of_alerts_in_one_file_are_all_tied(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(**{f"Alert{n}": LINK for n in range(300)}))

    assert {match(f"Alert{n}").matched_by for n in range(0, 300, 30)} == {"rule"}


def test_the_card_of_the_document_says_who_may_see_it(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", f"---\ngroups: [finance]\n---\n{PAGE}")
    world.has(RULES, rules(SpaceLow=LINK))

    assert match().matched_by != "rule"


def test_rules_that_link_one_alert_to_several_documents_name_the_others_too(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has("ops/runbooks/disk-slow.md", "# Slow disk\n\nx\n")
    world.has(RULES, rules(SpaceLow=LINK))
    world.has("ops/other.yaml", rules(SpaceLow="https://wiki/gone"))
    world.has("team/rules.yaml", rules(Space_low="https://x.example.com/runbooks/disk-slow"))

    found = match()

    assert (found.matched_by, {title(found), *(card.title for card in found.also)}) == (
        "rule",
        {"Making room", "Slow disk"},
    )


def test_a_rule_file_is_no_hit_no_document_and_no_reason_to_forget_answers(world: World) -> None:
    world.has("ops/disk.md", "# Disk full\n\nSpaceLow\n")
    assert world.search("SpaceLow")["answered_by"] == "index"

    rule_id = world.has(RULES, rules(SpaceLow=LINK))

    again = world.search("SpaceLow")
    assert again["answered_by"] in {"l1", "l2"}
    assert [hit["path"] for hit in again["hits"]] == ["disk.md"]
    assert world.get(f"/v1/documents/{rule_id}").status == 404


def test_other_yaml_is_taken_without_a_word_and_leaves_nothing(world: World) -> None:
    for key, text in {
        "ops/values.yaml": "password: x\n",
        "ops/chart/templates/rules.yaml": "{{- if .Values.on }}\nkind: PrometheusRule\ngroups:\n - alert: [",
        "ops/none.yml": "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: b\n",
    }.items():
        world.has(key, text)

        entry = parts.catalog().entry(doc_id_of(key))
        assert entry is not None
        assert (entry.deleted, entry.error, entry.is_settled) == (True, "", True)
    assert list(parts.catalog().entries("ops")) == []


def test_yaml_that_no_longer_has_rules_leaves_no_link(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has("ops/all.yaml", rules(SpaceLow=LINK))

    world.has("ops/all.yaml", "kind: ConfigMap\n", sequencer="02")

    assert match().matched_by != "rule"


def test_a_broken_rule_file_is_refused_by_name_and_its_links_stay(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(SpaceLow=LINK))
    world.put(RULES, "groups: [")

    assert world.ingest(RULES, sequencer="02")["batchItemFailures"]

    entry = parts.catalog().entry(doc_id_of(RULES))
    assert entry is not None
    assert RULES in entry.error
    assert match().matched_by == "rule"


def test_a_broken_rule_file_does_not_hold_back_the_documents_beside_it(world: World) -> None:
    world.put(RULES, "groups: [")
    world.put("ops/disk.md", PAGE)
    world.put("ops/good.rules.yaml", rules(SpaceLow="https://x/disk"))

    response = world.ingest(RULES, "ops/disk.md", "ops/good.rules.yaml")

    assert response == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert match().matched_by == "rule"


def test_unchanged_rules_are_settled_and_a_reindex_writes_them_again(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(RULES, rules(SpaceLow=LINK))
    world.has(RULES, rules(SpaceLow=LINK), sequencer="02")
    entry = parts.catalog().entry(doc_id_of(RULES))
    assert entry is not None
    assert (entry.rev, entry.content_rev, entry.is_settled) == (2, 1, True)

    assert bootstrap.reindex_documents()(["ops"]) == 2
    records = [sqs_record(message.message_id, message.body) for message in world.queued("ingest")]
    assert world.call("ingest", {"Records": records}) == {"batchItemFailures": []}

    assert match().matched_by == "rule"


class CountingCatalog:
    """Counts reads, and what they ask for."""

    def __init__(self, failing_at: int = 0) -> None:
        self.reads: list[list[AlertKey]] = []
        self._failing_at = failing_at

    def cards(self, keys: Any) -> dict[AlertKey, list[Card]]:
        self.reads.append(list(keys))
        if len(self.reads) == self._failing_at:
            raise TableUnavailableError("no")
        return parts.catalog().cards(keys)


def no_search(*asked: Any) -> Any:
    pytest.fail("the index was asked")


def matched(catalog: Any, find: Any = no_search, **alert: Any) -> RunbookMatch:
    (normalised,) = alertmanager.read({"alerts": [{"labels": {"alertname": "SpaceLow"}, **alert}]}).alerts
    return MatchAlert(catalog, find)(normalised)


ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:SpaceLow"
EXACT: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "url": ("---\nurl: https://wiki/space\n---\n# T\n\nx", lambda: {"annotations": {"runbook_url": "http://h/space"}}),
    "arn": (f"---\naliases: ['{ARN}']\n---\n# T\n\nx", lambda: {"generatorURL": ARN}),
    "alert": ("---\nalerts: [Space_Low]\n---\n# T\n\nx", dict),
    "title": ("# Space low\n\nx", dict),
}


@pytest.mark.parametrize("kind", EXACT)
def test_every_exact_key_is_asked_for_in_one_read_and_answers_without_the_index(world: World, kind: str) -> None:
    text, alert = EXACT[kind]
    world.has("ops/a.md", text)
    catalog = CountingCatalog()

    found = matched(catalog, **alert())

    assert found.matched_by == kind
    assert len(catalog.reads) == 1
    assert {key.kind for key in catalog.reads[0]} >= {kind, "alert", "title", "rule"}


def test_a_rule_costs_a_second_read_and_no_third_and_works_without_the_index(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    for number in range(9):
        world.has(f"ops/{number}.rules.yaml", rules(SpaceLow=f"https://wiki/{'/'.join('abcdefghijklmno')}/{number}"))
    world.has(RULES, rules(SpaceLow=LINK))
    catalog = CountingCatalog()

    found = matched(catalog, find=bootstrap._find_documents())

    assert len(catalog.reads) == 2
    assert len(catalog.reads[1]) <= 100, "one request to DynamoDB"
    assert {key.kind for key in catalog.reads[1]} == {"url"}
    assert found.matched_by in {"rule", "none"}  # five of ten links are followed, by the title of their file


def test_a_table_that_fails_at_the_second_read_leaves_the_search(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", "# Making room\n\nWhen space is low: spacelow\n")
    world.has("ops/runbooks/other.md", "# Something else\n\nspace\n")
    world.has(RULES, rules(SpaceLow=LINK))

    found = matched(CountingCatalog(failing_at=2), find=bootstrap._find_documents())

    assert found.matched_by == "search"


def test_an_alert_that_no_rule_links_costs_one_read(world: World) -> None:
    catalog = CountingCatalog()

    matched(catalog, find=bootstrap._find_documents())

    assert len(catalog.reads) == 1
