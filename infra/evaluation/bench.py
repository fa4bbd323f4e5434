"""A benchmark folder: documents, alerts and questions. What would be right is read elsewhere, and later.

A held-out folder has the same form; ``no_runbook.jsonl`` may be missing. Whatever is wrong with a file is said with
its line, because a benchmark that is read half gives figures that look whole.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cli.uploads import Problem, Upload, found_in
from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alerts import Alert
from personal_pipeline.domain.errors import RejectedError

ALERT_SOURCE = "alertmanager"


class BenchError(RejectedError):
    """The folder cannot be used. The message names the file and the line."""


@dataclass(frozen=True, slots=True)
class AlertQuery:
    query_id: str
    alert: Alert


@dataclass(frozen=True, slots=True)
class TypedQuery:
    query_id: str
    text: str


Query = AlertQuery | TypedQuery


@dataclass(frozen=True, slots=True)
class Bench:
    """``sources`` is by document id. ``refused`` are documents that no system of ours would take."""

    folder: Path
    uploads: tuple[Upload, ...]
    refused: tuple[Problem, ...]
    sources: dict[str, str]
    queries: tuple[Query, ...]
    without_runbook: tuple[AlertQuery, ...]

    @property
    def asked(self) -> tuple[Query, ...]:
        return (*self.queries, *self.without_runbook)

    @property
    def alerts(self) -> tuple[AlertQuery, ...]:
        return tuple(query for query in self.asked if isinstance(query, AlertQuery))


def kind_of(query_id: str) -> str:
    return query_id.rpartition(".")[2]


def read_bench(folder: Path) -> Bench:
    """Raises BenchError."""
    corpus = folder / "corpus.jsonl"
    sources = _sources(corpus)
    found = list(found_in(corpus))
    seen: dict[str, str] = {}
    alerts = [_alert(*each, seen) for each in _objects(folder / "alerts.jsonl")]
    typed = [_typed(*each, seen) for each in _objects(folder / "queries.jsonl")]
    without = folder / "no_runbook.jsonl"
    return Bench(
        folder,
        tuple(each for each in found if isinstance(each, Upload)),
        tuple(each for each in found if isinstance(each, Problem)),
        sources,
        (*alerts, *typed),
        tuple(_alert(*each, seen) for each in _objects(without)) if without.exists() else (),
    )


def _sources(corpus: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    for place, document in _objects(corpus):
        id_, source = (_text(place, document, field) for field in ("id", "source"))
        _once(id_, place, places)
        found[id_] = source
    if not found:
        raise BenchError(f"{corpus} has no documents")
    return found


def _alert(place: str, payload: dict[str, Any], seen: dict[str, str]) -> AlertQuery:
    query_id = _once(_text(place, payload, "query_id"), place, seen)
    try:
        alerts = SOURCES[ALERT_SOURCE](payload).alerts
    except RejectedError as error:
        raise BenchError(f"{place}: {error}") from error
    if len(alerts) != 1:
        raise BenchError(f"{place} has {len(alerts)} alerts: write one to a line")
    return AlertQuery(query_id, alerts[0])


def _typed(place: str, query: dict[str, Any], seen: dict[str, str]) -> TypedQuery:
    return TypedQuery(_once(_text(place, query, "query_id"), place, seen), _text(place, query, "text"))


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its place, ``file:line``."""
    for number, line in lines(path):
        place = f"{path}:{number}"
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BenchError(f"{place} is not JSON ({error}): write one object per line") from error
        if not isinstance(found, dict):
            raise BenchError(f"{place} is not a JSON object: write one object per line")
        yield place, found


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Those that are not empty, with their numbers."""
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except FileNotFoundError as error:
        raise BenchError(f"{path} is not there: name a folder with corpus, alerts and queries") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BenchError(f"{path} cannot be read: {error}") from error


def _text(place: str, found: dict[str, Any], field: str) -> str:
    value = found.get(field)
    if not isinstance(value, str) or not value or (any(char in value for char in "\t\n\r") and field.endswith("id")):
        raise BenchError(f"{place} has no {field!r}: it is a text that is not empty, an id without tabs and line ends")
    return value


def _once(id_: str, place: str, seen: dict[str, str]) -> str:
    if id_ in seen:
        raise BenchError(f"{place} has the id {id_!r} of {seen[id_]}: give it another")
    seen[id_] = place
    return id_
