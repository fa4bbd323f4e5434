"""A scenario for k6, and what k6 says, as samples. The script is ``k6/load.js``; all that differs is in its plan.

k6 sends evenly and counts latency from the sending: what comes late shows as dropped iterations, which fail the run.
"""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from tests.performance.openloop import Outcome, Target
from tests.performance.samples import Sample, tier_of
from tests.performance.scenario import Op, Phase, Run, Scenario, Threshold
from tests.performance.workload.model import Request, rate_at

SCRIPT = Path(__file__).parents[1] / "k6" / "load.js"
STEPS = 10  # straight lines that a curve is made of
SLOWEST_SECONDS = 2.0  # for which requests there are clients ready
MOST_CLIENTS = 2_000
THRESHOLDS_MISSED = 99  # k6's exit code for it
K6_FIGURES = ("p50", "p90", "p95", "p99", "max", "errors", "hit_rate")
K6 = {"p50": "med", "p90": "p(90)", "p95": "p(95)", "p99": "p(99)", "max": "max"}


class K6Error(RuntimeError):
    pass


def play(target: Target, requests: Sequence[Request], scenario: Scenario, run: Run, folder: Path) -> Outcome:
    """Raises K6Error if there is no k6, or it stops for another reason than a threshold."""
    program = shutil.which("k6")
    if not program:
        raise K6Error("k6 is not on the PATH: install it, or leave TOOL=k6 out, which uses the generator that is here")
    points = folder / "k6-points.json"
    (folder / "k6-plan.json").write_text(json.dumps(plan(scenario, run, requests, "requests.jsonl"), indent=1))
    given = {"PLAN": folder / "k6-plan.json", "URL": target.url, "SECRET": target.secret, "TOKEN": target.token}
    environment = [part for name, value in given.items() for part in ("--env", f"{name}={value}")]
    command = [program, "run", "--quiet", "--no-usage-report", *environment, "--out", f"json={points}", str(SCRIPT)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=run.seconds + 120)
    if ended.returncode not in (0, THRESHOLDS_MISSED):
        raise K6Error(f"k6 stopped with {ended.returncode}: {ended.stderr[-1_000:]}")
    with points.open(encoding="utf-8") as lines:
        return outcome(lines, requests)


def plan(scenario: Scenario, run: Run, requests: Sequence[Request], file: str) -> dict[str, Any]:
    """What the script needs to know. ``file``: of the requests, beside the plan."""
    counts, begins, first, phases = Counter(one.phase for one in requests), 0.0, 0, {}
    for phase in run.phases:
        phases[phase.name] = {
            "first": first,
            "count": counts[phase.name],
            "executor": _executor(phase) | {"startTime": f"{begins:g}s", "tags": {"phase": phase.name}},
        }
        begins, first = begins + phase.seconds, first + counts[phase.name]
    thresholds: dict[str, list[str]] = {}
    for phase in scenario.judged or ("",):
        thresholds |= {f"dropped_iterations{_tags(phase)}": ["count==0"], f"checks{_tags(phase)}": ["rate==1"]}
        for threshold in scenario.thresholds:
            written = _threshold(threshold, threshold.phase or phase)
            if written and written[1] not in thresholds.setdefault(written[0], []):
                thresholds[written[0]].append(written[1])
    return {"requests": file, "phases": phases, "thresholds": thresholds}


def _executor(phase: Phase) -> dict[str, Any]:
    duration = f"{phase.seconds:g}s"
    if phase.clients:
        return {"executor": "constant-vus", "vus": phase.clients, "duration": duration, "gracefulStop": "10s"}
    first, last = phase.rates
    ready = max(20, round(max(first, last) / 60 * SLOWEST_SECONDS))
    clients = {"preAllocatedVUs": ready, "maxVUs": max(ready, MOST_CLIENTS), "timeUnit": "1m", "gracefulStop": "10s"}
    if first == last:
        return clients | {"executor": "constant-arrival-rate", "rate": round(first), "duration": duration}
    steps = STEPS if phase.curve == "exponential" else 1
    ends = [phase.seconds * n / steps for n in range(steps + 1)]
    stages = [
        {"target": round(rate_at(phase, b)), "duration": f"{round((b - a) * 1_000)}ms"} for a, b in pairwise(ends)
    ]
    return clients | {"executor": "ramping-arrival-rate", "startRate": round(first), "stages": stages}


def _threshold(threshold: Threshold, phase: str) -> tuple[str, str] | None:
    """Those that k6 can judge; the others are judged afterwards, like these again."""
    if threshold.times is not None or threshold.figure not in K6_FIGURES:
        return None
    bound = f"<={threshold.most:g}" if threshold.most is not None else f">={threshold.least:g}"
    if threshold.figure in K6:
        group = f"group:{threshold.of}" if threshold.of != "all" else ""
        return f"latency{_tags(phase, group)}", K6[threshold.figure] + bound
    metric, of = {"errors": ("failures", "count"), "hit_rate": ("hits", "rate")}[threshold.figure]
    return f"{metric}{_tags(phase)}", of + bound


def _tags(phase: str, group: str = "") -> str:
    chosen = ",".join(filter(None, (group, f"scenario:{phase}" if phase else "")))
    return f"{{{chosen}}}" if chosen else ""


def outcome(lines: Iterable[str], requests: Sequence[Request]) -> Outcome:
    """From k6's points, a JSON object a line: of each answer one point of the script's own ``latency``."""
    found, told = [], Outcome()
    for line in lines:
        point = json.loads(line)
        if point["type"] != "Point":
            continue
        tags: Mapping[str, str] = point["data"].get("tags") or {}
        if point["metric"] == "dropped_iterations":
            told.dropped[tags.get("phase", tags.get("scenario", ""))] += round(point["data"]["value"])
        elif point["metric"] == "latency" and tags.get("op") in get_args(Op):
            done = datetime.fromisoformat(point["data"]["time"]).timestamp()
            found.append((done - point["data"]["value"] / 1_000, done, tags))
    began = min((sent for sent, _, _ in found), default=0.0)
    told.samples = [_sample(sent - began, done - began, tags) for sent, done, tags in found]
    told.offered.update(Counter(one.phase for one in told.samples) + told.dropped)
    return told


def _sample(sent: float, done: float, tags: Mapping[str, str]) -> Sample:
    op: Any = tags["op"]
    semantic, cold = tags.get("semantic") == "yes", tags.get("group") == "cold"
    return Sample(
        sent, sent, done, op, tags["phase"], tier_of(tags.get("tier", "")), semantic, cold, tags.get("error", "")
    )
