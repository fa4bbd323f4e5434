"""A file of YAML that is a runbook today may be alert rules tomorrow, something else, or gone."""

import json

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.domain.ids import doc_id_of
from tests.functions.test_rules import LINK, PAGE, match, rules
from tests.functions.world import World, sqs_record

KEY = "ops/node.yaml"
RUNBOOK = json.dumps({"kind": "Runbook", "title": "Spindle full", "alerts": ["SpindleFull"], "steps": ["Run `df`."]})
OTHER = "kind: ConfigMap\n"
THEIRS = "apiVersion: ops.example.com/v1\nkind: Runbook\n"


def found(world: World, words: str = "spindle") -> list[str]:
    return [hit["path"] for hit in world.search(words)["hits"]]


def test_a_runbook_in_yaml_is_found_shown_and_matched(world: World) -> None:
    doc_id = world.has(KEY, RUNBOOK)

    assert found(world) == ["node.yaml"]
    document = world.get(f"/v1/documents/{doc_id}").json
    assert document["text"].endswith("## Steps\n\n1. Run `df`.\n")
    assert document["format"] == "markdown"
    assert match("SpindleFull").runbook is not None


def test_its_copy_is_made_again_where_it_is_lost(world: World) -> None:
    doc_id = world.has(KEY, RUNBOOK)
    before = world.get(f"/v1/documents/{doc_id}").json
    entry = parts.catalog().entry(doc_id)
    assert entry is not None

    parts.cache().delete_document(doc_id, entry.rev)

    assert bootstrap._restore_document(doc_id) is not None
    assert world.get(f"/v1/documents/{doc_id}").json["text"] == before["text"]


@pytest.mark.parametrize("after", [OTHER, THEIRS, rules(SpaceLow=LINK), None], ids=["other", "theirs", "rules", "gone"])
def test_a_runbook_that_is_none_any_more_is_found_no_more(world: World, after: str | None) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    doc_id = world.has(KEY, RUNBOOK)
    assert found(world) == ["node.yaml"]

    if after is None:
        world.removes(KEY, sequencer="02")
    else:
        world.has(KEY, after, sequencer="02")

    assert "node.yaml" not in found(world)
    assert world.get(f"/v1/documents/{doc_id}").status == 404
    assert bootstrap._restore_document(doc_id) is None
    assert match("SpindleFull").matched_by not in {"alert_name", "alert"}
    assert (match("SpaceLow").matched_by == "rule") == (after is not None and "groups" in after)


@pytest.mark.parametrize("before", [OTHER, THEIRS, rules(SpaceLow=LINK)], ids=["other", "theirs", "rules"])
def test_what_becomes_a_runbook_is_found(world: World, before: str) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    world.has(KEY, before)

    world.has(KEY, RUNBOOK, sequencer="02")

    assert "node.yaml" in found(world)
    assert match("SpaceLow").matched_by != "rule"
    entry = parts.catalog().entry(doc_id_of(KEY))
    assert entry is not None
    assert (entry.is_settled, entry.error, entry.title) == (True, "", "Spindle full")


def test_rules_that_were_a_runbook_once_are_settled_when_they_come_again(world: World) -> None:
    world.has("ops/runbooks/disk-full.md", PAGE)
    for sequencer, text in (("01", RUNBOOK), ("02", rules(SpaceLow=LINK)), ("03", rules(SpaceLow=LINK))):
        world.has(KEY, text, sequencer)

    entry = parts.catalog().entry(doc_id_of(KEY))
    assert entry is not None
    assert (entry.rev, entry.content_rev, entry.is_settled) == (3, 2, True)
    assert match("SpaceLow").matched_by == "rule"


@pytest.mark.parametrize(
    "broken", ["kind: Runbook\n", "kind: Runbook\ntitle: [", "kind: Runbook\ntitle: a\ntitle: b\n"]
)
def test_a_broken_runbook_is_refused_by_name_and_the_last_good_one_stays(world: World, broken: str) -> None:
    world.has(KEY, RUNBOOK)
    world.put(KEY, broken)

    assert world.ingest(KEY, sequencer="02")["batchItemFailures"]

    entry = parts.catalog().entry(doc_id_of(KEY))
    assert entry is not None
    assert KEY in entry.error
    assert found(world) == ["node.yaml"]


def test_unchanged_and_reindexed_runbooks_stay_as_they_are(world: World) -> None:
    world.has(KEY, RUNBOOK)
    world.has(KEY, RUNBOOK, sequencer="02")
    entry = parts.catalog().entry(doc_id_of(KEY))
    assert entry is not None
    assert (entry.rev, entry.content_rev) == (2, 1)

    assert bootstrap.reindex_documents()(["ops"]) == 1
    records = [sqs_record(message.message_id, message.body) for message in world.queued("ingest")]
    assert world.call("ingest", {"Records": records}) == {"batchItemFailures": []}

    assert found(world) == ["node.yaml"]


def test_groups_that_a_runbook_in_yaml_names_keep_it_from_others(world: World) -> None:
    secret = json.loads(RUNBOOK) | {"groups": ["operators"]}

    doc_id = world.has(KEY, json.dumps(secret))

    assert found(world) == []
    assert world.get(f"/v1/documents/{doc_id}").status == 404
