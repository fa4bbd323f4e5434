"""What ``pp coverage`` is given, as alert rules: files, folders, patterns.

A file that says that it is rules and cannot be read is a ``Problem``; one that is something else is only counted.
"""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.cli.uploads import Problem
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import MAX_RAW_BYTES, AlertRule, decode, read_rules

ENDINGS = {".yaml", ".yml"}


@dataclass(slots=True)
class RuleFiles:
    rules: list[tuple[str, AlertRule]] = field(default_factory=list)  # with the file of each
    files: int = 0
    others: int = 0
    warnings: list[Problem] = field(default_factory=list)  # rules that were left out
    problems: list[Problem] = field(default_factory=list)


def read_rule_files(paths: Sequence[str]) -> RuleFiles:
    found = RuleFiles()
    for given in dict.fromkeys(paths):
        listed = list(_files(given))
        if not listed:
            found.problems.append(Problem(given, "is not there: name a rule file, a folder or a pattern"))
        for path in listed:
            _read(path, found)
    return found


def _files(given: str) -> Iterator[Path]:
    path = Path(given)
    if path.is_dir():
        below = (file for file in path.rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())
        yield from sorted(file for file in below if not any(p.startswith(".") for p in file.relative_to(path).parts))
    elif path.is_file():
        yield path
    elif glob.has_magic(given):
        names = glob.glob(given, recursive=True)  # noqa: PTH207  # absolute patterns, too
        yield from sorted(file for name in names if (file := Path(name)).is_file())


def _read(path: Path, found: RuleFiles) -> None:
    key = f"rules/{path.name.lstrip('.~')}"
    try:
        with path.open("rb") as file:
            body = file.read(MAX_RAW_BYTES)
        text, _ = decode(key, body)
        rules, warnings = read_rules(key, text)
    except OSError as error:
        found.problems.append(Problem(str(path), f"cannot be read ({error.strerror})"))
    except InvalidDocumentError as error:
        found.problems.append(Problem(str(path), str(error)))
    else:
        found.rules += [(str(path), rule) for rule in rules]
        found.warnings += [Problem(str(path), warning) for warning in warnings]
        found.files += bool(rules)
        found.others += not rules
