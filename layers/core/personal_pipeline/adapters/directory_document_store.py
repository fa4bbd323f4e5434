"""The raw documents in a folder: one file per object, named after the document's id.

Keys are no file names: they may be longer, differ only in case, or be the folder of another key. So a file
begins with one line of JSON, its key and metadata, and the document's bytes follow. Everything of an object
changes in one rename. Like a bucket, the store tells ``notify`` of each change, after it is done and before the
caller hears of it: a crash in between leaves an unacknowledged change, which the caller makes again.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import uuid4

from personal_pipeline.domain.documents import ObjectRef, StoredObject
from personal_pipeline.domain.errors import DocumentMissingError, InvalidDocumentError, StoreUnavailableError
from personal_pipeline.domain.ids import doc_id_of, source_and_path

MAX_BYTES = 5 * 1024 * 1024
MAX_HEADER_BYTES = 64 * 1024

Notify = Callable[[Literal["put", "delete"], str, str], None]  # kind, key, sequencer


class DirectoryDocumentStore:
    def __init__(
        self,
        root: Path,
        notify: Notify | None = None,
        *,
        max_bytes: int = MAX_BYTES,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._root = root
        self._objects = root / "objects"
        self._unfinished = root / "unfinished"
        self._notify = notify
        self._max_bytes = max_bytes
        self._clock_ns = clock_ns

    def read(self, ref: ObjectRef) -> StoredObject:
        """The newest, whatever version is named: the folder keeps one."""
        with self._errors(ref.key), self._opened(self._path(ref.key)) as file:
            key, metadata = self._header(file)
            about = os.fstat(file.fileno())
            size = about.st_size - file.tell()
            if size > self._max_bytes:
                raise InvalidDocumentError(
                    f"document {ref.key} has {size} bytes, more than {self._max_bytes}: split it"
                )
            modified = datetime.fromtimestamp(about.st_mtime, UTC)
            return StoredObject(ObjectRef(key), file.read(), modified, metadata)

    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> ObjectRef:
        lowered = {name.lower(): value for name, value in (metadata or {}).items()}
        header = json.dumps({"key": key, "metadata": lowered}).encode() + b"\n"
        path = self._path(key)
        if len(header) > MAX_HEADER_BYTES:
            raise InvalidDocumentError(f"document {key}: its metadata exceeds {MAX_HEADER_BYTES} bytes")
        with self._errors(key):
            self._objects.mkdir(parents=True, exist_ok=True)
            self._unfinished.mkdir(exist_ok=True)
            unfinished = self._unfinished / str(uuid4())
            try:
                with unfinished.open("xb") as file:
                    file.write(header)
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                with self._next_sequencer() as sequencer:
                    unfinished.rename(path)
                    self._sync_folder()
            finally:
                unfinished.unlink(missing_ok=True)
        self._tell("put", key, sequencer)
        return ObjectRef(key)

    def delete(self, key: str) -> None:
        """Told of even when there was nothing: the process may have died before it could tell the first time."""
        path = self._path(key)
        with self._errors(key):
            self._objects.mkdir(parents=True, exist_ok=True)
            with self._next_sequencer() as sequencer:
                path.unlink(missing_ok=True)
                self._sync_folder()
        self._tell("delete", key, sequencer)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """In order. The first line of every file is read: 10,000 documents take half a second."""
        found = []
        with self._errors(prefix):
            for path in self._objects.iterdir() if self._objects.is_dir() else ():
                try:
                    with self._opened(path) as file:
                        found.append(self._header(file)[0])
                except FileNotFoundError:
                    continue  # deleted since the folder was listed
        return iter(sorted(key for key in found if key.startswith(prefix)))

    def _path(self, key: str) -> Path:
        source_and_path(key)
        return self._objects / doc_id_of(key)

    def _opened(self, path: Path) -> BinaryIO:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")

    def _header(self, file: BinaryIO) -> tuple[str, dict[str, str]]:
        try:
            header = json.loads(file.readline(MAX_HEADER_BYTES))
            return header["key"], header["metadata"]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreUnavailableError(
                f"{file.name} in {self._objects} is damaged: remove it, then put the document again"
            ) from error

    @contextmanager
    def _next_sequencer(self) -> Iterator[str]:
        """Greater than every one before it, in this process and others; held while the change is made, so that
        the order of sequencers is the order of changes."""
        descriptor = os.open(self._root / "sequencer", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            last = int(os.pread(descriptor, 16, 0) or b"0", 16)
            sequencer = f"{max(last + 1, self._clock_ns()):016X}"
            os.pwrite(descriptor, sequencer.encode(), 0)
            yield sequencer
        finally:
            os.close(descriptor)  # gives the lock back

    def _sync_folder(self) -> None:
        descriptor = os.open(self._objects, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _tell(self, kind: Literal["put", "delete"], key: str, sequencer: str) -> None:
        if self._notify:
            self._notify(kind, key, sequencer)

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise DocumentMissingError(f"document {key} is not in {self._root}") from error
        except OSError as error:
            raise StoreUnavailableError(
                f"document {key} in {self._root}: {error.strerror}; check the space on the disk and who may write there"
            ) from error
