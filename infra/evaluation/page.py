"""``report.html``: one file that needs no other, and says of each figure what it means.

It is opened from a disk, and most of its text is somebody else's: everything is escaped, nothing is loaded or run.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.evaluation import table as rows
from infra.evaluation.charts import histogram, reliability_chart, span
from infra.evaluation.markup import Html, element, table
from infra.evaluation.misses_page import attached_section, misses_section

Report = dict[str, Any]

STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5d6b7a; --line: #d5dce3; --back: #fff; --panel: #f5f7f9;
  --good: #1a7f4e; --bad: #b3261e; --blue: #2563a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8ee; --soft: #9aa7b5; --line: #36424f; --back: #12181f;
  --panel: #1a222b; --good: #4cc38a; --bad: #ff8f85; --blue: #6fb0f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--back); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.6rem 0 .5rem; }
p { max-width: 46rem; overflow-wrap: anywhere; } .soft, figcaption, small { color: var(--soft); }
figcaption { font-size: .85rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .3rem .8rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
.met { color: var(--good); } .missed { color: var(--bad); font-weight: 600; }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-end; } figure { margin: 0; }
svg text { fill: var(--soft); font-size: 11px; } svg .axis { stroke: var(--line); } svg .dot { fill: var(--blue);
  fill-opacity: .65; } svg .kept { stroke: var(--soft); stroke-dasharray: 4 3; } svg .with { fill: var(--blue); }
svg .without { fill: var(--bad); } svg .span { stroke: var(--blue); stroke-width: 3; stroke-opacity: .45; }
svg .value { fill: var(--blue); } svg .bar { stroke: var(--ink); stroke-width: 1.5; }
td svg { vertical-align: middle; display: block; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .45rem .8rem; }
details[open] { background: var(--panel); } summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { font-weight: 600; } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1.2rem; margin-top: .6rem; }
@media (max-width: 45rem) { .pair { grid-template-columns: 1fr; } } .pair h4 { margin: 0; font-size: .95rem; }
.pair p { margin: .2rem 0; overflow-wrap: anywhere; } .parts td { border: 0; padding: .05rem .8rem .05rem 0; }
ul { padding-left: 1.2rem; margin: .2rem 0; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(report: Report, path: Path) -> None:
    path.write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    head = (
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", "Search quality"),
        element("style", Html(STYLE)),
    )
    body = element("body", *_sections(report))
    return "<!doctype html>\n" + element("html", element("head", *head), body, lang="en") + "\n"


def _sections(report: Report) -> Iterator[Html]:
    bench = report["bench"]
    yield element("h1", "Search quality")
    yield _soft(
        f"{bench['documents']:,} documents, {bench['alerts']:,} alerts, {bench['queries']:,} typed questions and "
        f"{bench['no_runbook']:,} alerts that have no runbook; index {report['index']}, by "
        f"{'words and meaning' if report['semantic'] else 'words alone'}."
    )
    if bench["refused"]:
        yield _soft("Not taken in: " + "; ".join(bench["refused"]))
    if not report["shipped"]:
        yield element("p", "The folder does not say what would have been right, so nothing is scored.")
        return
    yield from _headlines(report)
    yield from _confidence(report)
    yield from _parts(report)
    yield from _weights(report)
    yield from attached_section(report)
    yield from misses_section(report)


def _headlines(report: Report) -> Iterator[Html]:
    head, *found = rows.headline_rows(report)
    drawn: list[list[object]] = [[*head[:3], "0.5 to 1", *head[3:]]]
    for cells, row in zip(found, report["headlines"], strict=True):
        state = element("span", cells[5], class_=cells[5]) if cells[5] else ""
        shipped = row["shipped"]
        picture = span(shipped["low"], shipped["high"], shipped["value"], row["bar"]) if shipped else ""
        drawn.append([*cells[:3], picture, *cells[3:5], state, *cells[6:]])
    yield element("h2", "In short")
    yield table(drawn)
    yield _soft(
        "How often the first document is the right one; in the last row, how often an alert that has a runbook is more "
        "confident than one that has none (AUROC). Shipped: the weights as they are, fitted on data like this. "
        "Out of fold: fitted anew without the owner of the right document, which is what to expect on documents nobody "
        "has seen. Intervals draw the sources anew, so they are wide where few sources answer. Baseline: the best "
        "that was known, exact titles, then BM25 and MiniLM fused by score. BM25: a plain index."
    )


def _confidence(report: Report) -> Iterator[Html]:
    yield element("h2", "Confidence of alerts")
    for line in rows.confidence_lines(report):
        yield element("p", line)
    found = report["shipped"]["confidence"]
    counts, threshold = found["histogram"], report["attach_at"]
    unseen = report["out_of_fold"]
    kept = [reliability_chart(found["bins"], "How often alerts of each confidence are right")]
    if unseen:
        kept.append(reliability_chart(unseen["confidence"]["bins"], "The same, out of fold"))
    bars = [histogram(counts["with_runbook"], "Alerts that have a runbook", threshold, "with")]
    if any(counts["without_runbook"]):
        bars.append(histogram(counts["without_runbook"], "Alerts that have none", threshold, "without"))
    yield element("div", *kept, element("div", *bars), class_="charts")
    yield _soft(
        "A dot is a tenth of the scale, its area the number of alerts in it; on the dashed line, confidence is kept. "
        "In the bars the dashed line is the threshold from which a runbook is attached."
    )


def _parts(report: Report) -> Iterator[Html]:
    yield element("h2", "By kind of question and group")
    yield table(rows.part_rows(report))
    yield element("h2", "By source of the right document")
    yield table(rows.source_rows(report))
    yield _soft("hit@1, and out of how many queries.")


def _weights(report: Report) -> Iterator[Html]:
    if report["ablation"]:
        yield element("h2", "What each part is worth")
        yield table(rows.ablation_rows(report))
        yield _soft(
            "Out of fold, the part left out and all weights fitted anew without it; 'nothing' is the whole ranking. "
            "Synonyms and vectors are left out of the question, so candidates are missing too."
        )
    yield element("h2", "Weights")
    yield table(rows.weight_rows(report))
    if found := report["agreement"]:
        yield element("h2", "Beside the other run")
        by_kind = ", ".join(f"{kind} {difference:+.3f}" for kind, difference in found["difference"].items())
        yield element("p", f"The same first document in {rows.percent(found['same_first'])} of the queries.")
        yield _soft(
            f"hit@1 less that of the other run: {by_kind}. Beginning otherwise: {', '.join(found['differing'])}"
        )


def _soft(text: str) -> Html:
    return element("p", text, class_="soft")
