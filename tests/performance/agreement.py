"""Does the generator here measure what another one measures? Both ask a stub that takes 20 ms, in turns.

    python -m tests.performance.agreement

The other is k6 where it is on the PATH, else Vegeta, which Go builds. All count from the sending. What the stub takes
besides its 20 ms is the same for both; what is left is what a generator adds.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.measured import record
from tests.performance.openloop import Target, play
from tests.performance.samples import Interval, quantile
from tests.performance.scenario import Phase, Run, read_scenario
from tests.performance.tools import k6
from tests.performance.tools.fetched import vegeta
from tests.performance.workload.corpus import ROOT
from tests.performance.workload.model import Request, write

STUB_SECONDS = 0.020
A_SECOND = 100
SECONDS = 8
ROUNDS = 3


def main() -> None:
    ours, others, other = [], [], "k6" if shutil.which("k6") else "Vegeta"
    try:
        with a_stub() as url:
            for _ in range(ROUNDS):
                ours += by_us(url)
                others += by_k6(url) if other == "k6" else by_vegeta(url)
    except (pytest.skip.Exception, pytest.fail.Exception) as error:
        print(f"not compared: {error}")
        return
    for part in (0.5, 0.95):
        us, them = quantile(sorted(ours), part), quantile(sorted(others), part)
        if us is None or them is None:
            sys.exit("too few answers came")
        overlap = us.low <= them.high and them.low <= us.high
        print(
            f"p{part * 100:g} of {len(ours)}: here {told(us)}, {other} {told(them)}, {'' if overlap else 'no '}overlap"
        )
        detail = {"other": other, "other_ms": them.value, "overlap": overlap, "answers": len(ours)}
        record(f"load generator, p{part * 100:g} of a stub of 20 ms", us.value, "ms", **detail)


@contextmanager
def a_stub() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.performance.stub", str(STUB_SECONDS)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


def by_us(url: str) -> list[float]:
    return [one.service_ms for one in play(Target(url), _requests(), _run()).samples]


def by_vegeta(url: str) -> list[float]:
    program = vegeta()
    attack = [program, "attack", f"-rate={A_SECOND}", f"-duration={SECONDS}s"]
    raw = subprocess.run(attack, input=f"GET {url}/v1/health\n".encode(), capture_output=True, check=True).stdout
    lines = subprocess.run([program, "encode", "-to", "json"], input=raw, capture_output=True, check=True).stdout
    return [json.loads(line)["latency"] / 1e6 for line in lines.splitlines()]


def by_k6(url: str) -> list[float]:
    scenario = read_scenario("smoke").model_copy(update={"thresholds": ()})
    with tempfile.TemporaryDirectory() as folder:
        write(_requests(), Path(folder) / "requests.jsonl")
        outcome = k6.play(Target(url), _requests(), scenario, _run(), Path(folder))
    return [one.service_ms for one in outcome.samples]


def told(found: Interval) -> str:
    return f"{found.value:.2f} ms ({found.low:.2f} to {found.high:.2f})"


def _run() -> Run:
    return Run(phases=(Phase(name="steady", seconds=SECONDS, rate=A_SECOND * 60),))


def _requests() -> list[Request]:
    return [Request(n / A_SECOND, "steady", "health", "GET", "/v1/health") for n in range(SECONDS * A_SECOND)]


if __name__ == "__main__":
    main()
