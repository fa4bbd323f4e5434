"""How well the structure found in a document agrees with what a reader marked in it.

A found item matches a marked one when both are of the same kind and their spans overlap by at least half
(intersection over union); a branch has to lead to the same place as well. Each item matches once at most.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

KINDS = (
    "step",
    "command",
    "expected_result",
    "branch",
    "prerequisite",
    "verification",
    "rollback",
    "escalation",
)
LEAST_OVERLAP = 0.5

Span = tuple[int, int]


@dataclass(frozen=True)
class Item:
    """A span of a document's text and what it is; a branch also has the span that it leads to."""

    kind: str
    span: Span
    target: Span | None = None

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Of a line of the gold files: kind, start, end and, for most kinds, more."""
        kind, start, end = row[:3]
        more: Mapping[str, Any] = row[3] if len(row) > 3 else {}
        target = more.get("target")
        return cls(kind, (start, end), (target[0], target[1]) if target else None)


@dataclass(frozen=True)
class Counts:
    """Of one kind; counts of several documents add up, so that every item weighs the same."""

    matched: int = 0
    gold: int = 0
    found: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.matched + other.matched, self.gold + other.gold, self.found + other.found)

    @property
    def precision(self) -> float:
        return self.matched / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.matched / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.matched / (self.gold + self.found) if self.gold + self.found else 0.0


def overlap(one: Span, other: Span) -> float:
    """Intersection over union, 0 for spans that only touch."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    if shared <= 0:
        return 0.0
    return shared / (max(one[1], other[1]) - min(one[0], other[0]))


def likeness(gold: Item, found: Item) -> float:
    """The overlap of the two, for a branch the smaller of the two overlaps; 0 when they do not match."""
    if gold.kind != found.kind:
        return 0.0
    overlaps = [overlap(gold.span, found.span)]
    if gold.kind == "branch":
        overlaps.append(overlap(gold.target, found.target) if gold.target and found.target else 0.0)
    return min(overlaps) if min(overlaps) >= LEAST_OVERLAP else 0.0


def matches(gold: Sequence[Item], found: Sequence[Item]) -> list[tuple[int, int]]:
    """Places in gold and in found that belong together: the most alike first, each once."""
    pairs = [(likeness(marked, item), g, f) for g, marked in enumerate(gold) for f, item in enumerate(found)]
    taken_gold: set[int] = set()
    taken_found: set[int] = set()
    chosen = []
    for alike, g, f in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if alike and g not in taken_gold and f not in taken_found:
            taken_gold.add(g)
            taken_found.add(f)
            chosen.append((g, f))
    return sorted(chosen)


def score(gold: Sequence[Item], found: Sequence[Item]) -> dict[str, Counts]:
    """Counts of one document for every kind."""
    matched = [gold[g].kind for g, _ in matches(gold, found)]
    return {
        kind: Counts(
            matched.count(kind),
            sum(item.kind == kind for item in gold),
            sum(item.kind == kind for item in found),
        )
        for kind in KINDS
    }


def total(scores: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    """Counts of many documents for every kind, and of all kinds together under ``all``."""
    sums = {kind: Counts() for kind in KINDS}
    for counts in scores:
        sums = {kind: sums[kind] + counts[kind] for kind in KINDS}
    return {**sums, "all": sum(sums.values(), Counts())}
