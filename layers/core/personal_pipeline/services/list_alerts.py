"""The alerts that came in, newest first, and the whole story of one: what it was answered with, and who was told.

What they were answered with is told to those who may see that document now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from personal_pipeline.domain.episodes import AlertRecord, Moment, id_of
from personal_pipeline.domain.errors import MissingError
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.ports import Records
from personal_pipeline.services.alert_records import AlertRecords
from personal_pipeline.services.receipts import receipts_by_target, receipts_partition
from personal_pipeline.services.visible_documents import VisibleDocuments


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Alerts without their timelines; ``next_cursor`` is empty on the last page."""

    alerts: tuple[AlertRecord, ...]
    next_cursor: str


class ListAlerts:
    """All raise TableUnavailableError."""

    def __init__(self, alerts: AlertRecords, records: Records, documents: VisibleDocuments) -> None:
        self._alerts = alerts
        self._records = records
        self._documents = documents

    def page(self, limit: int, cursor: str, scope: CallerScope) -> AlertPage:
        found = self._alerts.listed(limit + 1, cursor)
        shown = [replace(record, timeline=()) for record in found[:limit]]
        return AlertPage(self._cut(shown, scope), shown[-1].place if len(found) > limit else "")

    def of_fingerprint(self, source: str, fingerprint: str, scope: CallerScope) -> AlertPage:
        """The alert that the source knows by it, or nothing."""
        record = self._alerts.alert(id_of(source, fingerprint))
        return AlertPage(self._cut([replace(record, timeline=())] if record else [], scope), "")

    def story(self, alert_id: str, scope: CallerScope) -> AlertRecord:
        """With its deliveries among the moments, by time. Raises MissingError."""
        record = self._alerts.alert(alert_id)
        if record is None:
            raise MissingError(f"no alert {alert_id!r}: GET /v1/alerts lists those of the last 30 days")
        (record,) = self._cut([record], scope)
        moments = (*record.timeline, *self._deliveries(record))
        return replace(record, timeline=tuple(sorted(moments, key=lambda moment: moment.at)))

    def _cut(self, records: Sequence[AlertRecord], scope: CallerScope) -> tuple[AlertRecord, ...]:
        about = sorted({doc_id for record in records for doc_id in record.about()})
        visible = self._documents.are_visible(about, scope)
        return tuple(record.for_who_sees(visible) for record in records)

    def _deliveries(self, record: AlertRecord) -> Sequence[Moment]:
        notice_id = self._alerts.notice_id(record)
        if not notice_id:
            return ()
        receipts = receipts_by_target(self._records.under(receipts_partition(notice_id)))
        return [
            Moment(receipt.sent_at, "delivered", f"revision {receipt.revision} of notice {notice_id} to {target}")
            for target, receipt in receipts.items()
        ]
