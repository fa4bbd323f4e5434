from collections.abc import Iterator
from pathlib import Path

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.edge import http
from tests.functions.agent import Agent
from tests.functions.world import ENVIRONMENT, SECRET, World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {**ENVIRONMENT, "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "webhook-secret").write_text(SECRET + "\n")
    forget_built_parts()
    bootstrap.prepare_index()
    yield World(tmp_path)
    if parts.parser.cache_info().currsize:
        parts.parser().close()
    forget_built_parts()


@pytest.fixture
def agent(world: World) -> Iterator[Agent]:
    yield Agent(world)
    if "mcp" in world.apps:
        world.apps["mcp"].answer.close()


def forget_built_parts() -> None:
    for part in [*vars(bootstrap).values(), *vars(parts).values(), http.callers]:
        if hasattr(part, "cache_clear"):
            part.cache_clear()
