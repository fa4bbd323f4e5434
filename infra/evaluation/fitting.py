"""Two small regressions, by Newton's method: which weights rank best, and how sure a score is.

Both are penalised by their squared weights, so they have one solution and find it from zero.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
RANKING_PENALTY = 2.0  # times the sum of squares, beside the likelihood of some thousand queries
CONFIDENCE_PENALTY = 0.05  # none on the intercept
_TOLERANCE = 1e-8
_MOST_STEPS = 200


def conditional_logit(
    queries: Sequence[tuple[Floats, Floats, Bools]], columns: int, penalty: float = RANKING_PENALTY
) -> Floats:
    """Weights that make it likely that a right document is chosen among those of its query.

    A query is its documents' features, what else their scores have (``offset``, not fitted), and which are right;
    each has one that is right at least. With several, the step treats their shares as known, as EM does: it always
    climbs.
    """
    if not queries:
        return np.zeros(columns)
    features, offset = (np.concatenate([query[part] for query in queries]) for part in (0, 1))
    right = np.concatenate([query[2] for query in queries])
    starts = np.cumsum([0, *(len(query[2]) for query in queries[:-1])])
    of_query = np.repeat(np.arange(len(queries)), [len(query[2]) for query in queries])

    def chances(weights: Floats) -> tuple[Floats, Floats, Floats]:
        score = features @ weights + offset
        exp = np.exp(score - np.maximum.reduceat(score, starts)[of_query])
        exp = np.maximum(exp, 1e-300)
        total, of_right = np.add.reduceat(exp, starts), np.add.reduceat(exp * right, starts)
        return exp / total[of_query], exp * right / of_right[of_query], of_right / total

    def value(weights: Floats) -> float:
        return float(np.log(chances(weights)[2]).sum() - penalty * weights @ weights)

    def step(weights: Floats) -> Floats:
        chance, chance_if_right, _ = chances(weights)
        slope = features.T @ (chance_if_right - chance) - 2 * penalty * weights
        mean = np.add.reduceat(features * chance[:, None], starts)
        spread = features.T @ (features * chance[:, None]) - mean.T @ mean
        return np.asarray(np.linalg.solve(spread + 2 * penalty * np.eye(columns), slope))

    return _climbed(np.zeros(columns), value, step)


def logistic(features: Floats, right: Bools, penalty: float = CONFIDENCE_PENALTY) -> Floats:
    """One weight per column, then the intercept."""
    rows = np.column_stack([features, np.ones(len(right))])
    penalties = np.array([penalty] * features.shape[1] + [1e-6])  # without any, one-sided data has no solution

    def value(weights: Floats) -> float:
        score = rows @ weights
        return float(-np.logaddexp(0, np.where(right, -score, score)).sum() - penalties @ weights**2)

    def step(weights: Floats) -> Floats:
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -500, 500)))
        slope = rows.T @ (right - chance) - 2 * penalties * weights
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(2 * penalties)
        return np.asarray(np.linalg.solve(bend, slope))

    return _climbed(np.zeros(rows.shape[1]), value, step)


def _climbed(weights: Floats, value: Callable[[Floats], float], step: Callable[[Floats], Floats]) -> Floats:
    """Steps are halved until they climb; it ends where none does."""
    height = value(weights)
    for _ in range(_MOST_STEPS):
        towards = step(weights)
        while (reached := value(weights + towards)) < height and np.abs(towards).max() > _TOLERANCE:
            towards = towards / 2
        if np.abs(towards).max() <= _TOLERANCE:
            break
        weights, height = weights + towards, reached
    return weights
