"""What a reader gets: a table on the terminal, JSON, and a page that opens anywhere and runs nothing."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from infra.evaluation import table
from infra.evaluation.evaluation import Evaluation
from infra.evaluation.explain import Explained, Miss
from infra.evaluation.page import page
from infra.evaluation.report import report_of, write_report
from tests.unit.cli.conftest import Ran

HOSTILE = "<script>alert(1)</script>\"'&\u202e"
VOID = {"meta"}


class Balanced(HTMLParser):
    """Every element is closed where it should be; nothing is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str) -> Balanced:
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


def with_hostile_miss(evaluation: Evaluation) -> Evaluation:
    document = Explained(HOSTILE, HOSTILE, 1, 2.0, 0.9, (HOSTILE,), {"place": 2.0})
    miss = Miss("d.alert", "alert", HOSTILE, "search", document, replace(document, place=0))
    return replace(evaluation, misses=(miss,), attached=(replace(miss, right=None),), refused=(HOSTILE,))


def test_the_page_is_whole_loads_nothing_and_runs_nothing(evaluated: Evaluation) -> None:
    found = parsed(page(report_of(evaluated)))

    assert found.seen.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert found.attributes.isdisjoint({"src", "href", "onload", "onclick"})
    assert "alert payload" in found.text
    assert "Out of fold" in found.text
    assert "svg" in found.seen


def test_text_of_others_is_shown_as_text(evaluated: Evaluation) -> None:
    written = page(report_of(with_hostile_miss(evaluated)))

    found = parsed(written)
    assert "script" not in found.seen
    assert "<script>alert(1)</script>" in found.text
    assert "\u202e" not in written


def test_a_page_without_judgements_says_so(evaluated: Evaluation) -> None:
    bare = Evaluation(evaluated.bench, evaluated.choice, (), evaluated.run)

    assert "nothing is scored" in parsed(page(report_of(bare))).text


def test_the_report_is_json_with_every_figure(evaluated: Evaluation, tmp_path: Path) -> None:
    write_report(report_of(with_hostile_miss(evaluated)), tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert {row["part"] for row in report["headlines"]} >= {"alert", "alert/unnamed", "symptom", "auroc"}
    assert report["shipped"]["parts"]["all"].keys() >= {"hit@1", "hit@3", "hit@5", "MRR@10", "nDCG@10", "recall@10"}
    assert len(report["shipped"]["confidence"]["bins"]) == 10
    assert report["out_of_fold"]["confidence"]["brier"] >= 0.0
    assert {row["name"] for row in report["weights"]} >= {"Weights.place", "Calibration.intercept"}
    assert report["misses"][0]["preferred"]["parts"] == {"place": 2.0}


def test_the_command_writes_a_run_and_reports(
    pp: Callable[..., Ran],
    bench_folder: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"

    ran = pp(
        "eval", "--bench", bench_folder, "--out", out, "--no-semantic", "--fit", "--compare", bench_folder / "none"
    )
    assert ran.code == 2

    ran = pp("eval", "--bench", bench_folder, "--out", out, "--no-semantic", "--fit")

    assert ran.code == 0, ran.err
    assert {path.name for path in out.iterdir()} >= {"run.tsv", "report.json", "report.html", "data-tantivy-words"}
    assert re.search(r"^alert payload\t1\.000\t", ran.out, re.MULTILINE)
    assert "class Weights:" in ran.out
    again = pp("eval", "--bench", bench_folder, "--out", out, "--no-semantic", "--compare", out / "run.tsv", "--json")
    assert json.loads(again.out)["agreement"]["same_first"] == 1.0


def test_the_command_says_what_is_wrong_with_a_bench(pp: Callable[..., Ran], tmp_path: Path) -> None:
    ran = pp("eval", "--bench", tmp_path / "none", "--no-semantic")

    assert ran.code == 1
    assert ran.err.startswith("pp: ")
    assert "corpus.jsonl is not there" in ran.err


@pytest.mark.parametrize("is_met", [True, False])
def test_whether_a_bar_is_met_is_said(evaluated: Evaluation, is_met: bool) -> None:
    report = report_of(evaluated)
    for row in report["headlines"]:
        row["is_met"] = is_met

    said = [cells[5] for cells in table.headline_rows(report)][1:]
    assert set(said) - {""} == {"met" if is_met else "missed"}
