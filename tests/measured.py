"""Figures that tests and the benchmark measure, kept where MEASURED says, and gathered for the documentation.

``python -m tests.measured FROM TO`` writes them with the commit they were measured at.
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
    """One figure; kept only when MEASURED names a file."""
    if kept := os.environ.get("MEASURED"):
        line = json.dumps({"name": name, "value": round(value, 4), "unit": unit, "detail": detail})
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def gather(lines: str) -> dict[str, Any]:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()

    return {
        "commit": git("rev-parse", "HEAD"),
        "changed_since": bool(git("status", "--porcelain", "--untracked-files=no")),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "figures": [json.loads(line) for line in lines.splitlines()],
    }


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:3])
    target.write_text(json.dumps(gather(source.read_text(encoding="utf-8")), indent=1) + "\n", encoding="utf-8")
