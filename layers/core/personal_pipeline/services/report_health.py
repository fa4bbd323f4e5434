"""Whether a question can be answered now, and which part is missing if not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from personal_pipeline.domain.errors import UnavailableError
from personal_pipeline.ports import Cache, SearchIndex


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong by part, empty for what works: for operators, as it may name hosts and folders."""

    problems: Mapping[str, str]

    @property
    def checks(self) -> dict[str, str]:
        """``ok`` or ``unavailable`` by part: for anybody."""
        return {name: "unavailable" if problem else "ok" for name, problem in self.problems.items()}

    @property
    def status(self) -> Literal["ok", "degraded", "down"]:
        """``down`` only when every part is: with any one left, some questions are answered."""
        broken = [bool(problem) for problem in self.problems.values()]
        return "down" if all(broken) else "degraded" if any(broken) else "ok"


class ReportHealth:
    def __init__(self, index: SearchIndex, cache: Cache) -> None:
        self._checks: Mapping[str, Callable[[], object]] = {"index": index.count, "tables": cache.generations}

    def __call__(self) -> Health:
        return Health({name: _problem(check) for name, check in self._checks.items()})


def _problem(check: Callable[[], object]) -> str:
    try:
        check()
    except UnavailableError as error:
        return str(error)
    return ""
