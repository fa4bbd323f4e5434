"""Writes the tables of ``docs/`` that the code already says: ``python -m infra.reference``.

Settings, routes, tools, template parameters, make targets and measured figures, each between two comment lines of its
page; and the JSON Schemas of the event and of a runbook as data. A test fails when a page and the code have drifted
apart.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from infra.local.topology import read_topology
from personal_pipeline import settings
from personal_pipeline.alert_mappings import alert_sources
from personal_pipeline.domain.parsing.runbook_file import Runbook
from personal_pipeline.edge.mcp import schemas
from personal_pipeline.edge.mcp.alert_tools import alert_tools
from personal_pipeline.edge.mcp.document_tools import document_tools
from personal_pipeline.edge.mcp.search_tools import search_tools
from personal_pipeline.edge.mcp.structure_tools import structure_tools
from personal_pipeline.edge.mcp.tool import Tool
from personal_pipeline.events import RunbookMatched

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "template.yaml"
SCENARIOS = ROOT / "tests" / "performance" / "scenarios"
SCHEMA = ROOT / "docs" / "schemas" / "runbook_matched.json"
RUNBOOK_SCHEMA = ROOT / "docs" / "schemas" / "runbook.schema.json"
_TARGET = re.compile(r"^([a-z0-9-]+):.*?## (.*)$", re.MULTILINE)
QUALITY = "retrieval "  # how names of those figures begin
_SECTION = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


class _ParametersLoader(yaml.SafeLoader):
    """Reads past CloudFormation's tags: parameters have none."""


_ParametersLoader.add_multi_constructor("!", lambda *_: None)


def settings_table() -> str:
    rows = [
        (f"`{name.upper()}`", _default(field), _meaning(field))
        for group in vars(settings).values()
        if isinstance(group, type) and issubclass(group, settings.Settings)
        for name, field in group.model_fields.items()
        if name in vars(group).get("__annotations__", {})
    ]
    return _table(("Variable", "Default", "Meaning"), rows)


def parameters_table() -> str:
    declared = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_ParametersLoader)["Parameters"]  # noqa: S506  # a safe loader
    rows = [
        (f"`{name}`", _code(parameter.get("Default")), _with_choices(parameter, parameter["Description"]))
        for name, parameter in declared.items()
    ]
    return _table(("Parameter", "Default", "Meaning"), rows)


UNDESCRIBED = {  # which the OpenAPI document leaves out
    "GET /v1/openapi.json": ("This API as an OpenAPI document", "200, 304"),
    "ANY /mcp": ("The Model Context Protocol by POST, for agents", "200, 202, 400, 403, 404, 405, 406, 413, 415"),
}


def routes_table() -> str:
    """The template says which routes there are and who may call them, the OpenAPI document what they do."""
    document = json.loads((ROOT / "functions" / "search" / "openapi.json").read_text(encoding="utf-8"))
    rows = []
    for route in sorted(read_topology(TEMPLATE).routes, key=lambda route: (route.path, route.method)):
        operation = document["paths"].get(route.path, {}).get(route.method.lower())
        summary, answers = UNDESCRIBED.get(route.key, ("", ""))
        if operation:
            summary, answers = operation["summary"], ", ".join(sorted(operation["responses"]))
        verified = "who knows the webhook secret" if "401" in answers else "anybody"
        verified = "Slack, by its signature" if route.path.startswith("/v1/slack/") else verified
        rows.append((f"`{route.key}`", summary, answers, verified if route.is_open else "authorised callers"))
    return _table(("Route", "Does", "Answers", "In AWS for"), rows)


def scenarios_table() -> str:
    files = sorted(path for path in SCENARIOS.glob("*.yaml") if path.stem != "project")
    rows = [(f"`{path.stem}`", yaml.safe_load(path.read_text(encoding="utf-8"))["says"]) for path in files]
    return _table(("Scenario", "What it is"), rows)


def tools_table() -> str:
    """The tools of MCP; what must be given of what they take stands first and is bold."""
    rows = []
    for tool in _tools():
        required, taken = tool.takes["required"], tool.takes["properties"]
        names = [f"**`{name}`**" for name in required]
        names += [f"`{name}`" for name in taken if name not in {*required, *schemas.PAGED}]
        names += [f"`{name}`" for name in schemas.PAGED if name in taken]
        rows.append((f"`{tool.name}`", tool.description, ", ".join(names)))
    return _table(("Tool", "What an agent is told of it", "Takes"), rows)


def _tools() -> list[Tool]:
    """None is called, so nothing need stand behind them."""
    nothing: Any = None
    of_alerts = alert_tools(nothing, alert_sources(settings.AlertMappingSettings.from_env({})), nothing, nothing)
    return [*search_tools(nothing), *document_tools(nothing, nothing), *structure_tools(nothing), *of_alerts]


def targets_table() -> str:
    found = _TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    return _table(("Command", "Does"), [(f"`make {name}`", does) for name, does in found])


def figures_table(chosen: Mapping[str, str] | None = None) -> str:
    """Of the last ``make long``: all of them, or those chosen, under better names."""
    path = ROOT / "docs" / "measured.json"
    if not path.is_file():
        return "None yet: `make long` writes them."
    measured = json.loads(path.read_text(encoding="utf-8"))
    machine = measured["machine"]
    rows = [
        (
            (chosen or {}).get(one["name"], one["name"]),
            f"{_number(one['value'])} {one['unit']}",
            _details(one["detail"]),
        )
        for one in measured["figures"]
        if (one["name"] in chosen if chosen else not one["name"].startswith(QUALITY))
    ]
    where = f"{machine['cores']} cores, Python {machine['python']}, {machine['system']}"
    head = f"Measured by `make long` at commit `{measured['commit'][:12]}`, {measured['measured_at'][:10]}, {where}."
    return f"{head}\n\n{_table(('What', 'Figure', 'Details'), rows)}"


def headlines_table() -> str:
    return figures_table(
        {
            "ingest histories, embedded index": "interleaved, crashing histories of documents that end right",
            "ingest histories, OpenSearch node": "the same on an OpenSearch node",
            "ingest_corpus": "documents through the whole local path",
            "l1_hit_cpu": "an answer from memory, through the handler (CPU)",
            "miss_cpu": "an answer from the index, through the service (CPU)",
            "search_worker_memory": "memory of a search worker",
        }
    )


def quality_table() -> str:
    """Of the last ``make long``, with either index and with each part of the ranking left out."""
    path = ROOT / "docs" / "measured.json"
    figures = json.loads(path.read_text(encoding="utf-8"))["figures"] if path.is_file() else []
    chosen = {one["name"]: one["name"].removeprefix(QUALITY) for one in figures if one["name"].startswith(QUALITY)}
    return figures_table(chosen) if chosen else "None yet: `make long` writes them."


def recorded_table() -> str:
    recorded = json.loads((ROOT / "tests" / "eval" / "recorded.json").read_text(encoding="utf-8"))
    names = dict.fromkeys(name for figures in recorded.values() for name in figures)
    rows = [(name, *(f"{figures[name]:.3f}" for figures in recorded.values())) for name in names]
    return _table(("", *recorded), rows)


def _details(detail: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in detail.items())


def _number(value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


TABLES: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "parameters": parameters_table,
    "routes": routes_table,
    "targets": targets_table,
    "scenarios": scenarios_table,
    "tools": tools_table,
    "figures": figures_table,
    "headlines": headlines_table,
    "quality": quality_table,
    "recorded": recorded_table,
}


def pages() -> Iterator[Path]:
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").glob("*.md"))


def renewed(text: str) -> str:
    """The page with every table made anew."""
    return _SECTION.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", text)


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else _code(field.default)


def _meaning(field: FieldInfo) -> str:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return _with_choices({"AllowedValues": choices}, field.description or "")


def _with_choices(parameter: dict[str, Any], meaning: str) -> str:
    choices = parameter.get("AllowedValues")
    return f"{meaning} ({', '.join(f'`{choice}`' for choice in choices)})" if choices else meaning


def _code(value: object) -> str:
    return f"`{value}`" if str(value) else "empty"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def event_schema() -> str:
    return _published(RunbookMatched.model_json_schema(mode="serialization"))


def runbook_schema() -> str:
    return _published(Runbook.model_json_schema())


def _published(schema: dict[str, Any]) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    for path, schema in ((SCHEMA, event_schema()), (RUNBOOK_SCHEMA, runbook_schema())):
        if not path.is_file() or path.read_text(encoding="utf-8") != schema:
            path.parent.mkdir(exist_ok=True)
            path.write_text(schema, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (new := renewed(text)) != text:
            page.write_text(new, encoding="utf-8")
            sys.stdout.write(f"wrote {page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
