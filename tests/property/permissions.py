"""A catalogue of documents full of secret words, callers of all groups, and what an answer may not say to them.

Each document has words that nobody else uses. An answer may repeat what its caller wrote, and say what stands in
documents that the caller may see now. Every other word of a document is a leak, wherever it stands, and so is a count
that a hidden document is part of.
"""

import base64
import binascii
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from personal_pipeline.domain.ids import doc_id_of
from tests.functions.test_alerts import answer, payload, send
from tests.functions.world import Reply, World, http_event

GROUPS = ("public", "red", "green", "blue")
SOURCES = 4
_BASE64 = re.compile(r"[A-Za-z0-9_-]{12,}")
_FIELDS = (
    "title", "name", "service", "owner", "contact", "alert", "folder", "heading", "step", "text", "link", "team",
)  # fmt: skip


@dataclass
class SecretDocument:
    """``words`` by the field that they stand in. ``fired`` is no secret: whoever sends the alert knows it."""

    key: str
    groups: tuple[str, ...]
    words: dict[str, str]
    fired: str
    version: int = 0
    is_there: bool = False

    @property
    def doc_id(self) -> str:
        return doc_id_of(self.key)

    @property
    def text(self) -> str:
        words = self.words
        return f"""---
title: {words["title"]} {words["name"]}
service: {words["service"]}
owner: {words["owner"]}
contact: {words["contact"]}
alerts: [{words["alert"]}, {self.fired}]
groups: [{", ".join(self.groups)}]
reviewed: 2020-01-05
---
# {words["title"]} {words["name"]}

Something is broken. {words["text"]} says so.

## {words["heading"]}

1. Run `kubectl get {words["step"]}`. If it is broken, go to step 2.
2. Look at [this](gone-{words["link"]}.md).

## Escalation

1. Channel #{words["team"]}
"""

    def is_for(self, groups: tuple[str, ...]) -> bool:
        return self.is_there and not {"public", *groups}.isdisjoint(self.groups)


@dataclass(frozen=True)
class Request:
    """``function`` is a folder of ``functions/``."""

    function: str
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return json.dumps([self.path, self.query, self.body, self.headers]).casefold()


class Universe:
    """``size`` documents in a world of their own, as one seed has them."""

    def __init__(self, world: World, seed: int, size: int = 10) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.asked: list[dict[str, object]] = []  # questions
        self._sequencer = 0
        self.documents = [self._new(number) for number in range(size)]
        for document in self.documents:
            self.put(document)
        self._fire()

    def _new(self, number: int) -> SecretDocument:
        words = {name: self._word() for name in _FIELDS}
        key = f"source{number % SOURCES}/{words['folder']}/page-{number}.md"
        return SecretDocument(key, self._groups(), words, f"Alarm{number}{self._word()}")

    def _word(self) -> str:
        return "".join(self.random.choice("bdfgklmnprstvz") + self.random.choice("aeiou") for _ in range(5))

    def _groups(self) -> tuple[str, ...]:
        return tuple(self.random.sample(GROUPS, self.random.choice([1, 1, 2])))

    def _fire(self) -> None:
        """One alert for each document: those that are public now are what they are answered with."""
        for number, document in enumerate(self.documents):
            labels = {"alertname": document.fired, "instance": f"i-{number}"}
            assert send(self.world, payload(labels=labels, fingerprint=f"f{number}")) == 202
        answer(self.world)

    # What changes ─────────────────────────────────────────────────────────
    def change(self) -> None:
        """A document gets other groups, is deleted, or comes back."""
        document = self.random.choice(self.documents)
        if document.is_there and self.random.random() < 0.2:
            self._sequencer += 1
            self.world.removes(document.key, f"{self._sequencer:06}")
            document.is_there = False
        else:
            document.groups = self._groups()
            self.put(document)

    def put(self, document: SecretDocument) -> None:
        self._sequencer += 1
        self.world.has(document.key, document.text, f"{self._sequencer:06}")
        document.is_there = True

    # Who asks, and what may be said ───────────────────────────────────────
    def ask(self, request: Request, groups: tuple[str, ...]) -> Reply:
        body = request.body if request.body is None or isinstance(request.body, str) else json.dumps(request.body)
        event = http_event(request.method, request.path, request.query, body, request.headers)
        if groups:
            way = self.random.choice(["jwt", "lambda"])
            told: dict[str, Any] = {"caller": "key 0", "groups": ",".join(groups)}
            if way == "jwt":
                told = {"claims": {"sub": "somebody", "groups": f"[{' '.join(groups)}]"}}
            event["requestContext"]["authorizer"] = {way: told}
        return Reply(self.world.call(request.function, event))

    def leaks(self, request: Request, reply: Reply, groups: tuple[str, ...]) -> list[str]:
        """What the answer says that its caller may not know."""
        said = "\n".join(_texts(reply)).casefold()
        seen = [document for document in self.documents if document.is_for(groups)]
        known = {word for document in seen for word in document.words.values()}
        found = [
            f"{name} {word!r} of {document.key} ({document.groups})"
            for document in self.documents
            for name, word in document.words.items()
            if word in said and word not in known and word not in request.said
        ]
        return found + self._counted(request, reply, seen)

    def _counted(self, request: Request, reply: Reply, seen: list[SecretDocument]) -> list[str]:
        """Counts that are not those of the documents that may be seen."""
        if reply.status != 200 or "json" not in reply.headers.get("content-type", ""):
            return []
        body, many = reply.json, len(seen)
        wrong: list[str] = []
        if request.path == "/v1/sources":
            counts = {source["name"]: source["documents"] for source in body["sources"]}
            names = [document.key.partition("/")[0] for document in seen]
            wrong += [] if counts == {name: names.count(name) for name in names} else [f"sources count {counts}"]
        if request.path == "/v1/coverage":
            counted = [body["documents"], body["stale"]["count"], body["dead_links"]["count"]]
            wrong += [] if counted == [many, many, many] else [f"coverage counts {counted}, not {many}"]
        for answered in [body, *(one.get("answer", {}) for one in body.get("answers", []))]:
            facets = answered.get("facets", {}).values()
            most = max((sum(value["count"] for value in facet) for facet in facets), default=0)
            wrong += [f"a facet counts {most} documents of {many}"] if most > many else []
        return wrong


def _texts(reply: Reply) -> Iterator[str]:
    """The answer, its headers, and what is packed into it."""
    for text in (reply.body, json.dumps(reply.headers)):
        yield text
        for packed in _BASE64.findall(text):
            try:
                yield base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode(errors="replace")
            except (binascii.Error, ValueError):
                continue
