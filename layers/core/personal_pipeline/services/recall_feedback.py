"""What helped with a kind of alert before, as a score for each document; held in the process for a minute.

A table that does not answer is no feedback: the match is the one that words and meaning make.
"""

from collections.abc import Callable, Mapping

from personal_pipeline.domain.alerts import Alert
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.feedback import score, signature
from personal_pipeline.ports import Activity
from personal_pipeline.services.memory_cache import MemoryCache

HOLD_SECONDS = 60.0
MAX_HELD_BYTES = 1 << 20
_BYTES_A_DOCUMENT = 150


class RecallFeedback:
    def __init__(self, activity: Activity, clock: Callable[[], float], hold_seconds: float = HOLD_SECONDS) -> None:
        self._activity = activity
        self._clock = clock
        self._held: MemoryCache[Mapping[str, float]] = MemoryCache(
            MAX_HELD_BYTES, hold_seconds, lambda scores: _BYTES_A_DOCUMENT * (1 + len(scores))
        )

    def __call__(self, alert: Alert) -> Mapping[str, float]:
        key = signature(alert.name, alert.service)
        held = self._held.get(key, self._clock())
        if held is not None:
            return held
        try:
            votes = self._activity.feedback(key)
        except TableUnavailableError:
            return {}
        scores = {doc_id: score(up, down) for doc_id, (up, down) in votes.items()}
        self._held.put(key, scores, self._clock())
        return scores
