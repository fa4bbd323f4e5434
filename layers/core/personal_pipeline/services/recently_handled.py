"""The words about alerts that this process took, so that a storm of duplicates costs it nothing.

It stands in front of the records, and in for them when the table is down: then it is all that keeps one process from
telling the same thing twice.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from personal_pipeline.domain.alerts import Alert

MOST = 20_000
KEPT_SECONDS = 60.0  # a repeated word is looked at again after that: it says that the alert still fires


class RecentlyHandled:
    def __init__(self, clock: Callable[[], float], kept_seconds: float = KEPT_SECONDS) -> None:
        self._clock = clock
        self._kept_seconds = kept_seconds
        self._known: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._lock = Lock()

    def take(self, alert: Alert, said: str) -> bool:
        """True for the first who comes with this word; ``said`` tells two words apart that are not dated."""
        return self._take(_word(alert, said))

    def forget(self, alert: Alert, said: str) -> None:
        """It could not be handled: the next may try."""
        with self._lock:
            self._known.pop(_word(alert, said), None)

    def is_first(self, alert: Alert) -> bool:
        """Whether nothing was told of this alert's status lately, whichever message said it."""
        return self._take((alert.source, alert.fingerprint, alert.status))

    def _take(self, word: tuple[str, ...]) -> bool:
        with self._lock:
            now = self._clock()
            is_new = now - self._known.get(word, -self._kept_seconds) >= self._kept_seconds
            if is_new:
                self._known[word] = now
                self._known.move_to_end(word)
                while len(self._known) > MOST:
                    self._known.popitem(last=False)
            return is_new


def _word(alert: Alert, said: str) -> tuple[str, ...]:
    """Where the source does not say when it began, two messages are two words."""
    return alert.source, alert.fingerprint, alert.status, alert.starts_at.isoformat() if alert.starts_at else said
