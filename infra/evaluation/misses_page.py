"""The part of the page that is read most: each miss, what was preferred to the right document, and why."""

from collections.abc import Iterator
from typing import Any

from infra.evaluation.markup import Html, element, table

Report = dict[str, Any]


def misses_section(report: Report) -> Iterator[Html]:
    yield element("h2", f"Misses: {len(report['misses']):,}")
    kinds = dict.fromkeys(miss["kind"] for miss in report["misses"])
    for kind in kinds:
        found = [miss for miss in report["misses"] if miss["kind"] == kind]
        yield element("h3", f"{kind}: {len(found)}")
        yield from map(_miss, found)


def attached_section(report: Report) -> Iterator[Html]:
    yield element("h2", f"Alerts that have no runbook and got one: {len(report['attached_without_runbook'])}")
    yield from map(_miss, report["attached_without_runbook"])


def _miss(miss: Report) -> Html:
    preferred, right = miss["preferred"], miss["right"]
    shown = [_document("What came first", preferred, right)] if preferred else [element("p", "Nothing was found.")]
    if right:
        shown.append(_document("What was right", right, preferred))
    return element(
        "details",
        element(
            "summary", element("b", miss["asked"]), element("small", f"  {miss['query_id']}{_by(miss)}{_place(right)}")
        ),
        element("div", *shown, class_="pair"),
    )


def _by(miss: Report) -> str:
    return "" if miss["matched_by"] in {"", "search", "none"} else f", answered by its {miss['matched_by']}"


def _place(right: Report | None) -> str:
    if right is None:
        return ""
    return f", the right one at place {right['place']}" if right["place"] else ", the right one not found"


def _document(head: str, document: Report, other: Report | None) -> Html:
    if not document["place"]:
        return element(
            "div", element("h4", head), element("p", document["doc_id"]), element("p", "It was no candidate at all.")
        )
    others = (other or {}).get("parts") or {}
    parts = [
        (name, f"{value:+.2f}", f"{value - others.get(name, 0.0):+.2f}" if others else "")
        for name, value in document["parts"].items()
    ]
    return element(
        "div",
        element("h4", head),
        element("p", document["title"]),
        element("p", element("small", document["doc_id"])),
        element(
            "p", f"Place {document['place']}, score {document['score']:.2f}, confidence {document['confidence']:.2f}"
        ),
        element("ul", *(element("li", reason) for reason in document["reasons"])),
        table([("part", "adds", "more than the other" if others else ""), *parts], class_="parts"),
    )
