"""The OpenAPI document says what the running system does: schemathesis asks what it allows, and what it does not.

Two of its checks are left out. A method that no route has is answered with 404, as by an HTTP API of AWS, not 405; and
what a schema allows may still be refused with a reason: a field that there is not, a query of blanks.
``FULL_COUNTS=1`` asks each route 200 times besides the cases at the edges of its schemas.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from infra.openapi import PUBLISHED
from tests.integration.one_machine import Server
from tests.measured import record

IS_FULL = os.environ.get("FULL_COUNTS") == "1"
EXAMPLES = 200 if IS_FULL else 5
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path):
    with Server(tmp_path / "pp", ROOT / "events" / "documents", {"EMBEDDER": "none"}) as running:
        yield running.ready()


def described(server):
    """The published document, with ids that are there: made-up ones would only be told that they are not."""
    send_alert(server)
    _, page = server.ask("GET", "/v1/documents?limit=5")
    ids = [document["id"] for document in page["documents"]]
    alerts = server.eventually(lambda: server.ask("GET", "/v1/alerts")[1]["alerts"], "an alert is listed")
    document = json.loads(PUBLISHED.read_text())
    for path, operations in document["paths"].items():
        known = [*(alert["id"] for alert in alerts)] if path.startswith("/v1/alerts/") else ids
        for parameter in (one for operation in operations.values() for one in operation.get("parameters", [])):
            if parameter["in"] == "path":
                choices = ["alertmanager"] if parameter["name"] == "source" else known
                parameter["schema"]["enum"] = [*choices, "unknown"]
    return document


def send_alert(server):
    body = (ROOT / "events" / "alerts" / "alertmanager" / "firing.json").read_bytes()
    assert server.ask("POST", "/v1/alerts/alertmanager", body, webhook_secret(server))[0] == 202


def webhook_secret(server):
    return (server.data_dir / "webhook-secret").read_text().strip()


def run(server, document, folder, checks=CHECKS):
    """The exit code, and the report."""
    (folder / "openapi.json").write_text(json.dumps(document))
    command = [Path(sys.executable).with_name("st"), "run", "openapi.json", "--url", f"http://127.0.0.1:{server.port}"]
    command += ["--checks", ",".join(checks), "--max-examples", str(EXAMPLES), "--seed", "1"]
    command += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-shrink", "--warnings", "off"]
    command += ["--header", f"Authorization: Bearer {webhook_secret(server)}", "--generation-database", "none"]
    command += ["--no-color", "--request-timeout", "30", "--report", "json", "--report-json-path", "report.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1800, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_answer_is_as_the_document_describes_it(server, tmp_path):
    document = described(server)
    started = perf_counter()

    code, said = run(server, document, tmp_path)

    assert code == 0, said[-6000:]
    assert f"Tested: {sum(map(len, document['paths'].values()))}" in said
    cases = int(next(line for line in said.splitlines() if " generated, " in line).split()[0].replace(",", ""))
    seconds = perf_counter() - started
    record("cases of schemathesis against the running system", cases, "cases", failed=0, seconds=seconds)


def test_an_answer_that_is_described_otherwise_is_found(server, tmp_path):
    document = described(server)
    answer = document["paths"]["/v1/sources"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer["required"].append("colour")
    document["paths"] = {"/v1/sources": document["paths"]["/v1/sources"]}

    code, said = run(server, document, tmp_path)

    assert code == 1
    assert "colour" in said
