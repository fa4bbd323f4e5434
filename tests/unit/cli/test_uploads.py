import json
from pathlib import Path

import pytest

from infra.cli.uploads import MAX_LINE_BYTES, Problem, Skipped, Upload, expected, found_in


def lines(tmp_path: Path, *documents: object) -> Path:
    file = tmp_path / "export.jsonl"
    file.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in documents))
    return file


def only(file: Path) -> Upload | Problem | Skipped:
    (found,) = found_in(file)
    return found


def test_a_folder_gives_its_documents_under_its_own_name(tmp_path: Path) -> None:
    root = tmp_path / "My Runbooks"
    (root / "db").mkdir(parents=True)
    (root / "db" / "lag.md").write_text("# Lag")
    (root / "_services.yaml").write_text("- name: db")

    found = list(found_in(root))

    assert {item.key: item.body for item in found if isinstance(item, Upload)} == {
        "my-runbooks/_services.yaml": b"- name: db",
        "my-runbooks/db/lag.md": b"# Lag",
    }


def test_what_is_no_document_or_hidden_is_left_out(tmp_path: Path) -> None:
    root = tmp_path / "r"
    (root / ".git").mkdir(parents=True)
    for name in (".git/config.md", ".hidden.md", "picture.png", "LICENSE", "a.md"):
        (root / name).write_text("x")

    found = list(found_in(root))

    assert [Path(item.name).name for item in found if isinstance(item, Upload)] == ["a.md"]
    assert {Path(item.name).name for item in found if isinstance(item, Skipped)} == {"picture.png", "LICENSE"}


def test_a_file_belongs_to_its_folder_or_to_the_source_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "platform" / "disk.rst"
    file.parent.mkdir()
    file.write_text("Disk")

    assert [item.key for item in found_in(file) if isinstance(item, Upload)] == ["platform/disk.rst"]
    assert [item.key for item in found_in(file, "team/a") if isinstance(item, Upload)] == ["team--a/disk.rst"]


def test_a_picture_that_was_named_is_a_problem_and_not_left_out(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"x")

    found = only(file)

    assert isinstance(found, Problem)
    assert ".md" in found.reason


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert only(tmp_path / "gone.md") == Problem(
        str(tmp_path / "gone.md"), "is not there: name a file, a folder or a .jsonl"
    )


def test_a_file_over_the_limit_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "big.md"
    with file.open("wb") as sparse:
        sparse.truncate(10 * 1024 * 1024)

    found = only(file)

    assert isinstance(found, Problem)
    assert "split it by topic" in found.reason


def test_a_line_is_stored_under_source_and_id_and_keeps_its_id(tmp_path: Path) -> None:
    file = lines(tmp_path, {"id": "org/repo:a/b.md", "source": "org/repo", "title": "T", "text": "# B ä"})

    assert only(file) == Upload(f"{file}:1", "org--repo/a/b.md", "# B ä".encode(), "org/repo:a/b.md")


@pytest.mark.parametrize(("id_", "path"), [("s:", "s:.md"), ("s/a", "s/a.md"), ("s:s:a", "s:a.md"), ("t:a", "t:a.md")])
def test_a_source_before_an_id_is_dropped_once_and_only_where_something_stays(
    tmp_path: Path, id_: str, path: str
) -> None:
    found = only(lines(tmp_path, {"id": id_, "source": "s", "format": "markdown", "text": "x"}))

    assert isinstance(found, Upload)
    assert found.key == f"s/{path}"


@pytest.mark.parametrize(
    ("id_", "format_", "stored"),
    [
        ("page", "markdown", "page.md"),
        ("page", "asciidoc", "page.adoc"),
        ("page", "rst", "page.rst"),
        ("page", "html", "page.html"),
        ("page.md", "markdown", "page.md"),
        ("page.markdown", "markdown", "page.markdown"),
        ("page.md#disk", "markdown", "page.md#disk"),
        ("page.html.md.erb", "markdown", "page.html.md.erb"),
        ("v1.2", "markdown", "v1.2.md"),
        ("page.md", "rst", "page.md.rst"),
        ("page.png", "", "page.png.txt"),
    ],
)
def test_an_id_gets_an_ending_only_where_its_own_does_not_say_the_format(
    tmp_path: Path, id_: str, format_: str, stored: str
) -> None:
    found = only(lines(tmp_path, {"id": id_, "source": "s", "format": format_, "text": "x"}))

    assert isinstance(found, Upload)
    assert found.key == f"s/{stored}"
    assert found.external_id == id_


GOOD = {"id": "a.md", "source": "s", "text": "x"}
BAD_LINES = {
    "not JSON": ("{", "is not JSON"),
    "deep JSON": ("[" * 100_000, "is not JSON"),
    "a list": ("[1]", "is not a JSON object"),
    "no id": ({"source": "s", "text": "x"}, "has no 'id'"),
    "an id that is a number": ({**GOOD, "id": 7}, "has no 'id'"),
    "no source": ({**GOOD, "source": " "}, "has no 'source'"),
    "no text": ({**GOOD, "text": None}, "has no 'text'"),
    "a way out": ({**GOOD, "id": "../../etc/passwd"}, "is refused"),
    "a control character": ({**GOOD, "id": "a\x1b[2J.md"}, "is refused"),
    "half a character in the text": ('{"id":"a.md","source":"s","text":"\\ud800"}', "half a character"),
    "half a character in the id": ('{"id":"a\\ud800.md","source":"s","text":"x"}', "not UTF-8"),
    "an unknown format": ({**GOOD, "format": "docx"}, "has the format 'docx'"),
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_named_and_the_others_go_on(tmp_path: Path, line: object, reason: str) -> None:
    file = lines(tmp_path, line, "", {**GOOD, "id": "good.md"})

    bad, good = found_in(file)

    assert isinstance(bad, Problem)
    assert bad.name == f"{file}:1"
    assert reason in bad.reason
    assert isinstance(good, Upload)
    assert good.name == f"{file}:3"


def test_of_two_lines_with_one_id_the_first_is_kept(tmp_path: Path) -> None:
    first, second = found_in(lines(tmp_path, GOOD, {**GOOD, "text": "other"}))

    assert isinstance(first, Upload)
    assert first.body == b"x"
    assert isinstance(second, Problem)
    assert "the same document as line 1" in second.reason


def test_an_endless_line_is_a_problem_and_the_next_line_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    with file.open("wb") as sparse:
        sparse.truncate(2 * MAX_LINE_BYTES)
        sparse.seek(0, 2)
        sparse.write(b"\n" + json.dumps(GOOD).encode())

    long, good = found_in(file)

    assert isinstance(long, Problem)
    assert "is longer than" in long.reason
    assert isinstance(good, Upload)


def test_the_progress_bar_knows_how_many_to_expect(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    (tmp_path / "b.md").write_text("x")
    file = lines(tmp_path, GOOD, GOOD, GOOD)

    assert expected(file) == 3
    assert expected(tmp_path / "a.md") == 1
    assert expected(tmp_path) == 3


RULES = "groups: [{name: g, rules: [{alert: A}]}]"


def test_runbooks_in_yaml_and_json_pdfs_and_word_files_are_brought_in(tmp_path: Path) -> None:
    root = tmp_path / "ops"
    root.mkdir()
    for name, text in {
        "runbook.yaml": "kind: Runbook\n",
        "runbook.json": '{"kind": "Runbook"}',
        "play.yml": "- hosts: all\n  tasks: []\n",
        "robusta.yaml": "customPlaybooks:\n- triggers: []\n",
        "a.pdf": "%PDF-1.7",
        "b.DOCX": "PK",
        "package.json": "{}",
        "old.doc": "x",
    }.items():
        (root / name).write_text(text)

    found = list(found_in(root))

    assert {item.key for item in found if isinstance(item, Upload)} == {
        *("ops/runbook.yaml", "ops/runbook.json", "ops/play.yml", "ops/robusta.yaml", "ops/a.pdf", "ops/b.DOCX"),
    }
    assert sorted(Path(item.name).name for item in found if isinstance(item, Skipped)) == ["old.doc", "package.json"]


def test_a_line_is_text_whatever_its_id_ends_in(tmp_path: Path) -> None:
    texts = {"a.pdf": "words", "b.docx": "words", "c.json": "words", "d.yaml": "kind: Runbook\n"}
    file = lines(tmp_path, *({"id": name, "source": "ops", "text": text} for name, text in texts.items()))

    keys = [item.key for item in found_in(file) if isinstance(item, Upload)]

    assert keys == ["ops/a.pdf.txt", "ops/b.docx.txt", "ops/c.json.txt", "ops/d.yaml"]


def test_of_yaml_only_alert_rules_are_brought_in(tmp_path: Path) -> None:
    root = tmp_path / "ops"
    root.mkdir()
    for name, text in {
        "a.yaml": RULES,
        "b.rules.yml": "x: [",
        "values.yaml": "password: x",
        "_services.yaml": "[]",
    }.items():
        (root / name).write_text(text)

    found = list(found_in(root))

    assert {item.key for item in found if isinstance(item, Upload)} == {
        "ops/a.yaml",
        "ops/b.rules.yml",
        "ops/_services.yaml",
    }
    assert [Path(item.name).name for item in found if isinstance(item, Skipped)] == ["values.yaml"]
    assert only(root / "values.yaml") == Problem(
        str(root / "values.yaml"), "has no alert rules and is no runbook: other YAML and JSON is not read"
    )
    assert isinstance(only(root / "a.yaml"), Upload)
