"""The report says what was found, in three forms, needs nothing from elsewhere, and shows no text as markup."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from infra.evaluation.markup import safe
from tests.performance.processes import Usage
from tests.performance.report.files import write_report
from tests.performance.results import Measured, results
from tests.performance.samples import Sample
from tests.performance.scenario import read_scenario

HOSTILE = "<img src=x onerror=alert(1)>$\\frac{\u202e"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def told(says: str = "A test.", void: bool = False, error: str = "", count: int = 500) -> dict[str, Any]:
    scenario, run = read_scenario("normal"), read_scenario("normal").lengths["ci"]
    samples = [
        Sample(n / 10, n / 10, n / 10 + 0.005 + n / 1e5, "search", "steady", ("l1", "l2", "index")[n % 3], n % 2 == 0)
        for n in range(count)
    ]
    if error:
        samples.append(Sample(1.0, 1.0, 2.0, "document", "steady", error=error))
    usage = tuple(Usage(float(n), n * 0.1, 300.0, 200.0, 9) for n in range(50))
    return results(Measured(scenario, run, tuple(samples), {"steady": len(samples)}, {}, usage, 2)) | {
        "scenario": "normal", "says": says, "length": "ci", "tool": "python", "seed": 1, "target": "a system",
        "corpus": {"name": "made", "documents": 5}, "semantic": True, "began": "2026-11-29T00:00:00+00:00",
        "calibration": {"before_ms": 5.0, "after_ms": 5.0, "others": 0.1, "void": void, "why": "it was" * void},
        "commit": "c" * 40, "machine": {"cores": 2, "python": "3.11", "system": "Linux"},
    }  # fmt: skip


def report(
    folder: Path, given: Mapping[str, Any], baseline: Mapping[str, Any] | None = None
) -> tuple[str, str, ET.Element]:
    write_report(given, folder, baseline)
    suite = ET.fromstring((folder / "junit.xml").read_bytes())
    return (folder / "report.html").read_text(), (folder / "report.md").read_text(), suite


def test_the_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    page, _, _ = report(tmp_path, told())

    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link|<iframe|@import|src\s*=|url\(\s*[\"']?(?!#)", page)
    assert set(re.findall(r'href="([^#"][^"]*)"', page)) == set()


def test_the_page_has_every_chart_and_table(tmp_path: Path) -> None:
    page, _, _ = report(tmp_path, told())

    assert page.count("<svg ") == 5
    for title in ("What must hold", "By group", "By operation", "Searches by cache tier", "By phase"):
        assert f"<h2>{title}</h2>" in page


def test_a_baseline_is_shown_beside_the_run(tmp_path: Path) -> None:
    page, _, _ = report(tmp_path, told(count=1_500), told(count=1_500))

    assert "Beside the baseline" in page
    assert "<td>1.00</td><td>overlap</td>" in page


def test_text_of_others_is_never_markup(tmp_path: Path) -> None:
    page, text, suite = report(tmp_path, told(says=HOSTILE, error=HOSTILE))

    assert "<img" not in page
    assert "<img" not in text
    assert str(safe(HOSTILE)) in page
    assert "\u202e" not in page
    assert suite.get("tests") == str(len(suite))


def test_each_threshold_is_a_test_for_ci(tmp_path: Path) -> None:
    _, _, suite = report(tmp_path, told(error="status 503"))

    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert "all errors <= 0" in failed
    assert suite.get("failures") == str(len(failed))
    assert suite.get("skipped") == str(sum(case.find("skipped") is not None for case in suite))


def test_a_void_run_fails_nothing_and_says_why(tmp_path: Path) -> None:
    page, text, suite = report(tmp_path, told(void=True, error="status 503"))

    assert suite.get("failures") == "0"
    assert all(case.find("skipped") is not None for case in suite)
    assert "Void: it was during the run" in page
    assert "**Void" in text


def test_a_run_without_a_single_answer_has_a_report_all_the_same(tmp_path: Path) -> None:
    page, text, _ = report(tmp_path, told(count=0))

    assert "unknown" in page
    assert "| cached p95" in text


def test_the_page_can_be_looked_at_in_a_browser_without_a_network(tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        pytest.skip(f"no browser is on the PATH: one of {', '.join(BROWSERS)}")
    report(tmp_path, told())
    page, picture = tmp_path / "report.html", tmp_path / "page.png"
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1300,2600",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}",
    ]  # fmt: skip
    seen = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    subprocess.run([*command, f"--screenshot={picture}", page.as_uri()], capture_output=True, timeout=120, check=True)

    assert seen.stdout.count("<svg ") == 5
    assert not re.search(r"CONSOLE.*(error|refused|violates)", seen.stderr, re.IGNORECASE)
    assert picture.stat().st_size > 50_000  # a blank page of that size has 10 KB
