"""Whom to ask and how to reach them: names, addresses, in which order, when, and after how long."""

import re
from dataclasses import dataclass

from personal_pipeline.domain.extract.branch_shapes import Found
from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import LONGEST_SENTENCE, begins_with_verb, sentences
from personal_pipeline.domain.extract.structure import Contact, ContactKind, Span
from personal_pipeline.domain.extract.view import CODE, View, words_of
from personal_pipeline.domain.extract.words import CALLING

_PHONE = re.compile(
    r"(?<![\w.:/-])(?:\+\d{1,3}[ \d()./-]{5,20}\d|\(?\d{3,5}\)?[ -]\d{3}[ -]\d{3,4}|\b0\d{2,4}[ "
    r"/-]\d[\d -]{3,9}\d|\d{3}-\d{4}"
    r"|\bx\d{3,5}|\bext(?:ension|\.)? ?\d{2,6})(?!\w|\.\w)"
)
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}\b")
_CHANNEL = re.compile(r"(?<![\w/#&(\[])#[a-z][\w-]{1,60}(?!\w|\.\w)")
_WORDS = r"(?:(?:the|our|your|its|every other|every|another|any|an?) )?(?:[A-Za-z][\w'’/-]*(?:-[\w]+)? ){0,3}?"
_ROLES: list[tuple[ContactKind, re.Pattern[str]]] = [
    ("schedule", re.compile(r"\bthe on[- ]call (?:of|for) [\w ]{3,40}?(?=[,.;:]|$)|\b" + _WORDS +
        r"(?:on[- ]call(?: (?:engineer|person|team|developer|rota|manager))?|on[- ]duty|stand-?by(?: "
        r"\w+)?|duty (?:[a-z]+(?:er|or|ian|ist|st)|officer|team|desk)\b|duty(?= phone\b|[,.;:]|$)|rota)\b"
        , re.IGNORECASE)),
    ("person", re.compile(r"\b" + _WORDS +
        r"(?:incident (?:lead|commander|manager|coordinator)|(?:team|tech|technical|shift|release|"
        r"engineering|product|service|account|security|project|site|plant|facility|facilities) (?:lead|"
        r"manager|owner|officer|engineer)|head of [A-Za-z]+|CTO|CISO|CIO|DPO)\b"
        )),
    ("team", re.compile(r"\b(?:" + _WORDS +
        r"_?[A-Za-z][\w'’ -]{0,30}?_? (?:team|(?:emergency |service |help)?desk|support|squad|hotline|"
        r"helpdesk|NOC|SOC|department|crew)\b(?: responsible for [^,.;]{1,80})?|the (?:team|owner|owners) "
        r"(?:responsible for|of) [^,.;]{1,80}|the (?:[a-z]+ )?(?:provider|vendor|supplier|carrier|"
        r"landlord|manufacturer)\b(?!'))"
        , re.IGNORECASE)),
]  # fmt: skip
# Each role holds one of these, so that most texts need not be tried against the long patterns.
_ROLE_WORDS = (
    "on call", "on-call", "on duty", "on-duty", "duty", "standby", "stand-by", "rota", "lead", "manager", "commander",
    "coordinator", "owner", "officer", "engineer", "head of", "cto", "cio", "ciso", "dpo", "team", "desk", "support",
    "squad", "hotline", "noc", "soc", "department", "crew", "provider", "vendor", "supplier", "carrier", "landlord",
    "manufacturer",
)  # fmt: skip
_LEAD = re.compile(
    r"(?:(?:then|first|next|otherwise|after that|finally|or|and|also|if in doubt|for help|still|"
    r"else)[,:]?\s+|(?:call|page|ask|tell|contact|notify|inform|ring|escalate to|write to|message|"
    r"phone|e-?mail|alert|wake|to|with)\s+)+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(?:[,;]|\s/|\s\||\s{2,}| —| –| - |\(|\))\s*|\s(?:\*\*)?(?:and|or|then|on|at|via|in|"
    r"via)(?:\*\*)?\s+(?=\+|#|\ue001|[\w.]+@|the )|:{1,2}\s+"
)
_NAME = re.compile(r"[A-Z][a-zà-ÿ'’-]+(?: [A-Z][a-zà-ÿ'’-]+){0,2}$")
_NAMES_TOO = re.compile(
    r"(?:lead|manager|commander|head|director|officer|engineer|administrator|admin|owner|chief|"
    r"architect|electrician|caretaker|coordinator|deputy|secretary|operator|supervisor|DBA)\b",
    re.IGNORECASE,
)
_TEAM = re.compile(
    r"(?:team|desk|support|provider|supplier|vendor|department|group|hotline|squad|helpdesk|crew|NOC|"
    r"SOC|AWS|Azure|Google|services?|care|operations|security|carrier)\b",
    re.IGNORECASE,
)
_ROTA = re.compile(r"on[- ]call|duty\b|rota\b|pager\b|shift\b", re.IGNORECASE)
_WHEN = re.compile(
    r"[,;(]?\s+\(?((?:only )?(?:when|if|for (?:every|any|all|each|the|anything|everything|questions|"
    r"stock)|only for|once|unless|outside|during|in case)\b[^.;)]{3,})",
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
_NOT_A_NAME = re.compile(
    r"\W*(?:expected|note|see|severity|at once|immediately|before|after|who|which|that|this|page|case|"
    r"first|if|when|24/7|only|contract|slack|phone|tel|e-?mail|mail|chat|channel|mobile|office hours|"
    r"day|night|pager|always|any time|weekdays|priority|name|order|[\d\W]+)\b",
    re.IGNORECASE,
)


_SURELY = re.compile(r"(?:call|page|notify|inform|contact|ring|phone|escalate|wake)", re.IGNORECASE)
_SOMEBODY = re.compile(
    r"\s+((?:the|our|your) [\w'’-]+(?: (?!in\b|on\b|at\b|via\b|with\b|and\b|or\b|if\b|when\b|before\b|"
    r"after\b|about\b|for\b|who\b|by\b|that\b|to\b)[\w'’-]+){0,2})",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:commands?|api|endpoint|function|script|cluster|nodes?|service|server|following|url|"
    r"database|method|page|alert|number|pod|same|numbers|webhook|hook|job|tool)$",
    re.IGNORECASE,
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
                if 0 < len(name.split()) < 7 and not _NOT_A_NAME.match(name):
                    found = [(_kind_of_name(name), scene.view(place).span(0, len(name)))]
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
    end = line.end
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
    if label and _SECTION_LABEL.match(label[1]):
        line.start += label.end()
        said, label = text[line.start : line.end], None
    if label and _is_condition(label[1], said[label.end() :]):
        line.condition = (line.start, line.start + label.end(1))
        line.start += label.end()
        return
    for found in _WHEN.finditer(said):
        if said[: found.start()].strip() and _has_contact(said[: found.start()]):
            stop = line.start + len(said[: found.end(1)].rstrip(" .)"))
            line.condition = (line.start + found.start(1), stop)
            line.end = line.start + found.start()
            return


def _has_contact(text: str) -> bool:
    return bool(_PHONE.search(text) or _EMAIL.search(text) or _CHANNEL.search(text) or CODE in text or _role(text))


def _is_condition(label: str, rest: str) -> bool:
    if re.match(
        r"\W*(?:if|when|after|within|more than|less than|in case|for|outside|during|unless|no (?:answer|"
        r"reply)|once|still)\b",
        label,
        re.IGNORECASE,
    ):
        return True
    return not _role(label) and (
        _role(rest[:60]) is not None or re.match(r"(?:call|page|ask|tell|contact)\b", rest) is not None
    )


def _role(text: str) -> tuple[ContactKind, re.Match[str]] | None:
    lowered = text.lower()
    if not any(word in lowered for word in _ROLE_WORDS):
        return None
    for kind, pattern in _ROLES:
        if found := pattern.search(text):
            return kind, found
    return None


def _addresses(view: View, start: int, end: int, source: str) -> list[tuple[ContactKind, int, int]]:
    found: list[tuple[ContactKind, int, int]] = []
    patterns: tuple[tuple[ContactKind, re.Pattern[str]], ...] = (
        ("phone", _PHONE),
        ("email", _EMAIL),
        ("channel", _CHANNEL),
    )
    said = view.text[start:end]
    for (kind, pattern), sign in zip(patterns, ("0123456789", "@", "#"), strict=True):
        if any(one in said for one in sign):
            found += [(kind, one.start(), one.end()) for one in pattern.finditer(view.text, start, end)]
    for first, last, span in view.code_in(start, end):
        said = source[span.start : span.end]
        for kind, pattern in patterns:
            if pattern.fullmatch(said):
                found.append((kind, first, last))
                break
    return sorted(found, key=lambda one: one[1])


def _of_line(scene: Scene, line: _Line, *, is_escalation: bool) -> list[tuple[ContactKind, Span]]:
    view = scene.view(line.place)
    if scene.kinds[line.place] == "background":
        return []
    said = view.text[line.start : line.end]
    addresses = _addresses(view, line.start, line.end, scene.source)
    if not is_escalation:
        names = _names_asked(view.text, line)
        return [(kind, view.span(first, last)) for kind, first, last in [*addresses, *names]]
    names = _names_listed(said, line.start, addresses)
    before = line.place - 1
    if scene.units[line.place].kind == "paragraph" and before >= 0 and scene.units[before].kind == "term" and addresses:
        term = scene.view(before)
        if line.start < 3 or line.condition:
            kind = _kind_of_name(term.text)
            return [(kind, term.span(0, len(term.text)))] + [(k, view.span(a, b)) for k, a, b in [*addresses, *names]]
    if not addresses and not names:
        names = _names_asked(view.text, line)
    return [
        (kind, view.span(first, last)) for kind, first, last in sorted([*addresses, *names], key=lambda one: one[1])
    ]


def _names_listed(
    said: str, offset: int, addresses: list[tuple[ContactKind, int, int]]
) -> list[tuple[ContactKind, int, int]]:
    """In a line of contacts: roles wherever they are, and what stands before an address."""
    found: list[tuple[ContactKind, int, int]] = []
    at = 0
    pieces = [*_SPLIT.finditer(said), None]
    for cut in pieces:
        stop = cut.start() if cut else len(said)
        piece = said[at:stop]
        lead = _LEAD.match(piece)
        skip = (
            (lead.end() if lead else 0)
            + len(piece[lead.end() if lead else 0 :])
            - len(piece[lead.end() if lead else 0 :].lstrip(" *_"))
        )
        name = piece[skip:].rstrip(" .:*_")
        start = offset + at + skip
        has_address = any(start <= first < offset + stop for _, first, _ in addresses)
        if name and not has_address and (kind := _listed_kind(name, at == 0 or lead is not None, bool(addresses))):
            role = _role(name)
            if role and (
                len(name.split()) > 6
                or re.match(r"(?:outside|during|at|in|on|from|for|between|by|after|before)\b", name, re.IGNORECASE)
            ):
                found.append((role[0], start + role[1].start(), start + role[1].end()))
            else:
                found.append((kind, start, start + len(name)))
        at = cut.end() if cut else stop
    for kind, pattern in _ROLES[:2]:
        for one in pattern.finditer(said):
            first, last = offset + one.start(), offset + one.end()
            if not any(first < other[2] and other[1] < last for other in found):
                found.append((kind, first, last))
    return found


def _listed_kind(name: str, is_first: bool, has_address: bool) -> ContactKind | None:
    if _NOT_A_NAME.match(name) or CODE in name:
        return None
    if role := _role(name):
        return role[0]
    if len(name.split()) > 5 or (begins_with_verb(name) and not _NAMES_TOO.search(name)):
        return None
    if _NAME.match(name) and (has_address or is_first) and len(name.split()) > 1:
        return "person" if not _TEAM.search(name) else "team"
    if is_first and has_address:
        return _kind_of_name(name)
    return "person" if _NAMES_TOO.search(name) and len(name.split()) < 4 and has_address else None


def _kind_of_name(name: str) -> ContactKind:
    if role := _role(name):
        return role[0]
    if _ROTA.search(name):
        return "schedule"
    if _NAMES_TOO.search(name) or (_NAME.match(name) and " " in name and not _TEAM.search(name)):
        return "person"
    return "team"


def _names_asked(text: str, line: _Line) -> list[tuple[ContactKind, int, int]]:
    """After "call", "tell" and the like in running text, at once."""
    found: list[tuple[ContactKind, int, int]] = []
    said = text[line.start : line.end]
    lowered = said.lower()
    for verb in CALLING.finditer(lowered if len(lowered) == len(said) else said):
        if verb[0].lower() in ("with", "get", "alert") and not re.search(
            r"on[- ]call|duty|incident lead|team\b", said[verb.end() : verb.end() + 40]
        ):
            continue
        rest = said[verb.end() :]
        role = _role(rest[:140])
        if role and not rest[: role[1].start()].strip(" *_") and role[1][0].lower() not in ("the support", "support"):
            start = line.start + verb.end() + role[1].start()
            if not any(start < last and first < start + len(role[1][0]) for _, first, last in found):
                found.append((role[0], start, start + len(role[1][0])))
        elif _SURELY.match(verb[0]) and (named := _SOMEBODY.match(rest)) and not _THING.search(named[1]):
            start = line.start + verb.end() + named.start(1)
            found.append((_kind_of_name(named[1]), start, start + len(named[1])))
    return found
