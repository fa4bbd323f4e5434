"""Speed and memory on this machine, each beside what it is compared with: ``make bench``.

Everything is measured in one run, the things compared in turns, as medians of CPU time where other work on
the machine must not count. Figures are printed and, where MEASURED names a file, kept there. Nothing fails.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.cli.uploads import ENDING_OF
from tests.measured import record
from tests.performance.processes import family, usage

ROOT = Path(__file__).resolve().parents[2]
MEASURED_FUNCTIONS = ("search", "mcp", "ingest", "alert", "alert_intake")
MCP = "io.modelcontextprotocol"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path(), help="a .jsonl of documents; else the samples")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    documents = read_documents(arguments.corpus)
    with tempfile.TemporaryDirectory() as folder:
        system = _System(Path(folder))
        measure_ingest(system, documents)
        questions = titles(documents)
        measure_hit(system, questions, arguments.rounds)
        measure_miss(system, questions, arguments.rounds)
        measure_document_answers(system, [key for key, _ in documents])
        measure_agents(system, [key for key, _ in documents], questions)
        system.close()
    measure_worker_memory()
    measure_imports(arguments.rounds)


def read_documents(corpus: Path) -> list[tuple[str, bytes]]:
    """Object keys and bodies."""
    if not corpus.is_file():
        samples = ROOT / "events" / "documents"
        print(f"no corpus at {str(corpus)!r}: measuring with the sample documents")
        return [(f"samples/{path.relative_to(samples)}", path.read_bytes()) for path in samples.rglob("*.*")]
    lines = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    return [(_key(line), line["text"].encode()) for line in lines]


def _key(line: dict[str, str]) -> str:
    from personal_pipeline.domain.ids import object_key

    ending = ENDING_OF[line["format"]]
    return object_key(line["source"], line["id"] if line["id"].endswith(ending) else line["id"] + ending)


def titles(documents: Sequence[tuple[str, bytes]]) -> list[str]:
    """A question per document: the words of its path."""
    paths = [Path(key).with_suffix("") for key, _ in documents]
    return [f"{path.parent.name} {path.name}".replace("-", " ")[:200] for path in paths]


class _System:
    """The whole local path in this process: store, notification, queue, mapping, handler, tables, index."""

    def __init__(self, data_dir: Path) -> None:
        from infra.local.event_sources import QueueEventSource
        from infra.local.functions import LocalFunction
        from infra.local.parts import EmbeddedParts
        from infra.local.topology import read_topology
        from personal_pipeline import bootstrap, parts

        topology = read_topology(ROOT / "template.yaml", {})
        environment = {
            "STORAGE": "local",
            "INDEX_BACKEND": "tantivy",
            "DATA_DIR": str(data_dir),
            "GENERATION_MAX_AGE_SECONDS": "0",
            "STALE_LIST_SECONDS": "0",
            "LOG_LEVEL": "ERROR",
            "POWERTOOLS_METRICS_DISABLED": "true",
        }
        os.environ |= environment
        self.bootstrap, self.adapters = bootstrap, parts
        self.parts = EmbeddedParts(topology, data_dir)
        self._functions = {id_: LocalFunction(spec, environment) for id_, spec in topology.functions.items()}
        (mapping,) = [mapping for mapping in topology.mappings if mapping.queue == "IngestQueue"]
        self.ingest = QueueEventSource(
            mapping,
            topology.queues[mapping.queue],
            self.parts.queue(mapping.queue),
            self._functions[mapping.function],
        )
        for function in ("SearchFunction", "McpFunction"):
            self._functions[function].start().result()
        self.mcp_app = next(m for name, m in sys.modules.items() if name.startswith("functions_mcp"))
        self.search_app = next(m for name, m in sys.modules.items() if name.startswith("functions_search"))

    def search(self, question: str) -> dict[str, Any]:
        return self.search_app.lambda_handler(http_event({"q": question}), _Context())

    def get(self, path: str) -> dict[str, Any]:
        return self.search_app.lambda_handler(http_event({}, path), _Context())

    def tool(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Called as a client of the protocol's revision 2026-07-28 does."""
        meta = {f"{MCP}/protocolVersion": "2026-07-28", f"{MCP}/clientCapabilities": {}}
        params = {"name": name, "arguments": arguments, "_meta": meta}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        headers = {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": name}
        headers |= {"accept": "application/json", "content-type": "application/json"}
        event = http_event({}, "/mcp") | {"headers": headers, "body": json.dumps(message)}
        event["requestContext"]["http"]["method"] = "POST"
        return self.mcp_app.lambda_handler(event, _Context())

    def close(self) -> None:
        self.mcp_app.answer.close()
        self.adapters.parser().close()


class _Context:
    aws_request_id = "bench"
    function_name = "search"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:search"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 10_000


def http_event(query: dict[str, str], path: str = "/v1/search") -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": f"GET {path}",
        "rawPath": path,
        "rawQueryString": "",
        "queryStringParameters": query,
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": path}, "requestId": "r", "stage": "$default"},
        "isBase64Encoded": False,
    }


def measure_ingest(system: _System, documents: Sequence[tuple[str, bytes]]) -> None:
    system.bootstrap.prepare_index()
    started = time.perf_counter()
    for key, body in documents:
        system.parts.store.put(key, body)
    put = time.perf_counter() - started
    failed = 0
    while (outcome := system.ingest.poll(0.0)).received:
        failed += outcome.failed
    took = time.perf_counter() - started
    passages = system.adapters.index(writer=False).count()
    print(
        f"\ningest: {len(documents)} documents, {passages} passages in {took:.1f} s ({put:.1f} s to store them), ",
        end="",
    )
    print(f"{failed} failures")
    record("ingest_corpus", took, "s", documents=len(documents), passages=passages, failures=failed, stored=put)


def measure_hit(system: _System, questions: Sequence[str], rounds: int) -> None:
    question = questions[0]
    cpu_of(lambda: system.search(question))
    empty = _empty_route()
    hits, routes = [], []
    for _ in range(rounds):
        hits.append(cpu_per_call(lambda: system.search(question), 300))
        routes.append(cpu_per_call(empty, 300))
    hit, route = statistics.median(hits), statistics.median(routes)
    print(f"L1 hit through the handler: {hit * 1e6:.0f} µs of CPU, {hit / route:.1f} times an empty Powertools route")
    record("l1_hit_cpu", hit * 1e3, "ms", ratio_to_empty_route=hit / route)


def _empty_route() -> Callable[[], object]:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

    api = APIGatewayHttpResolver()

    @api.get("/v1/search")
    def nothing() -> dict[str, str]:
        return {}

    event = http_event({"q": "x"})
    return lambda: api.resolve(event, _Context())  # type: ignore[arg-type]


def measure_miss(system: _System, questions: Sequence[str], rounds: int) -> None:
    """Each question once per round and variant: what is asked is new to every cache by a word that no text has."""
    from personal_pipeline.domain.analysis import normalise
    from personal_pipeline.domain.questions import typed_question
    from personal_pipeline.domain.ranking import rank
    from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchRequest

    index = system.adapters.index(writer=False)
    sample = questions[:: max(1, len(questions) // 150)]
    asked_for = [typed_question(normalise(question)) for question in sample]
    requests = [SearchRequest(question.terms, SearchFilters(), CallerScope()) for question in asked_for]
    raw, found, ranked, service, handler = [], [], [], [], []
    candidates = [index.search(request) for request in requests]
    now = datetime.now(UTC)
    search = system.search_app.search
    canonical = system.search_app.canonical_query
    for number in range(rounds):
        asked = [canonical(f"{q} zq{number}", SearchFilters(), 10, "", CallerScope(), 1000) for q in sample]
        raw.append(cpu_of(lambda: [_raw_call(index, request) for request in requests]) / len(sample))
        found.append(cpu_of(lambda: [index.search(request) for request in requests]) / len(sample))
        both = list(zip(asked_for, candidates, strict=True))
        ranked.append(cpu_of(lambda both=both: [rank(question, each, now) for question, each in both]) / len(sample))
        service.append(cpu_of(lambda asked=asked: [search(query) for query in asked]) / len(sample))
        handler.append(cpu_of(lambda n=number: [system.search(f"{q} zr{n}") for q in sample]) / len(sample))
    middle = [statistics.median(values) for values in (raw, found, ranked, service, handler)]
    print(
        f"miss, {len(sample)} questions x {rounds}, ms of CPU each: "
        f"raw tantivy call with its fields {middle[0] * 1e3:.2f}"
    )
    names = ("adapter", "ranking", "service", "handler")
    for name, value in zip(names, middle[1:], strict=True):
        print(f"  {name}: {value * 1e3:.2f} ({value / middle[0]:.2f} times the raw call)")
    ratios = {name: value / middle[0] for name, value in zip(names, middle[1:], strict=True)}
    record("miss_cpu", middle[3] * 1e3, "ms", raw_ms=middle[0] * 1e3, **ratios)
    passages = statistics.mean(len(each.passages) for each in candidates)
    record("ranking_cpu", middle[2] * 1e3, "ms", passages=passages)


def measure_document_answers(system: _System, keys: Sequence[str]) -> None:
    """Of what each document tells its reader to do, through the handler: no cache but the kept copy."""
    from personal_pipeline.domain.ids import doc_id_of

    paths = [f"/v1/documents/{doc_id_of(key)}" for key in keys]
    for part in ("", "/procedure", "/decision-tree", "/escalation", "/text"):
        taken = [each for path in paths if (each := _seconds_of(system, path + part))]
        walls, cpus = (sorted(values) for values in zip(*taken, strict=True))
        high = len(taken) * 99 // 100
        print(
            f"/v1/documents/{{id}}{part}, {len(taken)} documents, ms: median {statistics.median(walls) * 1e3:.2f}, "
            f"p99 {walls[high] * 1e3:.2f} (of CPU {statistics.median(cpus) * 1e3:.2f}, {cpus[high] * 1e3:.2f})"
        )
        record(f"document{part}", statistics.median(walls) * 1e3, "ms", p99=walls[high] * 1e3, cpu_p99=cpus[high] * 1e3)


def measure_agents(system: _System, keys: Sequence[str], questions: Sequence[str]) -> None:
    """Calls of tools over MCP, through the handler: CPU of each, and of a message that asks for nothing."""
    from personal_pipeline.domain.ids import doc_id_of

    ids = [doc_id_of(key) for key in keys]
    calls: dict[str, list[dict[str, Any]]] = {
        "search_runbooks": [{"query": question} for question in questions[:100]],
        "match_alert": [{"name": question} for question in questions[:100]],
        "list_sources": [{}] * 20,
        **{f"get_{what}": [{"id": each} for each in ids] for what in ("runbook", "procedure", "escalation_path")},
        "get_decision_tree": [{"id": each} for each in ids],
    }
    system.tool("list_sources", {})
    print("tools over MCP, ms of CPU a call: median, p99")
    for name, given in calls.items():
        taken = sorted(cpu_of(lambda each=each, name=name: system.tool(name, each)) * 1e3 for each in given)
        middle, high = statistics.median(taken), taken[len(taken) * 99 // 100]
        print(f"  {name}: {middle:.2f}, {high:.2f} ({len(taken)} calls)")
        record(f"mcp {name}", middle, "ms", p99=high, calls=len(taken))


def _seconds_of(system: _System, path: str) -> tuple[float, float] | None:
    """By the clock and of CPU; None for what was refused at ingest."""
    found: list[dict[str, Any]] = []
    started = time.perf_counter()
    cpu = cpu_of(lambda: found.append(system.get(path)))
    return (time.perf_counter() - started, cpu) if found[0]["statusCode"] == 200 else None


def _raw_call(index: Any, request: Any) -> list[dict[str, Any]]:
    """The same query and fields asked of tantivy itself, decoded to plain dictionaries."""
    from personal_pipeline.adapters.tantivy_index import _query

    searcher = index._searcher()
    hits = searcher.search(_query(request), limit=request.limit, count=False).hits
    stored = [searcher.doc(address) for _, address in hits]
    return [json.loads(document["shown"][0]) | {"text": document["text"][0]} for document in stored]


def measure_worker_memory() -> None:
    """Of one HTTP worker of the real system over the samples, after questions: proportional set size."""
    with _served() as (port, workers):
        for number in range(500):
            _get(port, f"/v1/search?q=disk+full+{number % 50}")
        sizes = {pid: usage([pid], time.monotonic()).pss_mb for pid in workers()}
    print(f"search worker: {max(sizes.values()):.0f} MB (PSS); all processes {sum(sizes.values()):.0f} MB")
    record(
        "search_worker_memory",
        max(sizes.values()),
        "MB",
        processes={str(n): round(v) for n, v in enumerate(sizes.values())},
    )


@contextmanager
def _served() -> Iterator[tuple[int, Callable[[], list[int]]]]:
    from tests.real_parts import free_port, stop

    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "infra.cli.main", "serve", "--port", str(port)]
        environment = os.environ | {"PP_DATA": folder}
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while _get(port, "/v1/health") != 200:
                if time.monotonic() > deadline:
                    raise TimeoutError("the system did not become ready")
                time.sleep(0.1)
            yield port, lambda: family(server.pid)
        finally:
            stop(server)


def _get(port: int, path: str) -> int:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def measure_imports(rounds: int) -> None:
    """What a cold start imports and builds, in fresh processes, in turns with ``import boto3``."""
    cloud = {"STORAGE": "aws", "INDEX_BACKEND": "opensearch", "OPENSEARCH_URL": "https://example.com"}
    variants = {
        "import boto3": ("import boto3", {}),
        "import opensearchpy": ("import opensearchpy", {}),
        "Powertools Logger, Metrics": ("import aws_lambda_powertools", {}),
        **{
            f"functions/{name}": (_load_function(name), cloud)
            for name in ("search", "mcp", "ingest", "alert", "alert_intake")
        },
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, (code, extra) in variants.items():
            times[name].append(_process_cpu(code, extra) - _process_cpu("pass", {}))
    boto3 = statistics.median(times["import boto3"])
    print("cold start, ms of CPU over a bare interpreter (times import boto3):")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"  {name}: {middle * 1e3:.0f} ({middle / boto3:.2f})")
        record(f"cold_start {name}", middle * 1e3, "ms", ratio_to_boto3=middle / boto3)


def _load_function(name: str) -> str:
    folder = ROOT / "functions" / name
    return f"import sys; sys.path.insert(0, {str(folder)!r}); import app"


def _process_cpu(code: str, extra: dict[str, str]) -> float:
    from infra.openapi import ENVIRONMENT

    before = os.times()
    environment = {**os.environ, **ENVIRONMENT, "WEBHOOK_SECRET_NAME": "x", **extra}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def cpu_of(work: Callable[[], object]) -> float:
    """What handlers write to their log goes nowhere, but is written."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        started = time.process_time()
        work()
        return time.process_time() - started


def cpu_per_call(work: Callable[[], object], calls: int) -> float:
    return cpu_of(lambda: [work() for _ in range(calls)]) / calls


if __name__ == "__main__":
    main()
