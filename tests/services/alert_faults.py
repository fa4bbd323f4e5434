"""What goes wrong around alerts in tests: tables that refuse, several workers that come in between each other."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.notices import Notice
from tests.services.alerting import World
from tests.services.delivering import Arrival, Calls, KilledError, Result


class Refusing:
    """A table that refuses a call when ``refuses`` says so."""

    def __init__(self, records: Any, refuses: Callable[[], bool]) -> None:
        self._records = records
        self.refuses = refuses
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._records, name)

        def call(*given: Any) -> Any:
            if self.refuses():
                self.refused += 1
                raise TableUnavailableError("the table refuses")
            return method(*given)

        return call


@dataclass
class Interrupted(Calls):
    """Between two calls of ports, others work."""

    others: Callable[[], None] = lambda: None

    def __call__(self, work: Callable[..., Result], *given: Any) -> Result:
        self.others()
        return super().__call__(work, *given)


class Fleet:
    """Workers that take turns at the alert queue, one in the middle of another's work at times."""

    def __init__(self, world: World, size: int, random: Random, interrupts: float = 0.02) -> None:
        self._world = world
        self._random = random
        self._interrupts = interrupts
        self._depth = 0
        world.calls = Interrupted(others=self._others)
        world.start_worker()
        self._workers = [self._worker() for _ in range(size)]

    def work(self) -> None:
        while self._turn():
            pass
        while self._world.work():
            pass

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        end = self._world.clock.now + seconds
        while self._world.clock.now < end:
            self._world.clock.now = min(end, self._world.clock.now + step)
            self.work()

    def _worker(self) -> tuple[Any, Any]:
        self._world.start_alert_worker()
        return self._world.announce, self._world.handle

    def _turn(self) -> bool:
        world = self._world
        mine = world.announce, world.handle
        world.announce, world.handle = self._random.choice(self._workers)
        self._depth += 1
        try:
            return world.work_alerts(self._random.randint(1, 10))
        finally:
            world.announce, world.handle = mine
            self._depth -= 1

    def _others(self) -> None:
        if 0 < self._depth < 3 and self._random.random() < self._interrupts:
            self._turn()


def refusing(world: World, refuses: Callable[[], bool]) -> Refusing:
    """The world's table from now on; its workers begin anew."""
    table = world.records = Refusing(world.records, refuses)
    world.start_worker()
    world.start_alert_worker()
    return table


def with_kills(world: World, seconds: float, step: float = 1.0) -> None:
    """Both sides work until then; who is killed is followed by a new process, which remembers nothing."""
    end = world.clock.now + seconds
    while world.clock.now < end:
        world.clock.now = min(end, world.clock.now + step)
        while True:
            try:
                world.work_all()
                break
            except KilledError:
                world.start_worker()
                world.start_alert_worker()


def last_words(arrivals: Iterable[Arrival]) -> list[Notice]:
    """What a target shows in the end."""
    shown: dict[str, Notice] = {}
    for one in arrivals:
        known = shown.get(one.notice_id)
        if known is None or one.revision >= known.revision:
            shown[one.notice_id] = one.notice
    return list(shown.values())


def counts(notices: Iterable[Notice]) -> dict[str, tuple[int, int]]:
    """How many fire and how many ended, by the name of the alert."""
    firing: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for notice in notices:
        for section in notice.sections:
            firing[section.examples[0].name] += section.firing
            ended[section.examples[0].name] += section.resolved
    return {name: (firing[name], ended[name]) for name in firing}


def notices_by_alert(arrivals: Sequence[Arrival]) -> dict[str, set[str]]:
    """In which notices each alert, by fingerprint, was named."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in arrivals:
        for section in one.notice.sections:
            for example in section.examples:
                found[example.fingerprint].add(one.notice_id)
    return dict(found)


def twice(arrivals: Iterable[Arrival]) -> int:
    """How many came although their target had them."""
    seen = Counter((one.target, one.notice_id, one.revision) for one in arrivals)
    return sum(count - 1 for count in seen.values())
