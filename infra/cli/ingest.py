"""The work of ``pp ingest``: store documents side by side, then wait until they can be found."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from infra.cli.api import CONNECTIONS, Api
from infra.cli.errors import CommandError, NotReachableError, RefusedError
from infra.cli.terminal import note, progress
from infra.cli.uploads import Found, Problem, Skipped, Upload, expected, found_in

IN_FLIGHT = 4 * CONNECTIONS
POLL_SECONDS = 0.3


@dataclass(slots=True)
class Ingested:
    stored: dict[str, str] = field(default_factory=dict)  # what it was called, by object key
    failed: list[Problem] = field(default_factory=list)
    skipped: int = 0
    indexed: int | None = None  # None: nobody waited

    def as_json(self) -> dict[str, Any]:
        failed = [{"name": problem.name, "reason": problem.reason} for problem in self.failed]
        return {"stored": len(self.stored), "indexed": self.indexed, "skipped": self.skipped, "failed": failed}


def ingest_paths(system: Api, paths: Sequence[Path], source: str, *, wait: bool) -> Ingested:
    """Raises CommandError when nothing at all can be stored; what is wrong with one document is in the result."""
    earlier = _known_failures(system) if wait else None
    result = _store(system, paths, source)
    if earlier is not None and result.stored:
        _wait(system, len(result.stored))
        fresh = [failure for failure in _failures(system) if failure["id"] not in earlier]
        unread = {failure["subject"]: failure["reason"] for failure in fresh if failure["subject"] in result.stored}
        result.failed += [Problem(result.stored[key], reason) for key, reason in unread.items()]
        result.indexed = len(result.stored) - len(unread)
    return result


def _store(system: Api, paths: Sequence[Path], source: str) -> Ingested:
    result = Ingested()
    pending: deque[tuple[Upload, Future[Any]]] = deque()
    with progress() as bar, ThreadPoolExecutor(CONNECTIONS) as pool:
        task = bar.add_task("Storing", total=sum(map(expected, paths)))
        try:
            for found in _all(paths, source):
                if isinstance(found, Upload):
                    pending.append((found, pool.submit(system.put_document, found.key, found.body, found.external_id)))
                else:
                    _leave_out(found, result)
                    bar.advance(task)
                if len(pending) >= IN_FLIGHT:
                    _finish(*pending.popleft(), result)
                    bar.advance(task)
            while pending:
                _finish(*pending.popleft(), result)
                bar.advance(task)
        except NotReachableError as error:
            pool.shutdown(cancel_futures=True)
            raise CommandError(f"{error} ({len(result.stored)} documents were stored before)") from error
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            note(f"Stopped: {len(result.stored)} documents were stored and will be indexed, the others were not sent.")
            raise
    return result


def _all(paths: Sequence[Path], source: str) -> Iterator[Found]:
    for path in paths:
        yield from found_in(path, source)


def _leave_out(found: Problem | Skipped, result: Ingested) -> None:
    if isinstance(found, Problem):
        result.failed.append(found)
    else:
        result.skipped += 1


def _finish(upload: Upload, stored: Future[Any], result: Ingested) -> None:
    try:
        stored.result()
    except NotReachableError:
        raise
    except RefusedError as error:
        if error.status in {401, 403, 404}:  # every other document would be refused alike
            raise
        result.failed.append(Problem(upload.name, str(error)))
    except CommandError as error:
        result.failed.append(Problem(upload.name, str(error)))
    else:
        result.stored[upload.key] = upload.name


def _wait(system: Api, stored: int) -> None:
    """By the queue: it is empty when everything was taken or given up."""
    with progress() as bar:
        task = bar.add_task("Indexing", total=stored)
        try:
            is_told = False
            while left := _left(system):
                bar.update(task, completed=max(0, stored - sum(left.values())))
                if left["delayed"] == sum(left.values()) and not is_told:
                    note(f"{left['delayed']} could not be taken yet: waiting for the next attempts. Ctrl-C ends it.")
                    is_told = True
                time.sleep(POLL_SECONDS)
            bar.update(task, completed=stored)
        except NotReachableError as error:
            raise CommandError(
                f"{error} (the {stored} documents are stored, and indexed when it runs again)"
            ) from error
        except KeyboardInterrupt:
            note("Stopped waiting. What was stored goes on being indexed; see `pp failures` for what could not be.")
            raise


def _left(system: Api) -> dict[str, int]:
    """What is still under way in the queue of documents, by state; empty when nothing is."""
    queues = [queue for queue in system.get("/local/queues", "queues")["queues"] if "ingest" in queue["name"].lower()]
    states = ("visible", "in_flight", "delayed")
    counts = {state: sum(q[state] for q in queues if not q["dead_letter_of"]) for state in states}
    return counts if any(counts.values()) else {}


def _failures(system: Api) -> list[dict[str, Any]]:
    failures: list[dict[str, Any]] = system.get("/local/failures", "failures")["failures"]
    return failures


def _known_failures(system: Api) -> set[str] | None:
    """None where the queues are not ours to look into: then there is nothing to wait by."""
    try:
        return {failure["id"] for failure in _failures(system)}
    except RefusedError as error:
        if error.status != HTTPStatus.NOT_IMPLEMENTED:
            raise
        note(f"Not waiting: {error}")
        return None
