"""A folder of somebody's documents as a source: read, never written, and copied into the bucket.

The journal has what was taken. Over an unchanged folder nothing is put again; what changed while the server
was off is found at its next start. A file counts as deleted only when its folder could be listed and it was
not there: a disk that is gone, or cannot be read for a moment, deletes nothing.

Of YAML and JSON only alert rules and runbooks are taken: a folder may hold other configuration, secrets included,
and none of that is copied anywhere.
"""

import os
import re
import stat as stat_module
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from infra.local.journal import Journal, Taken
from infra.local.parts import WritableStore
from personal_pipeline.domain.errors import InvalidDocumentError, PipelineError, RejectedError
from personal_pipeline.domain.ids import object_key, source_and_path
from personal_pipeline.domain.parsing import MAX_RAW_BYTES, is_data, is_document, is_wanted

SERVICES_FILE = "_services.yaml"


class FolderUnavailableError(PipelineError):
    """The folder is not there, or not the one it was. Nothing is deleted because of it."""


class InvalidFolderError(RejectedError):
    pass


@dataclass(frozen=True, slots=True)
class Changes:
    """What one synchronisation did. ``problems`` names files that were left out, each once until it changes."""

    documents: int
    put: int = 0
    deleted: int = 0
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Scan:
    files: dict[str, tuple[Path, str]] = field(default_factory=dict)  # by path in the source: file, stamp
    unreadable: list[str] = field(default_factory=list)  # folders and files that nothing is known of
    problems: dict[str, str] = field(default_factory=dict)


def source_name(root: Path) -> str:
    """The folder's own name, made fit for a URL: every document of the folder is under this source."""
    slug = re.sub(r"[^a-z0-9]+", "-", root.resolve().name.lower()).strip("-")
    return slug or "documents"


class FolderSource:
    def __init__(
        self,
        root: Path,
        store: WritableStore,
        journal: Journal,
        on_progress: Callable[[int, int], None] = lambda _d, _t: None,
    ) -> None:
        if not root.is_dir():
            raise InvalidFolderError(f"{root} is not a folder: name one that is there with --runbooks")
        self.root = root.resolve()
        self.source = source_name(root)
        self._store = store
        self._journal = journal
        self._on_progress = on_progress
        self._reported: dict[str, str] = {}
        self._glanced_at: dict[str, tuple[str, bool]] = {}  # YAML and JSON by path: the stamp, and whether it is wanted

    def identity(self) -> tuple[int, int]:
        """Which folder stands at the path now. Raises FolderUnavailableError."""
        try:
            found = self.root.stat()
        except OSError as error:
            raise FolderUnavailableError(f"{self.root} cannot be reached ({error.strerror}); waiting for it") from error
        return found.st_dev, found.st_ino

    def synchronise(self) -> Changes:
        device, _ = self.identity()
        scan = self._scan()
        taken = self._journal.taken()
        last = self._journal.root()
        if taken and not scan.files and last and last[0] == str(self.root) and last[1] != device:
            # an unmounted disk leaves an empty folder behind
            raise FolderUnavailableError(
                f"{self.root} is empty and on another disk than before: is something not mounted? Nothing was deleted"
            )
        wanted = {object_key(self.source, path): found for path, found in scan.files.items()}
        changed = [key for key, (_, stamp) in wanted.items() if key not in taken or taken[key].stamp != stamp]
        put = 0
        for done, key in enumerate(changed):
            self._on_progress(done, len(changed))
            put += self._take(key, *wanted[key], taken.get(key), scan)
        gone = [key for key in taken if key not in wanted and not self._is_unknown(key, scan)]
        for key in gone:
            self._store.delete(key)
            self._journal.drop(key)
        self._journal.set_root(str(self.root), device)
        return Changes(len(self._journal.taken()), put, len(gone), self._new_problems(scan))

    def _take(self, key: str, path: Path, stamp: str, before: Taken | None, scan: _Scan) -> bool:
        """Put one file unless its content is what was taken before. True when it was put."""
        relative = source_and_path(key)[1]
        try:
            with path.open("rb") as file:
                body = file.read(MAX_RAW_BYTES + 1)
                is_settled = _stamp(os.fstat(file.fileno())) == stamp
        except FileNotFoundError:
            return False  # gone since it was listed: the next look sees that
        except OSError as error:
            scan.problems[relative] = f"cannot be read ({error.strerror})"
            return False
        if not is_settled or len(body) > MAX_RAW_BYTES:
            return False  # written to right now: its next change is seen, or the next rescan sees it
        digest = blake2b(body, digest_size=16).hexdigest()
        is_changed = before is None or before.hash != digest
        if is_changed:
            self._store.put(key, body)
        self._journal.take(key, Taken(stamp, digest))
        return is_changed

    def _is_unknown(self, key: str, scan: _Scan) -> bool:
        source, _, path = key.partition("/")
        if source != self.source:
            return False
        return any(path == part or path.startswith(f"{part}/") or not part for part in scan.unreadable)

    def _new_problems(self, scan: _Scan) -> tuple[str, ...]:
        fresh = {path: text for path, text in scan.problems.items() if self._reported.get(path) != text}
        self._reported = scan.problems
        return tuple(f"{path}: {text}" for path, text in sorted(fresh.items()))

    def _scan(self) -> _Scan:
        scan = _Scan()
        pending: list[tuple[Path, str]] = [(self.root, "")]
        seen: set[tuple[int, int]] = set()
        while pending:
            folder, prefix = pending.pop()
            try:
                found = folder.stat()
                if (found.st_dev, found.st_ino) in seen:
                    continue  # a loop of symbolic links, or a second way in
                seen.add((found.st_dev, found.st_ino))
                with os.scandir(folder) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                scan.unreadable.append(prefix.rstrip("/"))
                scan.problems[prefix or "."] = f"cannot be listed ({error.strerror})"
                continue
            for entry in listed:
                self._look_at(entry, prefix, scan, pending)
        if "" in scan.unreadable:
            raise FolderUnavailableError(f"{self.root} cannot be listed; waiting for it")
        return scan

    def _look_at(self, entry: os.DirEntry[str], prefix: str, scan: _Scan, pending: list[tuple[Path, str]]) -> None:
        name, path = entry.name, prefix + entry.name
        if name.startswith((".", "#")) or name.endswith(("~", ".swp", ".tmp")):
            return  # editors' and version control's own files
        try:
            found = entry.stat()
            if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root):
                if stat_module.S_ISDIR(found.st_mode) or (_is_document(path) and not is_data(f"source/{path}")):
                    scan.problems[path] = "left out: the link leads out of the folder"
                return
        except FileNotFoundError:
            return  # gone again, or a link to nothing
        except OSError as error:
            scan.unreadable.append(path)
            scan.problems[path] = f"cannot be looked at ({error.strerror})"
            return
        if stat_module.S_ISDIR(found.st_mode):
            pending.append((Path(entry.path), f"{path}/"))
        elif stat_module.S_ISREG(found.st_mode) and _is_document(path):
            self._add(path, Path(entry.path), found, scan)

    def _add(self, path: str, file: Path, found: os.stat_result, scan: _Scan) -> None:
        if path != SERVICES_FILE and is_data(f"source/{path}") and not self._is_wanted(path, file, found, scan):
            return
        if found.st_size > MAX_RAW_BYTES:
            scan.problems[path] = f"left out: {found.st_size} bytes, at most {MAX_RAW_BYTES} are taken; split it"
            return
        try:
            path.encode()
            source_and_path(object_key(self.source, path))
        except UnicodeEncodeError:
            scan.problems[ascii(path)] = "left out: the name is not UTF-8; rename it"
        except InvalidDocumentError as error:
            scan.problems[ascii(path)] = f"left out: {error}"
        else:
            scan.files[path] = (file, _stamp(found))

    def _is_wanted(self, path: str, file: Path, found: os.stat_result, scan: _Scan) -> bool:
        """Read once, until it changes."""
        stamp, wanted = self._glanced_at.get(path, ("", False))
        if stamp != _stamp(found):
            try:
                with file.open("rb") as opened:
                    wanted = is_wanted(f"source/{path}", opened.read(MAX_RAW_BYTES))
            except OSError as error:
                scan.unreadable.append(path)
                scan.problems[path] = f"cannot be read ({error.strerror})"
                return False
            self._glanced_at[path] = (_stamp(found), wanted)
        return wanted


def _is_document(path: str) -> bool:
    """Beside what the parsers read: a file without an ending is rarely meant for readers, so it stays out."""
    if path == SERVICES_FILE or is_data(f"source/{path}"):
        return True
    return "." in path.rpartition("/")[2] and is_document(f"source/{path}")


def _stamp(found: os.stat_result) -> str:
    """Changes with every write: the change time too, because a copy can keep size and modification time."""
    return f"{found.st_size}.{found.st_mtime_ns}.{found.st_ctime_ns}.{found.st_ino}"
