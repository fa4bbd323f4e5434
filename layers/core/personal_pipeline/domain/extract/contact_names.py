"""Names in lines about contacts: roles, teams, rotas and persons, listed or asked for in running text."""

import re

from personal_pipeline.domain.extract.sentences import begins_with_verb
from personal_pipeline.domain.extract.structure import ContactKind
from personal_pipeline.domain.extract.view import CODE
from personal_pipeline.domain.extract.words import CALLING

Place = tuple[ContactKind, int, int]
_STOP = (
    r"(?:with|to|and|or|the|in|on|at|for|by|if|is|are|was|from|of|that|which|who|then|also|than|call|ask|page|"
    r"tell|contact|"
    r"ring|wake|notify|inform|escalate|raise|(?-i:it)|this|may|can|will|needs?|let|our|your|an?|when|before|after|"
    r"until|"
    r"during)\b"
)
_WORD = rf"(?!{_STOP})[A-Za-z_][\w'’/-]* "
_WORDS = rf"(?:(?:the|our|your|its|every other|every|another|any|an?) )?(?:{_WORD}){{0,3}}?"
_ROLES: list[tuple[ContactKind, re.Pattern[str]]] = [
    ("schedule", re.compile(r"\bthe on[- ]call (?:of|for) [\w ]{3,40}?(?=[,.;:]|$)|\bwhoever (?:is|has) [\w -]{3,30}?"
        r"(?=[,.;:]|$| for\b| and\b)|\b" + _WORDS +
        r"(?:on[- ]call(?: (?:engineer|person|team|developer|rota|manager))?|on[- ]duty|stand-?by(?: "
        r"\w+)?|(?:night|day|late|early) shift\b|duty (?:[a-z]+(?:er|or|ian|ist|st)|officer|team|desk)\b|"
        r"duty(?= phone\b|[,.;:]|$)|rota)\b"
        , re.IGNORECASE)),
    ("person", re.compile(r"\b" + _WORDS +
        r"(?:incident (?:lead|commander|manager|coordinator)|(?:team|tech|technical|shift|release|delivery|line|"
        r"engineering|product|service|account|security|project|programme|site|plant|facility|facilities|store|"
        r"warehouse|office|operations|night|production) "
        r"(?:lead|manager|owner|officer|engineer|supervisor)|lead developer|head of [A-Za-z]+|CTO|CISO|CIO|DPO)\b(?!@)"
        , re.IGNORECASE)),
    ("team", re.compile(r"\b(?:(?:(?:the|our|your) (?=team\b)|(?:(?:the|our|your|its|another|any|an?) )?"
        r"(?:" + _WORD + r"){1,4}?)"
        r"(?:team|(?:emergency |service |help)?desk|support|squad|hotline|helpdesk|NOC|SOC|department|crew)\b"
        r"(?: responsible for [^,.;]{1,80})?|the (?:team|owner|owners) "
        r"(?:responsible for|of) [^,.;]{1,80}|the (?:[a-z]+ )?(?:provider|vendor|supplier|carrier|"
        r"landlord|manufacturer)\b(?!'))"
        , re.IGNORECASE)),
]  # fmt: skip
# Each role holds one of these, so that most texts need not be tried against the long patterns.
_ROLE_WORDS = frozenset(
    """
    call duty whoever shift standby stand rota lead manager commander coordinator supervisor developer owner
    owners officer engineer head cto cio ciso dpo team desk helpdesk support squad hotline noc soc department
    crew provider vendor supplier carrier landlord manufacturer
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
_TOKEN = re.compile(r"[a-z]+")
_LEAD = re.compile(
    r"(?:(?:then|first|next|otherwise|after that|finally|or|and|also|if in doubt|for help|still|"
    r"else)[,:]?\s+|(?:call|page|ask|tell|contact|notify|inform|ring|escalate to|write to|message|"
    r"phone|e-?mail|alert|wake|to|with)\s+)+",
    re.IGNORECASE,
)
_CALL = re.compile(r"\b(?:call|page|ask|tell|contact|ring|wake|phone|[Rr]aise it with|[Ee]scalate(?: it)? to)\s+")
_SPLIT = re.compile(
    r"(?:[,;]|\s/|\s\||\s{2,}| —| –| - |\(|\))\s*|\s(?:\*\*)?(?:and|or|then|on|at|via|"
    r"in)(?:\*\*)?\s+(?=\+|#|\ue001|[\w.]+@|the )|\sis\s(?=[A-Z])|:{1,2}\s+"
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
NOT_A_NAME = re.compile(
    r"\W*(?:(?:expected|note|see|severity|at once|immediately|before|after|who|which|that|this|page|case|nobody|no|"
    r"first|if|when|24/7|only|contract|always|any time|weekdays|in addition|however|there|you|we|it|they|still|"
    r"[\d\W]+)\b|(?:slack|phone|tel|e-?mail|mail|chat|channel|mobile|(?:ticket )?queue|office hours|day|night|"
    r"pager|priority|"
    r"name|order)s?(?:\W+\d*)*$)",
    re.IGNORECASE,
)
_TELLS = re.compile(r"\b(?:the|your|an?|it|them|this|that|all|any)\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\s+(?:sits?|is|are|has|have|handles?|answers?|works?|looks?|owns?|knows?|can|will|via|through|by|when|if|with)\b"
)
_FULL_NAME = re.compile(r"\s+([A-Z][a-zà-ÿ'’-]+(?: [A-Z][a-zà-ÿ'’-]+){1,2})(?!\w)")
_SURELY = re.compile(r"(?:call|page|notify|inform|contact|ring|phone|escalate|wake)", re.IGNORECASE)
_NAMES_A_PERSON = re.compile(r"(?:ask|tell|call|page|contact|ring|phone|wake|speak|talk|escalate|write)", re.IGNORECASE)
_NAMED_AFTER = re.compile(
    r"\b(?:ask|tell|call|page|contact|ring|phone|wake|speak|talk|escalate|write|notify|inform)\b"
)  # and nothing else, where no role is named
_OR_WHOEVER = re.compile(r"\b(?:or|to|ask|call|tell|page) (whoever (?:is|has) [\w -]{3,20}?)(?=[,.;:]|$| for\b| and\b)")
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


def _names_role(lowered: str) -> bool:
    return not _ROLE_WORDS.isdisjoint(_TOKEN.findall(lowered))


def role_in(text: str) -> tuple[ContactKind, re.Match[str]] | None:
    if not _names_role(text.lower()):
        return None
    for kind, pattern in _ROLES:
        if found := pattern.search(text):
            return kind, found
    return None


def names_listed(said: str, offset: int, addresses: list[Place]) -> list[Place]:
    """In a line of contacts: roles wherever they are, and what stands before an address."""
    found: list[Place] = []
    at = 0
    pieces = [*_SPLIT.finditer(said), None]
    for cut in pieces:
        stop = cut.start() if cut else len(said)
        piece = said[at:stop]
        lead = max(_CALL.finditer(piece), key=re.Match.end, default=None) or _LEAD.match(piece)
        skip = (
            (lead.end() if lead else 0)
            + len(piece[lead.end() if lead else 0 :])
            - len(piece[lead.end() if lead else 0 :].lstrip(" *_"))
        )
        name = piece[skip:].rstrip(" .:*_")
        start = offset + at + skip
        has_address = any(start <= first < offset + stop for _, first, _ in addresses)
        if name and not has_address and (kind := _listed_kind(name, at == 0 or lead is not None, bool(addresses))):
            role = role_in(name)
            if role and _GOES_ON.match(name, role[1].end()):
                name = name[: role[1].end()]
            if role and (
                len(name.split()) > 6
                or re.match(r"(?:outside|during|at|in|on|from|for|between|by|after|before)\b", name, re.IGNORECASE)
            ):
                found.append((role[0], start + role[1].start(), start + role[1].end()))
            else:
                found.append((kind, start, start + len(name)))
        at = cut.end() if cut else stop
    for kind, pattern in _ROLES[:2] if _names_role(said.lower()) else ():
        for one in pattern.finditer(said):
            first, last = offset + one.start(), offset + one.end()
            if not any(first < other[2] and other[1] < last for other in found):
                found.append((kind, first, last))
    return found


def _listed_kind(name: str, is_first: bool, has_address: bool) -> ContactKind | None:
    if NOT_A_NAME.match(name) or CODE in name:
        return None
    if role := role_in(name):
        return role[0]
    if len(name.split()) > 5 or (_TELLS.search(name) and begins_with_verb(name)):
        return None
    if _NAME.match(name) and (has_address or is_first) and len(name.split()) > 1:
        return "person" if not _TEAM.search(name) else "team"
    if is_first and has_address:
        return kind_of_name(name)
    return "person" if _NAMES_TOO.search(name) and len(name.split()) < 4 and has_address else None


def kind_of_name(name: str) -> ContactKind:
    if role := role_in(name):
        return role[0]
    if _ROTA.search(name):
        return "schedule"
    if _NAMES_TOO.search(name) or (_NAME.match(name) and " " in name and not _TEAM.search(name)):
        return "person"
    return "team"


def names_asked(text: str, begin: int, end: int) -> list[Place]:
    """After "call", "tell" and the like in running text, at once."""
    found: list[Place] = []
    said = text[begin:end]
    lowered = said.lower()
    if not _names_role(lowered) and not _NAMED_AFTER.search(lowered):
        return []
    if "whoever" in lowered:
        found += [("schedule", begin + other.start(1), begin + other.end(1)) for other in _OR_WHOEVER.finditer(said)]
    for verb in CALLING.finditer(lowered if len(lowered) == len(said) else said):
        if verb[0].lower() in ("with", "get", "alert") and not re.search(
            r"on[- ]call|duty|incident lead|team\b", said[verb.end() : verb.end() + 40]
        ):
            continue
        rest = said[verb.end() :]
        role = role_in(rest[:140])
        if role and not rest[: role[1].start()].strip(" *_") and role[1][0].lower() not in ("the support", "support"):
            start = begin + verb.end() + role[1].start()
            if not any(start < last and first < start + len(role[1][0]) for _, first, last in found):
                found.append((role[0], start, start + len(role[1][0])))
        elif named := _somebody(verb[0], rest):
            start = begin + verb.end() + named.start(1)
            found.append((kind_of_name(named[1]), start, start + len(named[1])))
    return found


def _somebody(verb: str, rest: str) -> re.Match[str] | None:
    """A full name after a verb that persons follow, or "the guard" after one that nothing else follows."""
    if _NAMES_A_PERSON.match(verb) and (named := _FULL_NAME.match(rest)):
        return named
    named = _SOMEBODY.match(rest) if _SURELY.match(verb) else None
    return named if named and not _THING.search(named[1]) else None
