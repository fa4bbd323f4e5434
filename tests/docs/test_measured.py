"""Figures in the documentation come from a run, with the commit that was measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.measured import gather, record

ROOT = Path(__file__).parents[2]


def test_a_figure_is_kept_only_where_somebody_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "measured.jsonl"
    monkeypatch.delenv("MEASURED", raising=False)
    record("ingest", 1.0, "s")
    monkeypatch.setenv("MEASURED", str(kept))
    record("ingest", 9.469666, "s", documents=1353, stored=1.31892)

    (line,) = kept.read_text().splitlines()
    assert json.loads(line) == {
        "name": "ingest",
        "value": 9.47,
        "unit": "s",
        "detail": {"documents": 1353, "stored": 1.319},
    }


def test_the_gathered_file_names_the_commit_and_holds_every_figure(tmp_path: Path) -> None:
    source, target = tmp_path / "measured.jsonl", tmp_path / "measured.json"
    source.write_text('{"name": "a", "value": 1, "unit": "s", "detail": {}}\n' * 2)

    subprocess.run([sys.executable, "-m", "tests.measured", source, target], cwd=ROOT, check=True)

    written = json.loads(target.read_text())
    assert len(written["commit"]) == 40
    assert [figure["name"] for figure in written["figures"]] == ["a", "a"]
    assert written.keys() == gather("").keys()
