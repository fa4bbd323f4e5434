"""Loads a system as a scenario says and writes a report: ``make load SCENARIO=spike``.

Ends by itself. The exit code is 1 when a threshold was missed in a run that counts; a run is void when the machine
changed its speed meanwhile: it is repeated once, and then reported as void, not as failed.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.measured import record
from tests.performance import openloop
from tests.performance.calibration import Calibration, busy_seconds, speed_ms
from tests.performance.openloop import Outcome, Target, ask_all
from tests.performance.report.files import write_report
from tests.performance.results import Measured, results
from tests.performance.samples import Sample
from tests.performance.scenario import Length, Run, Scenario, ScenarioError, names, read_scenario
from tests.performance.system import LocalSystem, TargetError, checked_target, corpus_of, local_system
from tests.performance.tools import k6
from tests.performance.tools.k6 import K6Error
from tests.performance.workload.corpus import ROOT, Corpus, read_corpus
from tests.performance.workload.model import Request, asked_before, requests, write

BENCH = ROOT.parent / "shared" / "bench" / "runbooks"
OUT = ROOT / "build" / "load"
WARMING_CLIENTS = 8
Play = Callable[[Sequence[Request]], Outcome]
FIRST = 5  # searches that are asked of a system that has just started


def main() -> None:
    arguments = _arguments()
    for how in (signal.SIGTERM, signal.SIGINT):  # a shell starts what runs in the background deaf to the second
        signal.signal(how, lambda *_: sys.exit("ended before its time"))  # what was started is ended, too
    try:
        scenario = read_scenario(arguments.scenario)
        target = checked_target(arguments.target) if arguments.target else None
        baseline = json.loads(arguments.baseline.read_text(encoding="utf-8")) if arguments.baseline else None
    except (ScenarioError, TargetError, OSError, ValueError) as error:
        sys.exit(str(error))
    folder = arguments.out / scenario.name
    once = partial(load, scenario, arguments.length, folder, target, arguments.tool, arguments.bench)
    try:
        told = once()
        if told["calibration"]["void"]:
            print(f"void, since {told['calibration']['why']}: once more", flush=True)
            told = once()
    except (K6Error, TargetError, pytest.skip.Exception, pytest.fail.Exception) as error:
        sys.exit(f"{scenario.name}: {error}")
    write_report(told, folder, baseline)
    keep(told)
    print((folder / "report.md").read_text(encoding="utf-8"))
    print(f"{folder / 'report.html'}")
    missed = [each for each in told["thresholds"] if each["verdict"] == "missed"]
    sys.exit(1 if missed and not told["calibration"]["void"] else 0)


def load(
    scenario: Scenario, length: Length, folder: Path, target: Target | None, tool: str, bench: Path
) -> dict[str, Any]:
    """One run, as plain data."""
    run = scenario.lengths[length]
    system = scenario.system
    corpus = read_corpus(bench if system.corpus == "bench" else None, system.documents, system.passages)
    corpus = corpus_of(target, corpus) if target else corpus
    asked = requests(scenario, run, corpus)
    folder.mkdir(parents=True, exist_ok=True)
    write(asked, folder / "requests.jsonl")
    began = datetime.now(UTC)
    with nullcontext() if target else local_system(system, corpus) as local:
        to = local.target if local else target or Target("")
        is_cold = local is not None and not system.hours_before

        def play(asked: Sequence[Request]) -> Outcome:
            if tool == "k6":
                return k6.play(to, asked, scenario, run, folder)
            return openloop.play(to, asked, run, starts_cold=is_cold)

        measured, calibration = _measure(scenario, run, corpus, asked, play, local)
    told = results(measured) | {
        "scenario": scenario.name,
        "says": scenario.says,
        "length": length,
        "tool": tool,
        "seed": scenario.seed,
        "target": "a system of its own" if local else "the target that was named",
        "corpus": {"name": corpus.name, "documents": len(corpus.documents)},
        "semantic": system.semantic,
        "began": began.isoformat(timespec="seconds"),
        "calibration": asdict(calibration) | {"void": calibration.is_void, "why": calibration.why_void},
        "commit": _git("rev-parse", "HEAD"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
    }
    (folder / "results.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def _measure(
    scenario: Scenario, run: Run, corpus: Corpus, asked: Sequence[Request], play: Play, local: LocalSystem | None
) -> tuple[Measured, Calibration]:
    """Others are whoever is neither the system nor the generator; nothing is known of that with a named target."""
    first = _warmed(scenario, corpus, local) if local else []
    speed, began, busy, own = speed_ms(), time.perf_counter(), busy_seconds(), _own_seconds()
    watch = local.watched(run.all_events, began) if local else nullcontext()
    with watch:
        outcome = play(asked)
    usage, cores = tuple(local.usage) if local else (), os.cpu_count() or 1
    used = usage[-1].cpu_seconds - usage[0].cpu_seconds if usage else 0.0
    others = (busy_seconds() - busy - used - (_own_seconds() - own)) / (time.perf_counter() - began) / cores
    samples = (*first, *sorted(outcome.samples, key=lambda one: one.at))
    measured = Measured(scenario, run, samples, outcome.offered, outcome.dropped, usage, cores if local else 0)
    return measured, Calibration(speed, speed_ms(), max(0.0, others) if local else 0.0)


def _warmed(scenario: Scenario, corpus: Corpus, local: LocalSystem) -> list[Sample]:
    """Asks what was asked in the hours before; the first answers of a system that has just started are cold."""
    before = asked_before(scenario, corpus)
    first = [replace(one, cold=True, phase="") for one in ask_all(local.target, before[:FIRST], 1)]
    failed = [one for one in ask_all(local.target, before[FIRST:], WARMING_CLIENTS) if one.error]
    print(f"{len(before)} questions of the hours before asked, {len(failed)} without an answer", flush=True)
    return first


def _own_seconds() -> float:
    """CPU time of the generator, be it this process or one that it started."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def keep(told: dict[str, Any]) -> None:
    """The figures of the run for ``docs/measured.json``."""
    rates = [phase["answered_a_minute"] for phase in told["phases"]]
    detail: dict[str, Any] = {"most_a_minute": max(rates), "hit_rate": told["hit_rate"] or 0.0}
    for name, group in told["groups"].items():
        if found := group["latency_ms"]["p95"]:
            detail[f"{name}_p95_ms"] = found["value"]
    detail |= {"missed": sum(each["verdict"] == "missed" for each in told["thresholds"])}
    detail |= {"errors": sum(told["errors"].values()), "void": told["calibration"]["void"]}
    asked = sum(group["count"] for group in told["groups"].values())
    record(f"load {told['scenario']}", asked, "requests", **detail)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="smoke", help=f"one of {', '.join(names())}")
    parser.add_argument("--target", default="", help="address of a system; one is started here if left out")
    parser.add_argument("--tool", choices=("python", "k6"), default="python")
    parser.add_argument("--length", choices=("ci", "full"), default="ci")
    parser.add_argument("--baseline", type=Path, default=None, help="results.json of a run to compare with")
    parser.add_argument("--bench", type=Path, default=BENCH, help="a benchmark folder; else the samples")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    main()
