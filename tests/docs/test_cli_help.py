"""The page about the command says what the command says."""

import re
import subprocess
import sys

import pytest

from infra.cli.main import pp
from infra.cli.reference import PAGE, rewritten


def test_the_page_has_the_help_of_every_command() -> None:
    page = PAGE.read_text()

    assert rewritten(page) == page, "run `python -m infra.cli.reference`"
    assert set(pp.commands) <= set(re.findall(r"^### pp ([\w-]+)", page, re.MULTILINE))


@pytest.mark.parametrize("words", ["", "search", "alert send"])
def test_the_help_on_the_page_is_what_a_person_gets_to_see(words: str) -> None:
    heading = f"### pp {words}".strip()
    written = PAGE.read_text().partition(f"{heading}\n\n```text\n")[2].partition("```")[0]

    shown = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *words.split(), "--help"], capture_output=True, text=True, check=True
    ).stdout

    assert shown.split() == written.split()


def test_the_page_names_every_variable_of_the_help_and_no_other() -> None:
    named = re.findall(r"^\| `(PP_[A-Z_]+)`", PAGE.read_text(), re.MULTILINE)

    assert set(re.findall(r"PP_[A-Z_]+", pp.help or "")) == set(named)
