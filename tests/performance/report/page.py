"""The report of a run as one HTML page that needs no other, is opened from a disk, and runs nothing.

Names of errors and tiers can be somebody else's text: ``element`` escapes whatever is not markup made here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.evaluation.markup import Html, element, table
from tests.performance.report.charts import charts

Told = Mapping[str, Any]
STYLE = """
:root { color-scheme: light; --ink: #1d2733; --soft: #5d6b7a; --line: #d5dce3; --good: #1a7f4e; --bad: #b3261e; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; background: #fff; color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
p { max-width: 52rem; } .soft, figcaption { color: var(--soft); } figcaption { font-size: .85rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
.holds { color: var(--good); } .missed { color: var(--bad); font-weight: 600; } .unknown { color: var(--soft); }
.void { border-left: 4px solid var(--bad); padding-left: .8rem; }
.charts { display: flex; flex-wrap: wrap; gap: 1.2rem; } figure { margin: 0; flex: 1 1 32rem; max-width: 46rem; }
figure svg { width: 100%; height: auto; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
QUANTILES = ("p50", "p90", "p95", "p99")


def page(told: Told, baseline: Told | None) -> str:
    title = f"Load: {told['scenario']}"
    head = (
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", title),
        element("style", Html(STYLE)),
    )
    body = element("body", *_sections(told, baseline))
    return "<!doctype html>\n" + element("html", element("head", *head), body, lang="en") + "\n"


def _sections(told: Told, baseline: Told | None) -> Iterator[Html]:
    yield element("h1", f"Load: {told['scenario']}")
    yield element("p", told["says"])
    yield element("p", about(told), class_="soft")
    if told["calibration"]["void"]:
        yield element("p", void(told), class_="void")
    yield element("h2", "What must hold")
    yield element("div", Html(_thresholds(told)), class_="thresholds")
    yield element("h2", "Charts")
    yield element("div", *charts(told, baseline), class_="charts")
    for title, part in (("groups", "By group"), ("operations", "By operation"), ("tiers", "Searches by cache tier")):
        yield element("h2", part)
        yield table(latency_rows(told[title]))
    yield element("h2", "By phase")
    yield table(phase_rows(told))
    if baseline:
        yield element("h2", "Beside the baseline")
        yield element("p", f"Commit {baseline['commit'][:12]}, {baseline['began']}.", class_="soft")
        yield table(comparison_rows(told, baseline))
    yield element("h2", "Errors, lateness, resources")
    yield table([("What", "Figure"), *rest_rows(told)])


def _thresholds(told: Told) -> Html:
    rows = [
        element(
            "tr",
            element("td", each["name"]),
            element("td", number(each["found"])),
            element("td", each["verdict"], class_=each["verdict"]),
            element("td", each["why"]),
        )
        for each in told["thresholds"]
    ]
    head = element("tr", *(element("th", name) for name in ("Threshold", "Found", "Verdict", "")))
    return element("table", element("thead", head), element("tbody", *rows))


def about(told: Told) -> str:
    cores, meaning = told["machine"]["cores"], "words and meaning" if told["semantic"] else "words alone"
    return (
        f"{told['began']}, commit {told['commit'][:12]}, length {told['length']}, tool {told['tool']}, seed "
        f"{told['seed']}; {told['target']}, {told['corpus']['documents']:,} documents ({told['corpus']['name']}), by "
        f"{meaning}; {cores} cores, which the generator shares. Latency counts "
        "from when a request should have been sent."
    )


def void(told: Told) -> str:
    return f"Void: {told['calibration']['why']} during the run, so its figures do not count."


def latency_rows(groups: Told) -> Iterator[tuple[object, ...]]:
    yield "", "requests", "errors", *QUANTILES, "max", "p95 lies between", "p95 from the sending", "p95 in the function"
    for name, group in groups.items():
        found = group["latency_ms"]
        between = found["p95"] and f"{found['p95']['low']:.1f} and {found['p95']['high']:.1f}"
        values = (number(found[each] and found[each]["value"]) for each in QUANTILES)
        sending, inside = ((group[each]["p95"] or {"value": None})["value"] for each in ("service_ms", "inside_ms"))
        yield (
            name,
            group["count"],
            group["errors"],
            *values,
            number(found["max"]),
            between or "",
            number(sending),
            number(inside),
        )


def phase_rows(told: Told) -> Iterator[tuple[object, ...]]:
    yield "", "seconds", "offered a minute", "answered a minute", "dropped", "errors", "hit rate", "p50", "p95", "p99"
    for phase in told["phases"]:
        found = [phase["latency_ms"][each] for each in ("p50", "p95", "p99")]
        yield (
            phase["name"], f"{phase['seconds']:g}", f"{phase['offered_a_minute']:,.0f}",
            f"{phase['answered_a_minute']:,.0f}", phase["dropped"], phase["errors"], number(phase["hit_rate"]),
            *(number(each and each["value"]) for each in found),
        )  # fmt: skip


def comparison_rows(told: Told, baseline: Told) -> Iterator[tuple[object, ...]]:
    """Two runs at two times: a ratio says something only where the intervals lie apart."""
    yield "", "p50", "baseline", "p95", "baseline", "ratio of p95", "intervals of p95"
    for name, group in told["groups"].items():
        before = baseline["groups"].get(name)
        if not before:
            continue
        now, then = group["latency_ms"], before["latency_ms"]
        values = [number(each and each["value"]) for each in (now["p50"], then["p50"], now["p95"], then["p95"])]
        if not (now["p95"] and then["p95"]):
            yield name, *values, "", "too few samples"
            continue
        apart = now["p95"]["low"] > then["p95"]["high"] or now["p95"]["high"] < then["p95"]["low"]
        ratio = now["p95"]["value"] / then["p95"]["value"]
        yield name, *values, f"{ratio:.2f}", "apart" if apart else "overlap"


def rest_rows(told: Told) -> Iterator[tuple[object, object]]:
    for name, count in told["errors"].items():
        yield f"error, {name}", count
    late = told["lateness_ms"]
    yield "sent late, p99 ms", number((late["p99"] or {"value": None})["value"])
    yield "sent late at most, ms", number(late["max"])
    yield (
        "machine, ms for the same work before and after",
        " and ".join(f"{told['calibration'][each]:.1f}" for each in ("before_ms", "after_ms")),
    )
    yield "share of all cores that others used", number(told["calibration"]["others"])
    for name, value in told["resources"].items():
        yield name.replace("_", " "), number(value)


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
