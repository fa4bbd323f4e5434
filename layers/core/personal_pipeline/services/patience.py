"""A throttled table takes a call a moment later: asked again at once, with jitter, for as long as it is worth."""

import random
from collections.abc import Callable
from typing import TypeVar

from personal_pipeline.domain.errors import TableUnavailableError

MOST_BETWEEN = 0.3  # seconds
_Value = TypeVar("_Value")


def patiently(
    call: Callable[[], _Value],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    attempts: int,
    seconds: float,
) -> _Value:
    """No attempt is begun after ``seconds``."""
    began = clock()
    for attempt in range(1, attempts):
        try:
            return call()
        except TableUnavailableError:
            if clock() - began >= seconds:
                raise
            sleep(random.uniform(0, min(MOST_BETWEEN, 0.02 * 2**attempt)))  # noqa: S311 - jitter
    return call()
