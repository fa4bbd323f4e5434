from pathlib import Path
from typing import Any


def write_page(report: dict[str, Any], path: Path) -> None:
    path.write_text("", encoding="utf-8")
