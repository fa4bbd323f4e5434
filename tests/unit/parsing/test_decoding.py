import pytest

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import decode


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"plain\r\nlines\rend", "plain\nlines\nend"),
        ("größe".encode(), "größe"),
        (b"\xef\xbb\xbfwith a mark", "with a mark"),
        ("größe €".encode("utf-16"), "größe €"),
        (b"\xfe\xff" + "größe".encode("utf-16-be"), "größe"),
        ("one\u2028two".encode(), "one\ntwo"),
    ],
)
def test_text_is_read_in_the_encodings_that_say_what_they_are(body: bytes, text: str) -> None:
    assert decode("runbooks/a.md", body) == (text, [])


def test_what_is_not_utf8_is_read_as_windows_text_and_flagged() -> None:
    text, warnings = decode("runbooks/a.md", "Größe – 5 €".encode("cp1252"))

    assert text == "Größe – 5 €"
    assert warnings == ["not UTF-8 at byte 2: read as Windows-1252, save it as UTF-8"]
    assert decode("runbooks/a.md", b"caf\xe9 \x81")[0] == "café "


@pytest.mark.parametrize(
    "body",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\x1f\x8b\x08" + bytes(range(1, 256)) * 4,
        "no mark".encode("utf-16-le"),
        bytes(range(1, 32)) * 10,
    ],
)
def test_binary_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(InvalidDocumentError, match=r"document 'runbooks/a\.md' is binary, not text"):
        decode("runbooks/a.md", body)


def test_text_that_breaks_its_own_mark_is_refused() -> None:
    with pytest.raises(InvalidDocumentError, match="begins as utf-8 but is not, at byte 4"):
        decode("runbooks/a.md", b"\xef\xbb\xbfa\xff")
    with pytest.raises(InvalidDocumentError, match="begins as utf-16-le but is not"):
        decode("runbooks/a.md", b"\xff\xfea")


@pytest.mark.parametrize("hidden", ["\u200b", "\u200f", "\u202e", "\u2066", "\ufeff", "\U000e0041", "\U000e01ef"])
def test_characters_that_show_nothing_are_taken_out_and_counted(hidden: str) -> None:
    assert decode("runbooks/a.md", f"re{hidden}start{hidden}".encode()) == (
        "restart",
        ["2 invisible characters were taken out"],
    )


def test_control_characters_that_could_drive_a_terminal_are_taken_out() -> None:
    text, warnings = decode("runbooks/a.md", b"a\x1b[31mred\x1b[0m " + b"word " * 50)

    assert text.startswith("a[31mred[0m ")
    assert warnings == ["2 control characters were taken out"]
