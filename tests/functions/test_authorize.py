"""The authorizer of API keys, from the event that the gateway sends it."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.functions.world import World

KEY = "correct-horse-battery-staple-of-a-sample"
HASH = sha256(KEY.encode()).hexdigest()
EVENT = json.loads((Path(__file__).parents[2] / "events" / "authorize" / "key.json").read_text())


@pytest.fixture
def keyed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("CALLER_GROUPS", f"sha256:{HASH}=sre,platform")
    return world


def with_header(value: str | None) -> dict[str, Any]:
    headers = {name: given for name, given in EVENT["headers"].items() if name != "authorization"}
    return EVENT | {"headers": headers | ({"authorization": value} if value is not None else {})}


def test_who_sends_a_key_is_let_in_with_its_groups(keyed: World) -> None:
    answer = keyed.call("authorize", EVENT)

    assert answer == {"isAuthorized": True, "context": {"caller": f"key {HASH[:12]}", "groups": "sre,platform"}}


@pytest.mark.parametrize("header", [None, "", "Bearer", f"Bearer {KEY[:-1]}", f"Basic {KEY}", f"Bearer {HASH}"])
def test_who_sends_none_is_not(keyed: World, header: str | None) -> None:
    assert keyed.call("authorize", with_header(header)) == {"isAuthorized": False, "context": {}}


def test_an_event_without_headers_lets_nobody_in(keyed: World) -> None:
    assert keyed.call("authorize", {"version": "2.0", "type": "REQUEST"})["isAuthorized"] is False


def test_the_key_is_not_logged(keyed: World, capsys: pytest.CaptureFixture[str]) -> None:
    keyed.call("authorize", EVENT)
    keyed.call("authorize", with_header(f"Bearer {KEY}2"))

    assert KEY not in "".join(capsys.readouterr())
