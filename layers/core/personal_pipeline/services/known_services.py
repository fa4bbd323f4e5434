"""The map of services as this process knows it: read again after a while, and kept when the table is down."""

from collections.abc import Callable

from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.service_map import ServiceMap
from personal_pipeline.ports import Catalog

KEPT_SECONDS = 60.0
RETRY_SECONDS = 5.0


class KnownServices:
    """Called, it returns the map. Alerts are told without one rather than not at all."""

    def __init__(self, catalog: Catalog, clock: Callable[[], float]) -> None:
        self._catalog = catalog
        self._clock = clock
        self._map = ServiceMap(())
        self._until = 0.0

    def __call__(self) -> ServiceMap:
        now = self._clock()
        if now >= self._until:
            try:
                self._map = ServiceMap(self._catalog.services())
                self._until = now + KEPT_SECONDS
            except TableUnavailableError:
                self._until = now + RETRY_SECONDS
        return self._map
