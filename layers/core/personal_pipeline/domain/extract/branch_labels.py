"""Branches with a label for a condition: "Too early: raise the target." """

import re

from personal_pipeline.domain.extract.branch_shapes import GO, Found
from personal_pipeline.domain.extract.branch_targets import (
    IF,
    at,
    depth,
    flat,
    introduces,
    starts_action,
)
from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import (
    after_leads,
    begins_with_verb,
    instructs,
    is_prohibition,
    is_question,
    sentences,
)
from personal_pipeline.domain.extract.steps import EXPECTED
from personal_pipeline.domain.extract.structure import Span
from personal_pipeline.domain.extract.view import CODE

_LABEL = re.compile(r"([^:?!]{2,150}?)::?(?=\s)")
_ARROW = re.compile(r"([^:→?!]{2,120}?)\s*(?:→|->|=>)\s+")
_DASH = re.compile(r"([^:?!.]{2,80}?) (?:--|–|—|-) ")
_CAUSES = re.compile(r"\b(?:cases?|causes?|reasons?|problems?|symptoms?|errors?|issues?)\b.{0,60}:\s*$", re.IGNORECASE)
_NO_LABEL = re.compile(
    r"[^\w\ue001]*(?:option|previously|decision|context|code|under|via|using|or|and|with|general|important|"
    r"usage|important|expected|verif\w+|escalat\w+|note|notice|notes|tip|hint|warning|caution|"
    r"important|example|for example|e\.g\.|i\.e\.|metric\S*|log query|query|alerts?|impact|cause|"
    r"meaning|severity|service|owner|output|result|default|"
    r"step \d+|contacts?|see|link|links|dashboard\S*|reference|source|symptom|fix|solution|action|"
    r"remedy|todo|optional|roll ?back|undo|lead|hands|scribe|type|name|on the|on \w+|in the|from|to\b|"
    r"at\b|either|first|second|then|finally|"
    r"the (?:following|easiest|simplest|only|first|second|next|last)|here|this|that|these|those|there|"
    r"we|you|response|expression|run|command|commands|prerequisites?|requirements?|instructions?|"
    r"details?|summary|title|steps?)\b",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\b(?:ID|Id|[Nn]ame|[Kk]ey|[Tt]oken|[Ss]ecret|URL|url|[Pp]assword|[Hh]ost|[Pp]ort|[Tt]ype|"
    r"[Ee]mail|[Uu]ser\w*|[Rr]egion|[Pp]ath)$"
)
_FILLS = re.compile(r"(?:enter|paste|type|select|choose|tick|fill|pick)\b", re.IGNORECASE)  # a field of a form
_TROUBLE = re.compile(
    r"\b(?:(?:failure|error|issue|problem|timeout|leak|conflict|delay|outage|crash)(?:s|es)?|missing|wrong|stuck|failed|"
    r"failing|invalid|incorrect|cannot|unable|down|slow|full|denied|expired|empty|broken|unreachable|unavailable|refused|"
    r"lost|corrupt(?:ed)?|exceeded|exhausted|duplicated?|stale|high|low|throttled|pending|unhealthy|overloaded)\b",
    re.IGNORECASE,
)
_SHORTEST_STATE = 3  # words
_SET_OFF = re.compile(r":|→|->|=>| (?:--|–|—|-|means) ", re.IGNORECASE)
_MEANS = re.compile(r"\s+means\s+(?:the|that|it|a|an|this)?\b[^:;.]{0,100}(?:[:;,]|\s[–—])\s+", re.IGNORECASE)


def labelled(
    scene: Scene,
    place: int,
    part: tuple[int, int],
    following: list[tuple[int, int]],
    commands_of: dict[int, list[Span]],
    *,
    is_first: bool,
) -> Found | None:
    """ "Too early: raise the target." A label that is an instruction itself is none."""
    start, end = part
    text = scene.view(place).text
    sentence = text[start:end]
    if not _SET_OFF.search(sentence):
        return None
    label = _LABEL.match(sentence)
    if label is None and (arrow := _ARROW.match(sentence)) and _acts(sentence[arrow.end() :]):
        label = arrow
    is_dash = False
    if label is None and sentence.endswith(":") and end == len(text) and scene.units[place].kind == "item":
        return _state(scene, place, start, end, commands_of)
    if label is None or depth(sentence, label.end(1)):
        label, is_dash = _DASH.match(sentence), True
        intro = scene.intro_of.get(place)
        if label and intro is not None and _CAUSES.search(scene.view(intro).text):
            return _aside(scene, place, start, end, label)
        if label is None or not is_first or not re.fullmatch(rf"[{CODE}]+", label[1].strip()):
            return _means(scene, place, start, end)
    rest_start = start + label.end()
    rest = text[rest_start:end].strip()
    if not rest or _is_none(scene, place, start, label):
        return None
    condition = (start, start + label.end(1))
    is_short = len(label[1].split()) < 4 and not re.match(
        r"\W*(?:the|an?|no|not|nothing|some|any\w*|all|every\w*|both|only|too|more|less|still|\d)\b",
        label[1],
        re.IGNORECASE,
    )
    is_name = (
        is_short and not _TROUBLE.search(label[1]) and (CODE not in label[1] or not is_dash) and rest[:1].isupper()
    )
    if is_name and not is_dash:
        return None
    if len(label[1].split()) < _SHORTEST_STATE and _FILLS.match(rest):
        return None
    is_named = any("_" in scene.source[code.start : code.end] for _, _, code in scene.view(place).code_in(*condition))
    if not is_dash and starts_action(rest):
        return at(scene, place, *condition, (rest_start, _first_sentence_end(text, rest_start, end)))
    for pieces in re.finditer(r"[;,] ", rest):
        clause = rest[pieces.end() :]
        is_clause = rest[pieces.start()] == ";" and clause[:1].islower() and begins_with_verb(clause)
        if is_clause or GO.match(clause):
            return at(scene, place, *condition, (text.index(clause, rest_start), end))
    return (
        None if is_short and (CODE not in label[1] or is_named) else _told_later(scene, place, condition, following[:3])
    )


def _acts(rest: str) -> bool:
    """Whether one of the clauses says what to do."""
    return any(starts_action(clause) for clause in re.split(r"[;,] ", rest))


def _aside(scene: Scene, place: int, start: int, end: int, label: re.Match[str]) -> Found | None:
    """ "A full disk - check the mounts", in a list of causes."""
    rest = label.string[label.end() :]
    if instructs(label[1]) or not begins_with_verb(rest) or is_prohibition(rest):
        return None
    return at(scene, place, start, start + label.end(1), (start + label.end(), end))


def _is_none(scene: Scene, place: int, start: int, label: re.Match[str]) -> bool:
    """An instruction, a question, a number or the name of a field is no condition."""
    said = label[1]
    if _NO_LABEL.match(said) or instructs(said) or is_question(said) or (is_prohibition(said) and len(said) > 25):
        return True
    if re.fullmatch(r"[\d.]+", said.strip()) or scene.units[place].kind == "cell":
        return True
    code = [
        scene.source[span.start : span.end] for _, _, span in scene.view(place).code_in(start, start + label.end(1))
    ]
    is_setting = said.startswith(CODE) and any(re.search(r"[=:]|^--", written) for written in code)
    return is_setting or any(_FIELD.search(written) for written in code)


def _told_later(scene: Scene, place: int, condition: tuple[int, int], following: list[tuple[int, int]]) -> Found | None:
    """The instruction in one of the sentences after a label."""
    text = scene.view(place).text
    for more in following:
        said = text[slice(*more)]
        if ((other := _LABEL.match(said)) and not begins_with_verb(after_leads(other[1]))) or IF.match(said):
            return None
        if (cut := re.search(r";\s+(?=[a-z])", said)) and starts_action(said[cut.end() :]):
            return at(scene, place, *condition, (more[0] + cut.end(), more[1]))
        if begins_with_verb(after_leads(said)) and not is_prohibition(said) and not EXPECTED.match(said):
            return at(scene, place, *condition, more)
    return None


def _state(scene: Scene, place: int, start: int, end: int, commands_of: dict[int, list[Span]]) -> Found | None:
    """ "The consumer is not running:" and a block to copy."""
    said = scene.view(place).text[start:end]
    is_state = re.search(r"\b(?:is|are|has|have|fails?|failed|grows?|does|do|cannot|was|were)\b", flat(said))
    code = scene.next_code(place)
    if (
        not is_state
        or instructs(said)
        or "?" in said
        or _NO_LABEL.match(said)
        or re.search(r"\b(?:following|query|command|below|example)\b", said)
        or EXPECTED.match(said)
        or code is None
    ):
        return None
    return introduces(scene, place, start, end, commands_of) if commands_of.get(code) else None


def _first_sentence_end(text: str, start: int, end: int) -> int:
    first = next((stop for _, stop in sentences(text[start:end])), end - start) + start
    if len(text[start:first].split()) < 3 and first == end:
        more = next(((a, b) for a, b in sentences(text[end:])), None)
        if more and begins_with_verb(text[end + more[0] : end + more[1]]):
            return end + more[1]
    return first


def _means(scene: Scene, place: int, start: int, end: int) -> Found | None:
    text = scene.view(place).text
    if found := _MEANS.search(text[start:end]):
        rest = text[start + found.end() : end]
        if " " in text[start : start + found.start()].strip() and starts_action(rest):
            return at(scene, place, start, start + found.start(), (start + found.end(), end))
    return None
