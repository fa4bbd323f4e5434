"""Writes the help of every command into ``docs/cli.md``: ``python -m infra.cli.reference``.

The words around it are written by hand; a test fails when the page and the help have drifted apart.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from infra.cli.main import pp

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
WIDTH = 100
_HELP = re.compile(r"(<!-- help -->\n).*(<!-- end -->)", re.DOTALL)


def help_pages() -> str:
    return "\n".join(f"### {words}\n\n```text\n{text}\n```\n" for words, text in _helps(pp, "pp"))


def rewritten(page: str) -> str:
    return _HELP.sub(lambda found: f"{found[1]}\n{help_pages()}\n{found[2]}", page)


def _helps(command: click.Command, words: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    name = words.split()[-1]
    with click.Context(command, parent, name, terminal_width=WIDTH, **command.context_settings) as context:
        if parent is None or not isinstance(command, click.Group):
            yield words, command.get_help(context)
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                yield from _helps(command.commands[name], f"{words} {name}", context)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text()))
    sys.stdout.write(f"{PAGE} has the help of today\n")
