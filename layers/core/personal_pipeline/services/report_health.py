"""Whether a question can be answered now, and which part is missing if not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from personal_pipeline.domain.errors import UnavailableError
from personal_pipeline.ports import Cache, SearchIndex


@dataclass(frozen=True, slots=True)
class Health:
    """``checks`` says ``ok`` or what is wrong, by part."""

    checks: Mapping[str, str]

    @property
    def status(self) -> Literal["ok", "degraded", "down"]:
        """``down`` only when every part is: with any one left, some questions are answered."""
        working = [check == "ok" for check in self.checks.values()]
        return "ok" if all(working) else "degraded" if any(working) else "down"


class ReportHealth:
    def __init__(self, index: SearchIndex, cache: Cache) -> None:
        self._checks: Mapping[str, Callable[[], object]] = {"index": index.count, "tables": cache.generations}

    def __call__(self) -> Health:
        return Health({name: _outcome(check) for name, check in self._checks.items()})


def _outcome(check: Callable[[], object]) -> str:
    try:
        check()
    except UnavailableError as error:
        return str(error)
    return "ok"
