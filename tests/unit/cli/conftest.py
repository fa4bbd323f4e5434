import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.cli import terminal
from infra.cli.main import main
from tests.unit.cli.stand_in import SECRET, TOKEN, StandIn, standing_in

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """What is read on the screen: without colours, line ends as spaces."""
        return " ".join(COLOURS.sub("", self.out).split())


Pp = Callable[..., Ran]


@pytest.fixture
def system() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, with the secrets of the stand-in."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    for name, value in (("token", TOKEN), ("webhook-secret", SECRET)):
        (folder / name).write_text(f"{value}\n")
        (folder / name).chmod(0o600)
    monkeypatch.setenv("PP_DATA", str(folder))
    return folder


@pytest.fixture
def pp(system: StandIn, data: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Pp]:
    """Runs the command as it is installed, against the stand-in."""
    monkeypatch.setenv("PP_URL", system.url)
    for name in ("PP_TOKEN", "PP_API_TOKEN", "PP_WEBHOOK_SECRET", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> Ran:
        terminal.out.cache_clear()
        terminal.err.cache_clear()
        monkeypatch.setattr(sys, "argv", ["pp", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capfd.readouterr()
        return Ran(int(ended.value.code or 0), shown.out, shown.err)

    yield run
    terminal.out.cache_clear()
    terminal.err.cache_clear()
