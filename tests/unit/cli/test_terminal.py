import json

import pytest

from infra.cli.terminal import one_line, print_json, styled, visible

HOSTILE = {
    "an escape sequence": ("\x1b[2Jgone", "[2Jgone"),
    "a hidden link": ("\x1b]8;;https://x.example\x1b\\here", "]8;;https://x.example\\here"),
    "a C1 control": ("a\x9b31mb", "a31mb"),
    "a bell and a backspace": ("safe\x07\x08\x08", "safe"),
    "a carriage return that overwrites": ("rm -rf /\recho", "rm -rf /\necho"),
    "text set backwards": ("\u202egnp.exe", "gnp.exe"),
    "isolates": ("a\u2066b\u2069c", "abc"),
    "zero width": ("pass\u200bword\ufeff", "password"),
    "tag characters": ("ok\U000e0069\U000e0067", "ok"),
    "half a character": ("x\ud800y", "xy"),
    "a delete": ("a\x7fb", "ab"),
    "line separators": ("a\u2028b\u2029c", "a\nb\nc"),
}


@pytest.mark.parametrize(("hostile", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_text_is_shown_without_what_moves_hides_or_reorders(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


def test_ordinary_text_of_any_script_is_left_alone() -> None:
    text = "Größe: 5 µs\n\tПривет — 数据库 🚨"

    assert visible(text) == text


def test_one_line_is_one_line() -> None:
    assert one_line(" a\n\tb \r\n c\u2028d ") == "a b c d"


def test_markup_in_somebody_elses_text_stays_text() -> None:
    assert (
        styled("[red]x[/red]", ("[link=https://x.example]y", "bold")).plain == "[red]x[/red][link=https://x.example]y"
    )


def test_printed_json_holds_nothing_that_a_terminal_would_obey(capfd: pytest.CaptureFixture[str]) -> None:
    value = {"text": "\x1b[2J\x7f\x9b\u202e\U000e0041 ü"}

    print_json(value)

    printed = capfd.readouterr().out
    assert all(char == "\n" or 32 <= ord(char) < 127 for char in printed)
    assert json.loads(printed) == value
