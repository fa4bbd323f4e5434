import json
from typing import Any

import pytest

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import load_yaml, parse_document
from tests.unit.parsing.reading import read, texts


def front_matter(head: str) -> dict[str, Any]:
    return dict(read("a.md", f"---\n{head}\n---\n\ntext").front_matter)


def test_yaml_and_toml_are_read() -> None:
    assert front_matter("title: Disk full\nservices: [a, b]\ncritical: true") == {
        "title": "Disk full",
        "services": ["a", "b"],
        "critical": True,
    }
    assert read("a.md", '+++\ntitle = "Disk full"\ndate = 2021-09-08\n+++\ntext').front_matter == {
        "title": "Disk full",
        "date": "2021-09-08",
    }


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("2024-13-45", "2024-13-45"),
        ("2026-09-01", "2026-09-01"),
        ("0x_", "0x_"),
        ("08", "08"),
        ("12:30", "12:30"),
        ("no", "no"),
        ("7", 7),
        ("9" * 5000, "9" * 5000),
        ("1.5", 1.5),
        ("~", None),
        ("'re\u200bstart'", "restart"),
        ('"\\ud800\\u202e"', ""),
    ],
)
def test_scalars_stay_what_json_can_say(value: str, read_as: object) -> None:
    assert load_yaml(f"a: {value}") == {"a": read_as}


def test_lists_may_be_written_as_one_text() -> None:
    assert front_matter("service: checkout\nalerts: 7") == {"service": ["checkout"], "alerts": [7]}


def test_a_field_of_the_wrong_type_is_left_out_and_named() -> None:
    parsed = read(
        "a.md", "---\ntitle: [a]\nseverity: {a: b}\nalerts: [[a]]\ncritical: perhaps\nother: {a: 1}\n---\n# T\n\nx"
    )

    assert parsed.front_matter == {"other": {"a": 1}}
    assert parsed.title == "T"
    assert parsed.warnings == (
        "front matter: title is not read, it is no text",
        "front matter: severity is not read, it is no text",
        "front matter: alerts is not read, it is no list of texts",
        "front matter: critical is not read, it is no true or false",
    )


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (BOMB, "aliases"),
        ("a: !!python/object/apply:os.system [ls]", "tags"),
        ("a: ! b", "tags"),
        ("a: " + "[" * 50_000, "nested more than 20 deep"),
        ("a: [" + "x," * 6000 + "]", "more than 5000 values"),
        ("a: {b", "line 3"),
        ("a: 'b", "end of stream"),
        ("? [a, b]\n: c", "unhashable"),
    ],
)
def test_hostile_yaml_costs_the_metadata_and_not_the_document(head: str, reason: str) -> None:
    parsed = read("a.md", f"---\nx: 1\n{head}\n---\n\ntext")

    assert texts(parsed) == ["text"]
    assert parsed.front_matter == {"x": "1"}  # a plain line is saved, as the text that it is
    assert reason in parsed.warnings[0]


def test_a_title_with_a_colon_is_saved_from_yaml_that_is_none() -> None:
    parsed = read("a.md", "---\ntitle: Alert: disk full\nowner: team-data\n---\n\ntext")

    assert parsed.front_matter == {"title": "Alert: disk full", "owner": "team-data"}
    assert parsed.warnings[0].startswith("front matter could not be read: mapping values are not allowed here")


def test_a_head_over_its_limit_is_read_as_text() -> None:
    parsed = read("a.md", "---\ntitle: x\n" + "k: v\n" * 20_000 + "---\n\ntext")

    assert parsed.front_matter == {}
    assert parsed.warnings == ("front matter without a closing --- in its first 64 KiB: read as text",)


@pytest.mark.parametrize(
    "head",
    ["groups: {a: b}", "groups: [[a]]", "groups: [a", "groups: [&a b, *a]", "'groups': [a\nx", "groups: [a]\n\t"],
)
def test_groups_that_cannot_be_read_refuse_the_document_rather_than_show_it_to_all(head: str) -> None:
    with pytest.raises(InvalidDocumentError, match=r"document 'runbooks/a\.md' has groups"):
        parse_document("runbooks/a.md", f"---\ntitle: x\n{head}\n---\n\ntext".encode())
    with pytest.raises(InvalidDocumentError, match="has groups"):
        parse_document(
            "runbooks/a.md", f"---\ntitle: x\n{head}\n\nnever closed".encode() if "[a" in head else b"---\ngroups: a\n"
        )


@pytest.mark.parametrize(
    "text", ["---\n\nprose\n\n---\n\nmore", "---\nprose here\n---\nmore", "text\n\n---\na: b\n---"]
)
def test_a_rule_at_the_top_is_no_front_matter(text: str) -> None:
    parsed = read("a.md", text)

    assert parsed.front_matter == {}
    assert parsed.warnings == ()


def test_what_is_read_can_always_be_sent_as_json() -> None:
    assert json.loads(json.dumps(front_matter("a: {1: [true, null, 1.5], b: {c: d}}"))) == {
        "a": {"1": [True, None, 1.5], "b": {"c": "d"}}
    }
