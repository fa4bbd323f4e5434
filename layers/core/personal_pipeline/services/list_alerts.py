"""The alerts that came in, newest first, and the whole story of one: what it was answered with, and who was told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from personal_pipeline.domain.episodes import AlertRecord, Moment, id_of
from personal_pipeline.domain.errors import MissingError
from personal_pipeline.ports import Records
from personal_pipeline.services.alert_records import AlertRecords
from personal_pipeline.services.receipts import receipts_by_target, receipts_partition


@dataclass(frozen=True, slots=True)
class AlertPage:
    """``next_cursor`` is empty on the last page."""

    alerts: tuple[AlertRecord, ...]
    next_cursor: str


class ListAlerts:
    """All raise TableUnavailableError."""

    def __init__(self, alerts: AlertRecords, records: Records) -> None:
        self._alerts = alerts
        self._records = records

    def page(self, limit: int, cursor: str) -> AlertPage:
        found = self._alerts.listed(limit + 1, cursor)
        shown = tuple(found[:limit])
        return AlertPage(shown, shown[-1].place if len(found) > limit else "")

    def of_fingerprint(self, source: str, fingerprint: str) -> AlertPage:
        """The alert that the source knows by it, or nothing."""
        record = self._alerts.alert(id_of(source, fingerprint))
        return AlertPage((record,) if record else (), "")

    def story(self, alert_id: str) -> AlertRecord:
        """With its deliveries among the moments, by time. Raises MissingError."""
        record = self._alerts.alert(alert_id)
        if record is None:
            raise MissingError(f"no alert {alert_id!r}: GET /v1/alerts lists those of the last 30 days")
        moments = (*record.timeline, *self._deliveries(record))
        return replace(record, timeline=tuple(sorted(moments, key=lambda moment: moment.at)))

    def _deliveries(self, record: AlertRecord) -> Sequence[Moment]:
        notice_id = self._alerts.notice_id(record)
        if not notice_id:
            return ()
        receipts = receipts_by_target(self._records.under(receipts_partition(notice_id)))
        return [
            Moment(receipt.sent_at, "delivered", f"revision {receipt.revision} of notice {notice_id} to {target}")
            for target, receipt in receipts.items()
        ]
