"""Whom to ask and how to reach them: names, addresses, in which order, when, and after how long."""

import re
from dataclasses import dataclass

from personal_pipeline.domain.extract.branch_shapes import Found
from personal_pipeline.domain.extract.contact_names import (
    NOT_A_NAME,
    Place,
    kind_of_name,
    names_asked,
    names_listed,
    role_in,
)
from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import LONGEST_SENTENCE, sentences
from personal_pipeline.domain.extract.structure import Contact, ContactKind, Span
from personal_pipeline.domain.extract.view import CODE, View, words_of

_PHONE = re.compile(
    r"(?<![\w.:/-])(?:\+\d{1,3}[ \d()./-]{5,20}\d|\(?\d{3,5}\)?[ -]\d{3}[ -]\d{3,4}|\b0\d{2,4}[ "
    r"/-]\d[\d -]{3,9}\d|\d{3}-\d{4}"
    r"|\bpager \d{3,7}|\bx\d{3,5}|\bext(?:ension|\.)? ?\d{2,6})(?!\w|\.\w)"
)
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}\b")
_CHANNEL = re.compile(r"(?<![\w/#&(\[])#[a-z][\w-]{1,60}(?!\w|\.\w)")
_WHEN = re.compile(
    r"[,;(]?\s+\(?((?:only )?(?:when|if|for (?:every|any|all|each|the|anything|everything|questions|"
    r"stock)|only for|once|unless|outside|during|in case)\b[^.;)–—]{3,}?)(?=[.;)–—]|\s-\s|,? (?:pager|ext|phone|"
    r"\+|#)|$)",
    re.IGNORECASE,
)
_WAIT = re.compile(
    r"\b(?:after|within|for more than|for over|longer than)\s+(?:another\s+)?(\d{1,3}|an?|one|two|"
    r"three|five|ten|fifteen|twenty|thirty|half an?)\s*-?\s*(min|hour|h\b)",
    re.IGNORECASE,
)
_COUNT = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30,
}  # fmt: skip
_COLUMN = re.compile(
    r"\W*(?:call|who|contact|escalate|ask|tell|page|phone|on[- ]call|reach|team|person|channel|number|"
    r"e-?mail|slack|chat|name|role)",
    re.IGNORECASE,
)
_SECTION_LABEL = re.compile(r"(?:escalat\w+|contacts?|call|on call|help)(?: to)?$", re.IGNORECASE)
_FIRST_WHEN = re.compile(
    r"((?:after|within|if|outside|out of|at night|at weekends|on \w+days?|during)\b[^:,]{0,90}?)(?:,\s+(?=\w)|"
    r"\s+also\s+(?=\w)|\s+(?=(?:call|page|ring|ask|wake)\s))",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"(?:first|second|third|fourth|\d(?:st|nd|rd|th)|next) (?:line|level|tier|contact|step|call)$", re.IGNORECASE
)
_ADDRESSES: tuple[
    tuple[ContactKind, re.Pattern[str], re.Pattern[str]], ...
] = (  # and a sign without which none is there
    ("phone", _PHONE, re.compile(r"\d{3}|\+\d|[Ee]xt")),
    ("email", _EMAIL, re.compile("@")),
    ("channel", _CHANNEL, re.compile("#")),
)
_FOR_HELP = re.compile(
    r"\b(?:reach out|contact|ask|tell|write|mail|e-?mail|send|notify|inform|report|help|assistance|questions?)\b",
    re.IGNORECASE,
)
_INTERNAL = re.compile(r"(?<=, )\d{3,6}(?= ?(?:[(,;.]|$))")  # of a house, where contacts are listed
_QUEUE = re.compile(r"\bqueue:?\s+[\"“]?([A-Z][A-Z0-9]+(?:-[A-Z0-9]+)*)\b")
_PLACE = re.compile(r"^http|portal|form\b|console|ticket|queue|slack|chat|channel|room|teams\b", re.IGNORECASE)
_ROOM = re.compile(
    r"^(?!registered)(?:[\w.#-]+ ){0,3}(?:slack|discord)(?: (?:channel|community|workspace))?$", re.IGNORECASE
)


@dataclass(slots=True)
class _Line:
    """One way to somebody: the part of a view that it stands in, and when it holds."""

    place: int
    start: int
    end: int
    condition: tuple[int, int] | None = None


def find_contacts(scene: Scene) -> tuple[list[Contact], list[Found]]:
    """And the branches that such lines are: "More than two nodes: incident lead, …"."""
    contacts: dict[Span, Contact] = {}
    branches: list[Found] = []
    group = 0
    tables = _contact_columns(scene)
    for place, unit in enumerate(scene.units):
        if unit.kind in ("heading", "code"):
            continue
        is_escalation = scene.kinds[place] == "escalation"
        if unit.is_header:
            continue
        if unit.kind == "cell":
            is_escalation = (unit.table, unit.column) in tables
        for line in _lines(scene, place, is_escalation=is_escalation):
            found = _of_line(scene, line, is_escalation=is_escalation)
            if not found and unit.kind == "cell" and tables.get((unit.table, unit.column)):
                name = scene.view(place).text
                if 0 < len(name.split()) < 7 and not NOT_A_NAME.match(name):
                    found = [(kind_of_name(name), scene.view(place).span(0, len(name)))]
            if not found:
                continue
            group += 1
            condition = (
                words_of(scene.source, scene.view(place).span(*line.condition), scene.markup) if line.condition else ""
            )
            order = int(unit.marker) if unit.marker.isdigit() and is_escalation else None
            for kind, span in found:
                value = words_of(scene.source, span, scene.markup).strip("`*_ ")
                contacts[span] = Contact(span, kind, value, group, order, _minutes(condition), condition)
            if line.condition and is_escalation and unit.kind != "cell":
                branches.append(_branch(scene, line))
    return sorted(contacts.values(), key=lambda contact: contact.span), branches


def _branch(scene: Scene, line: _Line) -> Found:
    view = scene.view(line.place)
    end = line.condition[0] if line.condition and line.condition[0] > line.start else line.end
    while end > line.start and view.text[end - 1] in " .,;(":
        end -= 1
    condition = view.span(*line.condition) if line.condition else Span(0, 0)
    target = view.span(line.start, end)
    before = line.place - 1
    if scene.units[line.place].kind == "paragraph" and before >= 0 and scene.units[before].kind == "term":
        target = Span(scene.units[before].start, target.end)
    return Found(line.place, condition, target)


def _minutes(condition: str) -> int | None:
    found = _WAIT.search(condition)
    if not found:
        return None
    said = found[1].lower()
    is_hours = found[2].lower().startswith("h")
    if said.startswith("half"):
        return 30
    number = int(said) if said.isdigit() else _COUNT.get(said, 0)
    return number * 60 if is_hours else number


def _contact_columns(scene: Scene) -> dict[tuple[int, int], bool]:
    """Columns that hold contacts: called so, in a section about it or with an address in one of their cells."""
    named: dict[tuple[int, int], bool] = {}
    has_address: set[int] = set()
    for place, unit in enumerate(scene.units):
        if unit.kind != "cell":
            continue
        text = scene.view(place).text
        if unit.is_header and (_COLUMN.match(text)):
            named[unit.table, unit.column] = (
                re.match(r"\W*(?:name|role|who|team|contact|person|group)", text, re.IGNORECASE) is not None
            )
        if _PHONE.search(text) or _EMAIL.search(text) or (scene.kinds[place] == "escalation"):
            has_address.add(unit.table)
    return {column: is_name for column, is_name in named.items() if column[0] in has_address}


def _lines(scene: Scene, place: int, *, is_escalation: bool) -> list[_Line]:
    text = scene.view(place).text
    if scene.units[place].kind == "cell":
        return [_Line(place, 0, len(text))]
    found = []
    broken = _rows(scene, place) if is_escalation else []
    for start, end in broken or sentences(text):
        if end - start > LONGEST_SENTENCE:
            continue
        line = _Line(place, start, end)
        if is_escalation:
            _condition(text, line)
        found.append(line)
    return found


def _rows(scene: Scene, place: int) -> list[tuple[int, int]]:
    """Lines of a paragraph that is written in columns, as plain text does."""
    unit = scene.units[place]
    said = scene.source[unit.start : unit.end]
    if scene.markup != "text" or "\n" not in said or not re.search(r"\S {2,}\S", said):
        return []
    view = scene.view(place)
    at = {place: number for number, place in enumerate(view.places)}
    breaks = (unit.start + found.start() for found in re.finditer("\n", said))
    starts = [0, *(at[place] for place in breaks if place in at)]
    stops = [*starts[1:], len(view.text)]
    return [(start + (view.text[start] == " "), stop) for start, stop in zip(starts, stops, strict=True)]


def _condition(text: str, line: _Line) -> None:
    """Before the name ("More than two nodes: …"), or after it ("…, when customers wait")."""
    said = text[line.start : line.end]
    label = re.match(
        r"(?:(?:[-*] )?)([^:]{3,120}?)(?::|,(?= (?:call|page|ask|contact|tell|escalate|ring|write)\b))\s+", said
    )
    if label and (_SECTION_LABEL.match(label[1]) or _LINE.match(label[1])):
        line.start += label.end()
        said, label = text[line.start : line.end], None
    if label and " also " not in label[1] and _is_condition(label[1], said[label.end() :]):
        line.condition = (line.start, line.start + label.end(1))
        line.start += label.end()
        return
    if first := _FIRST_WHEN.match(said):
        line.condition = (line.start, line.start + first.end(1))
        line.start += first.end()
        return
    for found in _WHEN.finditer(said):
        if said[: found.start()].strip() and _has_contact(said[: found.start()]):
            stop = line.start + len(said[: found.end(1)].rstrip(" .)"))
            line.condition = (line.start + found.start(1), stop)
            if not _has_contact(text[stop : line.end]):
                line.end = line.start + found.start()
            return


def _has_contact(text: str) -> bool:
    return bool(_PHONE.search(text) or _EMAIL.search(text) or _CHANNEL.search(text) or CODE in text or role_in(text))


def _is_condition(label: str, rest: str) -> bool:
    if re.match(
        r"\W*(?:if|when|after|within|more than|less than|in case|for|out of|outside|during|unless|no(?:body)?|"
        r"not|once|still|otherwise|at (?:night|weekends?|the weekend)|on \w+days?)\b",
        label,
        re.IGNORECASE,
    ):
        return True
    return not role_in(label) and (
        role_in(rest[:60]) is not None or re.match(r"(?:call|page|ask|tell|contact)\b", rest) is not None
    )


def _addresses(view: View, start: int, end: int, source: str) -> list[Place]:
    found: list[Place] = []
    said = view.text[start:end]
    for kind, pattern, sign in _ADDRESSES:
        if sign.search(said):
            found += [(kind, one.start(), one.end()) for one in pattern.finditer(view.text, start, end)]
    for first, last, span in view.code_in(start, end):
        said = source[span.start : span.end]
        for kind, pattern, _ in _ADDRESSES:
            if pattern.fullmatch(said):
                found.append((kind, first, last))
                break
    if "queue" in said:
        found += [("channel", *one.span(1)) for one in _QUEUE.finditer(view.text, start, end)]
    return sorted(found, key=lambda one: one[1])


def _sites(view: View, start: int, end: int, pattern: re.Pattern[str]) -> list[Place]:
    """Forms, consoles and rooms that a line links to."""
    return [
        ("channel", link.start, link.start + len(view.text[link.start : link.end].rstrip(".,;:)")))
        for link in view.links
        if start <= link.start < link.end <= end
        and link.target.startswith("http")
        and pattern.search(view.text[link.start : link.end])
    ]


def _of_line(scene: Scene, line: _Line, *, is_escalation: bool) -> list[tuple[ContactKind, Span]]:
    view = scene.view(line.place)
    if scene.kinds[line.place] == "background":
        return []
    said = view.text[line.start : line.end]
    addresses = _addresses(view, line.start, line.end, scene.source)
    if not is_escalation:
        names = names_asked(view.text, line.start, line.end)
        if _FOR_HELP.search(said):
            names += _sites(view, line.start, line.end, _ROOM)
        else:  # an address in code is the name of an account
            addresses = [one for one in addresses if one[0] != "email" or not view.text.startswith(CODE, one[1])]
        return [(kind, view.span(first, last)) for kind, first, last in [*addresses, *names]]
    addresses += _sites(view, line.start, line.end, _PLACE)
    addresses += [("phone", *one.span()) for one in _INTERNAL.finditer(view.text, line.start, line.end)]
    addresses.sort(key=lambda one: one[1])
    names = names_listed(said, line.start, addresses)
    before = line.place - 1
    if scene.units[line.place].kind == "paragraph" and before >= 0 and scene.units[before].kind == "term" and addresses:
        term = scene.view(before)
        if line.start < 3 or line.condition:
            kind = kind_of_name(term.text)
            return [(kind, term.span(0, len(term.text)))] + [(k, view.span(a, b)) for k, a, b in [*addresses, *names]]
    if not addresses and not names:
        names = names_asked(view.text, line.start, line.end)
    return [
        (kind, view.span(first, last)) for kind, first, last in sorted([*addresses, *names], key=lambda one: one[1])
    ]
