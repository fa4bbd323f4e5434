"""What is shown of somebody else's text is what it looks like."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.safe_text import ascii_line, visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x07", "a[31mred"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("  two\n lines\t", "two lines"),
        ("\u2028x\u2029y", "x y"),
        ("half \ud800", "half"),
        ("tag\U000e0041s", "tags"),
        ("Grüße 磁盘 🚨", "Grüße 磁盘 🚨"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 3),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_one_line_shows_what_it_is(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(), st.integers(1, 50))
def test_nothing_invisible_passes_and_nothing_is_too_long(text: str, limit: int) -> None:
    for shown in (visible(text, limit), visible_lines(text, limit), ascii_line(text, limit)):
        assert len(shown) <= limit
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"} for char in shown if char != "\n")
    assert visible(visible(text, limit), limit) == visible(text, limit)
    assert "\n" not in visible(text, limit)
    assert ascii_line(text, limit).isascii()


def test_lines_of_a_command_stay() -> None:
    assert visible_lines("for x in *; do\r\n\techo $x \ndone\x00\n", 100) == "for x in *; do\n    echo $x\ndone"


def test_accents_are_dropped_where_only_ascii_may_stand() -> None:
    assert ascii_line("Größe: déjà vu 磁", 100) == "Gro?e: deja vu ?"
