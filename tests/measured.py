"""Figures that tests with full counts and the benchmark measure, and their way into the documentation.

``python -m tests.measured FROM TO`` gathers them with the commit they were measured at.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def record(name: str, value: float, unit: str, **detail: Any) -> None:
    """One figure; kept as a JSON line in the file that MEASURED names, if it names one."""
    if file := os.environ.get("MEASURED"):
        line = json.dumps({"name": name, "value": _rounded(value), "unit": unit, "detail": _rounded(detail)})
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(line + "\n")


def gather(lines: str) -> dict[str, Any]:
    """``uncommitted``: files were changed since that commit, so the figures are not quite its own."""
    return {
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "figures": [json.loads(line) for line in lines.splitlines()],
    }


def _rounded(value: Any) -> Any:
    """To four figures: more would be noise."""
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:3])
    target.write_text(json.dumps(gather(source.read_text(encoding="utf-8")), indent=1) + "\n", encoding="utf-8")
