"""The first steps of a runbook, for a message that shows no more than those.

Read off the source text by its lines: an ordered list where there is one, else the first commands. Nothing is made up;
a text that has neither has no steps.
"""

import re
from collections.abc import Iterator

from personal_pipeline.domain.notices import Step

MAX_STEPS = 3
MAX_TEXT = 300
MAX_COMMAND = 500
_READ = 100_000  # characters of the text that are looked at
_ITEM = re.compile(r"^(?P<indent> {0,3})(?:\d{1,3}[.)]|#\.|\.)\s+(?P<text>\S.*)$")
_FENCE = re.compile(r"^\s*(?:```+|~~~+|-{4,}\s*$)\s*(?P<language>[\w+-]*)")
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*_]{2}|``?")


def first_steps(text: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for step in _steps(text[:_READ].splitlines()):
        steps.append(step)
        if len(steps) == MAX_STEPS:
            break
    return tuple(steps)


def _steps(lines: list[str]) -> Iterator[Step]:
    """Each item of the first ordered list with the first code block that follows it before the next."""
    said, language, is_code, has_items = "", "", False, False
    command: list[str] = []
    for line in [*lines, "# end"]:
        fence = _FENCE.match(line)
        if is_code:
            is_code = not fence
            if not fence and sum(map(len, command)) < MAX_COMMAND:
                command.append(line.strip())
            continue
        item = _ITEM.match(line)
        is_end = line.startswith(("#", "==")) and (said or command)
        if (item and (said or command)) or is_end:
            yield Step(said, "\n".join(command)[:MAX_COMMAND], language)
            said, language, command = "", "", []
            if is_end and has_items:
                return
        if item:
            said, has_items = _MARKUP.sub(lambda found: found[1] or "", item["text"])[:MAX_TEXT].strip(), True
        elif fence and not command and (has_items or not said):
            is_code, language = True, fence["language"]
