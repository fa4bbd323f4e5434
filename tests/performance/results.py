"""What a run showed: figures by operation, group and cache tier, second by second, and which thresholds held.

The result is plain data, kept as ``results.json``, so that a later run can be compared with it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Literal

from hdrh.histogram import HdrHistogram

from tests.performance.processes import Usage
from tests.performance.samples import QUANTILES, SEARCHES, Interval, Sample, hit_rate, quantile
from tests.performance.scenario import Run, Scenario, Threshold

LOWEST_US, HIGHEST_US, DIGITS = 1, 60_000_000, 3
Verdict = Literal["holds", "missed", "unknown"]


@dataclass(frozen=True, slots=True)
class Measured:
    """All that one run gave. ``cores``: of the machine that the system ran on; 0 if its processes are not seen."""

    scenario: Scenario
    run: Run
    samples: tuple[Sample, ...]
    offered: Mapping[str, int]
    dropped: Mapping[str, int]
    usage: tuple[Usage, ...] = ()
    cores: int = 0

    def of(self, phases: Sequence[str]) -> list[Sample]:
        """Those of the start belong to no phase."""
        return [one for one in self.samples if one.phase and (not phases or one.phase in phases)]


@dataclass(frozen=True, slots=True)
class Judged:
    """``found`` is None where nothing can be said; ``why`` then says why."""

    name: str
    verdict: Verdict
    found: float | None
    why: str = ""


def results(measured: Measured) -> dict[str, Any]:
    samples = measured.of(())
    return {
        "groups": _told([*samples, *(one for one in measured.samples if not one.phase)], lambda one: one.group),
        "operations": _told(samples, lambda one: one.op),
        "tiers": _told([one for one in samples if one.op in SEARCHES], lambda one: one.tier or "none"),
        "phases": [_phase(measured, phase.name, phase.seconds) for phase in measured.run.phases],
        "errors": dict(Counter(f"{one.op}: {one.error}" for one in samples if one.error)),
        "lateness_ms": _quantiles([one.lateness_ms for one in samples]),
        "hit_rate": hit_rate(samples),
        "resources": _resources(measured),
        "series": _series(measured, samples),
        "usage": [asdict(one) for one in measured.usage],
        "events": [{"at": event.at, "does": event.does} for event in measured.run.all_events],
        "thresholds": [_judged(measured, threshold) for threshold in measured.scenario.thresholds],
    }


def _judged(measured: Measured, threshold: Threshold) -> dict[str, Any]:
    return threshold.model_dump(include={"of", "figure", "phase", "most"}) | asdict(judge(measured, threshold))


def judge(measured: Measured, threshold: Threshold) -> Judged:
    """Too few samples for a quantile: it holds if even the slowest is within, otherwise nothing is said."""
    phases = (threshold.phase,) if threshold.phase else measured.scenario.judged
    found, why = figure(measured, threshold, phases)
    most = threshold.most
    if threshold.times is not None:
        other, _ = figure(measured, threshold, (threshold.than,))
        if found is None or other is None:
            return Judged(threshold.name, "unknown", None, why or f"no such figure in {threshold.than}")
        found, most = (found / other if other else 0.0), threshold.times
    if found is None and most is not None and threshold.times is None:
        return _by_the_slowest(measured, threshold, phases, most, why)
    if found is None:
        return Judged(threshold.name, "unknown", None, why)
    holds = found <= most if most is not None else found >= (threshold.least or 0.0)
    return Judged(threshold.name, "holds" if holds else "missed", found, why)


def _by_the_slowest(measured: Measured, threshold: Threshold, phases: Sequence[str], most: float, why: str) -> Judged:
    latencies = _latencies(measured, threshold, phases)
    if not latencies or threshold.figure not in ("p50", "p90", "p95", "p99"):
        return Judged(threshold.name, "unknown", None, why)
    if max(latencies) <= most:
        return Judged(threshold.name, "holds", max(latencies), f"the slowest of {len(latencies)}")
    return Judged(threshold.name, "unknown", None, why)


def figure(measured: Measured, threshold: Threshold, phases: Sequence[str]) -> tuple[float | None, str]:
    """The value, and a remark; None with the reason where there is none."""
    name = threshold.figure
    if name in ("p50", "p90", "p95", "p99"):
        latencies = _latencies(measured, threshold, phases)
        found = quantile(latencies, int(name[1:]) / 100)
        return (found.value, f"of {len(latencies)}") if found else (None, f"only {len(latencies)} samples")
    if name == "max":
        latencies = _latencies(measured, threshold, phases)
        return (latencies[-1], f"of {len(latencies)}") if latencies else (None, "no samples")
    if name in ("cpu", "cpu_peak", "pss_mb"):
        return _of_the_system(measured, name, phases)
    return _share(measured, name, phases)


def _share(measured: Measured, name: str, phases: Sequence[str]) -> tuple[float | None, str]:
    samples = measured.of(phases)
    offered = sum(count for phase, count in measured.offered.items() if not phases or phase in phases)
    dropped = sum(count for phase, count in measured.dropped.items() if not phases or phase in phases)
    errors = sum(bool(one.error) for one in samples)
    if name == "errors":
        return float(errors), f"of {len(samples)}"
    if name == "dropped":
        return float(dropped), f"of {offered}"
    if name == "hit_rate":
        return hit_rate(samples), "of searches"
    if not offered:
        return None, "nothing was asked"
    answered = len(samples) - errors
    return answered / offered, f"{answered} of {offered}"


def _of_the_system(measured: Measured, name: str, phases: Sequence[str]) -> tuple[float | None, str]:
    usage = [one for one in measured.usage if _within(measured.run, one.at, phases)]
    if len(usage) < 2:
        return None, "the processes of the system were not seen"
    if name == "pss_mb":
        return max(one.pss_mb for one in usage), "at most"
    between = usage if name == "cpu_peak" else [usage[0], usage[-1]]
    return max(_cpu_shares(between, measured.cores)), f"of {measured.cores} cores"


def _cpu_shares(usage: Sequence[Usage], cores: int) -> list[float]:
    """Between each two: what part of all cores the system used."""
    return [(b.cpu_seconds - a.cpu_seconds) / (b.at - a.at) / cores for a, b in pairwise(usage)]


def _within(run: Run, at: float, phases: Sequence[str]) -> bool:
    begins = 0.0
    for phase in run.phases:
        if begins <= at < begins + phase.seconds:
            return not phases or phase.name in phases
        begins += phase.seconds
    return False


def _latencies(measured: Measured, threshold: Threshold, phases: Sequence[str]) -> list[float]:
    chosen = measured.samples if threshold.of == "cold" else measured.of(phases)
    return sorted(
        one.latency_ms for one in chosen if not one.error and (threshold.of == "all" or one.group == threshold.of)
    )


def _told(samples: Iterable[Sample], by: Callable[[Sample], str]) -> dict[str, Any]:
    grouped: dict[str, list[Sample]] = defaultdict(list)
    for one in samples:
        grouped[by(one)].append(one)
    return {name: _latency(some) for name, some in sorted(grouped.items())}


def _latency(samples: Sequence[Sample]) -> dict[str, Any]:
    """Of answers without errors; ``service`` counts from the sending, ``inside`` is the function's own time."""
    good = [one for one in samples if not one.error]
    return {
        "count": len(samples),
        "errors": len(samples) - len(good),
        "latency_ms": _quantiles([one.latency_ms for one in good]),
        "service_ms": _quantiles([one.service_ms for one in good]),
        "inside_ms": _quantiles([one.inside_ms for one in good if one.inside_ms]),
        "histogram": histogram(one.latency_ms for one in good),
    }


def histogram(latencies_ms: Iterable[float]) -> str:
    """As HdrHistogram writes it, in microseconds: small, and another run's can be added to it."""
    found = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
    for latency in latencies_ms:
        found.record_value(min(HIGHEST_US, max(LOWEST_US, round(latency * 1_000))))
    return str(found.encode().decode())


def _quantiles(values: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(values)
    told: dict[str, Any] = {f"p{part * 100:g}": _interval(quantile(ordered, part)) for part in QUANTILES}
    return told | {"max": ordered[-1] if ordered else None}


def _interval(found: Interval | None) -> dict[str, float] | None:
    return asdict(found) if found else None


def _phase(measured: Measured, name: str, seconds: float) -> dict[str, Any]:
    samples = measured.of((name,))
    good = [one for one in samples if not one.error]
    return {
        "name": name,
        "seconds": seconds,
        "offered_a_minute": measured.offered.get(name, 0) / seconds * 60,
        "answered_a_minute": len(good) / seconds * 60,
        "dropped": measured.dropped.get(name, 0),
        "errors": len(samples) - len(good),
        "hit_rate": hit_rate(samples),
        "latency_ms": _quantiles([one.latency_ms for one in good]),
    }


def _resources(measured: Measured) -> dict[str, Any]:
    usage = measured.usage
    if len(usage) < 2:
        return {}
    return {
        "cpu_seconds": usage[-1].cpu_seconds - usage[0].cpu_seconds,
        "cpu_mean": _cpu_shares((usage[0], usage[-1]), measured.cores)[0],
        "cpu_peak": max(_cpu_shares(usage, measured.cores)),
        "rss_mb": max(one.rss_mb for one in usage),
        "pss_mb": max(one.pss_mb for one in usage),
        "sockets": max(one.sockets for one in usage),
    }


@dataclass(slots=True)
class _Second:
    latencies: list[float] = field(default_factory=list)
    tiers: Counter[str] = field(default_factory=Counter)
    offered: int = 0
    errors: int = 0
    answered: int = 0


def _series(measured: Measured, samples: Iterable[Sample]) -> list[dict[str, Any]]:
    seconds: dict[int, _Second] = defaultdict(_Second)
    for one in samples:
        begun = seconds[int(one.at)]
        begun.offered += 1
        begun.latencies.append(one.latency_ms)
        begun.errors += bool(one.error)
        if one.op in SEARCHES and not one.error:
            begun.tiers[one.tier] += 1
        if not one.error:
            seconds[int(one.done)].answered += 1
    return [
        {
            "second": second,
            "offered": each.offered,
            "answered": each.answered,
            "errors": each.errors,
            "median_ms": sorted(each.latencies)[len(each.latencies) // 2] if each.latencies else None,
            "slowest_ms": max(each.latencies, default=None),
            "tiers": dict(each.tiers),
        }
        for second, each in sorted(seconds.items())
    ]
