"""The official clients of the Model Context Protocol list and call everything, and are all answered the same.

A change of an answer shows in ``transcript.json``: run ``RECORD=1 pytest tests/agents -k python_over_http``.
"""

import json
import os
from collections.abc import Iterator

import pytest

from tests.agents import clients
from tests.agents.scenario import SAMPLES, STEPS, TRANSCRIPT, recorded, transcript
from tests.integration.one_machine import Server

MODERN = "2026-07-28"
WAYS = {
    "python_over_http": (clients.python_over_http, ("legacy", "auto", MODERN)),
    "python_over_stdio": (clients.python_over_stdio, ("legacy", "auto", MODERN)),
    "typescript_over_http": (clients.typescript_over_http("client"), ("legacy", "auto", MODERN)),
    "typescript_over_stdio": (clients.typescript_over_stdio("client"), ("legacy", "auto", MODERN)),
    "first_typescript_over_http": (clients.typescript_over_http("sdk"), ("legacy",)),
    "first_typescript_over_stdio": (clients.typescript_over_stdio("sdk"), ("legacy",)),
}
EACH = [
    pytest.param(asked, mode, id=f"{name}-{mode}", marks=[pytest.mark.real] if "typescript" in name else [])
    for name, (asked, modes) in WAYS.items()
    for mode in modes
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with Server(home / "data", SAMPLES, environment={"EMBEDDER": "none"}) as server:
        server.ready()
        yield f"http://127.0.0.1:{server.port}/mcp"


@pytest.mark.parametrize(("asked", "mode"), EACH)
def test_a_client_is_answered_as_the_transcript_says(asked, mode, url):
    said = asked(url, mode, STEPS)

    assert said.complaints == ()
    if os.environ.get("RECORD"):
        TRANSCRIPT.write_text(json.dumps(transcript(said.answers), indent=1, ensure_ascii=False) + "\n")
    found, wanted = transcript(said.answers), recorded()
    assert [each["asked"] for each in found] == [each["asked"] for each in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one == other


@pytest.mark.parametrize(("mode", "version"), [("legacy", "2025-11-25"), ("auto", MODERN), (MODERN, MODERN)])
def test_both_generations_of_the_protocol_are_spoken(mode, version, url):
    assert clients.python_over_http(url, mode, []).version == version
    assert clients.python_over_stdio(url, mode, []).version == version
