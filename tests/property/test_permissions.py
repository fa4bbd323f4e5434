"""Nobody learns of a document that their groups have no part in, whatever they ask and whatever was answered before.

Documents change their groups, go and come back while callers of all groups ask every route, with the index up and
down. ``FULL_COUNTS=1`` asks as often as is promised. Each planted leak must be found, or this proves nothing.
"""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import pytest

from infra.local.topology import read_topology
from infra.openapi import PUBLISHED
from infra.reference import TEMPLATE
from personal_pipeline import parts
from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.episodes import AlertRecord
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.search import CallerScope, SearchQuery
from personal_pipeline.services.read_document import ReadDocument
from personal_pipeline.services.visible_documents import VisibleDocuments
from tests.functions.agent import Agent
from tests.functions.world import World
from tests.measured import record
from tests.property.asking import ASKED
from tests.property.asking_agents import TOOLS
from tests.property.permissions import GROUPS, Universe

IS_FULL = os.environ.get("FULL_COUNTS") == "1"
COUNT, UNIVERSES = (20_000, 20) if IS_FULL else (1_000, 2)
CHANGES = 0.03  # documents that change for each request
INDEX_IS_DOWN = 0.08


def play(world: World, seed: int, count: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Counter[str]]:
    """What leaked first, and how often each route answered with which status."""
    monkeypatch.setenv("BREAKER_OPEN_SECONDS", "0.001")  # a longer one outlasts many requests of a fast machine
    universe = Universe(world, seed)
    dice, asked = universe.random, Counter[str]()
    routes = list(ASKED)
    for number in range(count):
        if dice.random() < CHANGES:
            universe.change()
        groups = tuple(dice.sample(GROUPS[1:], dice.choice([0, 0, 1, 1, 2])))
        route = routes[number % len(routes)]
        request = ASKED[route](universe)
        with monkeypatch.context() as patch:
            if dice.random() < INDEX_IS_DOWN:
                patch.setattr(TantivyIndex, "search", _down)
                patch.setattr(TantivyIndex, "named", _down)
            reply = universe.ask(request, groups)
        asked[f"{route} {reply.status}"] += 1
        if leaked := universe.leaks(request, reply, groups):
            return [f"{number}. {route} for {groups}: {request}", *leaked, reply.body[:1000]], asked
    return [], asked


def _down(*_: object, **__: object) -> None:
    raise IndexUnavailableError("down")


def test_every_route_is_asked() -> None:
    described = json.loads(PUBLISHED.read_text())["paths"]
    operations = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}

    assert operations | {route.key for route in read_topology(TEMPLATE).routes} == set(ASKED)


def test_every_tool_of_an_agent_is_asked(agent: Agent) -> None:
    assert {tool["name"] for tool in agent.result("tools/list")["tools"]} == set(TOOLS)


@pytest.mark.parametrize("seed", range(UNIVERSES))
def test_no_answer_tells_of_a_document_to_who_may_not_see_it(
    seed: int,
    agent: Agent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = perf_counter()

    leaked, asked = play(agent.world, seed, COUNT // UNIVERSES, monkeypatch)

    assert not leaked, "\n".join(leaked)
    answered = {route for route in ASKED if any(asked[f"{route} {status}"] for status in (200, 202))}
    assert answered == set(ASKED) - {"POST /v1/slack/interactions"}, "a route that only refuses proves nothing"
    record(
        "requests that could tell of a hidden document",
        asked.total(),
        "requests",
        leaks=0,
        seconds=perf_counter() - started,
    )


@dataclass(frozen=True, slots=True)
class _Scopeless(SearchQuery):
    def canonical(self) -> dict[str, Any]:
        return SearchQuery(self.text, self.filters, self.limit, self.offset).canonical()


def _search_key(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("personal_pipeline.services.search_runbooks.SearchQuery", _Scopeless)


def _with_all_groups(of: type, name: str, place: int) -> Callable[[pytest.MonkeyPatch], None]:
    """Calls the method as a member of all groups would."""
    honest = getattr(of, name)

    def generous(*arguments: Any, **more: Any) -> Any:
        given = list(arguments)
        given[place] = CallerScope(GROUPS)
        return honest(*given, **more)

    return lambda patch: patch.setattr(of, name, generous)


def _index_without_scope(patch: pytest.MonkeyPatch) -> None:
    honest = TantivyIndex.search
    patch.setattr(
        TantivyIndex, "search", lambda self, request: honest(self, replace(request, scope=CallerScope(GROUPS)))
    )


def _alerts_of_then(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AlertRecord, "for_who_sees", lambda self, _: self)


def _timeline_of_then(patch: pytest.MonkeyPatch) -> None:
    honest = AlertRecord.for_who_sees
    patch.setattr(AlertRecord, "for_who_sees", lambda self, seen: replace(honest(self, seen), timeline=self.timeline))


def _bumps_without_permissions(patch: pytest.MonkeyPatch) -> None:
    honest = type(parts.cache()).bump
    patch.setattr(type(parts.cache()), "bump", lambda self, sources, groups=(), acl=False: honest(self, (), groups))


@pytest.mark.parametrize(
    "plant",
    [
        _search_key,
        _with_all_groups(VisibleDocuments, "walk", 1),
        _with_all_groups(VisibleDocuments, "are_visible", 2),
        _with_all_groups(ReadDocument, "__call__", 2),
        _with_all_groups(TantivyIndex, "named", 2),
        _index_without_scope,
        _alerts_of_then,
        _timeline_of_then,
        _bumps_without_permissions,
    ],
    ids=["cache key", "lists", "alerts", "documents", "suggestions", "index", "answers", "timelines", "bumps"],
)
def test_a_planted_leak_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    agent: Agent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)

    leaked, _ = play(agent.world, 0, 2_000, monkeypatch)

    assert leaked
