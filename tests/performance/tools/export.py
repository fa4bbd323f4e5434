"""Writes a scenario for k6, Artillery and JMeter, with the requests that all of them send: ``make load-export``."""

import argparse
import json
import sys
from pathlib import Path

from tests.performance.load import BENCH, OUT
from tests.performance.scenario import Length, ScenarioError, read_scenario
from tests.performance.tools import k6
from tests.performance.tools.artillery import artillery
from tests.performance.tools.jmeter import jmeter
from tests.performance.tools.steps import CannotExportError, write_rows
from tests.performance.workload.corpus import read_corpus
from tests.performance.workload.model import requests, write


def export(name: str, length: Length, target: str, bench: Path, folder: Path) -> list[str]:
    """What was left out, and why."""
    scenario = read_scenario(name)
    run, system = scenario.lengths[length], scenario.system
    corpus = read_corpus(bench if system.corpus == "bench" else None, system.documents, system.passages)
    asked = requests(scenario, run, corpus)
    folder.mkdir(parents=True, exist_ok=True)
    write(asked, folder / "requests.jsonl")
    write_rows(asked, folder)
    plan = k6.plan(scenario, run, asked, "requests.jsonl")
    (folder / "k6-plan.json").write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")
    (folder / "load.jmx").write_text(jmeter(scenario, run, asked, target), encoding="utf-8")
    try:
        (folder / "artillery.yaml").write_text(artillery(scenario, run, asked, target), encoding="utf-8")
    except CannotExportError as error:
        return [str(error)]
    return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="smoke")
    parser.add_argument("--length", choices=("ci", "full"), default="ci")
    parser.add_argument("--target", default="http://127.0.0.1:8080")
    parser.add_argument("--bench", type=Path, default=BENCH)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    folder = arguments.out / arguments.scenario
    try:
        left_out = export(arguments.scenario, arguments.length, arguments.target, arguments.bench, folder)
    except ScenarioError as error:
        sys.exit(str(error))
    for reason in left_out:
        print(reason)
    print(f"written to {folder}: k6-plan.json for tests/performance/k6/load.js, artillery.yaml, load.jmx")


if __name__ == "__main__":
    main()
