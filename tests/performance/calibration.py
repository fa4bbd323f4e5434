"""How fast this machine is just now: the same work before and after a run. Machines that others share change."""

import os
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import perf_counter

ROUNDS = 40
MOST_MOVED = 0.15
MOST_OTHERS = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """Milliseconds that the same work took, and what share of all cores others used meanwhile."""

    before_ms: float
    after_ms: float
    others: float = 0.0

    @property
    def moved(self) -> float:
        return abs(self.after_ms / self.before_ms - 1)

    @property
    def is_void(self) -> bool:
        return bool(self.why_void)

    @property
    def why_void(self) -> str:
        if self.moved > MOST_MOVED:
            return f"the machine changed its speed by {self.moved:.0%}"
        if self.others > MOST_OTHERS:
            return f"others used {self.others:.0%} of the machine"
        return ""


def speed_ms() -> float:
    """The fastest of some rounds: the machine's speed, and not how busy others keep it, which is told by itself."""
    return min(_round() for _ in range(ROUNDS)) * 1_000


def _round() -> float:
    began = perf_counter()
    table, digest = {}, b""
    for number in range(40_000):
        table[number % 1_000] = number * number
        if not number % 100:
            digest = blake2b(digest + str(sum(table.values())).encode()).digest()
    return perf_counter() - began


def busy_seconds() -> float:
    """CPU time of all processes of this machine since it started."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    user, nice, system, _idle, _wait, irq, soft, steal = (int(each) for each in first[:8])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")
