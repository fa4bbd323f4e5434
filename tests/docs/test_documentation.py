"""What a stranger reads is held to what is there: commands, links, tables, names of variables."""

import json
import re
from pathlib import Path

import click
import pytest

from infra import reference
from infra.cli.main import pp
from infra.local.plan import ServeOptions
from infra.local.serve import local_environment
from infra.local.topology import read_topology
from personal_pipeline.domain import analysis, catalog, ids, parsing
from personal_pipeline.domain.parsing import outline
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchRequest
from personal_pipeline.services import receive_alert
from personal_pipeline.settings import ParserSettings

ROOT = reference.ROOT
PAGES = [*reference.pages(), ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", ROOT / "events" / "documents" / "README.md"]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_of(text: str) -> list[str]:
    """Lines of fenced blocks and everything between back quotes: where a page names commands."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return [line.removeprefix("$ ").strip() for block in fenced for line in block.splitlines()] + inline


@pytest.mark.parametrize("page", list(reference.pages()), ids=named)
def test_tables_say_what_the_code_says(page: Path):
    text = page.read_text(encoding="utf-8")

    assert text == reference.renewed(text), "run: .venv/bin/python -m infra.reference"


def test_every_table_is_on_a_page():
    found = re.findall(r"<!-- table: (\w+) -->", "".join(page.read_text(encoding="utf-8") for page in PAGES))

    assert sorted(found) == sorted(reference.TABLES)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_files_and_headings_that_are_there(page: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} of {named(page)}"
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), f"{target} of {named(page)}"


def anchors(text: str) -> set[str]:
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_commands_name_targets(page: Path):
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    for line in code_of(page.read_text(encoding="utf-8")):
        for target in re.findall(r"(?:^|\s)make (?:[A-Z]+=\S+ )*([a-z]+)", line):
            assert target in targets, line


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pp_commands_and_their_options_exist(page: Path):
    for line in code_of(page.read_text(encoding="utf-8")):
        for words in re.findall(r"(?:^|\s|bin/)pp ((?:[a-z][a-z-]*|--[a-z-]+)(?: [^|;#`]*)?)", line):
            assert_is_a_command(words.split(), line)


def assert_is_a_command(words: list[str], line: str) -> None:
    if "[OPTIONS]" in words:  # help text, which is compared as a whole elsewhere
        return
    command: click.Command = pp
    while isinstance(command, click.Group):
        name = words.pop(0) if words else ""
        if name.startswith("--"):
            break
        assert name in command.commands, line
        command = command.commands[name]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_routes_that_are_named_exist(page: Path):
    patterns = [re.sub(r"\{\w+\}", r"[^/\\s?]+", route.path) for route in read_topology(ROOT / "template.yaml").routes]

    for path in re.findall(r"(?<![\w.])/v1/[^\s'\"`?)]*", page.read_text(encoding="utf-8")):
        if path not in {"/v1/", "/v1/…"}:
            assert any(re.fullmatch(pattern, path) for pattern in patterns), path


def test_the_fields_of_an_answer_are_those_of_the_api():
    table = API.split("## The answer")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE))
    operation = json.loads((ROOT / "functions" / "search" / "openapi.json").read_text())["paths"]["/v1/search"]["get"]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]

    assert rows.keys() == answer.keys()
    assert set(re.findall(r"`(\w+)`", rows["answered_by"])) == set(answer["answered_by"]["enum"])
    assert set(re.findall(r"`(\w+)`", rows["hits"])) == set(answer["hits"]["items"]["properties"])


def test_every_variable_of_the_command_is_in_the_table():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "infra").rglob("*.py")]
    read = set(re.findall(r"\bPP_[A-Z_]+\b", "\n".join(sources)))

    assert read == set(re.findall(r"^\| `(PP_[A-Z_]+)`", CONFIGURATION, re.MULTILINE))


def test_every_variable_of_make_is_in_the_table():
    defaults = re.findall(r"^([A-Z]+) \?= (\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    table = CONFIGURATION.split("## Variables of `make`")[1].split("\n## ")[0]

    assert sorted(defaults) == sorted(re.findall(r"^\| `([A-Z]+)` \| `([^`]+)`", table, re.MULTILINE))


@pytest.mark.parametrize("aws", ["", "http://127.0.0.1:1"])
def test_what_the_local_server_sets_otherwise_is_in_the_table(aws: str, monkeypatch: pytest.MonkeyPatch):
    table = CONFIGURATION.split("### What `pp serve` sets otherwise")[1].split("\n## ")[0]
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith("| `")]
    listed = {name: cells[1 if aws else 0] for first, *cells in rows for name in re.findall(r"`([A-Z_]+)`", first)}
    for name in (*listed, "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    for name, value in local_environment(ServeOptions(aws=aws), Path(".pp")).items():
        if aws and name == "AWS_ENDPOINT_URL":
            continue  # that is the option itself
        said = listed[name].strip()
        if said == "the same":
            said = next(cells[1] for cells in rows if f"`{name}`" in cells[0])
        assert value in said, name


def test_every_function_is_described():
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    described = set(
        re.findall(r"^\| `(\w+)` \|", architecture.split("## The functions")[1].split("\n## ")[0], re.MULTILINE)
    )

    assert described == {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}


def test_limits_are_those_of_the_code():
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## Limits")[1]
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", table, re.MULTILINE))
    terms, passages = analysis.MAX_QUERY_TERMS, SearchRequest((), SearchFilters(), CallerScope()).limit
    parser = ParserSettings()

    assert rows["a document"] == (
        f"{parsing.MAX_RAW_BYTES // 10**6} MB raw, {outline.MAX_TEXT_BYTES // 10**6} MB of text, "
        f"{outline.MAX_TABLE_ROWS:,} table rows, {ids.MAX_PASSAGES:,} passages, {parser.parse_timeout_seconds:g} s and "
        f"{parser.parse_memory_bytes // 2**20} MB to parse"
    )
    assert rows["alert keys of a document"] == str(catalog.MAX_KEYS_PER_DOCUMENT)
    assert rows["documents of one exact key"] == str(catalog.MAX_CARDS_PER_KEY)
    assert f"{terms} terms" in rows["a query"]
    assert rows["results"] == f"the documents of the {passages} best passages"
    assert rows["a webhook body"] == f"{receive_alert.MAX_BODY_BYTES // 1024} KiB"
