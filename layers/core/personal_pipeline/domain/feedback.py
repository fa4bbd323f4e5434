"""What people said about the documents that alerts were answered with, kept per kind of alert.

A kind of alert is its name and service; what names one instance (a number, a host, a hash) is left out of the name, so
that what helped with one firing counts for the next.
"""

from hashlib import blake2b

from personal_pipeline.domain.analysis import joined
from personal_pipeline.domain.instances import without_instances

VOTE_SECONDS = 90 * 86400.0
MAX_PART_CHARACTERS = 200
_DOUBT = 2  # votes that nobody cast: one vote alone moves a document by a third of the way


def signature(name: str, service: str) -> str:
    """``DiskFull`` and ``disk full on 10.0.0.7`` of one service are two kinds, two hosts of one kind are one."""
    name = name[: 10 * MAX_PART_CHARACTERS]
    kind = joined(without_instances(name)) or joined(name)
    return f"{kind[:MAX_PART_CHARACTERS]}#{' '.join(service.casefold().split())[:MAX_PART_CHARACTERS]}"


def score(up: int, down: int) -> float:
    """From -1 to 1, and 0 without votes."""
    return (up - down) / (up + down + _DOUBT)


def changed_counts(counts: tuple[int, int], before: bool | None, now: bool) -> tuple[int, int]:
    """Votes for and against after one user's vote; ``before`` is what the same user said last."""
    up, down = counts
    up += (now is True) - (before is True)
    down += (now is False) - (before is False)
    return up, down


def voter(caller: str) -> str:
    """Who voted, without saying who it is."""
    return blake2b(caller.encode(errors="replace"), digest_size=16).hexdigest()
