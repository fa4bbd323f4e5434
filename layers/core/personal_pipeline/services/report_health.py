"""Whether a question can be answered now, and which part is missing if not."""

from collections.abc import Callable, Mapping

from personal_pipeline.domain.errors import UnavailableError
from personal_pipeline.ports import Cache, SearchIndex


class ReportHealth:
    def __init__(self, index: SearchIndex, cache: Cache) -> None:
        self._checks: Mapping[str, Callable[[], object]] = {"index": index.count, "tables": cache.generations}

    def __call__(self) -> dict[str, str]:
        """``ok`` or what is wrong, by part."""
        return {name: self._check(check) for name, check in self._checks.items()}

    def _check(self, check: Callable[[], object]) -> str:
        try:
            check()
        except UnavailableError as error:
            return str(error)
        return "ok"
