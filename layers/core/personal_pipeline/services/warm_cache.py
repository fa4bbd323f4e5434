"""Answers the likely questions before they are asked, and refreshes stale answers once each."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from personal_pipeline.domain.caching import RENDERED_FORM, RenderedDocument
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.domain.search import SearchQuery
from personal_pipeline.ports import Activity, Cache, Catalog
from personal_pipeline.services.popularity import day_of
from personal_pipeline.services.search_runbooks import SearchRunbooks

DAY_SECONDS = 86400.0


@dataclass(slots=True)
class WarmReport:
    """``skipped`` were fresh already; ``failed`` are tried again at the next run."""

    warmed: int = 0
    skipped: int = 0
    failed: int = 0
    last_error: str = ""

    def count(self, work: Callable[[], bool]) -> bool:
        """Do one piece of work and count it; False when it failed."""
        try:
            if work():
                self.warmed += 1
            else:
                self.skipped += 1
        except PipelineError as error:
            self.failed += 1
            self.last_error = str(error)
            return False
        return True


class WarmCache:
    def __init__(
        self,
        search: SearchRunbooks,
        restore: Callable[[str], RenderedDocument | None],
        activity: Activity,
        catalog: Catalog,
        cache: Cache,
        clock: Callable[[], float],
        limit: int,
        days: int,
    ) -> None:
        self._search = search
        self._restored = restore
        self._activity = activity
        self._catalog = catalog
        self._cache = cache
        self._clock = clock
        self._limit = limit
        self._days = days

    def __call__(self, is_time_left: Callable[[], bool] = lambda: True) -> WarmReport:
        """Raises TableUnavailableError when neither popularity nor catalog can be read."""
        report = WarmReport()
        for doc_id in self._critical_documents():
            if is_time_left():
                report.count(partial(self._restore, doc_id))
        for query in self._likely_queries():
            if is_time_left():
                report.count(partial(self._search.warm, query))
        return report

    def refresh(self, queries: Iterable[SearchQuery]) -> tuple[WarmReport, list[bool]]:
        """The answers that were served stale; the second part says which succeeded, in order."""
        report = WarmReport()
        done = [report.count(lambda query=query: self._search.warm(query)) for query in queries]  # type: ignore[misc]
        return report, done

    def _likely_queries(self) -> list[SearchQuery]:
        """The most asked of the last days, most first."""
        counts: Counter[SearchQuery] = Counter()
        for day in range(self._days):
            for asked in self._activity.most_asked(day_of(self._clock() - day * DAY_SECONDS), self._limit):
                counts[asked.query] += asked.count
        return [query for query, _ in counts.most_common(self._limit)]

    def _critical_documents(self) -> list[str]:
        sources = sorted(self._cache.generations().sources)
        return [doc_id for source in sources for doc_id in self._catalog.critical(source)]

    def _restore(self, doc_id: str) -> bool:
        """Have the rendered copy made again where it was lost, or was kept by an older release."""
        kept = self._cache.document(doc_id)
        if kept is not None and kept.form == RENDERED_FORM:
            return False
        return self._restored(doc_id) is not None
