import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.in_process import over_data_folder
from personal_pipeline import bootstrap, parts
from tests.functions.conftest import forget_built_parts
from tests.unit.cli.conftest import Pp, Ran

RULES = """groups:
- name: g
  rules:
  - alert: DiskFull
    labels: {severity: critical}
    annotations: {runbook_url: https://wiki.example.com/runbooks/disk-full}
  - alert: DiskGone
    annotations: {summary: replace the disk, runbook_url: https://wiki.example.com/old/gone}
  - alert: Spare
    annotations: {summary: zebra}
"""


@pytest.fixture(autouse=True)
def _nothing_was_built() -> Iterator[None]:
    forget_built_parts()
    yield
    if parts.parser.cache_info().currsize:
        parts.parser().close()
    if parts.index.cache_info().currsize:
        for part in (True, False):
            getattr(parts.index(part), "close", lambda: None)()
    forget_built_parts()


@pytest.fixture
def pp(pp: Pp) -> Pp:
    """Each call as in a process of its own."""

    def run(*words: object) -> Ran:
        forget_built_parts()
        return pp(*words)

    return run


@pytest.fixture
def runbooks(tmp_path: Path) -> Path:
    folder = tmp_path / "runbooks"
    (folder / "runbooks").mkdir(parents=True)
    (folder / "runbooks" / "disk-full.md").write_text("# Making room\n\nDiskFull: free some space.\n")
    (folder / "replace.md").write_text("# Replace a disk\n\nReplace the disk that is gone.\n")
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "node.yaml").write_text(RULES)
    (folder / "values.yaml").write_text("a: 1\n")
    return folder


def test_each_alert_has_its_line_the_worst_first(pp: Pp, rules: Path, runbooks: Path) -> None:
    ran = pp("coverage", "--rules", rules, "--runbooks", runbooks)

    lines = ran.out.splitlines()
    assert ran.code == 1
    assert [line.split("\t")[:4] for line in lines[:3]] == [
        ["none", "Spare", "", "none"],
        ["dead link", "DiskGone", "", "Replace a disk (runbooks/replace.md)"],
        ["linked", "DiskFull", "critical", "Making room (runbooks/runbooks/disk-full.md)"],
    ]
    assert lines[1].endswith("; its link leads to no document: https://wiki.example.com/old/gone")
    assert "3 alerts in 1 file (1 other file without alerts)" in ran.out
    assert "the linked one for 1 of 1 (100 %; 95 % interval 21 to 100 %): 1 of 1 by search." in ran.out


def test_json_has_all_of_it(pp: Pp, rules: Path, runbooks: Path) -> None:
    ran = pp("coverage", "--rules", rules / "node.yaml", "--runbooks", runbooks, "--json")

    said = json.loads(ran.out)
    assert said["summary"] == {"alerts": 3, "covered": 2, "none": 1, "dead_link": 1, "matched": 0, "linked": 1}
    assert [alert["status"] for alert in said["alerts"]] == ["linked", "dead_link", "none"]
    assert said["alerts"][0]["linked"][0]["path"] == "runbooks/disk-full.md"
    assert said["alerts"][0]["match"]["matched_by"] == "search"
    assert said["alerts"][2]["match"]["runbook"] is None
    assert said["hit_at_1"]["interval_95"] == [0.2065, 1.0]


def test_the_exit_code_says_whether_enough_alerts_have_a_runbook(pp: Pp, rules: Path, runbooks: Path) -> None:
    def code(*more: str) -> int:
        return pp("coverage", "--rules", rules, "--runbooks", runbooks, *more).code

    assert (code(), code("--min-coverage", "67"), code("--min-coverage", "60")) == (1, 1, 0)
    (runbooks / "spare.md").write_text("# Zebra\n\nzebra\n")
    assert code() == 0


def test_files_folders_and_patterns_may_be_many(pp: Pp, rules: Path, runbooks: Path) -> None:
    (rules / "b.yml").write_text(RULES.replace("DiskFull", "Other"))

    for words in (
        ("--rules", rules / "node.yaml", rules / "b.yml"),
        ("--rules", rules / "node.yaml", "--rules", rules / "b.yml"),
        ("--rules", f"{rules}/*.y*ml"),
        ("--rules", rules),
    ):
        assert len(json.loads(pp("coverage", *words, "--runbooks", runbooks, "--json").out)["alerts"]) == 6


def test_a_file_that_cannot_be_read_is_named_and_does_not_stop_the_others(pp: Pp, rules: Path, runbooks: Path) -> None:
    (rules / "broken.rules.yaml").write_text("groups: [")

    ran = pp("coverage", "--rules", rules, rules / "gone.yaml", "--runbooks", runbooks, "--min-coverage", "0")

    assert ran.code == 1
    assert "broken.rules.yaml: is no YAML" in ran.err
    assert "gone.yaml: is not there" in ran.err
    assert "DiskFull" in ran.out


def test_a_document_that_cannot_be_read_is_named_and_does_not_stop_the_others(
    pp: Pp, rules: Path, runbooks: Path
) -> None:
    (runbooks / "empty.md").write_text("")

    ran = pp("coverage", "--rules", rules, "--runbooks", runbooks)

    assert "empty.md" in ran.err
    assert "Making room" in ran.out


def test_the_documents_of_the_data_folder_are_asked_without_a_server(
    pp: Pp, rules: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "has no documents" in pp("coverage", "--rules", rules).err
    assert not (data / "pipeline.db").exists()
    fill(data, "ops/runbooks/disk-full.md", b"# Making room\n\nx\n")
    monkeypatch.setenv("PP_URL", "http://127.0.0.1:1")
    before = dict(os.environ)

    ran = pp("coverage", "--rules", rules)

    assert "linked\tDiskFull\tcritical\tMaking room (ops/runbooks/disk-full.md)" in ran.out
    assert dict(os.environ) == before


def fill(data: Path, key: str, body: bytes) -> None:
    from personal_pipeline.messages import IngestMessage

    with over_data_folder(data):
        bootstrap.prepare_index()
        parts.store().put(key, body)
        (outcome,) = bootstrap.ingest_documents()([IngestMessage(bucket="documents", key=key, kind="put")])
        assert outcome.error is None
        parts.parser().close()
    forget_built_parts()


def test_no_alert_rules_at_all_is_an_error(pp: Pp, rules: Path, runbooks: Path) -> None:
    ran = pp("coverage", "--rules", rules / "values.yaml", "--runbooks", runbooks)

    assert (ran.code, ran.out) == (1, "")
    assert "no alert rules" in ran.err


def test_rules_must_be_named(pp: Pp) -> None:
    assert pp("coverage").code == 2


def test_hostile_text_cannot_steer_the_terminal(pp: Pp, tmp_path: Path, runbooks: Path) -> None:
    evil = "\\e[2J\\u202e[bold]\\nx\\ty"
    rules = tmp_path / "evil\x1b[2J.rules.yaml"
    rules.write_text(
        f'groups: [{{name: g, rules: [{{alert: "A{evil}", annotations: {{runbook_url: "https://w/{evil}"}}}}, '
        f'{{alert: "B", labels: {{severity: "{evil}"}}}}, {{alert: [], x: "{evil}"}}]}}]'
    )

    ran = pp("coverage", "--rules", rules, "--runbooks", runbooks)

    shown = ran.out + ran.err
    assert not any(char in shown for char in "\x1b\u202e\x07")
    assert len(ran.out.splitlines()) == 4
    assert "[bold]" in ran.out


def test_on_a_terminal_it_is_a_table(pp: Pp, rules: Path, runbooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")

    ran = pp("coverage", "--rules", rules, "--runbooks", runbooks)

    assert "alert runbook because" in ran.text
    assert "Making room (runbooks/runbooks/disk-full.md)" in ran.text


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "storage").mkdir(parents=True)
    (folder / "_services.yaml").write_text("- {name: storage}\n- {name: checkout}\n")
    (folder / "storage" / "disk.md").write_text(
        "---\nowner: team-data\nreviewed: 2020-01-05\n---\n# Disk full\n\nSee [this](gone.md).\n"
    )
    (folder / "storage" / "secret.md").write_text(
        "---\ngroups: [finance]\nreviewed: 2999-01-01\n---\n# Payroll \x1b[31m\n\nCall the bank.\n"
    )
    return folder


def test_what_is_missing_among_documents_is_shown_line_by_line(pp: Pp, documents: Path) -> None:
    ran = pp("coverage", "--documents", "--runbooks", documents)

    lines = ran.out.splitlines()
    assert ran.code == 1
    assert lines[:3] == [
        "no runbook\tservice checkout",
        "dead link\tdocuments/storage/disk.md\tgone.md",
        "stale\tdocuments/storage/disk.md\tteam-data\tdue 2021-01-04",
    ]
    assert "documents: 2, of them runbooks: 2; services: 2" in ran.out
    assert "services without a runbook: 1" in ran.out


def test_it_counts_against_the_share_that_is_asked_for(pp: Pp, documents: Path) -> None:
    assert pp("coverage", "--documents", "--runbooks", documents, "--min-coverage", "50").code == 0
    assert pp("coverage", "--documents", "--runbooks", documents, "--min-coverage", "51").code == 1


def test_its_json_is_that_of_the_route(pp: Pp, documents: Path) -> None:
    said = json.loads(pp("coverage", "--documents", "--runbooks", documents, "--json").out)

    assert (said["documents"], said["services_without_runbook"]) == (2, {"count": 1, "first": ["checkout"]})
    assert said["dead_links"]["first"][0]["link"] == "gone.md"


@pytest.mark.parametrize("words", [[], ["--documents", "--rules", "x"], ["--documents", "x"]])
def test_it_is_either_rules_or_documents(pp: Pp, words: list[str]) -> None:
    ran = pp("coverage", *words)

    assert (ran.code, "--documents" in ran.err) == (2, True)
