"""What other tools are given: the same requests as rows, those that they can send."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.performance.workload.model import Request

GETS, POSTS = "gets.csv", "posts.csv"


class CannotExportError(ValueError):
    """The tool has no such load."""


def gets(requests: Iterable[Request]) -> list[str]:
    """Paths. The questions of a bulk are asked one by one."""
    asked = (one for one in requests if one.method == "GET")
    return [path for one in asked for path in (one.paths or (one.path,))]


def posts(requests: Iterable[Request]) -> list[tuple[str, str]]:
    """Paths and bodies. Webhooks carry a secret, and stay out."""
    return [(one.path, one.body) for one in requests if one.method == "POST" and not one.secret]


def write_rows(requests: Sequence[Request], folder: Path) -> None:
    for name, rows in ((GETS, [(path,) for path in gets(requests)]), (POSTS, posts(requests))):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
