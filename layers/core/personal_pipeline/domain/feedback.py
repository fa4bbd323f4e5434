"""What people said about the documents that alerts were answered with, kept per kind of alert.

A kind of alert is its name and service; what names one instance (a number, a host, a hash) is left out of the name, so
that what helped with one firing counts for the next.

A vote fades: after 30 days it weighs half, after 90, when it expires, an eighth. All votes fade alike, so their sums
can be kept under one time and moved to another, and it does not matter in which order they came.
"""

import math
from dataclasses import dataclass
from hashlib import blake2b

from personal_pipeline.domain.analysis import joined
from personal_pipeline.domain.instances import without_instances

VOTE_SECONDS = 90 * 86400.0
HALF_LIFE_SECONDS = 30 * 86400.0
MAX_PART_CHARACTERS = 200
_NOTHING = 1e-9  # what rounding leaves of a vote that was taken back; no live vote weighs as little
_DOUBT = 2  # votes that nobody cast: one vote alone moves a document by a third of the way


@dataclass(frozen=True, slots=True)
class Vote:
    helpful: bool
    cast_at: float


@dataclass(frozen=True, slots=True)
class Tally:
    """What the votes for and against a document weigh at ``as_of``."""

    up: float = 0.0
    down: float = 0.0
    as_of: float = 0.0

    def at(self, now: float) -> "Tally":
        """Never grown: a clock that is behind reads what is kept."""
        left = _weight(now - self.as_of)
        return Tally(self.up * left, self.down * left, max(now, self.as_of))

    def changed(self, before: Vote | None, after: Vote | None) -> "Tally":
        """``before`` is the same user's vote that is counted, ``after`` what stands in its place; None is no vote."""
        moved = self.at(max(self.as_of, after.cast_at)) if after else self
        up, down = moved.up, moved.down
        for vote, sign in ((before, -1), (after, 1)):
            if vote:
                weight = sign * _weight(moved.as_of - vote.cast_at)
                up, down = (up + weight, down) if vote.helpful else (up, down + weight)
        return Tally(_rounded(up), _rounded(down), moved.as_of)


def _weight(age: float) -> float:
    return math.pow(2.0, -max(0.0, age) / HALF_LIFE_SECONDS)


def _rounded(weight: float) -> float:
    return weight if weight > _NOTHING else 0.0


def signature(name: str, service: str) -> str:
    """``DiskFull`` and ``disk full on 10.0.0.7`` of one service are two kinds, two hosts of one kind are one."""
    name = name[: 10 * MAX_PART_CHARACTERS]
    kind = joined(without_instances(name)) or joined(name)
    return f"{kind[:MAX_PART_CHARACTERS]}#{' '.join(service.casefold().split())[:MAX_PART_CHARACTERS]}"


def score(up: float, down: float) -> float:
    """From -1 to 1, and 0 without votes."""
    return (up - down) / (up + down + _DOUBT)


def voter(caller: str) -> str:
    """Who voted, without saying who it is."""
    return blake2b(caller.encode(errors="replace"), digest_size=16).hexdigest()
