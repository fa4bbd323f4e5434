"""One module per alert source, each with ``normalise(payload) -> list[Alert]``; which one is said by the route.

Normalisers leave the payload as they found it. Unknown fields pass, missing ones degrade.
"""

from collections.abc import Callable, Mapping
from typing import Any

from personal_pipeline.domain.alert_sources import alertmanager
from personal_pipeline.domain.alerts import Alert

SOURCES: Mapping[str, Callable[[Mapping[str, Any]], list[Alert]]] = {
    "alertmanager": alertmanager.normalise,
}
