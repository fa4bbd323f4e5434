"""What is said about a document as a whole, and where it links."""

import re

from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.structure import Fact, FactKind, Link, Span
from personal_pipeline.domain.extract.view import words_of

_KEYS: dict[str, FactKind] = {
    **dict.fromkeys(("alert", "alerts", "alert_names"), "alert"), **dict.fromkeys(("service", "services"), "service"),
    **dict.fromkeys(("owner", "owners", "owner_slack", "team"), "owner"), "severity": "severity",
    **dict.fromkeys(("reviewed", "last_reviewed", "last_reviewed_on", "review_date", "last reviewed"), "reviewed"),
    **dict.fromkeys(("review_in", "review_every"), "review_in"),
}  # fmt: skip
_LINE = re.compile(
    r"^[ \t]*(?::|<meta name=\")?([A-Za-z][\w ]{2,20})(?::|\" content=\")[ \t]*(?![ "
    r"\t])(.{1,400}?)(?:\"\s*/?>)?[ \t\r]*$",
    re.MULTILINE,
)
_LIST_LINE = re.compile(r"[ \t]*-[ \t]+([^\n]{1,200})\n?")
_VALUE = re.compile(r"[^,\[\]\"'\s][^,\[\]\"']*")
_CAMEL = re.compile(r"\b[A-Z][a-z0-9]+(?:[A-Z]+[a-z0-9]+){1,10}[A-Z]?\b")
_DASHBOARD = re.compile(
    r"grafana|dashboard|/d/|kibana|datadoghq|cloudwatch|console\.aws|lookerstudio|splunk|newrelic", re.IGNORECASE
)
_NAMED_DASHBOARD = re.compile(r"\b[Dd]ashboards? [\"“]([^\"”\n]{2,100})[\"”]")


def find_facts(scene: Scene, begin: int) -> tuple[Fact, ...]:
    """From the front matter and from lines like it before the first section, and alert names in headings."""
    second = next((unit.start for unit in scene.units[1:] if unit.kind == "heading"), len(scene.source))
    stop = max(begin, min(second, begin + 6000))
    found: list[Fact] = []
    for line in _LINE.finditer(scene.source, 0, stop):
        kind = _KEYS.get(line[1].strip().lower())
        if kind is None:
            continue
        single = kind in ("reviewed", "review_in")
        found += _values(scene.source, kind, line.start(2), line.end(2), single=single)
    for key in re.finditer(
        r"^(alerts?|services?|owners?):[ \t]*\n((?:[ \t]*-[ \t]+[^\n]{1,200}\n){1,60})",
        scene.source[:begin],
        re.MULTILINE,
    ):
        for item in _LIST_LINE.finditer(scene.source, key.start(2), key.end(2)):
            found += _values(scene.source, _KEYS[key[1]], item.start(1), item.end(1), single=True)
    for unit in scene.units:
        if unit.kind == "heading":
            words = re.sub(
                r"alerts?:|[\s,/&|`()]|\band\b", " ", scene.source[unit.start : unit.end], flags=re.IGNORECASE
            )
            words = re.sub(r"</?[a-z][^<>]*>", " ", words)
            if words.split() and all(_CAMEL.fullmatch(word) for word in words.split()):
                found += [
                    Fact(Span(unit.start + one.start(), unit.start + one.end()), "alert", one[0])
                    for one in _CAMEL.finditer(scene.source[unit.start : unit.end])
                ]
    return tuple(sorted(set(found), key=lambda fact: (fact.span, fact.kind)))


def _values(source: str, kind: FactKind, start: int, end: int, *, single: bool) -> list[Fact]:
    found = []
    pattern = re.compile(r"[^\"'\s][^\"']*") if single else _VALUE
    for one in pattern.finditer(source, start, end):
        value = one[0].rstrip()
        if value:
            found.append(Fact(Span(one.start(), one.start() + len(value)), kind, value))
    return found


def find_links(scene: Scene) -> tuple[Link, ...]:
    found: list[Link] = []
    for place, unit in enumerate(scene.units):
        if unit.kind == "code":
            continue
        view = scene.view(place)
        for link in view.links:
            span = view.span(link.start, max(link.start + 1, link.end)) if link.start < len(view.text) else None
            if span and link.target and span.start < span.end:
                text = words_of(scene.source, span, scene.markup)
                found.append(Link(span, text, link.target, _DASHBOARD.search(f"{link.target} {text}") is not None))
        for named in _NAMED_DASHBOARD.finditer(view.text) if "ashboard" in view.text else ():
            span = view.span(*named.span(1))
            found.append(Link(span, named[1], "", is_dashboard=True))
    return tuple(sorted(found, key=lambda link: (link.span, link.target)))
