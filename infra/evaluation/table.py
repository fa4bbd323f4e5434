"""The figures of a report as rows of cells, for a terminal and for the page."""

from collections.abc import Iterator
from typing import Any

Report = dict[str, Any]


def headline_rows(report: Report) -> Iterator[tuple[str, ...]]:
    yield ("", "shipped", "95 % interval", "out of fold", "bar", "", "baseline", "BM25")
    for row in report["headlines"]:
        shipped, unseen = row["shipped"], row["out_of_fold"]
        if shipped is None:
            yield (row["name"], "no such queries", "", "", number(row["bar"]), "", "", "")
            continue
        yield (
            row["name"],
            number(shipped["value"]),
            f"{number(shipped['low'])} to {number(shipped['high'])}",
            number(unseen["value"]) if unseen else "",
            number(row["bar"]),
            "met" if row["is_met"] else "missed",
            number(row["baseline"]),
            number(row["bm25"]),
        )


def part_rows(report: Report) -> Iterator[tuple[str, ...]]:
    metrics: list[str] = []
    for part, means in report["shipped"]["parts"].items():
        if not metrics:
            metrics = list(means)
            yield ("queries", "n", *metrics, "95 % of hit@1", "drawn")
        first = means["hit@1"]
        found = (number(means[name]["value"]) for name in metrics)
        yield (part, str(first["n"]), *found, f"{number(first['low'])} to {number(first['high'])}", first["by"])


def source_rows(report: Report) -> Iterator[tuple[str, ...]]:
    sources = report["shipped"]["sources"]
    kinds = sorted({part for parts in sources.values() for part in parts})
    yield ("source", *kinds)
    for source, parts in sources.items():
        found = (parts[kind]["hit@1"] if kind in parts else None for kind in kinds)
        yield (source, *(f"{number(each['value'])} of {each['n']}" if each else "" for each in found))


def confidence_lines(report: Report) -> Iterator[str]:
    for name, key in (("shipped", "shipped"), ("out of fold", "out_of_fold")):
        if not report[key]:
            continue
        found = report[key]["confidence"]
        without = found["attached_without"]
        attached = f", and to {percent(without['value'])} of those that have no runbook" if without else ""
        yield (
            f"From a confidence of {report['attach_at']} on ({name}): {percent(found['accuracy']['value'])} right, "
            f"given to {percent(found['coverage']['value'])} of the alerts{attached}. "
            f"Calibration error {number(found['ece'])}, Brier score {number(found['brier'])}."
        )


def weight_rows(report: Report) -> Iterator[tuple[str, ...]]:
    yield ("weight", "shipped", "fitted on all", "difference")
    for row in report["weights"]:
        difference = row["fitted"] - row["shipped"]
        yield (row["name"], f"{row['shipped']:.2f}", f"{row['fitted']:.2f}", f"{difference:+.2f}")


def constants(report: Report) -> Iterator[str]:
    """The fitted weights as the ranking has them, to be pasted over its own."""
    values: dict[str, list[str]] = {}
    for row in report["weights"]:
        kind, _, name = row["name"].partition(".")
        values.setdefault(kind, []).append(f"    {name}: float = {row['fitted']:.3g}")
    for kind, found in values.items():
        yield "\n".join((f"class {kind}:", *found))


def ablation_rows(report: Report) -> Iterator[tuple[str, ...]]:
    columns = [row["part"] for row in report["headlines"] if row["shipped"]]
    yield ("out of fold, without", *columns, "brier")
    for row in report["ablation"]:
        yield (row["without"], *(number(row[column]) if column in row else "" for column in (*columns, "brier")))


def number(value: float) -> str:
    return f"{value:.3f}"


def percent(value: float) -> str:
    return f"{100 * value:.1f}\u00a0%"
