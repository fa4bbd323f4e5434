"""The system that is loaded: started here over a data folder of its own, and ended, unless a target is named."""

import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, urlsplit

import httpx

from tests import opensearch_node
from tests.integration.one_machine import Server
from tests.performance.faults import Faulty, faulty
from tests.performance.openloop import Target
from tests.performance.processes import Usage, family, usage
from tests.performance.scenario import Event, System
from tests.performance.workload.corpus import ROOT, SOURCE, Corpus

PREPARED = ROOT / ".cache" / "load"
PREPARE_SECONDS = 3_600.0
BEYOND = "LOAD_BEYOND_THIS_MACHINE"  # set to yes, the one way to load another machine
SAMPLE_SECONDS = 1.0
LOOKED_FOR = 40  # questions that show which documents a target has
CODE = ("layers/core/personal_pipeline", "functions", "infra/local")  # what a data folder is made by


class TargetError(ValueError):
    pass


def checked_target(url: str) -> Target:
    """Refuses what is not on this machine unless that is said to be meant: load on others is an attack."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetError(f"TARGET={url} is no address: give one such as http://127.0.0.1:8080")
    if not _is_loopback(parts.hostname) and os.environ.get(BEYOND) != "yes":
        raise TargetError(f"TARGET={url} is not this machine: if its owner agrees to the load, say {BEYOND}=yes")
    return Target(url.rstrip("/"), os.environ.get("PP_WEBHOOK_SECRET", ""), os.environ.get("PP_API_TOKEN", ""))


def corpus_of(target: Target, corpus: Corpus) -> Corpus:
    """With the ids of documents that the target finds: it has others than those here. Raises TargetError."""
    asked = [*corpus.questions, *(document.title for document in corpus.read)]
    headers = {"authorization": f"Bearer {target.token}"} if target.token else {}
    ids: dict[str, None] = {}
    try:
        with httpx.Client(base_url=target.url, headers=headers, timeout=10, trust_env=False) as client:
            for text in asked[:: max(1, len(asked) // LOOKED_FOR)][:LOOKED_FOR]:
                answer = client.get("/v1/search", params={"q": text[:1_000], "limit": 50})
                ids |= dict.fromkeys(hit["id"] for hit in answer.raise_for_status().json()["hits"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise TargetError(f"TARGET={target.url} does not answer a search as this system does: {error}") from error
    if not ids:
        raise TargetError(f"TARGET={target.url} finds no document: it needs some before it is loaded")
    return replace(corpus, ids=tuple(ids))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(slots=True)
class LocalSystem:
    server: Server
    corpus: Corpus
    target: Target
    index: Faulty | None = None
    edits: int = 0
    usage: list[Usage] = field(default_factory=list)

    def edit(self) -> None:
        """Changes a document: what caches say of its source is old from then on."""
        document = self.corpus.documents[self.edits % len(self.corpus.documents)]
        self.edits += 1
        text = document.text + f"\n\nLooked over {self.edits} times.\n".encode()
        status, said = self.server.operate("PUT", f"documents/{quote(f'{SOURCE}/{document.path}')}", text)
        if status != 202:
            raise RuntimeError(f"the edit of {document.path} was refused: {said}")

    def queued(self) -> int:
        _, told = self.server.operate("GET", "queues")
        queues = [queue for queue in told["queues"] if not queue["dead_letter_of"]]
        return sum(queue["visible"] + queue["in_flight"] + queue["delayed"] for queue in queues)

    def measure(self, at: float) -> Usage:
        return usage(family(self.server.process.pid), at)

    @contextmanager
    def watched(self, events: tuple[Event, ...], begins: float) -> Iterator[None]:
        """Measures each second and does what the scenario says, beside the load."""
        stop = threading.Event()

        def work() -> None:
            left = list(events)
            while not stop.is_set():
                now = time.perf_counter() - begins
                self.usage.append(self.measure(now))
                while left and left[0].at <= now:
                    self.do(left.pop(0))
                stop.wait(SAMPLE_SECONDS)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def do(self, event: Event) -> None:
        if event.does == "edit":
            self.edit()
        elif self.index:
            self.index.fault = event.does
        else:
            raise RuntimeError(f"{event.does}: only an index of its own process can get a fault (index: opensearch)")


@contextmanager
def local_system(system: System, corpus: Corpus) -> Iterator[LocalSystem]:
    """Over a data folder of its own. Raises whatever says why there is no OpenSearch, where that is asked for."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        if system.index == "opensearch":
            with opensearch_node.running() as node, faulty(node) as index:
                yield from _on_opensearch(system, corpus, Path(folder), index)
        else:
            yield from _embedded(system, corpus, Path(folder))


def _embedded(system: System, corpus: Corpus, folder: Path) -> Iterator[LocalSystem]:
    """Over a copy of a data folder that has taken all documents in, made once for equal documents."""
    prepared = _prepared(system, corpus)
    shutil.copytree(prepared / "data", folder / "data")
    with _server(system, folder / "data", prepared / SOURCE) as server:
        _wait_until_ready(server)
        yield LocalSystem(server, corpus, _target(server))
        server.stop()


def _on_opensearch(system: System, corpus: Corpus, folder: Path, index: Faulty) -> Iterator[LocalSystem]:
    corpus.write(folder / SOURCE)
    environment = {"OPENSEARCH_URL": index.url, "INDEX_ALIAS": f"load-{os.getpid()}"}
    with _server(system, folder / "data", folder / SOURCE, environment) as server:
        _wait_until_ready(server)
        local = LocalSystem(server, corpus, _target(server), index)
        _wait_until_quiet(local)
        yield local
        server.stop()


def _target(server: Server) -> Target:
    secret = (server.data_dir / "webhook-secret").read_text().split()[0]
    return Target(f"http://127.0.0.1:{server.port}", secret)


def _prepared(system: System, corpus: Corpus) -> Path:
    folder = PREPARED / f"{corpus.digest}-{'meaning' if system.semantic else 'words'}"
    made_by = _code_digest()
    ready = folder / "ready.json"
    if ready.is_file() and json.loads(ready.read_text()).get("made_by") == made_by:
        return folder
    _forget_older(made_by)
    shutil.rmtree(folder, ignore_errors=True)
    corpus.write(folder / SOURCE)
    print(f"taking in {len(corpus.documents)} documents, once: {folder}", flush=True)
    began = time.monotonic()
    with _server(system, folder / "data", folder / SOURCE) as server:
        _wait_until_ready(server)
        local = LocalSystem(server, corpus, Target(""))
        _wait_until_quiet(local)
        documents = sum(server.documents().values())
        server.stop()
    told = {"made_by": made_by, "documents": documents, "seconds": time.monotonic() - began}
    ready.write_text(json.dumps(told))
    return folder


def _forget_older(made_by: str) -> None:
    """What other versions of the code prepared is of no use any more, and large."""
    for ready in PREPARED.glob("*/ready.json"):
        if json.loads(ready.read_text()).get("made_by") != made_by:
            shutil.rmtree(ready.parent, ignore_errors=True)


def _code_digest() -> str:
    total = blake2b(digest_size=8)
    for path in sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()


def _server(system: System, data: Path, runbooks: Path, more: Mapping[str, str] = MappingProxyType({})) -> Server:
    embedder = {"EMBEDDER": "onnx" if system.semantic else "none"}
    return Server(data, runbooks, {**system.environment, **embedder, **more}, workers=system.workers)


def _wait_until_ready(server: Server) -> None:
    """It says so when the first documents are in, which takes as long as there are many."""
    ends = time.monotonic() + PREPARE_SECONDS
    while "answers on http" not in server.output:
        if server.process.poll() is not None or time.monotonic() > ends:
            log = server.data_dir / "log" / "http.log"
            end = log.read_text(errors="replace")[-2_000:] if log.is_file() else ""
            raise RuntimeError(f"the system did not start:\n{server.output[-2_000:]}\n{end}")
        time.sleep(0.1)


def _wait_until_quiet(local: LocalSystem) -> None:
    ends = time.monotonic() + PREPARE_SECONDS
    while local.queued():
        if time.monotonic() > ends:
            raise RuntimeError("documents are still being taken in")
        time.sleep(0.5)
