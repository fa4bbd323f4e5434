"""Whether confidence means something: is it lower where there is no runbook, and right as often as it says?"""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.evaluation.intervals import Estimate, auroc_of, mean_of
from personal_pipeline.domain.ranking import ATTACH_AT

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One alert's confidence. ``is_right``: its first document is relevant; never where there is no runbook."""

    query_id: str
    confidence: float
    is_right: bool
    has_runbook: bool
    source: str


@dataclass(frozen=True, slots=True)
class Bin:
    low: float
    high: float
    count: int
    confidence: float  # on average
    share_right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """``ece`` is the expected calibration error, ``brier`` the mean squared error. ``accuracy`` is of all that reached
    the threshold, those without a runbook too; ``coverage`` the share of alerts that did, ``attached_without`` the
    share of those without a runbook. ``auroc`` is None where nothing lacks a runbook. The last two count alerts by
    bin."""

    auroc: Estimate | None
    bins: tuple[Bin, ...]
    ece: float
    brier: float
    accuracy: Estimate
    coverage: Estimate
    attached_without: Estimate | None
    with_runbook: tuple[int, ...]
    without_runbook: tuple[int, ...]


def reliability(judged: Sequence[Judged]) -> Reliability:
    with_one = [each for each in judged if each.has_runbook]
    without = [each for each in judged if not each.has_runbook]
    sure = [each for each in judged if each.confidence >= ATTACH_AT]
    bins = tuple(_bin(judged, number) for number in range(BINS))
    return Reliability(
        _auroc(with_one, without) if with_one and without else None,
        bins,
        sum(each.count * abs(each.confidence - each.share_right) for each in bins) / max(1, len(judged)),
        sum((each.confidence - each.is_right) ** 2 for each in judged) / max(1, len(judged)),
        mean_of([float(each.is_right) for each in sure], [each.source for each in sure]),
        _share_sure(with_one),
        _share_sure(without) if without else None,
        _counts(with_one),
        _counts(without),
    )


def _auroc(with_one: Sequence[Judged], without: Sequence[Judged]) -> Estimate:
    first, second = ([each.confidence for each in part] for part in (with_one, without))
    return auroc_of(first, second, [each.source for each in with_one])


def _share_sure(judged: Sequence[Judged]) -> Estimate:
    return mean_of([float(each.confidence >= ATTACH_AT) for each in judged], [each.source for each in judged])


def _counts(judged: Sequence[Judged]) -> tuple[int, ...]:
    return tuple(len(_inside(judged, number)) for number in range(BINS))


def _inside(judged: Sequence[Judged], number: int) -> list[Judged]:
    return [each for each in judged if min(BINS - 1, int(each.confidence * BINS)) == number]


def _bin(judged: Sequence[Judged], number: int) -> Bin:
    inside = _inside(judged, number)
    count = max(1, len(inside))
    return Bin(
        number / BINS,
        (number + 1) / BINS,
        len(inside),
        sum(each.confidence for each in inside) / count,
        sum(each.is_right for each in inside) / count,
    )
