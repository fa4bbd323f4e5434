"""A recorded storm: its lines, checked before anything is sent, and what people would get of it."""

import heapq
import json
import tempfile
from base64 import b64encode
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any, cast

from infra.cli.errors import CommandError
from infra.cli.senders import FORM
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.records import SQLiteRecords
from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.episodes import EpisodePolicy
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.domain.notices import Notice
from personal_pipeline.domain.routing import Routes, TargetSettings
from personal_pipeline.edge.deliveries import delivery_messages
from personal_pipeline.messages import AlertMessage, TickMessage
from personal_pipeline.ports import Cache, Catalog, OutgoingMessage, Queue
from personal_pipeline.services.alert_records import AlertRecords
from personal_pipeline.services.announce_notices import AnnounceNotices
from personal_pipeline.services.answer_alert import AnswerAlert
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.handle_alerts import HandleAlerts
from personal_pipeline.services.known_services import KnownServices
from personal_pipeline.services.match_alert import MatchAlert
from personal_pipeline.services.queue_deliveries import DeliveryQueues
from personal_pipeline.services.recently_handled import RecentlyHandled

LINE = 'a line is {"at": seconds or ISO time, "source": name, "body": {...}}'


@dataclass(frozen=True, slots=True)
class Recorded:
    """One webhook; ``after`` is in seconds from the first."""

    number: int
    after: float
    source: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What becomes of a line; ``messages`` are those that go out before the next line comes."""

    alerts: tuple[Alert, ...]
    unreadable: tuple[str, ...]
    messages: tuple[Notice, ...]


def read_lines(text: str, sources: Container[str]) -> list[Recorded]:
    """Raises CommandError, which names the line."""
    found: list[Recorded] = []
    began = last = 0.0
    are_times: bool | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        said = _object(number, line)
        at, source = _time(number, said.get("at")), said.get("source")
        if are_times not in (None, isinstance(said["at"], str)):
            raise CommandError(f"line {number}: 'at' is seconds in some lines and a time in others: choose one")
        if found and at < last:
            raise CommandError(f"line {number}: 'at' is before that of the line above: sort the lines by time")
        if not isinstance(source, str) or source not in sources:
            raise CommandError(
                f"line {number}: there is no source {source!r}: name one of docs/alert-sources.md, or your mapping"
            )
        are_times = isinstance(said["at"], str)
        began, last = (began if found else at), at
        found.append(Recorded(number, at - began, source, _body(number, said.get("body"))))
    if not found:
        raise CommandError(f"there is no line in it: {LINE}")
    return found


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"line {number} is not JSON ({error}): {LINE}") from error
    if not isinstance(said, dict):
        raise CommandError(f"line {number} is no object: {LINE}")
    return said


def _time(number: int, at: object) -> float:
    if isinstance(at, int | float) and not isinstance(at, bool) and isfinite(at):
        return float(at)
    try:
        when = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        when = None
    if when is None:
        raise CommandError(f"line {number}: 'at' is {at!r}, neither seconds nor a time as 2026-11-20T02:47:12Z")
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _body(number: int, body: object) -> bytes:
    if isinstance(body, str):
        return body.encode(errors="replace")
    if isinstance(body, dict | list):
        return json.dumps(body).encode()
    raise CommandError(f"line {number}: 'body' is no object: it is the webhook's body, or a text for a form")


def foreseen(lines: Sequence[Recorded], sources: AlertSources, now: float) -> Iterator[Foreseen]:
    """Handles the lines as the system would, by a clock that jumps. No runbook is looked for."""
    with _simulation(sources, now) as play:
        for place, line in enumerate(lines):
            following = lines[place + 1].after if place + 1 < len(lines) else float("inf")
            yield play.line(line, following)


class _Played:
    """The alert side of the system, with a queue of ticks; what it would deliver is kept."""

    def __init__(self, folder: Path, sources: AlertSources, began: float) -> None:
        self.now = self._began = began
        self._sources = sources
        self._ticks: list[tuple[float, int, str]] = []
        self._sent = 0
        self._notices: list[Notice] = []
        table = SQLiteRecords(Database(folder / "replay.db"), self._clock)
        records = AlertRecords(table, Breaker(1, 1.0, self._clock), self._clock)
        services = KnownServices(cast("Catalog", _NoServices()), self._clock)
        target = TargetSettings("people", "terminal")
        routes = Routes((target,), (), ("people",))
        queues = DeliveryQueues({"terminal": cast("Queue", _Sending(self._deliver))})
        ticks = cast("Queue", _Sending(self._wait))
        answer = AnswerAlert(cast("MatchAlert", _without_runbook), cast("Cache", None), self._clock)
        self._announce = AnnounceNotices(records, services, lambda: routes, queues, ticks, self._clock)
        recently = RecentlyHandled(self._clock)
        self._handle = HandleAlerts(
            sources, records, services, answer, self._announce, recently, self._clock, EpisodePolicy()
        )

    def line(self, line: Recorded, until: float) -> Foreseen:
        """Handles it, and what is due before the next one."""
        self.now, self._notices = self._began + line.after, []
        is_form = line.body.lstrip()[:1] not in {b"{", b"["}
        content_type = FORM if is_form else "application/json"
        message = AlertMessage(
            source=line.source, received_at=self.now, body=b64encode(line.body).decode(), content_type=content_type
        )
        alerts: tuple[Alert, ...] = ()
        unreadable: tuple[str, ...] = ()
        try:
            read = self._sources.read_body(line.source, line.body, content_type)
            alerts, unreadable = read.alerts, read.unreadable
            self._handle(message, str(line.number), 1)
        except PipelineError as error:
            unreadable = unreadable or (str(error),)
        while self._ticks and self._ticks[0][0] <= self._began + until:
            self.now, _, body = heapq.heappop(self._ticks)
            self._announce.tick(TickMessage.model_validate_json(body))
        return Foreseen(alerts, unreadable, tuple(self._notices))

    def _clock(self) -> float:
        return self.now

    def _wait(self, message: OutgoingMessage) -> None:
        self._sent += 1
        heapq.heappush(self._ticks, (self.now + (message.delay_seconds or 0), self._sent, message.body))

    def _deliver(self, message: OutgoingMessage) -> None:
        self._notices += [one.notice for one in delivery_messages(message.body)]


@contextmanager
def _simulation(sources: AlertSources, began: float) -> Iterator[_Played]:
    with tempfile.TemporaryDirectory() as folder:
        yield _Played(Path(folder), sources, began)


class _Sending:
    """The end of a queue that messages go into."""

    def __init__(self, send: Any) -> None:
        self._send = send

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        for message in messages:
            self._send(message)


class _NoServices:
    @staticmethod
    def services() -> list[Any]:
        return []


def _without_runbook(alert: Alert) -> RunbookMatch:
    return RunbookMatch(alert, "none", None)
