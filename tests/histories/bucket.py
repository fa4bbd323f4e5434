"""A bucket in memory, with or without versions, and the quickest documents that ingest can read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from personal_pipeline.domain.documents import Block, ObjectRef, ParsedDocument, StoredObject
from personal_pipeline.domain.errors import DocumentMissingError, InvalidDocumentError

SERVICE = "checkout"
MODIFIED = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Content:
    """What a document says. ``number`` makes its words its own; a broken one is refused by the parser.

    Without groups of its own it has those of the service it belongs to.
    """

    number: int
    passages: int = 1
    groups: tuple[str, ...] = ("public",)
    alerts: tuple[str, ...] = ()
    is_broken: bool = False

    @property
    def title(self) -> str:
        return f"Content {self.number}"

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(f"step{n} of content{self.number}" for n in range(self.passages))

    @property
    def body(self) -> bytes:
        said = {"title": self.title, "groups": self.groups, "alerts": self.alerts, "texts": self.texts}
        return json.dumps(said | {"is_broken": self.is_broken}).encode()


def services_file(groups: tuple[str, ...]) -> bytes:
    return json.dumps([{"name": SERVICE, "groups": groups}]).encode()


class ContentParser:
    """Each text becomes a section, and so a passage."""

    def parse(self, key: str, body: bytes) -> ParsedDocument:
        said = json.loads(body)
        if said["is_broken"]:
            raise InvalidDocumentError(f"document {key!r} is broken: mend it")
        blocks = tuple(Block((said["title"], f"part {n}"), "text", text, 0, 1) for n, text in enumerate(said["texts"]))
        front_matter = {"services": [SERVICE], **{name: said[name] for name in ("title", "groups", "alerts")}}
        return ParsedDocument(said["title"], blocks, front_matter)


class MemoryBucket:
    """Without versions an object is replaced in its place. With them a delete leaves a marker, a body of None."""

    def __init__(self, is_versioned: bool = True) -> None:
        self._is_versioned = is_versioned
        self._versions: dict[str, dict[str, bytes | None]] = {}
        self._written = 0

    def read(self, ref: ObjectRef) -> StoredObject:
        versions = self._versions.get(ref.key, {})
        version = ref.version_id or next(reversed(versions), "")
        body = versions.get(version)
        if body is None:
            raise DocumentMissingError(f"{ref} is not there")
        return StoredObject(ObjectRef(ref.key, version if self._is_versioned else None), body, MODIFIED)

    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> ObjectRef:
        return ObjectRef(key, self._write(key, body))

    def delete(self, key: str) -> None:
        self.mark_deleted(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (key for key in sorted(self._versions) if key.startswith(prefix) and self.newest(key) is not None)

    def mark_deleted(self, key: str) -> str | None:
        """The version id of the marker."""
        return self._write(key, None)

    def remove_newest_version(self, key: str) -> None:
        """For good: the version before, if any, is the newest again."""
        self._versions.get(key, {}).popitem()

    def newest(self, key: str) -> bytes | None:
        return next(reversed(self._versions.get(key, {"": None}).values()), None)

    def versions(self, key: str) -> int:
        return len(self._versions.get(key, {}))

    def _write(self, key: str, body: bytes | None) -> str | None:
        self._written += 1
        version = f"v{self._written}" if self._is_versioned else "null"
        versions = self._versions.setdefault(key, {})
        versions.pop(version, None)
        versions[version] = body
        return version if self._is_versioned else None
