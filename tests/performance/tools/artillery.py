"""A scenario for Artillery, as its YAML: the same requests and rates, with the thresholds that it can judge."""

from collections.abc import Sequence
from typing import Any

import yaml

from tests.performance.scenario import Phase, Run, Scenario
from tests.performance.tools.steps import GETS, POSTS, CannotExportError, gets, posts
from tests.performance.workload.model import Request

QUANTILES = {"p50": "p50", "p95": "p95", "p99": "p99", "max": "max"}
STRICTEST = ("cached", "semantic", "standard", "all")  # Artillery knows no groups: the widest bound is for all


def artillery(scenario: Scenario, run: Run, requests: Sequence[Request], target: str) -> str:
    """Raises CannotExportError where clients ask again when they are answered: Artillery's load is open."""
    asked, sent = gets(requests), posts(requests)
    flows = [
        {"name": "get", "weight": len(asked), "flow": [{"get": {"url": "{{ getPath }}"}}]},
        {"name": "post", "weight": len(sent), "flow": [{"post": _post()}]},
    ]
    whole = {
        "config": {
            "target": target,
            "phases": [_phase(phase) for phase in run.phases],
            "http": {"timeout": 10, "pool": 100},
            "payload": [
                {"path": GETS, "fields": ["getPath"], "order": "sequence", "skipHeader": False},
                {"path": POSTS, "fields": ["postPath", "postBody"], "order": "sequence", "skipHeader": False},
            ],
            "plugins": {"ensure": {}},
            "ensure": {"thresholds": _thresholds(scenario), "maxErrorRate": 0},
        },
        "scenarios": [flow for flow in flows if flow["weight"]],
    }
    return f"# {scenario.name}: {scenario.says}\n" + str(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))


def _post() -> dict[str, Any]:
    return {"url": "{{ postPath }}", "headers": {"content-type": "application/json"}, "body": "{{{ postBody }}}"}


def _phase(phase: Phase) -> dict[str, Any]:
    if phase.clients:
        raise CannotExportError(f"phase {phase.name!r}: Artillery has no load of so many clients at once")
    first, last = (rate / 60 for rate in phase.rates)
    seconds = round(phase.seconds)
    if first == last:
        return {"name": phase.name, "duration": seconds, "arrivalCount": max(1, round(first * seconds))}
    return {"name": phase.name, "duration": seconds, "arrivalRate": round(first, 2), "rampTo": round(last, 2)}


def _thresholds(scenario: Scenario) -> list[dict[str, float]]:
    """The widest of those for searches, since it cannot tell which an answer was."""
    found: dict[str, float] = {}
    for threshold in scenario.thresholds:
        name = QUANTILES.get(threshold.figure)
        if name and threshold.most and not threshold.phase and threshold.of in STRICTEST:
            found[name] = max(found.get(name, 0.0), threshold.most)
    return [{f"http.response_time.{name}": most} for name, most in found.items()]
