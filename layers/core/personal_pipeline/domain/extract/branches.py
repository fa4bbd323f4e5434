"""Conditions and what to do then: sentences with "if", labels, headings, and tables of what is seen and what to do."""

import re

from personal_pipeline.domain.extract.branch_shapes import GO, Found, is_action, of_heading, of_tables, of_term
from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import (
    LONGEST_SENTENCE,
    after_leads,
    begins_with_verb,
    instructs,
    is_only_code,
    is_prohibition,
    is_question,
    sentences,
    trimmed_end,
)
from personal_pipeline.domain.extract.steps import EXPECTED
from personal_pipeline.domain.extract.structure import Span
from personal_pipeline.domain.extract.view import CODE

_IF = re.compile(
    r"\W{0,3}(?:(?:and|but|or|also|then|only|even)\s+)?(if|in (?:the )?(?:case|event)|unless|where|in "
    r"(?:rare|extremely rare|very rare|other|some|certain|specific|such|most|many|these|all other) "
    r"\w+|otherwise|when(?:ever)?|for (?:a few|case|scenario|all|every|any)\b|with (?:more|less|"
    r"fewer) than|(?:above|below|over|under) \d|in an? [\w ]{1,30}(?:scenario|case|situation|"
    r"emergency)|should)\b",
    re.IGNORECASE,
)
_WHEN_STATE = re.compile(
    r"\W{0,3}when(?:ever)?\b.{0,120}\b(?:not|never|fails?|failed|cannot|can't|needs? to be|has to be|"
    r"have to be|mixed with|nothing|is (?:full|down|missing|broken|gone)|more than|above|below)\b",
    re.IGNORECASE,
)
_COMMA = re.compile(
    r"(?:,|:| then| →| ->| =>| –| —| --)\s+(?:then\s+|probably\s+|first\s+)?|"
    r"(?<=\botherwise)\s+(?:probably\s+)?",
    re.IGNORECASE,
)
_BARE = re.compile(  # no comma between the condition and what to do
    r"\s(?=(?:you|we) (?:can|should|must|need to|will need|could|have to)\b|please (?!see)\w+)"
    r"|(?<=s|d|g)\s(?=(?:check|restart|contact|ask) (?:the|your|a|an|in|with)\b)"
)
_RARE = re.compile(
    r"\W{0,3}(?:in (?:rare|extremely rare|very rare|other|some|certain|such|most|all other) \w+|for "
    r"(?:a few|case|scenario) ?\w*|otherwise)\s+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"[ ,](?:only )?(if|unless|in case)\s+[^.:;?()]{3,}|[ ,](?:as|if|when|where) (?:needed|necessary|"
    r"required|possible|applicable)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:check|see|verify|determine|look|know|find out|investigate|confirm|decide|ask|understand|test|"
    r"tell|validate|ensure|make sure|watch|review|inspect|compare|wonder|evaluate|examine|identify|"
    r"say|note|consider)\b[^,;]{0,80}$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"([^:?!]{2,150}?):(?=\s)")
_ARROW = re.compile(r"([^:→?!]{2,120}?)\s*(?:→|->|=>)\s+")
_DASH = re.compile(r"([^:?!.]{2,80}?) (?:--|–|—|-) ")
_NO_LABEL = re.compile(
    r"\W*(?:option|previously|decision|context|code|under|via|using|or|and|with|general|important|"
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
_SAME = re.compile(
    r"(?:(?:you (?:should|can|need to) )?(?:take|perform|follow|try) (?:the )?(?:following|these|"
    r"below) (?:actions|steps)\b.{0,60}|do (?:the following|this|these|so|as follows)|follow(?:ing)? "
    r"(?:the |these )?(?:steps|instructions)(?: below)?|run(?: the following)?(?: command)?s?|run|the "
    r"following)\W*$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\b(?:ID|Id|[Nn]ame|[Kk]ey|[Tt]oken|[Ss]ecret|URL|url|[Pp]assword|[Hh]ost|[Pp]ort|[Tt]ype|"
    r"[Ee]mail|[Uu]ser\w*|[Rr]egion|[Pp]ath)$"
)
_END = " .:;,"
_MEANS = re.compile(r"\s+means\s+(?:the|that|it|a|an|this)?\b[^:;.]{0,100}[:;,]\s+", re.IGNORECASE)


def find_branches(scene: Scene, commands_of: dict[int, list[Span]]) -> list[Found]:
    found: list[Found] = []
    for place, unit in enumerate(scene.units):
        if scene.kinds[place] == "background" and unit.kind != "cell":
            continue
        if unit.kind == "heading":
            found += of_heading(scene, place)
        elif unit.kind == "term" and scene.kinds[place] != "escalation":
            found += of_term(scene, place, commands_of)
        elif unit.kind in ("item", "paragraph", "cell") and not unit.is_header:
            found += _words(scene, place, commands_of)
    found += of_tables(scene, commands_of)
    unique = {
        (branch.condition, branch.target): branch for branch in found if branch.condition.start < branch.condition.end
    }
    return sorted(unique.values(), key=lambda branch: (branch.condition.start, branch.target.start))


def _words(scene: Scene, place: int, commands_of: dict[int, list[Span]]) -> list[Found]:
    text = scene.view(place).text
    parts = list(sentences(text))
    found: list[Found] = []
    for number, (start, end) in enumerate(parts):
        if end - start > LONGEST_SENTENCE:
            continue
        following = parts[number + 1 :]
        one = _leading(scene, place, (start, end), following, commands_of)
        if one is None and scene.kinds[place] not in ("escalation", "verification"):
            one = _labelled(scene, place, (start, end), following, commands_of, is_first=number == 0)
        if one:
            found.append(one)
        two = _trailing(scene, place, start, end) if scene.kinds[place] != "escalation" else None
        if two and (not one or two.condition.start >= one.condition.end):
            found.append(two)
    return found


def _at(scene: Scene, place: int, start: int, end: int, target: tuple[int, int]) -> Found:
    view = scene.view(place)
    while start < end and view.text[start] in ' ("“':
        start += 1
    last = _target_end(view.text, *target)
    while last > target[0] and view.text[last - 1] in _END:
        last -= 1
    return Found(place, view.span(start, end), view.span(target[0], last))


def _target_end(text: str, start: int, end: int) -> int:
    """Without the reason that is given for it."""
    end = trimmed_end(text, start, end)
    said = text[start:end]
    if found := re.search(r",\s+(?:it|this|so that|which|because)\b|\s+\([^()]*\)\W*$", said):
        return start + found.start() if found.start() > 8 else end
    return end


def _leading(
    scene: Scene,
    place: int,
    part: tuple[int, int],
    following: list[tuple[int, int]],
    commands_of: dict[int, list[Span]],
) -> Found | None:
    """ "If …, do …"; the main clause may be what follows: a list, a block, the next sentence."""
    start, end = part
    text = scene.view(place).text
    sentence = text[start:end]
    semicolon = re.search(r";\s+(?=(?:if|when|otherwise)\b)", sentence)
    if semicolon:
        start += semicolon.end()
        sentence = text[start:end]
    opening = _IF.match(sentence)
    if not opening:
        return None
    lead = opening.start(1)
    if sentence.rstrip().endswith(":") and not re.search(r"[,;]\s", _flat(sentence)):
        return _introduces(scene, place, start + lead, end, commands_of)
    is_when = opening[1].lower().startswith("when")
    if is_when and not _WHEN_STATE.match(sentence):
        return None
    for comma in _COMMA.finditer(sentence):
        if comma.start() < opening.end() or _depth(sentence, comma.start()):
            continue
        rest = sentence[comma.end() :]
        if re.search("→|->|=>", comma[0]):
            return _at(scene, place, start + lead, start + comma.start(), (start + comma.end(), end))
        if _SAME.match(rest) and (target := _following(scene, place, commands_of)):
            return Found(place, scene.view(place).span(start + lead, start + comma.start()), target)
        if _starts_action(rest):
            stop = comma.start()
            if found := re.search(r", (?:you|it|this|we|there)\b", sentence[:stop]):
                stop = found.start()
            skip = 4 if rest.startswith("and ") else 0
            return _at(scene, place, start + lead, start + stop, (start + comma.end() + skip, end))
    if (rare := _RARE.match(sentence)) and _starts_action(sentence[rare.end() :]):
        return _at(scene, place, start + lead, start + len(sentence[: rare.end()].rstrip()), (start + rare.end(), end))
    if not re.search(r"[,:;]\s", _flat(sentence)) and (bare := _BARE.search(sentence, opening.end())):
        return _at(scene, place, start + lead, start + bare.start(), (start + bare.end(), end))
    first = next((found for found in re.finditer(r",\s", sentence) if not _depth(sentence, found.start())), None)
    if first is None or is_when or opening[1].lower() not in ("if", "in case"):
        return None
    if re.match(r"you (?:should|will) (?:now )?(?:see|get)|.*\bcan be\b", sentence[first.end() :]):
        return None
    if sentence.rstrip().endswith(":") and (target := _following(scene, place, commands_of)):
        return Found(place, scene.view(place).span(start + lead, start + first.start()), target)
    if (
        following
        and begins_with_verb(after_leads(text[slice(*following[0])]))
        and not _IF.match(text[slice(*following[0])])
    ):
        clause = re.split(r";\s", text[slice(*following[0])])[0]
        return _at(scene, place, start + lead, start + first.start(), (following[0][0], following[0][0] + len(clause)))
    return None


def _starts_action(rest: str) -> bool:
    if is_prohibition(rest) or EXPECTED.match(rest):
        return False
    main = after_leads(rest)
    head = re.split(r"[;.]\s", rest)[0]
    if begins_with_verb(main) or GO.match(rest) or re.match(r"→|\*[A-Z]", rest):
        return True
    if re.match(rf"[{CODE}]{{8,}}", rest.strip()):
        return True
    return instructs(head) and not re.search(r",\s+(?:and |so )?you (?:can|should|must)", head[:0])


def _flat(text: str) -> str:
    return re.sub(r"\([^()]*\)", lambda found: "x" * len(found[0]), text)


def _depth(text: str, at: int) -> int:
    return text.count("(", 0, at) - text.count(")", 0, at)


def _following(scene: Scene, place: int, commands_of: dict[int, list[Span]]) -> Span | None:
    """The list or the block that a unit introduces."""
    following = place + 1
    if following >= len(scene.units):
        return None
    unit = scene.units[following]
    if unit.kind == "code" and (spans := commands_of.get(following)):
        return Span(spans[0].start, spans[-1].end)
    if unit.kind == "paragraph" and is_only_code(scene.view(following).text) and (spans := commands_of.get(following)):
        return Span(spans[0].start, spans[-1].end)
    if unit.kind == "item" and any(
        instructs(scene.view(at).text)
        for at in range(following, min(following + 3, len(scene.units)))
        if scene.units[at].kind == "item"
    ):
        depth, last = unit.depth, following
        for place_after in range(following, len(scene.units)):
            other = scene.units[place_after]
            if other.kind == "heading" or other.depth < depth:
                break
            last = place_after
        return Span(unit.start, scene.units[last].end)
    return None


def _introduces(scene: Scene, place: int, start: int, end: int, commands_of: dict[int, list[Span]]) -> Found | None:
    view = scene.view(place)
    if re.match(r"\W*only\b", view.text[max(0, start - 6) : start]):
        return None
    stop = end
    while stop > start and view.text[stop - 1] in " :*":
        stop -= 1
    target = _following(scene, place, commands_of)
    if target is None and place + 1 < len(scene.units) and scene.units[place + 1].kind == "paragraph":
        parts = list(sentences(scene.view(place + 1).text))
        if parts and is_action(scene.view(place + 1).text[slice(*parts[0])]):
            target = scene.view(place + 1).span(*parts[0])
    return Found(place, view.span(start, stop), target) if target else None


def _labelled(
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
    label = _LABEL.match(sentence)
    if label is None and (arrow := _ARROW.match(sentence)) and _starts_label_action(sentence[arrow.end() :]):
        label = arrow
    is_dash = False
    if label is None and sentence.endswith(":") and end == len(text) and scene.units[place].kind == "item":
        return _state(scene, place, start, end, commands_of)
    if label is None or _depth(sentence, label.end(1)):
        label, is_dash = _DASH.match(sentence), True
        if label is None or not is_first or not re.fullmatch(rf"[{CODE}]+", label[1].strip()):
            return _means(scene, place, start, end)
    if (
        _NO_LABEL.match(label[1])
        or instructs(label[1])
        or is_question(label[1])
        or (is_prohibition(label[1]) and len(label[1]) > 25)
    ):
        return None
    if any(
        _FIELD.search(scene.source[span.start : span.end])
        for _, _, span in scene.view(place).code_in(start, start + label.end(1))
    ):
        return None
    if re.fullmatch(r"[\d.]+", label[1].strip()) or (scene.units[place].kind == "cell"):
        return None
    rest_start = start + label.end()
    rest = text[rest_start:end].strip()
    if not rest:
        return None
    if any(
        re.search(r"[=:]|^--", scene.source[span.start : span.end])
        for _, _, span in scene.view(place).code_in(*(start, start + label.end(1)))
    ) and label[1].startswith(CODE):
        return None
    condition = (start, start + label.end(1))
    is_short = len(label[1].split()) < 4 and not re.match(
        r"\W*(?:the|an?|no|not|nothing|some|any\w*|all|every\w*|both|only|too|more|less|still|\d)\b",
        label[1],
        re.IGNORECASE,
    )
    is_name = is_short and (CODE not in label[1] or not is_dash) and rest[:1].isupper()
    if is_name and not is_dash:
        return None
    if not is_dash and _starts_label_action(rest):
        return _at(scene, place, *condition, (rest_start, _first_sentence_end(text, rest_start, end)))
    for pieces in re.finditer(r"[;,] ", rest):
        clause = rest[pieces.end() :]
        is_clause = rest[pieces.start()] == ";" and clause[:1].islower() and begins_with_verb(clause)
        if is_clause or GO.match(clause):
            return _at(scene, place, *condition, (text.index(clause, rest_start), end))
    return None if is_short and CODE not in label[1] else _told_later(scene, place, condition, following[:3])


def _told_later(scene: Scene, place: int, condition: tuple[int, int], following: list[tuple[int, int]]) -> Found | None:
    """The instruction in one of the sentences after a label."""
    text = scene.view(place).text
    for more in following:
        said = text[slice(*more)]
        if ((other := _LABEL.match(said)) and not begins_with_verb(after_leads(other[1]))) or _IF.match(said):
            return None
        if (cut := re.search(r";\s+(?=[a-z])", said)) and _starts_label_action(said[cut.end() :]):
            return _at(scene, place, *condition, (more[0] + cut.end(), more[1]))
        if begins_with_verb(after_leads(said)) and not is_prohibition(said) and not EXPECTED.match(said):
            return _at(scene, place, *condition, more)
    return None


def _state(scene: Scene, place: int, start: int, end: int, commands_of: dict[int, list[Span]]) -> Found | None:
    """ "The consumer is not running:" and a block to copy."""
    said = scene.view(place).text[start:end]
    is_state = re.search(r"\b(?:is|are|has|have|fails?|failed|grows?|does|do|cannot|was|were)\b", _flat(said))
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
    return _introduces(scene, place, start, end, commands_of) if commands_of.get(code) else None


def _starts_label_action(rest: str) -> bool:
    if is_prohibition(rest):
        return False
    main = after_leads(rest)
    return begins_with_verb(main) or GO.match(rest) is not None


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
        if _starts_label_action(rest):
            return _at(scene, place, start, start + found.start(), (start + found.end(), end))
    return None


def _trailing(scene: Scene, place: int, start: int, end: int) -> Found | None:
    """ "Add consumers if needed." Not "Check if …"."""
    text = scene.view(place).text
    sentence = text[start:end]
    if _IF.match(sentence) or not instructs(sentence):
        return None
    for found in _TRAILING.finditer(sentence):
        before = sentence[: found.start()]
        if _depth(sentence, found.start()) or _ASKS.search(before) or not _starts_action(before + " it"):
            continue
        comma = re.search(r",\s", found[0][2:])
        stop = found.end() if comma is None or found[1] is None else found.start() + 2 + comma.start()
        return _at(
            scene,
            place,
            start + found.start() + 1,
            start + len(sentence[:stop].rstrip(_END)),
            (start, start + found.start()),
        )
    return None
