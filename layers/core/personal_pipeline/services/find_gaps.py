"""What is missing among the documents: runbooks for services and alerts, reviews, and pages that links lead to.

One walk over the rows of the documents that the caller may see, and one over the alerts of the last days. A list is
cut, a count never; what could not be looked at is named.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from personal_pipeline.domain.alert_keys import cards_behind, link_keys
from personal_pipeline.domain.catalog import AlertKey, CatalogEntry
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.ids import source_and_path
from personal_pipeline.domain.overview import review_of
from personal_pipeline.domain.page_links import may_mean
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.domain.service_map import slug
from personal_pipeline.ports import Catalog
from personal_pipeline.services.visible_documents import VisibleDocuments

if TYPE_CHECKING:
    from personal_pipeline.services.alert_records import AlertRecords

MOST_NAMED = 500  # of each kind
MOST_ALERTS = 1_000  # the newest
LINKS_AT_ONCE = 100
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class UnansweredAlert:
    """Alerts of one name and service that got no runbook; ``last_at`` is in epoch seconds."""

    name: str
    service: str
    count: int
    last_at: float


@dataclass(frozen=True, slots=True)
class StaleDocument:
    entry: CatalogEntry
    due: date


@dataclass(frozen=True, slots=True)
class DeadLink:
    """In a document, or at ``alert`` in a rule file; it leads to nothing that the caller may see."""

    entry: CatalogEntry
    link: str
    alert: str = ""


@dataclass(slots=True)
class Found(Generic[_Item]):
    """Of one kind: how many there are, and the first of them."""

    count: int = 0
    named: list[_Item] = field(default_factory=list)

    def add(self, item: _Item) -> None:
        self.count += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(item)


@dataclass(slots=True)
class Gaps:
    """``not_known`` says in a sentence each what could not be looked at."""

    documents: int = 0
    runbooks: int = 0
    services: int = 0
    without_review: int = 0
    services_without_runbook: Found[str] = field(default_factory=Found)
    alerts_without_runbook: Found[UnansweredAlert] = field(default_factory=Found)
    stale: Found[StaleDocument] = field(default_factory=Found)
    dead_links: Found[DeadLink] = field(default_factory=Found)
    not_known: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walked:
    """What the walk over the documents must remember to the end."""

    pages: set[tuple[str, str]] = field(default_factory=set)  # source and address
    served: set[str] = field(default_factory=set)  # slugs of services that a runbook names
    alerts: set[str] = field(default_factory=set)  # normalised names that a document lists
    linking: list[tuple[CatalogEntry, str]] = field(default_factory=list)
    rules: list[CatalogEntry] = field(default_factory=list)
    without_overview: int = 0
    without_links: int = 0
    is_whole: bool = True


class FindGaps:
    def __init__(
        self,
        documents: VisibleDocuments,
        catalog: Catalog,
        alerts: "AlertRecords",
        review_every_days: int,
        clock: Callable[[], float],
        most_seconds: float,
    ) -> None:
        self._documents = documents
        self._catalog = catalog
        self._alerts = alerts
        self._review_every_days = review_every_days
        self._clock = clock
        self._most_seconds = most_seconds

    def __call__(self, scope: CallerScope) -> Gaps:
        """Raises TableUnavailableError when the catalog does not answer; without the alerts it goes on."""
        gaps = Gaps()
        walked = self._walk(gaps, scope)
        if walked.is_whole:
            self._judge_services(gaps, walked, scope)
            self._judge_links(gaps, walked)
            self._judge_rules(gaps, walked, scope)
            self._judge_alerts(gaps, walked, scope)
        else:
            gaps.not_known.append(
                f"documents after the first {gaps.documents:,}, and with them services, alerts and links: "
                f"there was time for no more, 'pp coverage --documents' has no limit"
            )
        if walked.without_overview:
            gaps.not_known.append(
                f"services, owners and reviews of {walked.without_overview} documents that an older release read: "
                "'pp reindex' reads them again"
            )
        if walked.without_links:
            gaps.not_known.append(f"the links of {walked.without_links} documents")
        return gaps

    def _walk(self, gaps: Gaps, scope: CallerScope) -> _Walked:
        walked = _Walked()
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        until = self._clock() + self._most_seconds
        for entry in self._documents.rows(scope, self._documents.sources()):
            if self._clock() > until:
                walked.is_whole = False
                break
            if entry.is_rules:
                walked.rules.append(entry)
                continue
            gaps.documents += 1
            source, _ = source_and_path(entry.key)
            walked.pages |= {(source, key.value) for key in entry.keys if key.kind == "url"}
            walked.alerts |= {key.value for key in entry.keys if key.kind in {"alert", "title"}}
            overview = entry.overview
            if overview is None:
                walked.without_overview += 1
                continue
            if overview.type == "runbook":
                gaps.runbooks += 1
                walked.served |= {slug(name) for name in overview.services}
            review = review_of(overview.reviewed, overview.review_in, self._review_every_days)
            if review.due is None:
                gaps.without_review += 1
            elif review.freshness(today) == "stale":
                gaps.stale.add(StaleDocument(entry, review.due))
            walked.linking += [(entry, link) for link in overview.links or ()]
            walked.without_links += overview.links is None
        return walked

    def _judge_services(self, gaps: Gaps, walked: _Walked, scope: CallerScope) -> None:
        """A service is told to those who may see documents that have nothing but it to go by."""
        for service in self._catalog.services():
            if not service.groups or scope.may_see(service.groups):
                gaps.services += 1
                if walked.served.isdisjoint(map(slug, (service.name, *service.aliases))):
                    gaps.services_without_runbook.add(service.name)

    def _judge_links(self, gaps: Gaps, walked: _Walked) -> None:
        for entry, link in walked.linking:
            source, path = source_and_path(entry.key)
            meant = may_mean(path, link)
            if meant and not any((source, page) in walked.pages for page in meant):
                gaps.dead_links.add(DeadLink(entry, link))

    def _judge_rules(self, gaps: Gaps, walked: _Walked, scope: CallerScope) -> None:
        links = self._ruled(walked.rules)
        while some := list(islice(links, LINKS_AT_ONCE)):
            keys = [link_keys(link.link) for link in some]
            found = self._catalog.cards([key for of_one in keys for key in of_one])
            for link, of_one in zip(some, keys, strict=True):
                if not cards_behind(of_one, found, scope):
                    gaps.dead_links.add(link)

    def _ruled(self, rules: Sequence[CatalogEntry]) -> Iterator[DeadLink]:
        """The links of the alerts of each rule file, dead or not."""
        for entry in rules:
            for key, cards in self._catalog.cards(entry.keys).items():
                for card in (card for card in cards if card.doc_id == entry.doc_id):
                    yield from (DeadLink(entry, link, key.value) for link in card.links)

    def _judge_alerts(self, gaps: Gaps, walked: _Walked, scope: CallerScope) -> None:
        try:
            records = self._alerts.listed(MOST_ALERTS)
        except TableUnavailableError:
            gaps.not_known.append("alerts without a runbook: the table of alerts does not answer")
            return
        visible = self._documents.are_visible(
            sorted({record.answer.doc_id for record in records if record.answer and record.answer.doc_id}), scope
        )
        unanswered: dict[tuple[str, str], UnansweredAlert] = {}
        for record in records:
            key = AlertKey.of("alert", record.name)
            is_answered = record.answer is not None and record.answer.doc_id in visible
            if is_answered or key is None or key.value in walked.alerts:
                continue
            known = unanswered.get((record.name, record.service))
            count, last_at = (known.count, known.last_at) if known else (0, record.started_at)
            alert = UnansweredAlert(record.name, record.service, count + record.fired, last_at)
            unanswered[record.name, record.service] = alert
        for alert in unanswered.values():
            gaps.alerts_without_runbook.add(alert)
