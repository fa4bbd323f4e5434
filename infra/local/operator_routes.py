"""The routes under ``/local/`` for whoever runs this machine: what ``pp`` asks that no caller of the API may.

They do not exist in the cloud, where the console and its APIs do these things.
"""

import json
import platform
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from infra.local.failures import refusal, subject
from infra.local.gateway import Invocable, Refusal, Request, Response
from infra.local.parts import EmbeddedParts
from infra.local.plan import Plan
from personal_pipeline.adapters.sqlite.queue import QueuedMessage
from personal_pipeline.domain.errors import InvalidDocumentError, PipelineError, UnavailableError
from personal_pipeline.domain.ids import doc_id_of, source_and_path
from personal_pipeline.domain.parsing import MAX_RAW_BYTES

MAX_REQUEST_BYTES = 1024 * 1024
MAX_LISTED = 1000
CHUNK_BYTES = 256 * 1024
FREE_BYTES_WANTED = 500 * 1024 * 1024
NOT_BACKED_UP = re.compile(r"/documents/unfinished(/|$)")
_SECRET_NAMES = re.compile(r"TOKEN|SECRET_(?!NAME)|PASSWORD|ACCESS_KEY")


class OperatorRoutes:
    def __init__(self, plan: Plan, functions: Mapping[str, Invocable]) -> None:
        self._plan = plan
        self._functions = functions
        self._parts = plan.parts()
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "queues"): self._queues,
            ("GET", "failures"): self._failures,
            ("POST", "redrive"): self._redrive,
            ("POST", "reindex"): self._reindex,
            ("POST", "warm"): self._warm,
            ("GET", "doctor"): self._doctor,
            ("GET", "backup"): self._backup,
        }

    def __call__(self, request: Request) -> Response:
        name = request.path.removeprefix("/local/")
        try:
            if name.startswith("documents/"):
                return self._document(request, name.removeprefix("documents/"))
            route = self._routes.get((request.method, name))
            if route is None:
                raise Refusal(404, f"There is no {request.method} {request.path[:200]!r} here.")
            return route(request)
        except InvalidDocumentError as error:
            raise Refusal(422, str(error)) from error
        except UnavailableError as error:
            raise Refusal(503, str(error), [("retry-after", "2")]) from error

    def _document(self, request: Request, key: str) -> Response:
        source_and_path(key)
        if request.method == "PUT":
            given = request.headers.get("x-external-id", "")
            metadata = {"external-id": given} if given else None
            self._parts.store.put(key, request.read(MAX_RAW_BYTES), metadata)
        elif request.method == "DELETE":
            self._parts.store.delete(key)
        else:
            raise Refusal(405, "Documents are PUT and DELETEd here.", [("allow", "PUT, DELETE")])
        return Response.json({"key": key, "doc_id": doc_id_of(key)}, 202)

    def _queues(self, request: Request) -> Response:  # noqa: ARG002  # a route
        parts = self._embedded("Queues are listed")
        dead_of = {
            spec.dead_letter_queue: spec.name for spec in self._plan.topology.queues.values() if spec.dead_letter_queue
        }
        listed = []
        for id_, queue in parts.queues.items():
            counts = queue.counts()
            listed.append(
                {
                    "name": queue.name,
                    "visible": counts.visible,
                    "in_flight": counts.in_flight,
                    "delayed": counts.delayed,
                    "dead_letter_of": dead_of.get(id_, ""),
                }
            )
        return Response.json({"queues": listed})

    def _failures(self, request: Request) -> Response:  # noqa: ARG002  # a route
        parts = self._embedded("Failures are listed")
        failures = [
            self._failure(message)
            for id_ in self._dead_letter_ids()
            for message in parts.queues[id_].messages(MAX_LISTED)
        ]
        return Response.json({"failures": failures})

    def _dead_letter_ids(self) -> list[str]:
        queues = self._plan.topology.queues
        return [id_ for id_ in queues if any(spec.dead_letter_queue == id_ for spec in queues.values())]

    def _failure(self, message: QueuedMessage) -> dict[str, Any]:
        refused = refusal(self._parts.catalog, message.body)
        return {
            "id": message.message_id,
            "queue": message.origin,
            "subject": subject(message.body),
            "reason": refused or message.error or "it came back until its attempts were used up",
            "attempts": message.attempts,
            "failed_at": message.visible_at,
            "body": message.body,
        }

    def _redrive(self, request: Request) -> Response:
        parts = self._embedded("Dead letters are redriven")
        ids = _json(request).get("ids")
        if ids is not None and not (isinstance(ids, list) and all(isinstance(id_, str) for id_ in ids)):
            raise Refusal(400, "'ids' is a list of message ids; without it all dead letters go back.")
        return Response.json({"redriven": sum(parts.queues[id_].redrive(ids) for id_ in self._dead_letter_ids())})

    def _reindex(self, request: Request) -> Response:
        from personal_pipeline import bootstrap

        source = _json(request).get("source", "")
        if not isinstance(source, str):
            raise Refusal(400, "'source' is the name of a source; without it all are indexed again.")
        return Response.json({"queued": bootstrap.reindex_documents()([source] if source else [])})

    def _warm(self, request: Request) -> Response:  # noqa: ARG002  # a route
        scheduled = [s.function for s in self._plan.topology.schedules if "warm" in s.function.lower()]
        if not scheduled:
            raise Refusal(404, "The template has no function that warms the cache.")
        try:
            return Response.json(self._functions[scheduled[0]].invoke({}))
        except PipelineError as error:
            raise Refusal(503, str(error)) from error

    def _doctor(self, request: Request) -> Response:  # noqa: ARG002  # a route
        settings = {
            name: "(hidden)" if _SECRET_NAMES.search(name) else value
            for function in self._plan.topology.functions.values()
            for name, value in {**function.environment, **self._plan.environment}.items()
        }
        return Response.json({"checks": list(self._checks()), "settings": dict(sorted(settings.items()))})

    def _checks(self) -> Iterator[dict[str, Any]]:
        from personal_pipeline import bootstrap

        for name, problem in bootstrap.report_health()().problems.items():
            advice = "run 'pp reindex'; if it stays, restart the server" if problem else ""
            yield _check(name, not problem, problem or "ok", advice)
        embed = bootstrap.embed_texts()
        problem = embed.problem() if embed else ""
        told = problem or ("ok" if embed else "none: searches go by words alone")
        yield _check("embedder", not problem, told, "then 'pp reindex'" if problem else "")
        yield _check("python", True, platform.python_version(), "")
        free = shutil.disk_usage(self._plan.data_dir).free
        yield _check(
            "disk",
            free > FREE_BYTES_WANTED,
            f"{free // 1024**2:,} MB free at {self._plan.data_dir}",
            "" if free > FREE_BYTES_WANTED else "free some space: nothing can be taken when the disk is full",
        )
        folder = self._plan.options.runbooks
        if folder:
            is_there = folder.is_dir()
            yield _check("folder", is_there, str(folder), "" if is_there else "mount it, or serve another --runbooks")
        if isinstance(self._parts, EmbeddedParts):
            for id_ in self._dead_letter_ids():
                dead = self._parts.queues[id_].depth()
                name = self._plan.topology.queues[id_].name
                yield _check(name, not dead, f"{dead} dead letters", "run 'pp failures'" if dead else "")

    def _backup(self, request: Request) -> Response:  # noqa: ARG002  # a route
        parts = self._embedded("A backup is made")
        return Response(200, backup(parts.database.path, self._plan.data_dir), [("content-type", "application/gzip")])

    def _embedded(self, what: str) -> EmbeddedParts:
        if not isinstance(self._parts, EmbeddedParts):
            raise Refusal(501, f"{what} by AWS itself when the system runs there: use its console or the aws command.")
        return self._parts


def backup(database: Path, data_dir: Path) -> Iterator[bytes]:
    """A gzipped tar, in pieces: the tables as of one moment, and then every document.

    The tables come first, so a document that is written meanwhile is newer than its row, never missing from it.
    """
    with tempfile.TemporaryDirectory(dir=data_dir, prefix="backup-") as folder:
        copy = Path(folder) / database.name
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        archive = Path(folder) / "backup.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=3) as tar:
            tar.add(copy, database.name)
            documents = data_dir / "documents"
            if documents.is_dir():
                tar.add(documents, "documents", filter=_wanted)
        with archive.open("rb") as file:
            yield from _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK_BYTES):
        yield piece


def _wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if NOT_BACKED_UP.search(f"/{entry.name}") else entry


def _check(name: str, is_ok: bool, detail: str, advice: str) -> dict[str, Any]:
    return {"name": name, "ok": is_ok, "detail": detail, "advice": advice}


def _json(request: Request) -> dict[str, Any]:
    body = request.read(MAX_REQUEST_BYTES)
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise Refusal(400, "The body is not JSON.") from error
    if not isinstance(parsed, dict):
        raise Refusal(400, "The body is not a JSON object.")
    return parsed
