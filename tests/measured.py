"""Figures that tests with full counts write down, one JSON line each, into the file that MEASURED names."""

import json
import os
from pathlib import Path
from typing import Any


def record(name: str, value: float, unit: str, **detail: Any) -> None:
    if file := os.environ.get("MEASURED"):
        line = json.dumps({"name": name, "value": value, "unit": unit, "detail": detail})
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(line + "\n")
