"""One runbook in every format that can hold it: the same steps, commands, branches and contacts."""

import json
from typing import Any

import pytest

from personal_pipeline.domain.extract import Structure, extract
from personal_pipeline.domain.parsing import parse_document, source_of
from tests.office.blocks import Block, Code, Heading, Item, Paragraph, Table, markdown_of
from tests.office.pdf_files import pdf_of
from tests.office.word_files import docx_of

SHELL = "kubectl debug node/<node> -it --image=busybox:1.36 -- chroot /host"
BLOCKS: list[Block] = [
    *(Heading(1, "Disk full on a node"), Paragraph("A filesystem is full, or will be within hours.")),
    *(Heading(2, "Before you start"), Item("You need the name of the node, a label of the alert (`instance`).")),
    *(Heading(2, "Steps"), Item("Open a shell on the node:", 0, 1), Code(SHELL, "sh", 1)),
    *(Item("See which filesystem is full:", 0, 2), Code("df -h -x tmpfs\ndf -ih -x tmpfs", "sh", 1)),
    Paragraph("Expected: one line above 85 % in `Use%`.", 1),
    *(Item("If nothing is full, go to Escalation", 1), Item("Note the mount point.", 1, 1)),
    *(Item("Look again with `df -h`.", 1, 2), Item("Delete what nobody needs.", 0, 3)),
    *(Heading(2, "Verify"), Item("Check that the alert is resolved.", 0, 1)),
    *(Heading(2, "Roll back"), Item("Run `kubectl uncordon <node>`.", 0, 1)),
    *(Heading(2, "Escalation"), Item("After 15 minutes: platform on call, `#platform-oncall`, +1 555 0151.", 0, 1)),
    Item("Incident lead: +1 555 0199.", 0, 2),
]
DATA: dict[str, Any] = {
    "kind": "Runbook",
    "title": "Disk full on a node",
    "summary": "A filesystem is full, or will be within hours.",
    "prerequisites": ["You need the name of the node, a label of the alert (`instance`)."],
    "steps": [
        {"text": "Open a shell on the node:", "commands": [SHELL]},
        {
            "text": "See which filesystem is full:",
            "commands": ["df -h -x tmpfs\ndf -ih -x tmpfs"],
            "expect": "one line above 85 % in `Use%`.",
            "branches": [{"if": "nothing is full", "then": "go to Escalation"}],
            "steps": ["Note the mount point.", "Look again with `df -h`."],
        },
        "Delete what nobody needs.",
    ],
    "verification": ["Check that the alert is resolved."],
    "rollback": ["Run `kubectl uncordon <node>`."],
    "escalation": [
        {"who": "platform on call", "reach": ["#platform-oncall", "+1 555 0151"], "when": "after 15 minutes"},
        {"who": "Incident lead", "reach": ["+1 555 0199"]},
    ],
}
WRITTEN = {
    "md": markdown_of(BLOCKS).encode(),
    "docx": docx_of(BLOCKS),
    "pdf": pdf_of(BLOCKS),
    "json": json.dumps(DATA).encode(),
    "yaml": json.dumps(DATA, indent=2).replace('"kind": "Runbook"', '"kind":   "Runbook"').encode(),
}


def structure(ending: str, body: bytes) -> tuple[Structure, str]:
    key = f"runbooks/disk.{ending}"
    parsed = parse_document(key, body)
    text, markup = source_of(key, body, parsed)
    return extract(parsed, text, markup, key), text


def told(found: Structure, source: str) -> dict[str, list[Any]]:
    commands = [command.text for command in found.commands]
    return {
        "steps": [(step.depth, step.number, step.text, [commands[n] for n in step.commands]) for step in found.steps],
        "commands": [(command.text, command.risk) for command in found.commands],
        "expected": [source[one.span.start : one.span.end] for one in found.expected],
        "branches": [(branch.condition, branch.action, branch.origin) for branch in found.branches],
        "contacts": [(contact.kind, contact.value, contact.waits, contact.order) for contact in found.contacts],
        "sections": [(section.title, section.kind) for section in found.sections],
        "remarks": [(remark.kind, source[remark.span.start : remark.span.end]) for remark in found.remarks],
    }


@pytest.mark.parametrize("ending", [ending for ending in WRITTEN if ending != "md"])
def test_the_same_runbook_gives_the_same_structure(ending: str) -> None:
    expected, found = (told(*structure(each, WRITTEN[each])) for each in ("md", ending))

    assert len(expected["steps"]) >= 8
    assert len(expected["commands"]) == 5
    for kind, items in expected.items():
        assert found[kind] == items, kind


@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_a_table_of_what_to_do_gives_the_same_branches(ending: str) -> None:
    rows = [
        ["What is large", "Do this"],
        ["`/var/log/journal`", "Run `journalctl --vacuum-size=500M`"],
        ["images", "Prune them"],
    ]
    blocks: list[Block] = [Heading(1, "Free space"), Paragraph("Take the first line that fits."), Table(rows)]
    write = docx_of if ending == "docx" else pdf_of

    expected = told(*structure("md", markdown_of(blocks).encode()))
    found = told(*structure(ending, write(blocks)))

    assert len(expected["branches"]) == 2
    assert found == expected
