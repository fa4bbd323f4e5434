"""``kind: Runbook`` in YAML and JSON: what it is written as, and what is said of one that is wrong."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from infra import reference
from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.extract import extract
from personal_pipeline.domain.parsing import is_wanted, parse_document, source_of
from personal_pipeline.domain.parsing.runbook_file import MAX_NESTED, MAX_STEPS
from tests.unit.parsing.reading import codes, missing_words, texts

RUNBOOK = """\
kind: Runbook
title: Disk full
services: [platform]
alerts: [DiskFull]
owner: team-platform
groups: [operators]
reviewed: 2026-09-14
summary: A disk is full, see `df`.
prerequisites: [You need the node's name.]
steps:
  - text: "Look at the disks:"
    commands:
      - |
        df -h
        df -ih
      - {run: select 1, language: sql}
    expect: one line above 85 %.
    branches:
      - {if: nothing is full, then: go to *Escalation*}
    steps: [Note the mount point.]
  - Delete what nobody needs.
sections:
  - {title: Grow the disk, text: It cannot be undone., steps: [Ask the owner.]}
verification: [The alert resolves.]
rollback: [Run `kubectl uncordon <node>`.]
escalation:
  - {who: platform on call, reach: ["#platform-oncall", +1 555 0151], when: after 15 minutes}
  - incident lead
links: [{title: Disks, url: "https://grafana.example.com/d/disks"}]
"""
SCHEMA = Draft202012Validator(json.loads(reference.RUNBOOK_SCHEMA.read_text(encoding="utf-8")))


def read(text: str, name: str = "disk.yaml") -> ParsedDocument:
    return parse_document(f"runbooks/{name}", text.encode())


def refusal(text: str, name: str = "disk.yaml") -> str:
    with pytest.raises(InvalidDocumentError) as refused:
        read(text, name)
    assert str(refused.value).startswith(f"document 'runbooks/{name}' ")
    return str(refused.value)


def test_a_runbook_is_written_as_the_markdown_that_a_person_would_write() -> None:
    parsed = read(RUNBOOK)

    assert parsed.title == "Disk full"
    assert parsed.front_matter["groups"] == ["operators"]
    assert codes(parsed) == [("sh", "df -h\ndf -ih"), ("sql", "select 1")]
    assert texts(parsed)[:4] == [
        "A disk is full, see df.",
        "- You need the node's name.",
        "1. Look at the disks:",
        "df -h\ndf -ih",
    ]
    assert "\n3. " not in parsed.written
    assert "1. After 15 minutes: platform on call, `#platform-oncall`, +1 555 0151." in parsed.written
    assert {block.heading for block in parsed.blocks} == {
        *((), ("Before you start",), ("Steps",), ("Grow the disk",), ("Verify",), ("Roll back",), ("Escalation",)),
        ("Links",),
    }


def test_spans_count_in_what_is_written() -> None:
    parsed = read(RUNBOOK)
    text, markup = source_of("runbooks/disk.yaml", RUNBOOK.encode(), parsed)

    assert (text, markup) == (parsed.written, "markdown")
    assert all(not missing_words(block, text) for block in parsed.blocks)
    assert source_of("runbooks/a.rst", b"a", read("a", "a.rst")) == ("a", "restructuredtext")


def test_its_steps_commands_branches_and_contacts_are_extracted() -> None:
    found = extract(read(RUNBOOK), read(RUNBOOK).written, "markdown")

    assert [(step.depth, step.number) for step in found.steps[:4]] == [(1, "1"), (2, ""), (2, "1"), (1, "2")]
    assert [command.text for command in found.commands] == ["df -h", "df -ih", "select 1", "kubectl uncordon <node>"]
    assert found.branches[0].action == "go to *Escalation"
    assert [(contact.value, contact.waits) for contact in found.contacts] == [
        ("platform on call", 15),
        ("#platform-oncall", 15),
        ("+1 555 0151", 15),
        ("incident lead", None),
    ]
    assert ("alert", "DiskFull") in {(fact.kind, fact.value) for fact in found.facts}


def test_the_same_runbook_in_json_is_the_same_document() -> None:
    value = yaml.load(RUNBOOK, yaml.BaseLoader) | {"$schema": "https://example.com/runbook.schema.json"}

    assert read(json.dumps(value, indent="\t"), "disk.json").written == read(RUNBOOK).written


def test_the_published_schema_is_that_of_the_code_and_takes_the_example() -> None:
    assert reference.RUNBOOK_SCHEMA.read_text(encoding="utf-8") == reference.runbook_schema(), (
        "run python -m infra.reference"
    )
    SCHEMA.check_schema(SCHEMA.schema)
    SCHEMA.validate(yaml.load(RUNBOOK, yaml.BaseLoader))


PARTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.sampled_from(["", "x", "df -h"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["text", "run", "if", "then", "steps", "who", "odd"]), inner, max_size=3),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(field=st.sampled_from(["steps", "sections", "escalation", "alerts", "title", "critical", "odd"]), value=PARTS)
def test_schema_and_reader_agree_about_what_is_a_runbook(field: str, value: Any) -> None:
    runbook = {"kind": "Runbook", "title": "t", "steps": ["Look."], field: value}
    try:
        read(json.dumps(runbook), "a.json")
    except InvalidDocumentError:
        is_read = False
    else:
        is_read = True

    assert is_read == SCHEMA.is_valid(runbook)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: Runbook\nsteps: []\n", "title is missing"),
        ("kind: Runbook\ntitle: a\nstep: []\n", "step (line 3) is no field of a runbook"),
        (
            "kind: Runbook\ntitle: a\nsteps:\n- look\n- text: run\n  commands:\n  - runs: df\n",
            "steps[1].commands[0].run (line 7) is missing; steps[1].commands[0].runs (line 7) is no field of a runbook",
        ),
        ("kind: Runbook\ntitle: a\nalerts: DiskFull\n", "alerts (line 3) is no list"),
        ("kind: Runbook\ntitle: 5\n", "title (line 2) is no text"),
        ("kind: Runbook\ntitle: ''\n", "title (line 2) is empty"),
        ("kind: Runbook\ntitle: a\nsteps: [[]]\n", "steps[0] (line 3) is no text and no mapping"),
        ("kind: Runbook\ntitle: a\n" + "".join(f"x{n}: 1\n" for n in range(9)), "and 4 more"),
        ("kind: Runbook\ntitle: a\ntitle: b\n", "'title' is written twice, again in line 3"),
        ("kind: Runbook\ntitle: [\n", "is a runbook that cannot be read"),
        ("kind: Runbook\ntitle: a\nsteps: [&a look, *a]\n", "aliases (*name) are not read"),
        ("kind: Runbook\ntitle: !!python/name:os.system a\n", "tags (tag:yaml.org,2002:python/name:os.system)"),
        ("kind: Runbook\ntitle: a\n---\nkind: Runbook\ntitle: b\n", "more than one document between '---' lines"),
        ("kind: Runbook\ntitle: a\nx: " + "[" * 30 + "]" * 30, "nested more than 20 deep"),
        ("kind: Runbook\ntitle: a\nx: " + "[" * 50_000, "nested more than 20 deep"),
        ("kind: Runbook\ntitle: a\nx: [" + "1," * 100_001 + "]", "more than 100000 values"),
        ("kind: Runbook\ntitle: a\nsummary: " + "x" * 1_000_000, "larger than 976 KiB"),
        ("kind: Runbook\ntitle: a\nsteps: [" + "a," * (MAX_STEPS + 1) + "]", "at most 500 items"),
    ],
)
def test_a_runbook_that_breaks_the_schema_is_refused_with_the_place(text: str, said: str) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"kind": "Runbook", "title": "a", "title": "b"}', "has 'title' twice in one object"),
        ('{"kind": "Runbook", "title": ', "it is not JSON (Expecting value: line 1 column 30"),
        ('{"kind": "Runbook", "x": ' + "[" * 50_000, "nested deeper than 20"),
        ('{"kind": "Runbook", "x": 1' + "0" * 200 + "}", "a number of 201 characters"),
        ('{"kind": "Runbook", "title": "a", "steps": [{}]}', "steps[0].text is missing"),
    ],
)
def test_a_runbook_in_json_that_is_wrong_is_refused_with_the_place(text: str, said: str) -> None:
    assert said in refusal(text, "a.json")


def test_steps_in_steps_have_an_end() -> None:
    nested: Any = "look"
    for _ in range(MAX_NESTED):
        nested = {"text": "look", "steps": [nested]}

    assert "steps in steps more than 5 deep" in refusal(
        json.dumps({"kind": "Runbook", "title": "a", "steps": [nested]})
    )


@pytest.mark.parametrize(
    "text",
    [
        "kind: Deployment\n",
        "apiVersion: ops.example.com/v1\nkind: Runbook\nmetadata: {name: x}\n",
        "apiVersion: ops.example.com/v1\nkind: Runbook\nmetadata: {{ .Values.name }}\n",
        '{"apiVersion": "ops.example.com/v1", "kind": "Runbook", ',
        "kind: RunbookTemplate\ntitle: a\n",
        "spec:\n  kind: Runbook\n",
        "password: secret\n",
        "",
    ],
)
def test_other_yaml_is_left_in_silence(text: str) -> None:
    parsed = read(text)

    assert (parsed.title, parsed.blocks, parsed.written, parsed.links) == ("", (), "", {})


def test_a_text_of_a_runbook_may_be_markdown_of_several_lines() -> None:
    text = json.dumps(
        {"kind": "Runbook", "title": "a", "steps": [{"text": "Look:\n\n- here\n- there", "commands": ["df"]}]}
    )

    assert texts(read(text)) == ["1. Look:", "  - here", "  - there", "df"]


def test_characters_that_show_nothing_are_taken_out() -> None:
    parsed = read(
        json.dumps({"kind": "Runbook", "title": "a\u202eb", "steps": ["Lo\u200bok\u2028now \ud83d\ude00."]}), "a.json"
    )

    assert parsed.title == "ab"
    assert texts(parsed) == ["1. Look now 😀."]


def test_twice_the_runbook_is_twice_the_work() -> None:
    from tests.unit.parsing.test_hostile_documents import calls

    def body(steps: int) -> str:
        part = [{"text": "Look `here`:", "commands": ["df -h"]}] * 10
        sections = [{"title": f"Part {n}", "steps": part} for n in range(steps)]
        return json.dumps({"kind": "Runbook", "title": "a", "sections": sections})

    read(body(1))
    once, twice = (calls(lambda n=n: read(body(n))) for n in (8, 16))

    assert twice <= 2.5 * once


def test_a_glance_tells_what_is_taken() -> None:
    assert is_wanted("ops/a.yaml", b"# ours\nkind: 'Runbook'\n")
    assert is_wanted("ops/a.json", b'{"kind":\n"Runbook"}')
    assert not is_wanted("ops/.a.yaml", b"kind: Runbook")
    assert not is_wanted("ops/a.json", b'{"hosts": ["a"], "tasks": []}')
