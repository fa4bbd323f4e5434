"""Workers that can be stopped between any two calls: before a call through a port they ask the schedule.

Each worker is a greenlet. Its ports are wrapped, so that it hands over the call it is about to make and
goes on only when it is told how that call ends: well, with an error, or with the death of the process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from greenlet import getcurrent, greenlet

from personal_pipeline.domain.errors import UnavailableError


class Fate(Enum):
    GO = "go"
    FAIL_BEFORE = "the call never arrives"
    FAIL_AFTER = "the answer is lost"
    CRASH_BEFORE = "the process dies, the call was not made"
    CRASH_AFTER = "the process dies, the call was made"


_FAILS = {Fate.FAIL_BEFORE, Fate.FAIL_AFTER}
_BEFORE = {Fate.FAIL_BEFORE, Fate.CRASH_BEFORE}


class ProcessDiedError(BaseException):
    """No code may catch it, as none runs after ``kill -9``."""


@dataclass(slots=True)
class Call:
    """A call that a worker is about to make; ``answer`` is there once it ``is_done``."""

    method: Callable[..., Any]
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    error: type[UnavailableError]
    answer: Any = field(default=None)
    is_done: bool = False

    def make(self) -> None:
        self.answer = self.method(*self.args, **self.kwargs)
        self.is_done = True

    def end(self, fate: Fate) -> Any:
        """In the worker: make the call, unless the schedule made it already, and meet its fate."""
        if fate not in _BEFORE and not self.is_done:
            self.make()
        if fate in _FAILS:
            raise self.error(f"{self.name}: {fate.value}")
        if fate is not Fate.GO:
            raise ProcessDiedError(self.name)
        return self.answer


class Stepped:
    """A port whose every call waits for the schedule. Outside of a worker it is the port itself."""

    def __init__(self, port: Any, error: type[UnavailableError]) -> None:
        self._port = port
        self._error = error

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            schedule = getcurrent().parent
            if schedule is None:
                return method(*args, **kwargs)
            step = Call(method, name, args, kwargs, self._error)
            return step.end(schedule.switch(step))

        setattr(self, name, call)
        return call


class Worker:
    """Work on a greenlet of its own. ``call`` is what it is about to do, None once it has ended."""

    def __init__(self, work: Callable[[], Any], speed: float = 1.0) -> None:
        self.speed = speed
        self.result: Any = None
        self.died = False
        self._work = work
        self._greenlet = greenlet(self._run)
        self.call: Call | None = self._greenlet.switch()

    def step(self, fate: Fate) -> None:
        self.call = self._greenlet.switch(fate)

    def _run(self) -> None:
        try:
            self.result = self._work()
        except ProcessDiedError:
            self.died = True
