"""Two charts as inline SVG: is confidence kept, and does it tell alerts apart that have a runbook?"""

from collections.abc import Sequence
from typing import Any

from infra.evaluation.markup import Html, element

SIDE = 220
HEIGHT = 62
LEFT, BOTTOM, TOP, RIGHT = 44, 40, 16, 16


def reliability_chart(bins: Sequence[dict[str, Any]], label: str) -> Html:
    """A dot per bin, its area by how many alerts are in it; on the line, confidence is kept."""
    most = max((each["count"] for each in bins), default=0) or 1
    dots = [
        element(
            "circle",
            element("title", f"{each['count']} alerts: said {each['confidence']:.2f}, right {each['share_right']:.2f}"),
            cx=_x(each["confidence"]),
            cy=_y(each["share_right"], SIDE),
            r=round(3 + 11 * (each["count"] / most) ** 0.5, 1),
            class_="dot",
        )
        for each in bins
        if each["count"]
    ]
    line = element("line", x1=_x(0), y1=_y(0, SIDE), x2=_x(1), y2=_y(1, SIDE), class_="kept")
    frame = _frame(SIDE, "confidence", "share that is right", [(share, f"{share:g}") for share in (0, 0.5, 1)])
    return _svg(SIDE, label, *frame, line, *dots)


def histogram(counts: Sequence[int], label: str, threshold: float, class_: str) -> Html:
    """Alerts by confidence, with the threshold from which a runbook is attached."""
    most = max(counts, default=0) or 1
    width = SIDE / len(counts)
    bars = [
        element(
            "rect",
            element("title", f"{count} from {number / len(counts):.1f} to {(number + 1) / len(counts):.1f}"),
            x=round(_x(number / len(counts)) + 1, 1),
            y=_y(count / most, HEIGHT),
            width=round(width - 2, 1),
            height=round(HEIGHT * count / most, 1),
            class_=class_,
        )
        for number, count in enumerate(counts)
        if count
    ]
    line = element("line", x1=_x(threshold), y1=TOP, x2=_x(threshold), y2=TOP + HEIGHT, class_="kept")
    return _svg(HEIGHT, label, *_frame(HEIGHT, "confidence", "alerts", [(0, "0"), (1, str(most))]), *bars, line)


def span(low: float, high: float, value: float, bar: float, least: float = 0.5) -> Html:
    """An interval with its value, and the bar to be over, from ``least`` to 1."""
    width, height = 160, 18

    def x(share: float) -> float:
        return round(3 + (width - 6) * max(0.0, share - least) / (1 - least), 1)

    return element(
        "svg",
        element("line", x1=x(least), y1=9, x2=x(1), y2=9, class_="axis"),
        element("line", x1=x(low), y1=9, x2=x(high), y2=9, class_="span"),
        element("line", x1=x(bar), y1=2, x2=x(bar), y2=16, class_="bar"),
        element("circle", cx=x(value), cy=9, r=3.5, class_="value"),
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=f"{value:.3f}, from {low:.3f} to {high:.3f}; the bar is at {bar:.2f}",
    )


def _frame(height: int, below: str, beside: str, marks: Sequence[tuple[float, str]]) -> list[Html]:
    ground = TOP + height
    across = [
        element("text", f"{share:g}", x=_x(share), y=ground + 15, text_anchor="middle")
        for share in (0, 0.2, 0.4, 0.6, 0.8, 1)
    ]
    up = [element("text", text, x=LEFT - 6, y=_y(share, height) + 4, text_anchor="end") for share, text in marks]
    middle = TOP + height / 2
    return [
        element("line", x1=LEFT, y1=ground, x2=LEFT + SIDE, y2=ground, class_="axis"),
        element("line", x1=LEFT, y1=TOP, x2=LEFT, y2=ground, class_="axis"),
        *across,
        *up,
        element("text", below, x=LEFT + SIDE / 2, y=ground + 33, text_anchor="middle"),
        element("text", beside, x=12, y=middle, text_anchor="middle", transform=f"rotate(-90 12 {middle:g})"),
    ]


def _svg(height: int, label: str, *children: Html) -> Html:
    across, down = LEFT + SIDE + RIGHT, TOP + height + BOTTOM
    return element(
        "figure",
        element(
            "svg", *children, width=across, height=down, viewBox=f"0 0 {across} {down}", role="img", aria_label=label
        ),
        element("figcaption", label),
    )


def _x(share: float) -> float:
    return round(LEFT + SIDE * share, 1)


def _y(share: float, height: int) -> float:
    return round(TOP + height * (1 - share), 1)
