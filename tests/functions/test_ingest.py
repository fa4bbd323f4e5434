"""From the event on the queue to what a search then finds."""

import json

import pytest

from personal_pipeline import parts
from tests.functions.world import Context, World, s3_event, sqs_record

NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
DISK = "# Disk full\n\nFree space on the node.\n\n```sh\ndf -h\n```\n"


def test_a_document_that_was_put_is_found(world: World) -> None:
    doc_id = world.has("ops/disk-full.md", DISK)

    hits = world.search("disk full")["hits"]

    assert [hit["id"] for hit in hits] == [doc_id]
    assert hits[0]["title"] == "Disk full"


def test_a_bad_document_does_not_hold_back_the_good_ones(world: World) -> None:
    world.put("ops/empty.md", "")
    world.put("ops/disk.md", DISK)

    response = world.ingest("ops/empty.md", "ops/disk.md")

    assert response == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert len(world.search("disk")["hits"]) == 1


def test_the_catalog_keeps_why_a_document_was_refused(world: World) -> None:
    world.put("ops/empty.md", "")
    world.ingest("ops/empty.md")

    (entry,) = list(parts.catalog().entries("ops")) or [None]

    assert entry is not None
    assert "ops/empty.md" in entry.error
    assert not entry.is_pending


def test_a_refused_version_leaves_the_one_before_findable(world: World) -> None:
    world.has("ops/disk.md", DISK, sequencer="01")
    world.put("ops/disk.md", b"\x00\x01\x02\x00binary")

    response = world.ingest("ops/disk.md", sequencer="02")

    assert response["batchItemFailures"]
    assert world.search("disk full")["hits"]


def test_a_deleted_document_is_gone_from_search_and_from_reading(world: World) -> None:
    doc_id = world.has("ops/disk.md", DISK, sequencer="01")
    assert world.get(f"/v1/documents/{doc_id}").status == 200

    world.removes("ops/disk.md", sequencer="02")

    assert world.search("disk full")["hits"] == []
    assert world.get(f"/v1/documents/{doc_id}").status == 404
    assert world.get("/v1/sources").json == {"sources": []}


def test_a_late_put_does_not_bring_a_deleted_document_back(world: World) -> None:
    world.has("ops/disk.md", DISK, sequencer="01")
    world.removes("ops/disk.md", sequencer="03")

    assert world.ingest("ops/disk.md", sequencer="02") == {"batchItemFailures": []}

    assert world.search("disk full")["hits"] == []


def test_unchanged_content_is_neither_parsed_nor_indexed_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.has("ops/disk.md", DISK, sequencer="01")
    before = parts.cache().generations()
    monkeypatch.setattr(parts.parser(), "parse", lambda *_: pytest.fail("parsed again"))

    assert world.ingest("ops/disk.md", sequencer="02") == {"batchItemFailures": []}

    assert parts.cache().generations() == before


def test_a_shorter_version_leaves_no_passage_behind(world: World) -> None:
    long = "# Disk full\n\n" + "".join(f"## Part {word}\n\n{word} {'words ' * 200}\n\n" for word in NUMBERS)
    world.has("ops/disk.md", long, sequencer="01")
    assert world.search("twelve")["hits"]

    world.has("ops/disk.md", "# Disk full\n\n## Part one\n\none\n", sequencer="02")

    assert world.search("twelve")["hits"] == []
    assert world.search("one")["hits"]


def test_duplicates_in_one_batch_are_one_document(world: World) -> None:
    world.put("ops/disk.md", DISK)

    assert world.ingest("ops/disk.md", "ops/disk.md", "ops/disk.md") == {"batchItemFailures": []}

    assert world.get("/v1/sources").json == {"sources": [{"name": "ops", "documents": 1}]}


def test_an_event_without_a_sequencer_reads_what_is_there_now(world: World) -> None:
    world.put("ops/disk.md", DISK)
    for number in range(3):
        world.call("ingest", {"Records": [sqs_record(f"m-{number}", s3_event("ops/disk.md", sequencer=None))]})
    parts.store().delete("ops/disk.md")

    world.call("ingest", {"Records": [sqs_record("m-9", s3_event("ops/disk.md", sequencer=None))]})

    assert world.search("disk full")["hits"] == []


def test_an_event_of_eventbridge_is_read_like_one_of_s3(world: World) -> None:
    world.put("ops/disk full+1.md", DISK)
    detail = {"bucket": {"name": "documents"}, "object": {"key": "ops/disk full+1.md", "sequencer": "01"}}
    body = json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})

    assert world.call("ingest", {"Records": [sqs_record("m-1", body)]}) == {"batchItemFailures": []}

    assert world.search("disk full")["hits"][0]["path"] == "disk full+1.md"


@pytest.mark.parametrize("key", ["ops/über full.md", "ops/a+b & c.md", "ops/100%.md", "git--platform/x.md"])
def test_keys_with_odd_characters_arrive_as_they_are(world: World, key: str) -> None:
    world.has(key, DISK)

    hit = world.search("disk full")["hits"][0]

    assert f"{hit['source'].replace('/', '--')}/{hit['path']}" == key


def test_the_test_event_of_s3_is_acknowledged(world: World) -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "documents"})

    assert world.call("ingest", {"Records": [sqs_record("m-1", body)]}) == {"batchItemFailures": []}


@pytest.mark.parametrize("body", ["", "[]", "{}", "{" * 5000, '{"Records":[{}]}', '{"kind":"put"}', "\x00", "null"])
def test_a_message_that_says_nothing_is_reported_and_nothing_else(world: World, body: str) -> None:
    world.put("ops/disk.md", DISK)
    good = sqs_record("good", s3_event("ops/disk.md"))

    response = world.call("ingest", {"Records": [sqs_record("bad", body), good]})

    assert response == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


@pytest.mark.parametrize("key", ["no-source.md", "ops/../etc/passwd.md", "ops//x.md", "ops/x\x01.md"])
def test_a_key_that_no_document_may_have_is_refused_by_name(world: World, key: str) -> None:
    response = world.ingest(key)

    assert response == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}


def test_a_format_that_is_not_read_is_refused_by_name(world: World) -> None:
    world.put("ops/photo.png", b"\x89PNG")

    assert world.ingest("ops/photo.png") == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}

    (entry,) = parts.catalog().entries("ops")
    assert "ops/photo.png" in entry.error


def test_what_cannot_be_done_in_time_goes_back_to_the_queue(world: World) -> None:
    world.put("ops/disk.md", DISK)
    event = {"Records": [sqs_record("m-1", s3_event("ops/disk.md"))]}

    response = world.call("ingest", event, Context(remaining_milliseconds=1_000))

    assert response == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert world.call("ingest", event) == {"batchItemFailures": []}


def test_the_services_file_of_a_source_gives_its_documents_their_owner(world: World) -> None:
    doc_id = world.has("shop/checkout/slow.md", "# Slow checkout\n\nLook at the queue.\n")
    world.put("shop/_services.yaml", "- name: checkout\n  owner: team-checkout\n")

    world.ingest("shop/_services.yaml")
    again = [sqs_record(message.message_id, message.body) for message in world.queued("ingest")]
    assert world.call("ingest", {"Records": again}) == {"batchItemFailures": []}

    document = world.get(f"/v1/documents/{doc_id}").json
    assert (document["owner"], document["services"]) == ("team-checkout", ["checkout"])


def test_a_folder_rule_hides_what_is_there_already_from_everybody_else(world: World) -> None:
    rules = "groups:\n- name: a\n  rules:\n  - {alert: A, expr: up, annotations: {runbook_url: 'https://x/nowhere'}}\n"
    doc_id = world.has("shop/payroll/slow.md", "# Payroll is slow\n\nLook at the queue.\n")
    world.has("shop/payroll/rules.yaml", rules)
    world.search("payroll")
    world.put("shop/_services.yaml", "services: [{name: wages}]\nfolders: [{path: payroll, groups: [finance]}]\n")

    world.ingest("shop/_services.yaml")
    again = [sqs_record(message.message_id, message.body) for message in world.queued("ingest")]
    assert world.call("ingest", {"Records": again}) == {"batchItemFailures": []}

    coverage = world.get("/v1/coverage").json
    assert (coverage["documents"], coverage["dead_links"]["count"]) == (0, 0)
    assert world.search("payroll")["hits"] == []
    assert world.get(f"/v1/documents/{doc_id}").status == 404
    world.groups = ("finance",)
    assert world.search("payroll")["hits"][0]["id"] == doc_id
    assert world.get("/v1/coverage").json["dead_links"]["count"] == 1


def test_the_services_of_a_source_that_is_hidden_as_a_whole_are_hidden_with_it(world: World) -> None:
    said = "services: [{name: wages}, {name: bonus, groups: [public]}]\nfolders: [{path: '', groups: [finance]}]\n"
    world.put("shop/_services.yaml", said)
    world.ingest("shop/_services.yaml")

    assert world.get("/v1/coverage").json["services_without_runbook"]["first"] == ["bonus"]
    world.groups = ("finance",)
    assert world.get("/v1/coverage").json["services_without_runbook"]["first"] == ["wages", "bonus"]


def test_a_removed_old_version_does_not_remove_the_document(world: World) -> None:
    world.has("ops/disk.md", DISK, sequencer="01")
    body = s3_event("ops/disk.md", "ObjectRemoved:Delete", sequencer="09", version="an-old-one")

    world.call("ingest", {"Records": [sqs_record("m-1", body)]})

    assert world.search("disk full")["hits"]


def test_a_broken_services_file_opens_no_document_to_everybody(world: World) -> None:
    known = world.has("shop/checkout/slow.md", "# Slow checkout\n\nLook at the queue.\n")
    world.put("shop/_services.yaml", "- name: [checkout\n  groups: finance\n")
    world.put("shop/checkout/payroll.md", "# Payroll\n\nCall the bank.\n")

    assert world.ingest("shop/_services.yaml")["batchItemFailures"]
    assert world.ingest("shop/checkout/payroll.md")["batchItemFailures"]

    assert world.search("payroll bank")["hits"] == []
    assert world.get(f"/v1/documents/{known}").status == 200
    assert any("_services.yaml" in entry.error for entry in parts.catalog().entries("shop"))
