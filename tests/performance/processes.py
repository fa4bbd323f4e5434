"""What the processes of a system take: CPU, memory and sockets."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Usage:
    """Of all processes of the system, at one time. Seconds of CPU are those since they started."""

    at: float
    cpu_seconds: float
    rss_mb: float
    pss_mb: float
    sockets: int


def family(pid: int) -> list[int]:
    """It and all that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def usage(pids: list[int], at: float) -> Usage:
    ticks, rss, pss, sockets = 0, 0, 0, 0
    for pid in pids:
        process = Path(f"/proc/{pid}")
        try:
            ticks += sum(int(each) for each in (process / "stat").read_text().rpartition(")")[2].split()[11:13])
            lines = (process / "smaps_rollup").read_text().splitlines()
            sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
            sockets += sum(_is_socket(link) for link in (process / "fd").iterdir())
        except OSError:
            continue  # it ended in the meantime
        rss, pss = rss + sizes["Rss"], pss + sizes["Pss"]
    return Usage(at, ticks / TICKS, rss / 1024, pss / 1024, sockets)


def _is_socket(link: Path) -> bool:
    try:
        return str(link.readlink()).startswith("socket:")
    except OSError:
        return False
