"""The report in three forms: ``report.html`` for people, ``report.md`` for a comment, ``junit.xml`` for CI."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from infra.cli.terminal import one_line
from tests.performance.report.page import about, latency_rows, number, page, phase_rows, rest_rows, void

_MARKS = re.compile(r"[|\[\]`*]")
Told = Mapping[str, Any]


def write_report(told: Told, folder: Path, baseline: Told | None = None) -> None:
    (folder / "report.html").write_text(page(told, baseline), encoding="utf-8")
    (folder / "report.md").write_text(markdown(told), encoding="utf-8")
    (folder / "junit.xml").write_bytes(junit(told))


def markdown(told: Told) -> str:
    return "\n".join(_paragraphs(told)) + "\n"


def _paragraphs(told: Told) -> Iterator[str]:
    yield f"# Load: {told['scenario']}\n\n{_plain(told['says'])}\n\n{_plain(about(told))}\n"
    if told["calibration"]["void"]:
        yield f"**{void(told)}**\n"
    rows = [(each["name"], number(each["found"]), each["verdict"], each["why"]) for each in told["thresholds"]]
    yield from _table([("Threshold", "Found", "Verdict", ""), *rows])
    yield from _table(latency_rows(told["groups"]))
    yield from _table(phase_rows(told))
    yield from _table([("What", "Figure"), *rest_rows(told)])


def _table(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    head, *body = [[_plain(cell) for cell in row] for row in rows]
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in body)
    yield ""


def _plain(text: object) -> str:
    """Text that Markdown shows as it is."""
    return _MARKS.sub(r"\\\g<0>", one_line(text)).replace("<", "&lt;")


def junit(told: Told) -> bytes:
    """A test for each threshold. What could not be judged, and all of a void run, is skipped with the reason."""
    is_void, judged = told["calibration"]["void"], told["thresholds"]
    missed = 0 if is_void else sum(each["verdict"] == "missed" for each in judged)
    skipped = len(judged) if is_void else sum(each["verdict"] == "unknown" for each in judged)
    counts = {"tests": str(len(judged)), "failures": str(missed), "skipped": str(skipped)}
    suite = ET.Element("testsuite", {"name": f"load.{told['scenario']}", **counts})
    for each in judged:
        case = ET.SubElement(suite, "testcase", {"classname": f"load.{told['scenario']}", "name": each["name"]})
        if is_void:
            ET.SubElement(case, "skipped", {"message": void(told)})
        elif each["verdict"] == "unknown":
            ET.SubElement(case, "skipped", {"message": one_line(each["why"])})
        elif each["verdict"] == "missed":
            ET.SubElement(case, "failure", {"message": f"found {number(each['found'])}, {each['why']}"})
    return ET.tostring(suite, encoding="utf-8", xml_declaration=True)
