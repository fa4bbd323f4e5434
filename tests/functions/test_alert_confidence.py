"""How sure an alert's runbook is, who else could have been it, and what did not answer meanwhile."""

from datetime import UTC, datetime
from typing import Any

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.domain.alerts import Alert, RunbookMatch, Severity
from personal_pipeline.domain.errors import IndexUnavailableError, TableUnavailableError, UnavailableError
from personal_pipeline.domain.ranking import ATTACH_AT, EXACT_CONFIDENCE
from tests.functions.world import World

NAMED = "---\nalerts: [VolumeFills]\n---\n"


def an_alert(name: str = "VolumeFills", **fields: Any) -> Alert:
    given: dict[str, Any] = {
        "source": "alertmanager",
        "status": "firing",
        "fingerprint": "f",
        "severity": Severity.CRITICAL,
        "service": "storage",
        "summary": "",
        "description": "",
        "runbook_url": "",
        "starts_at": datetime(2026, 11, 28, tzinfo=UTC),
    }
    return Alert(name=name, **(given | fields))


def match(alert: Alert | None = None) -> RunbookMatch:
    return bootstrap.match_alert()(alert or an_alert())


def paths(found: RunbookMatch) -> list[str]:
    return [card.path for card in ((found.runbook,) if found.runbook else ()) + found.also]


def down(_: object) -> Any:
    raise IndexUnavailableError("down")


def no_table(_: object) -> Any:
    raise TableUnavailableError("down")


@pytest.fixture
def index(world: World) -> Any:
    """That which alerts are searched in; the world's documents are written by another."""
    return parts.index(writer=False)


# By exact key ────────────────────────────────────────────────────────────────
def test_one_document_with_the_key_is_sure_and_needs_no_search(
    world: World, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.has("ops/room.md", NAMED + "# Making room\n\nRun `df -h`.\n")
    world.has("ops/other.md", "# Volume fills\n\nThe volume fills fast.\n")
    monkeypatch.setattr(index, "search", lambda _: pytest.fail("the index was asked"))

    found = match()

    assert (found.matched_by, found.confidence, found.degraded) == ("alert", EXACT_CONFIDENCE, ())
    assert (paths(found), EXACT_CONFIDENCE) == (["room.md"], 0.98)


def several_with_one_key(world: World) -> None:
    world.has("ops/a.md", NAMED + "# Handing over\n\nTell the next shift.\n")
    world.has("ops/b.md", NAMED + "# The volume fills\n\nThe volume fills: grow the volume.\n")
    world.has("ops/c.md", NAMED + "# Volume\n\nA volume.\n")


def test_several_documents_with_one_key_are_ordered_by_the_search(world: World) -> None:
    several_with_one_key(world)

    found = match(an_alert(summary="grow the volume"))

    assert (found.matched_by, found.confidence, found.degraded) == ("alert", EXACT_CONFIDENCE, ())
    assert paths(found) == ["b.md", "c.md", "a.md"]


def test_while_the_index_is_down_they_come_by_title_and_that_is_said(
    world: World, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_with_one_key(world)
    monkeypatch.setattr(index, "search", down)

    found = match(an_alert(summary="grow the volume"))

    assert (found.matched_by, found.confidence, found.degraded) == ("alert", EXACT_CONFIDENCE, ("index",))
    assert paths(found) == ["a.md", "b.md", "c.md"]


# By search ───────────────────────────────────────────────────────────────────
def test_from_the_threshold_on_what_was_found_is_the_runbook(world: World) -> None:
    world.has("ops/room.md", "# Volume is filling\n\nThe volume fills up with old logs: delete them.\n")
    world.has("ops/tea.md", "# Tea\n\nFill the kettle.\n")

    found = match(an_alert(summary="the volume fills up with logs"))

    assert found.matched_by == "search"
    assert ATTACH_AT <= found.confidence < EXACT_CONFIDENCE
    assert paths(found) == ["room.md", "tea.md"]


def test_below_the_threshold_there_is_no_runbook_but_the_nearest(world: World) -> None:
    for name in "abcde":
        world.has(f"ops/{name}.md", f"# Page {name}\n\nSomething of a volume, {name}.\n")

    found = match(an_alert(summary="the volume fills up with logs"))

    assert (found.matched_by, found.runbook, len(found.also)) == ("none", None, 4)
    assert 0 < found.confidence < ATTACH_AT
    assert found.reasons == ("text matches volume",)


def test_the_threshold_itself_is_sure_enough(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.has("ops/room.md", "# Page\n\nSomething of a volume.\n")
    confidence = match().confidence
    matched_by = {}
    for threshold in (confidence, confidence + 1e-9):
        monkeypatch.setattr("personal_pipeline.services.match_alert.ATTACH_AT", threshold)
        matched_by[threshold] = match().matched_by

    assert list(matched_by.values()) == ["search", "none"]


def test_a_catalog_that_is_down_is_named_and_the_search_decides_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.has("ops/room.md", NAMED + "# Making room\n\nRun `df -h`.\n")
    monkeypatch.setattr(parts.catalog(), "cards", no_table)

    found = match()

    assert (found.matched_by, paths(found), found.degraded) == ("search", ["room.md"], ("catalog",))


def test_when_neither_answers_the_alert_goes_back_to_the_queue(
    world: World, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.has("ops/room.md", NAMED + "# Making room\n\nRun `df -h`.\n")
    monkeypatch.setattr(index, "search", down)
    monkeypatch.setattr(parts.catalog(), "cards", no_table)

    with pytest.raises(UnavailableError):
        match()


def test_the_instance_of_an_alert_does_not_decide(world: World) -> None:
    """One document is full of the host's name, the other says what is wrong."""
    world.has("ops/inventory.md", "# db-eu-7.example.com\n\nThe host db-eu-7.example.com, rack 7, db-eu-7.\n")
    world.has("ops/room.md", "# Volume is filling\n\nThe volume fills up with old logs: delete them.\n")
    summary = "the volume fills up with logs on {}"
    hosts = ("db-eu-7.example.com", "db-us-1.example.com", "web-1")

    found = [match(an_alert(summary=summary.format(host), labels={"instance": host, "disk": "7"})) for host in hosts]

    assert {tuple(paths(each)) for each in found} == {("room.md",)}
    assert len({each.confidence for each in found}) == 1
