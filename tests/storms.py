"""A storm of alerts, the same in simulated time and for real, and what became of it."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any

SERVICES = 40
KINDS = 5  # of each service
CRITICAL = 0.02
Key = tuple[str, str, bool]  # service, name of the alert, whether it is critical


@dataclass(frozen=True, slots=True)
class Fired:
    """``after`` is in seconds from the beginning."""

    after: float
    key: Key
    alert: Mapping[str, Any]


def storm(alerts: int, seconds: float, began: float, random: Random) -> list[Fired]:
    """In the order of firing; each alert is another."""
    times = sorted(random.uniform(0, seconds) for _ in range(alerts))
    return [_fired(number, after, began, random) for number, after in enumerate(times)]


def service_name(number: int) -> str:
    return f"service-{chr(97 + number // 26)}{chr(97 + number % 26)}"


def _fired(number: int, after: float, began: float, random: Random) -> Fired:
    service = service_name(random.randrange(SERVICES))
    name = f"Trouble{random.choice('ABCDE'[:KINDS])}Of{service.title().replace('-', '')}"
    is_critical = random.random() < CRITICAL
    labels = {
        "alertname": name,
        "service": service,
        "severity": "critical" if is_critical else "warning",
        "instance": f"node-{number}",
    }
    starts_at = datetime.fromtimestamp(began + after, UTC).isoformat()
    alert = {
        "status": "firing",
        "fingerprint": f"storm-{number}",
        "labels": labels,
        "annotations": {"summary": f"{name} on node-{number}"},
        "startsAt": starts_at,
    }
    return Fired(after, (service, name, is_critical), alert)


@dataclass(slots=True)
class Told:
    """Counts by which arrival at a target each alert was told; notices name five of their alerts and count the rest.

    Of one service, kind and urgency the first alert is told by the first message that counts one of them.
    """

    _counts: dict[Key, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    _grown: dict[Key, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    _messages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _deliveries: Counter[str] = field(default_factory=Counter)

    def arrived(self, at: float, notice: Mapping[str, Any], delivery_id: str) -> None:
        self._deliveries[delivery_id] += 1
        is_critical = notice["severity"] == "critical"
        if not is_critical:
            self._messages[notice["service"]].append(at)
        for section in notice["sections"]:
            alerts = section.get("alerts") or section["examples"]  # as targets send it, or as it is within
            key = (notice["service"], alerts[0]["name"], is_critical)
            counts = self._counts[key]
            number = section["firing"] + section["resolved"]
            counts[notice["notice_id"]] = max(number, counts.get(notice["notice_id"], 0))
            self._grown[key].append((sum(counts.values()), at))

    @property
    def messages(self) -> int:
        return sum(self._deliveries.values())

    @property
    def twice(self) -> int:
        return sum(count - 1 for count in self._deliveries.values())

    def delays(self, sent: Iterable[tuple[float, Key]]) -> tuple[list[float], list[float], int]:
        """From the sending to the telling: of the critical ones, of the others; and how many were never told."""
        by_key: dict[Key, list[float]] = defaultdict(list)
        for at, key in sent:
            by_key[key].append(at)
        delays: dict[bool, list[float]] = {True: [], False: []}
        missing = 0
        for key, times in by_key.items():
            grown = self._grown.get(key, [])
            for place, at in enumerate(sorted(times), start=1):
                told = next((arrived for count, arrived in grown if count >= place), None)
                if told is None:
                    missing += 1
                else:
                    delays[key[2]].append(told - at)
        return delays[True], delays[False], missing

    def too_many(self, sent: Iterable[tuple[float, Key]]) -> int:
        """How many more were told than were sent."""
        wanted = Counter(key for _, key in sent)
        return sum(max(0, grown[-1][0] - wanted[key]) for key, grown in self._grown.items())

    def shortest_gap(self) -> float:
        """Between two messages of a service that are not critical."""
        gaps = [b - a for times in self._messages.values() for a, b in _pairs(sorted(times))]
        return min(gaps, default=float("inf"))

    def most_within(self, seconds: float) -> int:
        """Messages of one service that are not critical."""
        most = 0
        for times in map(sorted, self._messages.values()):
            most = max(most, *(bisect_right(times, at + seconds - 1e-6) - place for place, at in enumerate(times)))
        return most

    def most_of_a_service(self) -> int:
        return max(map(len, self._messages.values()), default=0)


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


def _pairs(values: Sequence[float]) -> Iterable[tuple[float, float]]:
    return pairwise(values)
