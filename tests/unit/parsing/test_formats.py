import pytest

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import (
    FORMATS,
    MAX_RAW_BYTES,
    format_of,
    is_data,
    is_document,
    is_text,
    is_wanted,
    parse_document,
)
from tests.unit.parsing.reading import read, texts


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("disk.md", "markdown"),
        ("DISK.MD", "markdown"),
        ("a.b.markdown", "markdown"),
        ("disk.html.md.erb", "markdown"),
        ("playbooks.md#diskfull", "markdown"),
        ("a#b/disk.rst", "restructuredtext"),
        ("page.htm", "html"),
        ("page.asciidoc", "asciidoc"),
        ("app.log", "text"),
        ("runbook", "text"),
        ("größe 100%/disk full?.md", "markdown"),
        ("picture.png", None),
        ("values.yaml.j2", None),
        ("a.md.orig", None),
        (".hidden.md", None),
        (".git/HEAD", None),
        ("#a.md#", None),
        ("script.erb", None),
    ],
)
def test_the_ending_says_the_format(path: str, name: str | None) -> None:
    assert format_of(f"runbooks/{path}") == name
    assert is_document(f"runbooks/{path}") == (name is not None)


def test_an_ending_that_is_not_read_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidDocumentError) as refused:
        parse_document("runbooks/picture.png", b"text")

    assert "document 'runbooks/picture.png' has an ending that is not read" in str(refused.value)
    assert all(ending in str(refused.value) for ending in FORMATS)


@pytest.mark.parametrize("name", ["disk.yaml", "disk.YML", "values.json"])
def test_of_yaml_and_json_the_name_says_nothing_but_that(name: str) -> None:
    assert is_data(f"runbooks/{name}")
    assert not is_document(f"runbooks/{name}")
    assert not is_wanted(f"runbooks/{name}", b"replicas: 3")
    assert not is_data(f"runbooks/.{name}")


@pytest.mark.parametrize("body", [b"", b" \n\t\n", b"\xef\xbb\xbf", "\u200b\n".encode()])
@pytest.mark.parametrize("ending", [each for each in FORMATS if is_document(f"a/a{each}") and is_text(f"a/a{each}")])
def test_an_empty_file_is_refused_in_every_format_of_text(ending: str, body: bytes) -> None:
    with pytest.raises(InvalidDocumentError, match=f"document 'runbooks/a{ending}' has no text"):
        parse_document(f"runbooks/a{ending}", body)


def test_a_file_over_the_size_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidDocumentError, match="is larger than 5,242,880 bytes"):
        parse_document("runbooks/a.md", b"\0" * (MAX_RAW_BYTES + 1))


@pytest.mark.parametrize("ending", ["md", "adoc", "rst", "html", "txt"])
def test_too_much_text_is_refused_in_every_format(ending: str) -> None:
    with pytest.raises(InvalidDocumentError, match="has more than 1,000,000 bytes of text"):
        parse_document(f"runbooks/a.{ending}", b"x" * 2_000_001)


@pytest.mark.parametrize(
    ("ending", "head", "row", "rows"),
    [
        ("md", "| a | b |\n|---|---|\n", "| 1 | 2 |\n", 100_000),
        ("adoc", "|===\n", "|a |b\n", 100_000),
        ("rst", ".. list-table::\n\n", "   * - a\n", 2_100),
        ("html", "<table>", "<tr><td>a<td>b", 100_000),
    ],
)
def test_a_giant_table_is_refused_in_every_format(ending: str, head: str, row: str, rows: int) -> None:
    with pytest.raises(InvalidDocumentError, match=f"'runbooks/a.{ending}' has more than 2,000 table rows"):
        parse_document(f"runbooks/a.{ending}", (head + row * rows).encode())


def test_a_table_as_wide_as_it_is_long_is_refused() -> None:
    with pytest.raises(InvalidDocumentError, match="more than 40,000 table cells"):
        parse_document("runbooks/a.md", ("|a" * 300 + "|\n" + "|-" * 300 + "|\n" + "|1|\n" * 200).encode())


def test_pipes_in_a_code_block_are_no_table() -> None:
    parsed = read("a.md", "```\na | b\n--|--\n" + "1 | 2\n" * 3000 + "```\n")

    assert [block.kind for block in parsed.blocks] == ["code"]


def test_too_many_passages_are_refused_by_name() -> None:
    with pytest.raises(InvalidDocumentError, match=r"document 'runbooks/a\.md' has more than 2,000 passages"):
        parse_document("runbooks/a.md", b"# a\n\ntext\n\n# b\n\ntext\n\n" * 1001)


def test_plain_text_is_paragraphs_between_empty_lines() -> None:
    parsed = read("a.txt", "one\ntwo\n\n\n  three\n# four\n")

    assert texts(parsed) == ["one\ntwo", "  three\n# four"]
    assert [(block.start, block.end) for block in parsed.blocks] == [(0, 7), (10, 24)]


def test_a_heading_as_long_as_a_book_is_cut_in_the_path_and_kept_as_text() -> None:
    parsed = read("a.md", "# " + "word " * 1000 + "\n\nbelow")

    assert len(parsed.title) == 200
    assert [len(text) for text in texts(parsed)] == [4999, 5]
