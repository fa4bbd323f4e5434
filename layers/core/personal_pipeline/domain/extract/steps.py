"""Which sentences, items and headings are steps."""

import re
from dataclasses import dataclass

from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import (
    after_leads,
    begins_with_verb,
    instructs,
    is_only_code,
    is_prohibition,
    is_question,
    only_points,
    sentences,
    trimmed_end,
)
from personal_pipeline.domain.extract.structure import Span
from personal_pipeline.domain.extract.view import CODE
from personal_pipeline.domain.extract.words import GERUNDS

EXPECTED = re.compile(
    r"(?:expected\b|you(?:'ll)? (?:should|will|would|can now)(?: now| then| also)? (?:see|get|find|notice|"
    r"be able|have)\b|you can (?:then |also )?(?:see|notice)\b|you are looking for|there should (?:now )?be|"
    r"(?:the |this |sample |example |expected )?(?:output|response|result)s?\b(?! (?:of|to|for|directory|"
    r"file|time)|\W*$)|if .{1,120}, you (?:should|will) (?:now )?see\b|at this point,? .{0,80}you "
    r"will see|"
    r"(?:the |this |that (?=should)|these |it |all |both |your |a |an |more |logs )(?:[\w\ue001 -]{1,60} )?should "
    r"(?:now |then |"
    r"also )?(?:be|appear|show|return|print|say|look|have|display|list|contain|disappear|report|"
    r"become|come|go|start|resolve|match)\b|"
    r"(?:the|this) (?:above )?(?:command|query|script|metric)(?: above)? (?:will|returns?|prints?|"
    r"shows?|lists?|creates?|deletes?|removes?|restarts?)\b|"
    r"(?:this|it) (?:will )?(?:then )?(?:restarts?|creates?|takes about|copies|prints|shows|returns|"
    r"lists|outputs|displays)\b|(?:both|all|it|they|this|each|every \w+) must (?:now )?(?:be (?!\w+ed\b)|print|show|"
    r"return|say|read|list)\b|response json|looks like|the alert (?:resolves|clears|goes away))",
    re.IGNORECASE,
)
_GO_TO = re.compile(
    r"(?:go (?:straight )?(?:on )?to|continue (?:with|at)|skip to|jump to|see|follow|step|next "
    r"step)\s+(?:step |section )?(?:\d|\*|[\"“])",
    re.IGNORECASE,
)
_QUERY_LABEL = re.compile(
    r"(?:metric(?:s)?(?:/query)?|(?:log )?quer(?:y|ies)|promql|logql|logs?|dashboards?|"
    r"expr(?:ession)?|example)s?\s*:",
    re.IGNORECASE,
)
_FACT_LABEL = re.compile(
    r"(?:note(?: \d+)?|notice|warning|caution|important|tip|example|expected|output|result|impact|cause|"
    r"meaning|severity|service|owner|alerts?|for example|default|type)s?\s*[:\-–]",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^.:?!]{1,160}:\s")
_INTRODUCES = re.compile(
    r"^(?:for example|below are|example)\b.*|(?:outputs?|examples?|for example|for instance|e\.g\.|"
    r"response|result|looks? like|message|expression|content|contents|log|logs|error|following "
    r"(?:error|output|content))\W*$",
    re.IGNORECASE,
)
_WIDE_INTRO = re.compile(
    r"(?:.*\b(?:should|will|would) (?:see|look|show|return|print|get)\b.*|(?:the )?following examples?\b.*|"
    r".*\b(?:requires? the "
    r"following|are|is|means|because|consists? of|following (?:reasons?|causes?|scenarios?))\W*$)",
    re.IGNORECASE,
)


_DOES_IT = re.compile(
    r"\b(?:will|can|does|which|that|lets you|allows? (?:you|us) to|able to|help with|consists? of|"
    r"includes?|contains?|responsible for|used to|designed to|features?|benefits?|because|reasons?|"
    r"causes?|means|happens?|provides?|examples?|notes?|what it does|did|has|"
    r"have|are|is|(?:example|above|here),? (?:we|it|this))\s*:$",
    re.IGNORECASE,
)
_TO_CHECK = re.compile(
    r"\b(?:things|items|points?|areas|places) to (?:check|look|verify|try|consider)\b.*:$|"
    r"^check\b.*such as:$|\bcheck(?: for)?:$",
    re.IGNORECASE,
)
_INVOLVES = re.compile(r"\b(?:involves?|by|try|trying|e\.g\.?|options?|ways?|approach(?:es)?):$", re.IGNORECASE)
_USED_TO = re.compile(
    r"\bcan be used to \w[^:]*\.$|\b(?:we|you)(?: will|'ll) (?!see\b|need\b|get\b|be\b)\w+[^:]*$", re.IGNORECASE
)
_HELPS = re.compile(r"\b(?:should|helps?|solves?|fixes|resolves?|is the (?:\w+ )?(?:\w+ \w+ )?(?:solution|fix|way))\b")
_SETTING = re.compile(rf"[{CODE}]+: set to ", re.IGNORECASE)
_ASIDE = re.compile(r"(?:;| [-–—]{1,2}) (?=[a-z])")
_REMEDY = re.compile(
    r"(?:mitigat|fix|how to (?:fix|resolve|solve)|resol|solution|remed|steps|diagnos|repair|action|"
    r"what to do|treat|recover)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A step as it was found: the unit, the part of its view, the number that is written before it."""

    place: int
    start: int
    end: int
    number: str = ""
    depth: int = 1


def find_steps(scene: Scene, commands_of: dict[int, list[Span]]) -> list[Told]:
    """``commands_of`` says which units hold commands: blocks and inline code."""
    found: list[Told] = []
    for place, unit in enumerate(scene.units):
        if scene.kinds[place] == "background" and unit.kind != "heading":
            continue
        match unit.kind:
            case "item":
                found += _item(scene, place, commands_of)
            case "paragraph":
                found += _paragraph(scene, place, commands_of)
            case "heading":
                found += _numbered_heading(scene, place)
    told = {told.place for told in found}
    for place, unit in enumerate(scene.units):
        if unit.kind == "heading" and place not in told and _leads_to_a_command(scene, place, told):
            found.append(Told(place, scene.heading_start(place)[1], len(scene.view(place).text)))
    return sorted(found, key=lambda step: (step.place, step.start))


def _numbered_heading(scene: Scene, place: int) -> list[Told]:
    number, start = scene.heading_start(place)
    text = scene.view(place).text[start:]
    if not number or scene.sections[scene.section_of[place] or 0].kind == "background":
        return []
    if is_question(text.split("  ")[0]) or instructs(text):
        return [Told(place, start, start + len(text), number)]
    return []


def _leads_to_a_command(scene: Scene, place: int, told: set[int]) -> bool:
    if place == 0 or scene.kinds[place] not in ("", "procedure"):
        return False
    text = scene.view(place).text[scene.heading_start(place)[1] :]
    if not begins_with_verb(after_leads(text)) or only_points(text) or is_prohibition(text):
        return False
    for following in range(place + 1, len(scene.units)):
        if scene.units[following].kind == "heading" or following in told:
            return False
        if scene.units[following].kind == "code":
            return scene.units[following].item == 0 and " " in text.strip()
    return False


def _item(scene: Scene, place: int, commands_of: dict[int, list[Span]]) -> list[Told]:
    unit = scene.units[place]
    view = scene.view(place)
    text = view.text
    number = unit.marker.strip("-")
    whole = [Told(place, 0, len(text), number, unit.depth)]
    parts = list(sentences(text))
    kind = scene.kinds[place]
    if _QUERY_LABEL.match(text) or not parts or (_FACT_LABEL.match(text) and not number):
        return []
    if kind == "escalation":
        return [told for told in _sentences(scene, place, parts) if begins_with_verb(text[told.start : told.end])]
    first = text[slice(*parts[0])]
    is_told = [_is_told(text[start:end]) for start, end in parts]
    if kind == "prerequisite":
        is_first = begins_with_verb(after_leads(first)) and not is_prohibition(first)
        return (
            whole
            if is_first
            else [t for t in _sentences(scene, place, parts) if begins_with_verb(after_leads(text[t.start : t.end]))]
        )
    intro = _intro(scene, place)
    if _DOES_IT.search(intro) and not number and not intro.lower().startswith("to "):
        return _asides(scene, place, parts)
    if _TO_CHECK.search(intro) and not is_prohibition(first):
        return whole
    if is_only_code(text):
        return whole if commands_of.get(place) else []
    if kind == "verification":
        return whole if is_told[0] or commands_of.get(place) else []
    if _holds(scene, place, number, first, text, is_told, commands_of):
        return whole
    return _sentences(scene, place, parts) if any(is_told) else _nested(scene, place, whole)


def _asides(scene: Scene, place: int, parts: list[tuple[int, int]]) -> list[Told]:
    """In an item of a list of causes, what to do about one: "A full disk - check the mounts"."""
    text = scene.view(place).text
    asides = ((_ASIDE.search(text, *part), part[1]) for part in parts)
    return [
        Told(place, aside.end(), end, "", max(1, scene.units[place].depth))
        for aside, end in asides
        if aside and text[: aside.start()].strip(CODE) and begins_with_verb(text[aside.end() : end])
    ]


def _holds(
    scene: Scene,
    place: int,
    number: str,
    first: str,
    text: str,
    is_told: list[bool],
    commands_of: dict[int, list[Span]],
) -> bool:
    """Whether an item is a step as a whole, the explanations in it included."""
    if is_told[0]:
        return not (_LABEL.match(first) and _GO_TO.search(first) and not number)
    if is_question(first) and (number or scene.next_code(place) is not None):
        return True
    if number and (any(is_told) or commands_of.get(place)):
        return True
    if _names_command(scene, place, text, commands_of):
        return True
    if text.rstrip().endswith(":") and (code := scene.next_code(place)) is not None and commands_of.get(code):
        return not _INTRODUCES.search(text) and (
            bool(number) or GERUNDS.match(text) is not None or not _is_condition(text)
        )
    if GERUNDS.match(text) and (_is_remedy(scene, place) or _INVOLVES.search(_intro(scene, place))):
        return True
    if _SETTING.match(text) and instructs(_intro(scene, place)):
        return True
    if is_question(first) and any(is_told):
        return True
    return (
        _LABEL.match(text) is not None and any(is_told) and " -- " not in first and not re.match(rf"[{CODE}]+:? ", text)
    )


def _names_command(scene: Scene, place: int, text: str, commands_of: dict[int, list[Span]]) -> bool:
    """ "Logs of the operator: `kubectl logs …`": a label and what to run, not only a query."""
    label = _LABEL.match(text)
    if label is None or CODE in label[0] or _FACT_LABEL.match(text) or not text.startswith(CODE, label.end()):
        return False
    start = scene.view(place).span(label.end(), len(text)).start
    return any(start <= command.start for command in commands_of.get(place, ()))


def _intro(scene: Scene, place: int) -> str:
    return scene.view(scene.intro_of[place]).text.rstrip() if place in scene.intro_of else ""


def _is_remedy(scene: Scene, place: int) -> bool:
    section = scene.section_of[place]
    return section is not None and _REMEDY.match(scene.sections[section].title) is not None


def _is_condition(text: str) -> bool:
    return re.match(r"\W*(?:if|when|in case|unless)\b", text, re.IGNORECASE) is not None


def _nested(scene: Scene, place: int, whole: list[Told]) -> list[Told]:
    """What is listed under "Check … such as:" is to be checked as well."""
    if place not in scene.intro_of or scene.units[place].depth < 2 or scene.view(place).text.startswith(CODE):
        return []
    intro = scene.view(scene.intro_of[place]).text.rstrip()
    is_check = re.match(r"(?:check|look at|verify|inspect|review)\b(?!-)", intro, re.IGNORECASE)
    return whole if is_check and intro.endswith(":") else []


def _is_told(sentence: str) -> bool:
    return not EXPECTED.match(sentence.lstrip(" *_(")) and instructs(sentence)


def _sentences(scene: Scene, place: int, parts: list[tuple[int, int]]) -> list[Told]:
    text = scene.view(place).text
    found = []
    for start, end in parts:
        sentence = text[start:end]
        if not _is_told(sentence):
            continue
        first, last = _clause_of(text, start, end)
        last = trimmed_end(text, first, last)
        if scene.units[place].item and scene.units[place].kind == "paragraph":
            last = first + len(re.sub(rf":\s*[{CODE}]+\W*$", "", text[first:last]))
        found.append(Told(place, first, last, "", max(1, scene.units[place].depth)))
    return found


def _clause_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Of a sentence that begins with a fact, the clause that instructs."""
    sentence = text[start:end]
    if begins_with_verb(after_leads(sentence)):
        return start, end
    for found in re.finditer(r";\s+(?:then\s+)?", sentence):
        if begins_with_verb(sentence[found.end() :]) and found.start() > len(sentence) // 2:
            return start + found.end(), end
    return start, end


def _paragraph(scene: Scene, place: int, commands_of: dict[int, list[Span]]) -> list[Told]:
    view = scene.view(place)
    text = view.text
    kind = scene.kinds[place]
    parts = list(sentences(text))
    if parts and _FACT_LABEL.match(text) and not re.match(r"(?:note|tip|important)", text, re.IGNORECASE):
        parts = parts[1:]
    if not parts or _QUERY_LABEL.match(text):
        return []
    found = _sentences(scene, place, parts)
    if kind in ("escalation", "prerequisite"):
        return [told for told in found if begins_with_verb(after_leads(text[told.start : told.end]))]
    if kind == "expected":
        return []
    for start, end in parts:
        opening = re.match(rf"[{CODE}]+(?:,? (?:and|then)|,) (?=\w)", text[start:end])
        if (
            opening
            and begins_with_verb(text[start + opening.end() : end])
            and _has_command(view, start, start + opening.end(), commands_of, place)
        ):
            found = [told for told in found if told.start != start] + [Told(place, start, end)]
        if (
            kind in ("verification", "rollback")
            and view.code_in(start, end)
            and _has_command(view, start, end, commands_of, place)
        ):
            found = [told for told in found if told.start != start] + [Told(place, start, end)]
        if GERUNDS.match(text, start) and _HELPS.search(text, start, end) and _is_remedy(scene, place):
            found = [told for told in found if told.start != start] + [Told(place, start, end)]
    start, end = parts[-1]
    last = text[start:end]
    code = scene.next_code(place)
    is_new = all(told.end < end for told in found)
    is_intro = last.endswith(":") or _USED_TO.search(last) is not None
    introduces = is_new and is_intro and code is not None and bool(commands_of.get(code))
    is_other = _WIDE_INTRO.match(last) or _INTRODUCES.search(last) or EXPECTED.match(last) or is_prohibition(last)
    if introduces and not is_other:
        found.append(Told(place, start, end, "", max(1, scene.units[place].depth)))
    if is_only_code(text) and scene.units[place].item and commands_of.get(place):
        return []
    return found


def _has_command(view: object, start: int, end: int, commands_of: dict[int, list[Span]], place: int) -> bool:
    first, last = view.span(start, end).start, view.span(start, end).end  # type: ignore[attr-defined]
    return any(first <= span.start and span.end <= last for span in commands_of.get(place, []))
