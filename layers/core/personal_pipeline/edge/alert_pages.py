"""Pages of alerts over HTTP."""

import re
from typing import TYPE_CHECKING, Any

from personal_pipeline.domain.alert_stories import alert_fields
from personal_pipeline.domain.errors import InvalidQueryError

if TYPE_CHECKING:
    from personal_pipeline.services.list_alerts import ListAlerts

ALERTS_PARAMETERS = frozenset({"limit", "cursor", "source", "fingerprint"})
_CURSOR = re.compile(r"\d{1,17}\.\d{6}~[a-z2-7]{16}")


def alerts_page(list_alerts: "ListAlerts", limit: int, cursor: str, source: str, fingerprint: str) -> dict[str, Any]:
    """Raises InvalidQueryError, UnavailableError."""
    if bool(source) != bool(fingerprint):
        raise InvalidQueryError("source and fingerprint go together: send both, or neither")
    if cursor and not _CURSOR.fullmatch(cursor):
        raise InvalidQueryError("the cursor is none of ours: send 'next_cursor' of the page before, unchanged")
    if fingerprint:
        page = list_alerts.of_fingerprint(source, fingerprint)
    else:
        page = list_alerts.page(limit, cursor.replace("~", "#"))
    alerts = [alert_fields(record) for record in page.alerts]
    return {"alerts": alerts, "next_cursor": page.next_cursor.replace("#", "~") or None}
