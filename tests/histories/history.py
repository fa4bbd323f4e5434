"""One history: a few documents that change while several workers take their events, crash and come again.

A history is a coroutine. It makes every call of its workers itself, in an order drawn from its seed, except
writes to the index: those it yields, so that hundreds of histories share one commit.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from personal_pipeline.domain.catalog import AlertKey
from personal_pipeline.domain.errors import InvalidDocumentError, UnavailableError
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.questions import QueryTerm
from personal_pipeline.domain.search import CallerScope, ChangeOutcome, PassageChange, SearchFilters, SearchRequest
from personal_pipeline.messages import IngestMessage
from personal_pipeline.services.build_document import SERVICES_FILE
from personal_pipeline.services.ingest_documents import Outcome
from tests.histories.bucket import Content, MemoryBucket, services_file
from tests.histories.processes import Call, Fate, Worker
from tests.histories.world import BUCKET, World

MOST_ATTEMPTS = 5
GROUPS = ("public", "sre", "finance")
EVERYBODY = CallerScope(GROUPS)

Writes = Generator[Sequence[PassageChange], list[ChangeOutcome], None]
Visible = dict[int, tuple[int, str, tuple[str, ...]]]  # ordinal → revision, text, groups


@dataclass(eq=False, slots=True)
class Message:
    event: IngestMessage
    attempts: int = 0
    receivers: int = 0


@dataclass(eq=False, slots=True)
class Doc:
    """``visible`` is what searches see by the promise of the index; the other fields number the moments of change."""

    key: str
    doc_id: str
    contents: list[Content]
    newest_rev: int = 0
    newest_written: int = 0
    visible: Visible = field(default_factory=dict)
    changed_at: int = 0
    hidden_at: int = 0  # something visible went, or changed who may see it


class History:
    def __init__(self, seed: str, number: int, world: World) -> None:
        self.name = f"{seed}/{number}"
        self.random = Random(self.name)
        self.world = world
        self.source = f"s{number}"
        self.wrong: list[str] = []
        self.messages: list[Message] = []
        self.dead_letters: list[Message] = []
        self.log: list[str] = []
        self._workers: dict[Worker, list[Message]] = {}
        self._moment = 0
        self._sequence = self.random.randrange(4096)
        self._bumped_at = self._acl_bumped_at = 0
        draw = self.random
        self._is_versioned = draw.random() < 0.5
        self._has_sequencers = draw.random() < 0.6
        self._fault_rate = draw.choice((0.0, 0.02, 0.05, 0.1))
        self._most_workers = draw.choice((1, 2, 3, 4, 4))
        self._operations = draw.randint(2, 7)
        self._services_key = f"{self.source}/{SERVICES_FILE}"
        self._service_groups = "public"
        self.bucket = MemoryBucket(self._is_versioned)
        self.docs = [self._document(n, number) for n in range(draw.choice((1, 1, 1, 2)))]

    def _document(self, n: int, number: int) -> Doc:
        key = f"{self.source}/doc{n}.md"
        contents = [
            Content(
                number * 100 + n * 10 + c,
                self.random.choice((1, 1, 2, 3, 4, 6)),
                self.random.choice((("public",), ("sre",), ("finance", "sre"), ())),
                tuple(self.random.sample((f"Alert{number}A{n}", f"Alert{number}B{n}"), self.random.randint(0, 2))),
                is_broken=c == 3,
            )
            for c in range(4)
        ]
        return Doc(key, doc_id_of(key), contents)

    # ── What happens ─────────────────────────────────────────────────────────

    def storm(self) -> Writes:
        """Changes, deliveries, faults, in any order, until no message is left but dead letters."""
        while self._operations or self.messages or self._workers:
            choices = ["operate"] * bool(self._operations)
            choices += ["deliver"] * (bool(self.messages) and len(self._workers) < self._most_workers)
            choices += ["step"] * min(4, 2 * len(self._workers))
            match self.random.choice(choices):
                case "operate":
                    self._operations -= 1
                    self._operate()
                case "deliver":
                    self._deliver()
                case "step":
                    yield from self._step(self._one_of_the_workers(), self._fate())

    def calm(self) -> Writes:
        """The messages that are left, one batch after the other, and nothing fails."""
        while self.messages:
            self._deliver()
            for worker in list(self._workers):
                while worker in self._workers:
                    yield from self._step(worker, Fate.GO)

    def _one_of_the_workers(self) -> Worker:
        """Some are slow: what they decided long ago arrives late."""
        workers = list(self._workers)
        return self.random.choices(workers, [worker.speed for worker in workers])[0]

    def redrive(self) -> None:
        self.messages += [Message(dead.event) for dead in self.dead_letters]
        self.dead_letters.clear()

    def send(self, event: IngestMessage) -> None:
        self.messages.append(Message(event))

    def _fate(self) -> Fate:
        if self.random.random() >= self._fault_rate:
            return Fate.GO
        return self.random.choice([fate for fate in Fate if fate is not Fate.GO])

    def _operate(self) -> None:
        doc = self.random.choice(self.docs)
        kind = self.random.choices(
            ("put", "delete", "broken", "services", "remove version", "reindex"),
            (60, 25, 8, 8, 8 * self._is_versioned, 6),
        )[0]
        self._tell(f"{kind} {doc.key}")
        if kind == "reindex":
            return self.world.reindex(self)
        if kind == "services":
            self._service_groups = self.random.choice(GROUPS)
            version = self.bucket.put(self._services_key, services_file((self._service_groups,))).version_id
            return self._announce(self._services_key, "put", version, self._has_sequencers)
        if kind == "remove version":
            if self.bucket.versions(doc.key):
                self.bucket.remove_newest_version(doc.key)
                self._announce(doc.key, "put", None, has_sequencer=False)
            return None
        if kind == "delete":
            return self._announce(doc.key, "delete", self.bucket.mark_deleted(doc.key), self._has_sequencers)
        content = doc.contents[3] if kind == "broken" else self.random.choice(doc.contents[:3])
        version = self.bucket.put(doc.key, content.body).version_id
        return self._announce(doc.key, "put", version, self._has_sequencers)

    def _announce(self, key: str, kind: Literal["put", "delete"], version: str | None, has_sequencer: bool) -> None:
        """At least once. Sequencers grow as text, once padded, and differ in length."""
        self._sequence += self.random.randint(1, 9)
        tail = "".join(self.random.choices("0123456789ABCDEF", k=self.random.randint(0, 4)))
        sequencer = f"{self._sequence:05X}{tail}" if has_sequencer else None
        for _ in range(self.random.choice((1, 1, 2))):
            self.send(IngestMessage(bucket=BUCKET, key=key, kind=kind, version_id=version, sequencer=sequencer))

    # ── Workers ──────────────────────────────────────────────────────────────

    def _deliver(self) -> None:
        if not (batch := self._received()):
            return
        events = [message.event for message in batch]
        told = ", ".join(f"{e.kind} {e.key} {e.sequencer or e.version_id or ''}" for e in events)
        self._tell(f"worker {len(self._workers)} receives {told}")
        ingest = self.world.ingest(self.bucket)
        is_late = bool(self._fault_rate) and self.random.random() < 0.05
        speed = self.random.choice((0.005, 0.3, 1.0))
        worker = Worker(lambda: ingest(events, is_time_left=lambda: not is_late), speed)
        self._workers[worker] = batch
        if worker.call is None:
            self._ended(worker)

    def _received(self) -> list[Message]:
        """A batch in any order. A message that is in flight comes again sometimes: its time was up."""
        free = [message for message in self.messages if not message.receivers or self.random.random() < 0.1]
        found = free or self.messages
        batch = self.random.sample(found, min(len(found), self.random.choice((1, 1, 2, 4))))
        for message in batch:
            message.attempts += 1
            if message.attempts > MOST_ATTEMPTS and not message.receivers:
                self.messages.remove(message)
                self.dead_letters.append(message)
        batch = [message for message in batch if message.attempts <= MOST_ATTEMPTS]
        for message in batch:
            message.receivers += 1
        return batch

    def _step(self, worker: Worker, fate: Fate) -> Writes:
        call = worker.call
        assert call is not None
        self._moment += 1
        if call.name == "apply" and fate not in {Fate.CRASH_BEFORE, Fate.FAIL_BEFORE}:
            call.answer = yield call.args[0]
            call.is_done = True
            self._note_writes(call.args[0])
        worker.step(fate)
        self._tell(f"worker {list(self._workers).index(worker)}: {_brief(call)}", fate)
        if call.is_done:
            self._note(call)
        if worker.call is None:
            self._ended(worker)

    def _ended(self, worker: Worker) -> None:
        batch = self._workers.pop(worker)
        outcomes: list[Outcome | None] = [None] * len(batch) if worker.died else worker.result
        self._tell(f"    ends: {', '.join('died' if end is None else end.result for end in outcomes)}")
        for message, outcome in zip(batch, outcomes, strict=True):
            message.receivers -= 1
            if outcome is None or message not in self.messages:
                continue
            if outcome.error is None:
                self.messages.remove(message)
            elif not isinstance(outcome.error, (UnavailableError, InvalidDocumentError)):
                self.wrong.append(f"a strange error: {outcome.error!r}")

    def _tell(self, what: str, fate: Fate = Fate.GO) -> None:
        self.log.append(what if fate is Fate.GO else f"{what} [{fate.value}]")

    # ── What was seen ────────────────────────────────────────────────────────

    def _note(self, call: Call) -> None:
        if call.name == "claim" and call.answer.outcome == "accepted":
            doc = next(doc for doc in self.docs if doc.key == call.args[0])
            if call.answer.rev <= doc.newest_rev:
                self.wrong.append(f"revision {call.answer.rev} was minted after {doc.newest_rev}")
            doc.newest_rev = max(doc.newest_rev, call.answer.rev)
        if call.name == "bump":
            self._bumped_at = self._moment
            if call.args[2]:
                self._acl_bumped_at = self._moment

    def _note_writes(self, changes: Sequence[PassageChange]) -> None:
        for doc in self.docs:
            mine = [change for change in changes if change.doc_id == doc.doc_id]
            if mine:
                self._note_document(doc, mine)

    def _note_document(self, doc: Doc, changes: Sequence[PassageChange]) -> None:
        before = dict(doc.visible)
        found = self.world.index.revisions(doc.doc_id)
        offered = {(c.ordinal, c.rev): c.passage for c in changes if c.passage is not None}
        after: Visible = {}
        for ordinal, rev in found.items():
            passage = offered.get((ordinal, rev))
            held = before.get(ordinal)
            if passage is not None:
                after[ordinal] = (rev, passage.text, passage.groups)
            elif held is not None and held[0] == rev:
                after[ordinal] = held
            else:
                self.wrong.append(f"{doc.key}: passage {ordinal} of revision {rev} came back")
        doc.newest_written = max(doc.newest_written, *(change.rev for change in changes))
        if any(rev < doc.newest_written for rev in found.values()):
            self.wrong.append(f"{doc.key}: {found} after revision {doc.newest_written} was written")
        doc.visible = after
        said_before, said_after = _said(before), _said(after)
        if said_before != said_after:
            doc.changed_at = self._moment
            groups_before, groups_after = _groups(before), _groups(after)
            if groups_before and groups_before != groups_after:
                doc.hidden_at = self._moment

    # ── The end ──────────────────────────────────────────────────────────────

    def check(self) -> list[str]:
        for doc in self.docs:
            body = self.bucket.newest(doc.key)
            content = next((content for content in doc.contents if content.body == body), None)
            if content is not None and content.is_broken:
                self._check_refused(doc)
            else:
                self._check_settled(doc, content)
            if doc.changed_at > self._bumped_at:
                self._say(doc, "answers from before its last change are still fresh")
            if doc.hidden_at > self._acl_bumped_at:
                self._say(doc, "answers with what was hidden are still served")
        catalog = self.world.catalog
        live = sum(self.bucket.newest(doc.key) is not None for doc in self.docs)
        is_refused = any(entry.error for doc in self.docs if (entry := catalog.entry(doc.doc_id)))
        if not is_refused and catalog.count(self.source) != live:
            self.wrong.append(f"{self.source} counts {catalog.count(self.source)} documents, not {live}")
        return self.wrong

    def _check_settled(self, doc: Doc, content: Content | None) -> None:
        wanted = dict(enumerate(content.texts)) if content else {}
        entry = self.world.catalog.entry(doc.doc_id)
        if entry is None:
            if doc.visible or content:
                self._say(doc, "is unknown to the catalog")
            return
        if not entry.is_settled or entry.error or entry.deleted is not (content is None):
            self._say(doc, f"is not settled: {entry}")
        found = self.world.index.revisions(doc.doc_id)
        if found != dict.fromkeys(wanted, entry.content_rev):
            self._say(doc, f"has passages {found}, wanted {len(wanted)} of revision {entry.content_rev}")
        if (searched := self._search(doc)) != wanted:
            self._say(doc, f"search shows {searched}, wanted {wanted}")
        groups = set(content.groups or [self._service_groups]) if content else set()
        if _groups(doc.visible) != groups:
            self._say(doc, f"is shown to {_groups(doc.visible)}, wanted {groups}")
        rendered = self.world.cache.document(doc.doc_id)
        if (rendered is None) is not (content is None):
            self._say(doc, f"the rendered copy is {rendered}")
        elif (
            rendered
            and content
            and (
                rendered.rev != entry.content_rev
                or set(rendered.groups) != groups
                or f'"title":"{content.title}"' not in rendered.body.decode()
            )
        ):
            self._say(doc, f"the rendered copy is {rendered}, wanted {content} for {groups}")
        self._check_cards(doc, content, entry.content_rev)

    def _check_cards(self, doc: Doc, content: Content | None, rev: int) -> None:
        names = {name for one in doc.contents for name in one.alerts}
        keys = {AlertKey.of("alert", name): name for name in names}
        keys |= {AlertKey.of("title", one.title): one.title for one in doc.contents}
        cards = self.world.catalog.cards([key for key in keys if key])
        mine = {keys[key]: card.rev for key, found in cards.items() for card in found if card.doc_id == doc.doc_id}
        wanted = dict.fromkeys((*content.alerts, content.title), rev) if content else {}
        if mine != wanted:
            self._say(doc, f"alert keys {mine}, wanted {wanted}")

    def _check_refused(self, doc: Doc) -> None:
        """What was indexed before stays, whole."""
        entry = self.world.catalog.entry(doc.doc_id)
        if entry is None or entry.is_pending or not entry.error:
            self._say(doc, f"was not refused: {entry}")
        found = self._search(doc)
        if len(set(self.world.index.revisions(doc.doc_id).values())) > 1:
            self._say(doc, "is shown in two revisions")
        whole = [dict(enumerate(content.texts)) for content in doc.contents[:3]]
        if found not in [{}, *whole]:
            self._say(doc, f"search shows {found}, which it never was")

    def _search(self, doc: Doc) -> dict[int, str]:
        request = SearchRequest((QueryTerm("part"),), SearchFilters(source=self.source), EVERYBODY)
        found = self.world.index.search(request).passages
        return {hit.ordinal: hit.text for hit in found if hit.doc_id == doc.doc_id}

    def _say(self, doc: Doc, what: str) -> None:
        self.wrong.append(f"{doc.key}: {what}")


def _said(visible: Visible) -> list[tuple[int, str, tuple[str, ...]]]:
    return sorted((ordinal, text, groups) for ordinal, (_, text, groups) in visible.items())


def _groups(visible: Visible) -> set[str]:
    return {group for _, _, groups in visible.values() for group in groups}


def _brief(call: Call) -> str:
    """Short enough to follow a history by eye."""
    match call.name:
        case "claim":
            return f"claim {call.args[1] or 'look'} -> {call.answer and (call.answer.outcome, call.answer.rev)}"
        case "apply":
            revs = {(change.doc_id, change.rev, change.passage is not None) for change in call.args[0]}
            return f"apply {', '.join(f'{doc} rev {rev}' + ' dead' * (not live) for doc, rev, live in sorted(revs))}"
        case "read":
            return f"read {call.args[0].key} {call.args[0].version_id or 'newest'}"
        case "entry":
            entry = call.answer
            return f"entry -> {entry and (entry.rev, entry.indexed_rev, entry.version_id)}"
        case "commit" | "write_document":
            return f"{call.name} rev {call.args[0].rev}"
    return f"{call.name} {call.args}"
