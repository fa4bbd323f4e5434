"""A real Prometheus fires real rules, a real Alertmanager posts them, and their runbooks arrive at a webhook."""

import hmac
import json
import re
import shutil
import subprocess
import textwrap
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from infra import reference
from tests.integration.fault_server import FaultServer, a_fault_server
from tests.integration.one_machine import Server, eventually
from tests.real_parts import free_port, program, stop

SAMPLES = Path(__file__).parents[2] / "events" / "documents"
SECRET = "whsec_" + b64encode(b"a key of 32 bytes for a webhook.").decode()
ROUTES = """
targets: [{{name: recorder, kind: webhook, url: {url}/hook, secret: hook-key, allow_private: true}}]
routes: []
default: [recorder]
"""
PROMETHEUS = """
global: {{evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{alertmanager}"]}}]}}]}}
"""
ROUTE = {
    "group_by": ["alertname"],
    "group_wait": "0s",
    "group_interval": "1s",
    "repeat_interval": "1s",  # so that it posts the same again and again
}
# It learns where Alertmanager is up to 5 s after each reading of its files, and what it sends until then is lost. Four
# times the delay without a word are the end of an alert.
RESEND_DELAY = "--rules.alert.resend-delay=3s"

pytestmark = pytest.mark.real


@pytest.fixture
def recorder() -> Iterator[FaultServer]:
    with a_fault_server() as server:
        yield server


@pytest.fixture
def system(tmp_path: Path, recorder: FaultServer) -> Iterator[Server]:
    for name in ("prometheus", "prometheus-alertmanager"):
        program(name, "an alert of a real rule")
    (tmp_path / "data" / "targets").mkdir(parents=True)
    (tmp_path / "data" / "targets" / "hook-key").write_text(SECRET)
    (tmp_path / "routes.yaml").write_text(ROUTES.format(url=recorder.url))
    runbooks = shutil.copytree(SAMPLES, tmp_path / "runbooks")  # from their own folder it sends itself a first alert
    environment = {"ROUTES_FILE": str(tmp_path / "routes.yaml"), "EMBEDDER": "none"}
    with Server(tmp_path / "data", runbooks, environment) as server:
        yield server.ready()


@contextmanager
def running(name: str, folder: Path, *arguments: str) -> Iterator[str]:
    """Its address, while it runs and once it is ready."""
    address, log = f"127.0.0.1:{free_port()}", folder / f"{name}.log"
    with log.open("wb") as output:
        command = [name, f"--web.listen-address={address}", *arguments]
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        eventually(lambda: process.poll() is not None or answered(f"http://{address}/-/ready"), f"{name} is ready")
        assert process.poll() is None, f"{name} did not start"
        yield address
    finally:
        stop(process)
        print(log.read_text())  # seen where the test fails


def answered(url: str, method: str = "GET") -> str:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as response:
            return f"{response.status} {response.read().decode()}"
    except OSError:
        return ""


@dataclass(frozen=True)
class Monitoring:
    folder: Path
    prometheus: str = ""
    alertmanager: str = ""

    def set_rules(self, **firing: bool) -> None:
        """Rules of the samples, each with an expression that holds, or does not, whatever is measured."""
        groups = yaml.safe_load((SAMPLES / "monitoring" / "alerts.rules.yaml").read_text())["groups"]
        rules = [rule for group in groups for rule in group["rules"] if rule.get("alert") in firing]
        for rule in rules:
            rule |= {"for": "0s", "expr": f"vector(1) {'>' if firing[rule['alert']] else '<'} 0"}
        (self.folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "samples", "rules": rules}]}))
        if self.prometheus:
            assert answered(f"http://{self.prometheus}/-/reload", "POST"), "the rules are not read again"

    def posts(self) -> int:
        """How often Alertmanager posted to the system."""
        metrics = answered(f"http://{self.alertmanager}/metrics")
        (count,) = re.findall(
            r'^alertmanager_notifications_total\{integration="webhook"\} (\d+)', metrics, re.MULTILINE
        )
        return int(count)


@contextmanager
def monitoring(folder: Path, receiver: dict[str, Any], **firing: bool) -> Iterator[Monitoring]:
    settings = receiver | {"route": ROUTE | {"receiver": receiver["receivers"][0]["name"]}}
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(settings))
    Monitoring(folder).set_rules(**firing)
    alone = ("--cluster.listen-address=", "--config.file=alertmanager.yml", "--storage.path=alertmanager")
    with running("prometheus-alertmanager", folder, *alone) as alertmanager:
        (folder / "prometheus.yml").write_text(PROMETHEUS.format(alertmanager=alertmanager))
        files = ("--config.file=prometheus.yml", "--storage.tsdb.path=prometheus", "--web.enable-lifecycle")
        with running("prometheus", folder, *files, RESEND_DELAY) as prometheus:
            yield Monitoring(folder, prometheus, alertmanager)


def printed_receiver(system: Server) -> dict[str, Any]:
    """What the system tells people to paste."""
    _, _, snippet = system.output.partition("Alertmanager, in alertmanager.yml:\n")
    receiver: dict[str, Any] = yaml.safe_load(textwrap.dedent(snippet))
    return receiver


def arrived(recorder: FaultServer, path: str) -> list[dict[str, Any]]:
    """The events about one runbook, in their order, each with a right signature."""
    schema = Draft202012Validator(json.loads(reference.SCHEMA.read_text(encoding="utf-8")))
    found = []
    for method, url, body, headers in list(recorder.requests):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = b64encode(hmac.digest(b64decode(SECRET.removeprefix("whsec_")), signed, "sha256")).decode()
        assert (method, url, headers["webhook-signature"]) == ("POST", "/hook", f"v1,{right}")
        event = json.loads(body)
        assert event["type"] == "runbook.matched"
        schema.validate(event["data"])
        if any((section["runbook"] or {}).get("path") == path for section in event["data"]["sections"]):
            found.append(event["data"])
    return found


def test_a_rule_that_fires_brings_its_runbook_once_and_its_end_changes_that_notice_once(
    tmp_path: Path, recorder: FaultServer, system: Server
) -> None:
    provider = partial(arrived, recorder, "payments/payment-provider-outage.md")
    logins = partial(arrived, recorder, "cache/customers-logged-out.txt")
    with monitoring(tmp_path, printed_receiver(system), PaymentProviderDown=True) as monitors:
        system.eventually(provider, "the runbook of the rule that fires is delivered")
        posts = monitors.posts()
        system.eventually(lambda: monitors.posts() >= posts + 2, "Alertmanager posts the same again")

        monitors.set_rules(PaymentProviderDown=False)
        system.eventually(lambda: len(provider()) > 1, "the end is delivered")

        monitors.set_rules(PaymentProviderDown=False, LoginsDropped=True)  # what comes twice, comes before this
        system.eventually(logins, "the runbook of the next rule is delivered")

    assert [(event["status"], event["revision"]) for event in provider()] == [("firing", 1), ("resolved", 2)]
    assert len({event["notice_id"] for event in provider()}) == 1
    assert [section["decision"] for section in provider()[0]["sections"]] == ["attach"]
    assert len(recorder.requests) == len(provider()) + len(logins()) == 3
    assert "Traceback" not in system.output
