"""What happens on a schedule: likely answers made ahead, unfinished work queued again."""

import time

from personal_pipeline import parts
from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.search import SearchQuery
from personal_pipeline.services.search_runbooks import refresh_message
from tests.functions.world import World, sqs_record

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def test_what_is_asked_most_is_answered_ahead_of_time(world: World) -> None:
    world.has("ops/disk.md", "# Disk full\n\nx\n", sequencer="01")
    world.search("disk full")
    world.app("search").search._popularity.flush()
    world.has("ops/disk.md", "# Disk full\n\nnew words\n", sequencer="02")

    assert world.call("cache_warm", SCHEDULED) == {"warmed": 1, "skipped": 0, "failed": 0}
    assert world.call("cache_warm", SCHEDULED) == {"warmed": 0, "skipped": 1, "failed": 0}

    answer = world.search("disk full")
    assert answer["answered_by"] == "l2"
    assert "new words" in answer["hits"][0]["snippet"]["text"]


def test_a_critical_document_whose_copy_was_lost_is_written_again(world: World) -> None:
    doc_id = world.has("ops/disk.md", "---\ncritical: true\n---\n# Disk full\n\nx\n")
    with parts.database().transaction() as connection:
        connection.execute("DELETE FROM rendered")

    assert world.call("cache_warm", SCHEDULED)["warmed"] == 1

    assert parts.cache().document(doc_id) is not None


def test_a_critical_document_kept_by_an_older_release_is_written_again_with_its_steps(world: World) -> None:
    doc_id = world.has("ops/disk.md", "---\ncritical: true\n---\n# Disk full\n\n1. Look.\n")
    kept = parts.cache().document(doc_id)
    assert kept
    parts.cache().write_document(RenderedDocument(doc_id, kept.rev, kept.groups, kept.body, b"", form=0))

    assert world.call("cache_warm", SCHEDULED)["warmed"] == 1

    assert parts.cache().document(doc_id) == kept


def test_a_stale_answer_is_refreshed_once(world: World) -> None:
    world.has("ops/disk.md", "# Disk full\n\nx\n")
    message = refresh_message(SearchQuery("disk full"), "digest")
    event = {"Records": [sqs_record("m-1", message), sqs_record("m-2", message)]}

    assert world.call("cache_warm", event) == {"batchItemFailures": []}

    assert world.search("disk full")["answered_by"] == "l2"


def test_a_refresh_that_is_not_of_its_own_key_is_refused(world: World) -> None:
    forged = refresh_message(SearchQuery("disk full"), "digest").replace("disk full", "other words")

    response = world.call("cache_warm", {"Records": [sqs_record("m-1", forged), sqs_record("m-2", "{}")]})

    assert {item["itemIdentifier"] for item in response["batchItemFailures"]} == {"m-1", "m-2"}


def test_a_document_that_a_crash_left_unfinished_is_queued_again_and_finished(world: World) -> None:
    world.put("ops/disk.md", "# Disk full\n\nx\n")
    parts.catalog().claim("ops/disk.md", "01", None, time.time() - 3600)

    assert world.call("sync", SCHEDULED) == {"queued": 1}
    records = [sqs_record(message.message_id, message.body) for message in world.queued("ingest")]
    assert world.call("ingest", {"Records": records}) == {"batchItemFailures": []}

    assert world.search("disk full")["hits"]
    assert world.call("sync", SCHEDULED) == {"queued": 0}


def test_what_was_accepted_just_now_is_left_to_its_own_delivery(world: World) -> None:
    parts.catalog().claim("ops/disk.md", "01", None, time.time())

    assert world.call("sync", SCHEDULED) == {"queued": 0}
