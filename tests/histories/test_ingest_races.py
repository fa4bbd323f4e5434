"""The races that histories have found, each as short as it gets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.questions import QueryTerm
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchRequest
from personal_pipeline.messages import IngestMessage
from personal_pipeline.ports import SearchIndex
from personal_pipeline.services.finish_pending import GRACE_SECONDS
from personal_pipeline.services.ingest_documents import Outcome, Result
from tests.histories.bucket import Content, MemoryBucket, services_file
from tests.histories.processes import Fate, Worker
from tests.histories.world import BUCKET, World

KEY = "ops/disk.md"
FIRST, SECOND, BROKEN = Content(1), Content(2), Content(3, is_broken=True)


class Scene:
    """One document, and events about it that are handled at once or only up to a point."""

    def __init__(self, folder: Path, index: SearchIndex) -> None:
        self.world = World(folder, index)
        self.world.queue.histories = {"ops": self}
        self.bucket = MemoryBucket()
        self.source = "ops"
        self.sent: list[IngestMessage] = []

    def send(self, event: IngestMessage) -> None:
        self.sent.append(event)

    def put(self, content: Content, sequencer: str | None = None) -> IngestMessage:
        return an_event("put", self.bucket.put(KEY, content.body).version_id, sequencer)

    def handle(self, *events: IngestMessage) -> list[Outcome]:
        return self.world.ingest(self.bucket)(events)

    def begin(self, *events: IngestMessage, until: str) -> Worker:
        """A worker that stands right before a call of that name."""
        worker = Worker(lambda: self.world.ingest(self.bucket)(events))
        return go_on(worker, until)

    def sweep(self) -> None:
        self.world.now += GRACE_SECONDS + 1
        self.world.sweep()
        for event in self.sent:
            self.handle(event)

    def reindex(self) -> None:
        self.world.reindex(self)  # type: ignore[arg-type]
        self.handle(*self.sent)

    def shown(self, group: str = "public") -> list[str]:
        request = SearchRequest((QueryTerm("content"),), SearchFilters(), CallerScope((group,)))
        return [hit.title for hit in self.world.index.search(request).passages]


def services(scene: Scene, body: bytes) -> IngestMessage:
    return an_event("put", scene.bucket.put("ops/_services.yaml", body).version_id, None, "ops/_services.yaml")


def go_on(worker: Worker, until: str | None = None) -> Worker:
    while worker.call is not None and worker.call.name != until:
        worker.step(Fate.GO)
    return worker


def an_event(kind: str, version: str | None, sequencer: str | None, key: str = KEY) -> IngestMessage:
    return IngestMessage.model_validate(
        {"bucket": BUCKET, "key": key, "kind": kind, "version_id": version, "sequencer": sequencer}
    )


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    index = TantivyIndex(tmp_path / "index", writer=True)
    index.prepare()
    yield Scene(tmp_path, index)
    index.close()


def test_the_sweep_reads_the_newest_object_even_if_an_older_event_came_last(scene):
    older, newer = scene.put(FIRST), scene.put(SECOND)
    scene.handle(newer)
    scene.begin(older, until="read").step(Fate.CRASH_BEFORE)

    scene.sweep()

    assert scene.shown() == ["Content 2"]


def test_two_deliveries_of_one_event_do_not_write_two_contents_under_one_revision(scene):
    scene.bucket = MemoryBucket(is_versioned=False)
    event = scene.put(FIRST, "01")
    slow = scene.begin(event, until="apply")
    newer = scene.put(SECOND, "02")
    again = scene.begin(event, until="commit")
    go_on(slow)
    go_on(again)

    scene.handle(newer)

    assert scene.shown() == ["Content 2"]


def test_the_event_of_a_version_that_was_removed_does_not_delete_the_document(scene):
    scene.put(FIRST, "01")
    newer = scene.put(SECOND, "02")
    scene.bucket.remove_newest_version(KEY)
    scene.handle(an_event("put", None, None))

    scene.handle(newer)

    assert scene.shown() == ["Content 1"]


def test_a_late_delete_event_does_not_take_away_what_was_restored(scene):
    scene.put(FIRST, "01")
    deleted = an_event("delete", scene.bucket.mark_deleted(KEY), "02")
    scene.bucket.remove_newest_version(KEY)
    scene.handle(an_event("put", None, None))

    scene.handle(deleted)

    assert scene.shown() == ["Content 1"]


@pytest.mark.parametrize("dies", ["before the newer event is refused", "after it was refused"])
def test_no_answer_outlives_a_revision_that_was_written_halfway_and_overtaken_by_a_broken_one(scene, dies):
    scene.handle(scene.put(FIRST, "01"))
    older, broken = scene.put(SECOND, "02"), scene.put(BROKEN, "03")
    halfway = scene.begin(older, until="apply")
    if dies.startswith("before"):
        go_on(halfway, "write_document").step(Fate.CRASH_BEFORE)
        stamped = scene.world.cache.generations().stamp()
        scene.handle(broken)
    else:
        scene.handle(broken)
        go_on(halfway, "write_document").step(Fate.CRASH_BEFORE)
        stamped = scene.world.cache.generations().stamp()
        scene.handle(older)

    now = scene.world.cache.generations().stamp()
    assert (now.content, now.acl) != (stamped.content, stamped.acl)
    assert now.acl > stamped.acl


def test_retries_of_a_broken_document_leave_the_cache_alone(scene):
    scene.handle(scene.put(FIRST, "01"))
    broken = scene.put(BROKEN, "02")
    stamped = scene.world.cache.generations().stamp()

    scene.handle(broken)
    scene.handle(broken)

    assert scene.world.cache.generations().stamp() == stamped


def test_a_document_that_becomes_known_while_its_services_file_changes_sees_the_change(scene):
    first = scene.put(Content(1, groups=()))
    second = an_event("put", scene.bucket.put("ops/lag.md", Content(2, groups=()).body).version_id, None, "ops/lag.md")
    batch = scene.begin(first, second, until="reserve")
    scene.handle(services(scene, services_file(("sre",))))
    go_on(batch)

    scene.handle(*scene.sent)

    assert sorted(scene.shown("sre")) == ["Content 1", "Content 2"]
    assert not scene.shown("public")


def test_a_broken_services_file_opens_no_document_to_everybody(scene):
    scene.handle(services(scene, services_file(("sre",))))
    scene.handle(scene.put(Content(1, groups=())))

    (outcome,) = scene.handle(services(scene, b"- nmae: checkout"))
    (changed,) = scene.handle(scene.put(Content(2, groups=())))

    assert outcome.result is changed.result is Result.FAILED
    assert "source 'ops': _services.yaml" in str(outcome.error)
    assert (scene.shown("sre"), scene.shown("public")) == (["Content 1"], [])


def test_a_slow_worker_does_not_leave_older_services_behind(scene):
    slow = scene.begin(services(scene, b"- name: old"), until="replace_services")
    scene.handle(services(scene, b"- name: new"))

    go_on(slow)

    assert [service.name for service in scene.world.catalog.services()] == ["new"]


def test_services_are_those_of_the_file_until_it_is_deleted(scene):
    scene.handle(services(scene, services_file(("sre",))))
    before = scene.world.catalog.services()
    scene.handle(services(scene, b"- nmae: checkout"))
    broken = scene.world.catalog.services()
    scene.bucket.delete("ops/_services.yaml")
    scene.handle(an_event("delete", None, None, "ops/_services.yaml"))

    assert before == broken
    assert [service.groups for service in before] == [("sre",)]
    assert scene.world.catalog.services() == []


def test_a_reindex_keeps_services_that_were_never_kept(scene):
    scene.handle(scene.put(FIRST))
    services(scene, services_file(("sre",)))  # nobody was told, as before a release that keeps them

    scene.reindex()

    assert [service.groups for service in scene.world.catalog.services()] == [("sre",)]
    assert [event.key for event in scene.sent] == ["ops/_services.yaml", KEY]
