"""What every parser promises, and what the one in a process of its own promises besides."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from personal_pipeline.adapters.parsing_process import InlineParser, ProcessParser
from personal_pipeline.domain.errors import InvalidDocumentError, UnavailableError
from personal_pipeline.domain.extract import Structure, documents, from_json
from personal_pipeline.domain.extract.documents import MAX_CHARACTERS
from personal_pipeline.ports import Parser
from tests.office.blocks import Code, Heading, Item
from tests.office.pdf_files import pdf_of
from tests.office.word_files import document, docx_of

MEMORY = 400 * 1024 * 1024
RUNBOOK = b"---\ntitle: Disk full\nalerts: [DiskFull]\n---\n\n# Free space\n\n1. Look:\n\n   ```sh\n   df -h\n   ```\n"
PATIENCE = 20.0


@pytest.fixture
def process() -> Iterator[ProcessParser]:
    parser = ProcessParser(timeout_seconds=10.0, memory_bytes=MEMORY)
    yield parser
    parser.close()


@pytest.fixture(params=["inline", "process"])
def parser(request: pytest.FixtureRequest) -> Parser:
    return InlineParser() if request.param == "inline" else request.getfixturevalue("process")


def child_of(parser: ProcessParser) -> int:
    assert parser._child
    return parser._child._process.pid


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_document_is_parsed_by_its_ending(parser: Parser) -> None:
    parsed = parser.parse("runbooks/disk.md", RUNBOOK)

    assert parsed.title == "Disk full"
    assert parsed.front_matter == {"title": "Disk full", "alerts": ["DiskFull"]}
    assert [(block.heading, block.kind, block.language, block.text) for block in parsed.blocks] == [
        (("Free space",), "text", "", "1. Look:"),
        (("Free space",), "code", "sh", "df -h"),
    ]
    assert parser.parse("runbooks/disk.txt", b"# no heading").blocks[0].text == "# no heading"


def test_a_document_comes_with_its_structure(parser: Parser) -> None:
    structure = from_json(parser.parse("runbooks/disk.md", RUNBOOK).structure, "d1", 3)

    text = RUNBOOK.decode()
    assert [text[step.span.start : step.span.end] for step in structure.steps] == ["Look:"]
    assert [text[command.span.start : command.span.end] for command in structure.commands] == ["df -h"]
    assert (structure.document, structure.revision) == ("d1", 3)
    assert parser.parse("runbooks/values.yaml", b"a: 1").structure == ""


def test_a_document_that_is_too_long_for_its_structure_is_parsed_all_the_same(parser: Parser) -> None:
    parsed = parser.parse("runbooks/long.md", b"1. Stop it.\n\n" + b"word " * (MAX_CHARACTERS // 5))

    assert parsed.blocks
    assert parsed.structure == ""
    assert parsed.warnings == (
        "no steps, commands and contacts were looked for: longer than 400,000 characters, split it by topic",
    )


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RecursionError("deep"), r"RecursionError at test_parser.py:\d+, report it"),
        (ValueError("bad"), r"ValueError at test_parser.py:\d+, report it"),
        (MemoryError(), "not enough memory, split it by topic"),
    ],
)
def test_a_document_that_the_rules_fail_on_is_parsed_all_the_same(
    monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    def fails(*_: object) -> Structure:
        raise error

    monkeypatch.setattr(documents, "extract", fails)

    parsed = InlineParser().parse("runbooks/disk.md", RUNBOOK)

    assert parsed.blocks
    assert parsed.structure == ""
    assert re.search(says, parsed.warnings[0])


def test_of_a_rule_file_the_links_are_read(parser: Parser) -> None:
    rules = b"groups: [{rules: [{alert: A, annotations: {runbook_url: 'https://w/a'}}, {alert: [B]}]}]"

    parsed = parser.parse("runbooks/disk.yaml", rules)

    assert parsed.links == {"A": ("https://w/a",)}
    assert (parsed.blocks, len(parsed.warnings)) == ((), 1)
    assert parser.parse("runbooks/values.yaml", b"a: 1").links == {}
    with pytest.raises(InvalidDocumentError, match=r"runbooks/disk.rules.yaml"):
        parser.parse("runbooks/disk.rules.yaml", b"groups: [")


@pytest.mark.parametrize("ending", ["pdf", "docx", "yaml", "json"])
def test_what_is_no_text_is_written_as_markdown(parser: Parser, ending: str) -> None:
    blocks = [Heading(1, "Disk full"), Item("Look:", 0, 1), Code("df -h", depth=1)]
    data = b'{"kind": "Runbook", "title": "Disk full", "steps": [{"text": "Look:", "commands": ["df -h"]}]}'
    body = {"pdf": pdf_of(blocks), "docx": docx_of(blocks)}.get(ending, data)

    parsed = parser.parse(f"runbooks/disk.{ending}", body)

    assert parsed.title == "Disk full"
    assert "1. Look:\n\n   ```" in parsed.written
    assert [parsed.written[block.start : block.end].strip()[:3] for block in parsed.blocks] == ["1. ", "```"]
    assert '"commands"' in parsed.structure
    assert parser.parse("runbooks/disk.md", RUNBOOK).written == ""


@pytest.mark.parametrize("ending", ["pdf", "docx", "yaml", "json"])
def test_a_hostile_file_is_refused_and_the_next_one_is_parsed(parser: Parser, ending: str) -> None:
    nested = b'{"kind": "Runbook", "x": ' + b"[" * 100_000
    bombs = {
        "pdf": b"%PDF-1.7" + b"[" * 100_000,
        "docx": document("<w:tbl>" * 100_000),
        "yaml": b"kind: Runbook\na: &a [1]\nb: [" + b"*a, " * 10_000,
    }

    with pytest.raises(InvalidDocumentError, match=f"runbooks/bomb.{ending}"):
        parser.parse(f"runbooks/bomb.{ending}", bombs.get(ending, nested))

    assert parser.parse("runbooks/disk.md", RUNBOOK).title == "Disk full"


def test_warnings_come_with_the_document(parser: Parser) -> None:
    assert parser.parse("runbooks/a.md", b"caf\xe9").warnings == (
        "not UTF-8 at byte 3: read as Windows-1252, save it as UTF-8",
    )


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("runbooks/empty.md", b""),
        ("runbooks/picture.png", b"text"),
        ("runbooks/binary.md", b"\0\0"),
        ("runbooks/big.md", b"x" * 6_000_000),
        ("runbooks/größe?.md", b""),
        ("runbooks/\udcff.md", b""),
    ],
)
def test_a_refused_document_is_named_and_the_next_one_is_parsed(parser: Parser, key: str, body: bytes) -> None:
    with pytest.raises(InvalidDocumentError) as refused:
        parser.parse(key, body)

    assert repr(key) in str(refused.value)
    assert parser.parse("runbooks/disk.md", RUNBOOK).title == "Disk full"


def test_several_threads_may_parse_at_once(parser: Parser) -> None:
    with ThreadPoolExecutor(8) as threads:
        titles = list(threads.map(lambda n: parser.parse("runbooks/a.md", f"# Title {n}".encode()).title, range(40)))

    assert titles == [f"Title {n}" for n in range(40)]


def test_both_parsers_say_the_same(process: ProcessParser) -> None:
    for ending in ("md", "adoc", "rst", "html", "txt"):
        key = f"runbooks/a.{ending}"
        assert process.parse(key, RUNBOOK) == InlineParser().parse(key, RUNBOOK)


def test_one_process_parses_one_document_after_another(process: ProcessParser) -> None:
    process.parse("runbooks/a.md", RUNBOOK)
    child = child_of(process)
    process.parse("runbooks/b.md", RUNBOOK)

    assert child_of(process) == child


def test_a_document_that_takes_too_long_is_refused_alone() -> None:
    parser = ProcessParser(timeout_seconds=PATIENCE, memory_bytes=MEMORY)
    try:
        parser.parse("runbooks/warm.md", RUNBOOK)
        parser._timeout = 0.3
        slow = child_of(parser)
        with pytest.raises(InvalidDocumentError, match=r"'runbooks/slow\.md' takes longer than 0\.3 seconds"):
            parser.parse("runbooks/slow.md", b"[" * 500_000)

        assert not is_alive(slow)
        parser._timeout = PATIENCE
        assert parser.parse("runbooks/disk.md", RUNBOOK).title == "Disk full"
    finally:
        parser.close()


def test_a_document_that_needs_too_much_memory_is_refused_alone() -> None:
    parser = ProcessParser(timeout_seconds=PATIENCE, memory_bytes=60 * 1024 * 1024)
    try:
        with pytest.raises(InvalidDocumentError, match=r"'runbooks/hungry\.md' needs more memory to parse than it may"):
            parser.parse("runbooks/hungry.md", b"*a* " * 200_000)

        assert parser.parse("runbooks/disk.md", RUNBOOK).title == "Disk full"
    finally:
        parser.close()


def test_a_parsing_process_that_died_while_idle_is_no_documents_fault(process: ProcessParser) -> None:
    process.parse("runbooks/a.md", RUNBOOK)
    os.kill(child_of(process), signal.SIGKILL)

    assert process.parse("runbooks/disk.md", RUNBOOK).title == "Disk full"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (signal.SIGKILL, InvalidDocumentError),
        (signal.SIGSEGV, InvalidDocumentError),
        (signal.SIGTERM, UnavailableError),
    ],
)
def test_a_death_while_parsing_is_the_documents_doing_unless_everything_is_stopped(
    sent: signal.Signals, expected: type[Exception]
) -> None:
    parser = ProcessParser(timeout_seconds=PATIENCE, memory_bytes=MEMORY)
    outcome: list[Exception] = []

    def parse() -> None:
        try:
            parser.parse("runbooks/killer.md", b"[" * 500_000)
        except (InvalidDocumentError, UnavailableError) as error:
            outcome.append(error)

    thread = threading.Thread(target=parse)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while thread.is_alive() and time.monotonic() < deadline:
        if (child := parser._child) and _is_busy(child._process.pid):
            os.kill(child._process.pid, sent)
        thread.join(0.05)
    thread.join(PATIENCE)
    try:
        assert type(outcome[0]) is expected
        assert parser.parse("runbooks/disk.md", RUNBOOK).title == "Disk full"
    finally:
        parser.close()


def _is_busy(pid: int) -> bool:
    """Has used more processor time than its start takes."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return False
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 0.8


def test_the_process_ends_when_its_parent_is_killed() -> None:
    script = (
        "import sys, time\n"
        "from personal_pipeline.adapters.parsing_process import ProcessParser\n"
        "parser = ProcessParser(10.0, 400 * 1024 * 1024)\n"
        "parser.parse('runbooks/a.md', b'# a')\n"
        "print(parser._child._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()

    deadline = time.monotonic() + PATIENCE
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(child)


def test_closing_or_losing_the_parser_ends_its_process() -> None:
    parser = ProcessParser(10.0, MEMORY)
    parser.parse("runbooks/a.md", RUNBOOK)
    child = child_of(parser)
    parser.close()
    assert not is_alive(child)

    parser.parse("runbooks/a.md", RUNBOOK)
    child = child_of(parser)
    del parser
    assert not is_alive(child)


def test_the_process_sees_no_credentials(process: ProcessParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    process.parse("runbooks/a.md", RUNBOOK)

    assert b"very-secret" not in Path(f"/proc/{child_of(process)}/environ").read_bytes()


def test_a_process_that_cannot_start_is_no_documents_fault(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    parser = ProcessParser(10.0, memory_bytes=8 * 1024 * 1024)
    with pytest.raises(UnavailableError, match="does not start"):
        parser.parse("runbooks/a.md", RUNBOOK)

    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(UnavailableError, match="does not start"):
        ProcessParser(10.0, MEMORY).parse("runbooks/a.md", RUNBOOK)
    capfd.readouterr()
