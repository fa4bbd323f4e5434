"""The use cases as the functions get them, one builder each, over the parts that the settings choose."""

import time
from collections.abc import Container, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from personal_pipeline import __version__, parts
from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.ports import Queue
from personal_pipeline.settings import (
    BreakerSettings,
    BucketSettings,
    CacheSettings,
    CatalogueSettings,
    DeliverSettings,
    EpisodeSettings,
    QueueSettings,
    RoutingSettings,
    SlackSettings,
    WarmSettings,
    WebhookSettings,
)

if TYPE_CHECKING:
    from personal_pipeline.domain.senders import Sender
    from personal_pipeline.services.alert_records import AlertRecords
    from personal_pipeline.services.announce_notices import AnnounceNotices
    from personal_pipeline.services.breaker import Breaker
    from personal_pipeline.services.deliver_notice import DeliverNotice
    from personal_pipeline.services.embed_texts import EmbedTexts
    from personal_pipeline.services.find_documents import FindDocuments
    from personal_pipeline.services.find_gaps import FindGaps
    from personal_pipeline.services.finish_pending import FinishPending
    from personal_pipeline.services.give_feedback import GiveFeedback
    from personal_pipeline.services.handle_alerts import HandleAlerts
    from personal_pipeline.services.ingest_documents import IngestDocuments
    from personal_pipeline.services.known_services import KnownServices
    from personal_pipeline.services.list_alerts import ListAlerts
    from personal_pipeline.services.list_documents import ListDocuments
    from personal_pipeline.services.list_sources import ListSources
    from personal_pipeline.services.match_alert import MatchAlert
    from personal_pipeline.services.measure_coverage import MeasureCoverage
    from personal_pipeline.services.once_by_key import OnceByKey
    from personal_pipeline.services.queue_deliveries import DeliveryQueues
    from personal_pipeline.services.read_document import ReadDocument
    from personal_pipeline.services.read_structure import ReadStructure
    from personal_pipeline.services.recall_feedback import RecallFeedback
    from personal_pipeline.services.receive_alert import ReceiveAlert
    from personal_pipeline.services.reindex_documents import ReindexDocuments
    from personal_pipeline.services.report_health import ReportHealth
    from personal_pipeline.services.search_runbooks import SearchRunbooks
    from personal_pipeline.services.suggest_names import SuggestNames
    from personal_pipeline.services.take_slack_click import TakeSlackClick
    from personal_pipeline.services.visible_documents import VisibleDocuments
    from personal_pipeline.services.warm_cache import WarmCache

VERSION = __version__
_OVERHEAD_BYTES = 400  # a cache entry's objects besides its body


def search_runbooks() -> "SearchRunbooks":
    """Each with a memory of its own, which is for one thread."""
    from personal_pipeline.services.memory_cache import MemoryCache
    from personal_pipeline.services.popularity import Popularity
    from personal_pipeline.services.search_runbooks import CachePolicy, SearchRunbooks

    policy = CacheSettings.from_env()
    return SearchRunbooks(
        find=_find_documents(),
        cache=parts.cache(),
        catalog=parts.catalog(),
        refresh_queue=parts.queue(QueueSettings.from_env().refresh_queue_url, timeout_seconds=0.25, attempts=1),
        popularity=Popularity(parts.activity(), time.time),
        memory=MemoryCache(policy.l1_max_bytes, policy.l1_ttl_seconds, lambda entry: len(entry.body) + _OVERHEAD_BYTES),
        policy=CachePolicy(
            policy.generation_max_age_seconds,
            policy.fresh_seconds,
            policy.empty_fresh_seconds,
            policy.stale_seconds,
            policy.stale_list_seconds,
        ),
        clock=time.time,
    )


def suggest_names() -> "SuggestNames":
    from personal_pipeline.services.suggest_names import SuggestNames

    return SuggestNames(parts.index(writer=False), _breaker("index"))


@cache
def read_document() -> "ReadDocument":
    from personal_pipeline.services.read_document import ReadDocument

    return ReadDocument(parts.cache(), _restore_document)


@cache
def read_structure() -> "ReadStructure":
    from personal_pipeline.services.read_structure import ReadStructure

    every_days = CatalogueSettings.from_env().review_every_days
    return ReadStructure(read_document(), _restore_document, every_days, time.time)


@cache
def give_feedback() -> "GiveFeedback":
    from personal_pipeline.services.give_feedback import GiveFeedback

    return GiveFeedback(parts.activity(), read_document(), time.time)


@cache
def list_sources() -> "ListSources":
    from personal_pipeline.services.list_sources import ListSources

    return ListSources(_visible_documents())


@cache
def list_documents() -> "ListDocuments":
    from personal_pipeline.services.list_documents import ListDocuments

    return ListDocuments(_visible_documents(), CatalogueSettings.from_env().review_every_days, time.time)


@cache
def find_gaps(most_seconds: float = 6.0) -> "FindGaps":
    """The function that asks has ten seconds."""
    from personal_pipeline.services.find_gaps import FindGaps

    every_days = CatalogueSettings.from_env().review_every_days
    return FindGaps(_visible_documents(), parts.catalog(), _alert_records(), every_days, time.time, most_seconds)


def _visible_documents() -> "VisibleDocuments":
    from personal_pipeline.services.visible_documents import VisibleDocuments

    return VisibleDocuments(parts.cache(), parts.catalog())


@cache
def once_by_key() -> "OnceByKey":
    from personal_pipeline.services.once_by_key import OnceByKey

    return OnceByKey(parts.records(), time.time)


def report_health() -> "ReportHealth":
    from personal_pipeline.services.report_health import ReportHealth

    return ReportHealth(parts.index(writer=False), parts.cache())


def ingest_documents() -> "IngestDocuments":
    from personal_pipeline.services.ingest_documents import IngestDocuments

    index = parts.index(writer=True)
    queue = parts.queue(QueueSettings.from_env().ingest_queue_url)
    return IngestDocuments(
        parts.catalog(), parts.store(), index, parts.cache(), parts.parser(), queue, time.time, embed_texts()
    )


def reindex_documents() -> "ReindexDocuments":
    from personal_pipeline.services.reindex_documents import ReindexDocuments

    queue = parts.queue(QueueSettings.from_env().ingest_queue_url)
    return ReindexDocuments(parts.catalog(), parts.cache(), queue, BucketSettings.from_env().documents_bucket)


def finish_pending() -> "FinishPending":
    from personal_pipeline.services.finish_pending import FinishPending

    queue = parts.queue(QueueSettings.from_env().ingest_queue_url)
    return FinishPending(parts.catalog(), queue, BucketSettings.from_env().documents_bucket, time.time)


def warm_cache() -> "WarmCache":
    from personal_pipeline.services.warm_cache import WarmCache

    settings = WarmSettings.from_env()
    return WarmCache(
        search_runbooks(),
        _restore_document,
        parts.activity(),
        parts.catalog(),
        parts.cache(),
        time.time,
        settings.warm_limit,
        settings.warm_days,
    )


def receive_alert() -> "ReceiveAlert":
    from personal_pipeline.alert_mappings import alert_sources
    from personal_pipeline.services.receive_alert import ReceiveAlert, SenderSecrets
    from personal_pipeline.services.seen_requests import SeenRequests

    settings = WebhookSettings.from_env()
    secrets = SenderSecrets(parts.secrets(), settings.webhook_secret_name, settings.webhook_secret_name_prefix)
    queue = parts.queue(QueueSettings.from_env().alert_queue_url)
    seen = SeenRequests(parts.records(), time.time)
    sources = alert_sources()
    return ReceiveAlert(sources, _senders(settings.senders_file, sources), secrets, seen, queue, time.time)


def take_slack_click() -> "TakeSlackClick":
    """It reads no document but the rendered copy: what parses one again has no place in this function."""
    from personal_pipeline.adapters.slack_reply import SlackReply
    from personal_pipeline.adapters.targets.http_client import HttpClient
    from personal_pipeline.services.give_feedback import GiveFeedback
    from personal_pipeline.services.read_document import ReadDocument
    from personal_pipeline.services.take_slack_click import TakeSlackClick

    return TakeSlackClick(
        parts.secrets(),
        SlackSettings.from_env().slack_signing_secret_name,
        parts.records(),
        GiveFeedback(parts.activity(), ReadDocument(parts.cache(), lambda _: None), time.time),
        SlackReply(HttpClient("slack", allow_private=False, read_seconds=1.0)),
        time.time,
    )


def _senders(file: str, sources: Container[str]) -> "Mapping[str, Sequence[Sender]]":
    """The file is read, and what checks it imported, only where there is one."""
    from personal_pipeline.domain.senders import SENDERS

    if not file:
        return SENDERS
    from personal_pipeline.sender_choices import senders

    return senders(file, sources)


@cache
def handle_alerts() -> "HandleAlerts":
    from personal_pipeline.alert_mappings import alert_sources
    from personal_pipeline.domain.episodes import EpisodePolicy
    from personal_pipeline.services.answer_alert import AnswerAlert
    from personal_pipeline.services.handle_alerts import HandleAlerts
    from personal_pipeline.services.recently_handled import RecentlyHandled

    settings = EpisodeSettings.from_env()
    return HandleAlerts(
        alert_sources(),
        _alert_records(),
        known_services(),
        AnswerAlert(match_alert(), parts.cache(), time.time),
        announce_notices(),
        RecentlyHandled(time.time),
        time.time,
        EpisodePolicy(settings.alert_quiet_seconds, settings.alert_remind_seconds),
    )


@cache
def announce_notices() -> "AnnounceNotices":
    from personal_pipeline.services.announce_notices import AnnounceNotices

    ticks = parts.queue(QueueSettings.from_env().alert_queue_url)
    return AnnounceNotices(_alert_records(), known_services(), parts.routes, queue_deliveries(), ticks, time.time)


@cache
def list_alerts() -> "ListAlerts":
    from personal_pipeline.services.list_alerts import ListAlerts

    return ListAlerts(_alert_records(), parts.records(), _visible_documents())


@cache
def _alert_records() -> "AlertRecords":
    from personal_pipeline.services.alert_records import AlertRecords

    return AlertRecords(parts.records(), _records_breaker(), time.time)


@cache
def known_services() -> "KnownServices":
    from personal_pipeline.services.known_services import KnownServices

    return KnownServices(parts.catalog(), time.time)


def match_alert() -> "MatchAlert":
    from personal_pipeline.services.match_alert import MatchAlert

    return MatchAlert(parts.catalog(), _find_documents(), recall_feedback=_recall_feedback())


def measure_coverage() -> "MeasureCoverage":
    from personal_pipeline.services.measure_coverage import MeasureCoverage

    return MeasureCoverage(match_alert())


def _restore_document(doc_id: str) -> RenderedDocument | None:
    """Parsers are imported when a copy is really lost."""
    from personal_pipeline.services.restore_document import RestoreDocument

    return RestoreDocument(parts.catalog(), parts.store(), parts.parser(), parts.cache())(doc_id)


def ingest_retries() -> tuple[Queue, tuple[int, ...]]:
    settings = QueueSettings.from_env()
    return parts.queue(settings.ingest_queue_url), settings.retry_delays


@cache
def deliver_notice() -> "DeliverNotice":
    from personal_pipeline import targets
    from personal_pipeline.services.deliver_notice import DeliverNotice

    return DeliverNotice(targets.target, parts.records(), _target_breaker, time.time)


def queue_deliveries() -> "DeliveryQueues":
    from personal_pipeline.services.queue_deliveries import DeliveryQueues

    return DeliveryQueues(parts.delivery_queues())


def delivery_retries(queue_arn: str) -> tuple[Queue, tuple[int, ...]]:
    """Of the queue that a batch came from: an ARN ends with the queue's name, and so does its URL."""
    name = queue_arn.rpartition(":")[2]
    url = next((url for url in RoutingSettings.from_env().queue_urls.values() if url.rpartition("/")[2] == name), name)
    return parts.queue(url), DeliverSettings.from_env().delivery_delays


def alert_retries() -> tuple[Queue, tuple[int, ...]]:
    settings = QueueSettings.from_env()
    return parts.queue(settings.alert_queue_url), settings.retry_delays


def prepare_index() -> int:
    """Create what is missing of the index, as its writer; returns how many passages it holds."""
    index = parts.index(writer=True)
    index.prepare()
    return index.count()


@cache
def embed_texts() -> "EmbedTexts | None":
    from personal_pipeline.services.embed_texts import EmbedTexts

    embedder = parts.embedder()
    return EmbedTexts(embedder, parts.cache(), time.time) if embedder else None


@cache
def _recall_feedback() -> "RecallFeedback":
    from personal_pipeline.services.recall_feedback import RecallFeedback

    return RecallFeedback(parts.activity(), time.time)


@cache
def _find_documents() -> "FindDocuments":
    from personal_pipeline.services.find_documents import FindDocuments

    return FindDocuments(parts.index(writer=False), _breaker("index"), embed_texts(), _breaker("embedder"), time.time)


@cache
def _target_breaker(name: str) -> "Breaker":  # noqa: ARG001  # one for each target
    from personal_pipeline.services.breaker import Breaker

    settings = DeliverSettings.from_env()
    return Breaker(settings.target_breaker_failures, settings.target_breaker_open_seconds, time.monotonic)


@cache
def _records_breaker() -> "Breaker":
    """What fails there failed after several attempts."""
    from personal_pipeline.services.breaker import Breaker

    return Breaker(1, BreakerSettings.from_env().breaker_open_seconds, time.monotonic)


@cache
def _breaker(of: str) -> "Breaker":  # noqa: ARG001  # one for each part that may fail
    from personal_pipeline.services.breaker import Breaker

    settings = BreakerSettings.from_env()
    return Breaker(settings.breaker_failures, settings.breaker_open_seconds, time.monotonic)
