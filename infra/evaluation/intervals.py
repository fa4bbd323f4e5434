"""How far a figure can be trusted: 95 % intervals.

Queries of one source are alike, so sources are drawn anew, not queries (cluster bootstrap, seeded). Under five
sources, or where every draw gives the same, that says nothing: then Wilson's interval for a share, which also knows
that 76 of 76 is not certainty, and a bootstrap over queries for other means.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personal_pipeline.services.measure_coverage import Share

Floats = NDArray[np.float64]
DRAWS = 2000
FEWEST_CLUSTERS = 5
SEED = 20261128


@dataclass(frozen=True, slots=True)
class Estimate:
    """``by`` says what the interval was made of: ``sources``, ``queries`` or ``wilson``."""

    value: float
    low: float
    high: float
    by: str
    n: int


def mean_of(values: Sequence[float], clusters: Sequence[str]) -> Estimate:
    found = np.asarray(values, dtype=float)
    if not len(found):
        return Estimate(0.0, 0.0, 1.0, "queries", 0)
    value = float(found.mean())
    if len(set(clusters)) >= FEWEST_CLUSTERS:
        low, high = _drawn_means(found, _codes(clusters))
        if low < high:
            return Estimate(value, low, high, "sources", len(found))
    if np.isin(found, (0.0, 1.0)).all():
        low, high = Share(int(found.sum()), len(found)).interval
        return Estimate(value, low, high, "wilson", len(found))
    low, high = _drawn_means(found, np.arange(len(found)))
    return Estimate(value, low, high, "queries", len(found))


def auroc_of(with_one: Sequence[float], without: Sequence[float], clusters: Sequence[str]) -> Estimate:
    """How often a query that has a runbook is more confident than one that has none; ties count half.

    The interval draws the sources of the first and the queries of the second.
    """
    positive, negative = np.asarray(with_one, dtype=float), np.asarray(without, dtype=float)
    if not len(positive) or not len(negative):
        return Estimate(0.5, 0.0, 1.0, "sources", 0)
    wins = (positive[:, None] > negative).astype(float) + 0.5 * (positive[:, None] == negative)
    few = len(set(clusters)) < FEWEST_CLUSTERS
    codes = np.arange(len(positive)) if few else _codes(clusters)
    first = _draws(codes.max() + 1)[:, codes]
    second = _draws(len(negative), seed=SEED + 1)
    totals = first.sum(axis=1) * second.sum(axis=1)
    low, high = np.quantile(np.einsum("dp,pn,dn->d", first, wins, second, optimize=True) / totals, (0.025, 0.975))
    return Estimate(float(wins.mean()), float(low), float(high), "queries" if few else "sources", wins.shape[0])


def _codes(clusters: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.asarray(clusters), return_inverse=True)[1].astype(np.int64)


def _draws(count: int, seed: int = SEED) -> Floats:
    """How often each of ``count`` is drawn, by draw."""
    random = np.random.default_rng(seed)
    return random.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)


def _drawn_means(values: Floats, codes: NDArray[np.int64]) -> tuple[float, float]:
    sums, sizes = np.bincount(codes, weights=values), np.bincount(codes)
    drawn = _draws(len(sizes))
    low, high = np.quantile((drawn @ sums) / (drawn @ sizes), (0.025, 0.975))
    return float(low), float(high)
