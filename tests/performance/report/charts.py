"""Charts of a run as inline SVG. Text in them is written as text, and never read as formulas."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import pairwise
from typing import Any

import matplotlib as mpl
from hdrh.histogram import HdrHistogram
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from infra.evaluation.markup import Html, element

mpl.rcParams |= {
    "svg.fonttype": "none", "svg.hashsalt": "load", "text.parse_math": False, "font.size": 9,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3, "legend.frameon": False,
}  # fmt: skip
COLOURS = {
    "cached": "#1a7f4e", "semantic": "#2563a8", "standard": "#7a4fb5", "document": "#b3701e", "bulk": "#b3261e",
    "suggest": "#3f8f8f", "alert": "#8a6d3b", "cold": "#5d6b7a", "all": "#8a8f98", "feedback": "#c07aa8",
    "health": "#9aa7b5",
    "l1": "#1a7f4e", "l2": "#74b88f", "stale": "#d9a441", "index": "#2563a8", "keys": "#8a6d3b", "": "#b3261e",
}  # fmt: skip
BIN_SECONDS = 5
NINES = (0, 50, 90, 95, 99, 99.9)
_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
Told = Mapping[str, Any]


def charts(told: Told, baseline: Told | None) -> list[Html]:
    drawn = [latency(told), percentiles(told, baseline), throughput(told), hits(told)]
    return [*drawn, resources(told)] if told["usage"] else drawn


def latency(told: Told) -> Html:
    axes = _axes("second", "milliseconds")
    seconds = [each for each in told["series"] if each["median_ms"] is not None]
    at = [each["second"] for each in seconds]
    axes.plot(at, [each["slowest_ms"] for each in seconds], ".", color="#b3261e", markersize=3, label="slowest")
    axes.plot(at, [each["median_ms"] for each in seconds], color="#2563a8", label="median")
    _logarithmic(axes)
    _events(axes, told["events"])
    return _svg(axes, "Latency second by second, all operations; from when a request should have been sent")


def percentiles(told: Told, baseline: Told | None) -> Html:
    """The further right, the rarer: each step of the scale is ten times as many requests."""
    axes = _axes("percentile", "milliseconds")
    for name, group in told["groups"].items():
        _curve(axes, group, "-", COLOURS[name], f"{name} ({group['count']})")
    for number, (name, group) in enumerate((baseline or {"groups": {}})["groups"].items()):
        _curve(axes, group, ":", COLOURS.get(name, COLOURS["all"]), "baseline" if not number else "")
    for threshold in told["thresholds"]:
        if threshold["figure"] in ("p50", "p90", "p95", "p99") and threshold["most"] and not threshold["phase"]:
            step = 100 / (100 - int(threshold["figure"][1:]))
            axes.plot([step], [threshold["most"]], "v", color=COLOURS[threshold["of"]], markersize=6)
    _logarithmic(axes)
    axes.set_xscale("log")
    axes.set_xticks([100 / (100 - nine) for nine in NINES], [f"{nine:g}" for nine in NINES])
    axes.minorticks_off()
    says = "How slow the slowest are: latency by percentile; triangles are what it must be below"
    return _svg(axes, says + (", dotted the baseline" if baseline else ""))


def throughput(told: Told) -> Html:
    axes = _axes("second", "requests a second")
    at = [each["second"] for each in told["series"]]
    axes.plot(at, [each["offered"] for each in told["series"]], color="#5d6b7a", label="should be sent")
    axes.plot(at, [each["answered"] for each in told["series"]], color="#1a7f4e", label="answered")
    axes.plot(at, [each["errors"] for each in told["series"]], color="#b3261e", label="errors")
    return _svg(axes, "Requests that should be sent and that were answered")


def hits(told: Told) -> Html:
    axes = _axes("second", "share of searches")
    bins: dict[int, Counter[str]] = {}
    for each in told["series"]:
        bins.setdefault(each["second"] // BIN_SECONDS * BIN_SECONDS, Counter()).update(each["tiers"])
    names = [name for name in ("l1", "l2", "stale", "index", "keys", "") if any(name in each for each in bins.values())]
    if names:
        shares = [[each[name] / (each.total() or 1) for each in bins.values()] for name in names]
        axes.stackplot(list(bins), shares, labels=[n or "none" for n in names], colors=[COLOURS[n] for n in names])
    axes.set_ylim(0, 1)
    _events(axes, told["events"])
    return _svg(axes, "What searches were answered by, in steps of five seconds")


def resources(told: Told) -> Html:
    axes = _axes("second", "share of all cores")
    usage, cores = told["usage"], told["machine"]["cores"]
    pairs = list(pairwise(usage))
    shares = [(b["cpu_seconds"] - a["cpu_seconds"]) / (b["at"] - a["at"]) / cores for a, b in pairs]
    axes.plot([b["at"] for _, b in pairs], shares, color="#2563a8", label="CPU of the system")
    axes.set_ylim(bottom=0)
    memory = axes.twinx()
    memory.plot([each["at"] for each in usage], [each["pss_mb"] for each in usage], color="#b3701e", label="memory, MB")
    memory.set_ylim(bottom=0)
    memory.set_ylabel("MB, proportional set size")
    memory.grid(visible=False)
    memory.legend(loc="lower right", bbox_to_anchor=(1, 1), fontsize=8)
    return _svg(axes, "CPU and memory of all processes of the system")


def _curve(axes: Axes, group: Told, style: str, colour: str, label: str) -> None:
    found = HdrHistogram.decode(group["histogram"])
    steps = _steps(found.get_total_count())
    values = [found.get_value_at_percentile(100 - 100 / step) / 1_000 for step in steps]
    axes.plot(steps, values, style, color=colour, label=label or None)


def _steps(count: int) -> list[float]:
    """Of 1 / (1 - q), as far as there are samples."""
    return [10 ** (n / 20) for n in range(81) if 10 ** (n / 20) <= count]


def _logarithmic(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter("")


def _events(axes: Axes, events: Sequence[Told]) -> None:
    for number, event in enumerate(events):
        label = "" if number else "events: " + ", ".join(dict.fromkeys(each["does"] for each in events))
        axes.axvline(event["at"], color="#d9a441", linewidth=1, linestyle="--", label=label or None)


def _axes(across: str, up: str) -> Axes:
    axes: Axes = Figure(figsize=(7.2, 2.9), layout="constrained").add_subplot()
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    return axes


def _svg(axes: Axes, says: str) -> Html:
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, fontsize=8)
    written = StringIO()
    figure = axes.get_figure()
    if not isinstance(figure, Figure):
        raise TypeError("axes without a figure")
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    svg = Html(_HEAD.sub("", written.getvalue(), count=1).replace("<svg ", f'<svg role="img" aria-label="{says}" ', 1))
    return element("figure", svg, element("figcaption", says))
