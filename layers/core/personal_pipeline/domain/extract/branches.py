"""Conditions and what to do then: sentences with "if", labels, headings, and tables of what is seen and what to do."""

import re
from itertools import islice

from personal_pipeline.domain.extract.branch_advice import recommends
from personal_pipeline.domain.extract.branch_labels import labelled
from personal_pipeline.domain.extract.branch_shapes import Found, of_heading, of_tables, of_term
from personal_pipeline.domain.extract.branch_targets import (
    END,
    IF,
    at,
    depth,
    flat,
    following_of,
    introduces,
    says_what_to_do,
    starts_action,
)
from personal_pipeline.domain.extract.branch_trailing import trailing
from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import (
    LONGEST_SENTENCE,
    after_leads,
    begins_with_verb,
    instructs,
    is_prohibition,
    only_points,
    sentences,
)
from personal_pipeline.domain.extract.steps import EXPECTED
from personal_pipeline.domain.extract.structure import Span
from personal_pipeline.domain.extract.view import CODE

_WHEN_DONE = re.compile(  # an order of steps, no condition
    r"\W{0,3}when(?:ever)?\s+(?:you|we|[a-z]+ing|prompted|asked|done|finished|ready|complete[d]?)\b|"
    r"\W{0,3}when(?:ever)?\b[^,:]{1,80}\b(?:(?:has|have)\b(?! (?:to|no|not)\b)|(?:is|are) (?:done|finished|"
    r"completed?|ready|created|running|up|back|over|installed|applied|prompted)\b|finish(?:es|ed)?|completes?d?|"
    r"appears?|opens?|comes? up|succeeds?|ends?\b)",
    re.IGNORECASE,
)
_FOR_CASES = re.compile(r"if|in (?:the )?case|in the event|should|unless|otherwise", re.IGNORECASE)
_NEXT_ADVICE = re.compile(
    r"(?:then |so |instead,? |in (?:this|that|such an?|these) (?:case|situation)s?,? |to (?:fix|resolve|solve|mitigate|"
    r"correct|remedy|recover|work around)\b[^,]{0,60}, )*(?:(?:you|we) (?:can|could|should|must|may|might|need|have)\b|"
    r"it(?:'s| is) (?:recommended|best|better|necessary|advisable)\b|\w+ing [^,.]{3,60} (?:will|should|may|might) "
    r"(?:\w+ )?(?:fix|clear|resolve|solve|help)\b)",
    re.IGNORECASE,
)
_SO = re.compile(r",? so (?:please |just |then )*")
_EXAMPLES = re.compile(r"\b(?:such as|including)\b(?![^,]*,[^,]*,)[^:]*$")
_LAST_OF_LIST = re.compile(r"(?:\w+ ){1,3}(?:or|and) [\w ]{1,30}, (?=(?:you|we|please)\b)")
_JOINED = re.compile(r"(?:and|or|but not|nor)\s[^,]{3,}, ")
_TO_FIX = re.compile(
    r"(?:to (?:fix|resolve|solve|correct|remedy|mitigate|work around|recover from) (?:this|it|the)\b[^,.]{0,40}|"
    r"in (?:this|that|such a) (?:case|situation)), ",
    re.IGNORECASE,
)
_LOOKING = re.compile(r"to (?:verify|check|see|confirm|view|find|learn|know|understand|test)\b", re.IGNORECASE)
_MOST_COMMAS = 8  # after which advice is looked for: each looks at all the rest
_LONGEST_CASE = 8  # words of a question that is a case: "No answer?"
_OPEN_QUESTION = re.compile(
    r"\W*(?:what|which|who|why|how|where|when|is|are|was|were|does|do|did|has|have|can|could|should|will|would)\b",
    re.IGNORECASE,
)
_LOOKS = re.compile(r"(?:look|check|see|find|compare|ask|search|test)\b", re.IGNORECASE)
_YES = re.compile(r"(?:then|if so|if yes|in that case|yes)\b[,:]?\s+", re.IGNORECASE)
_NEXT_CONDITION = re.compile(
    r"(?:;\s+(?:(?:but|and|or|so)\s+)?|,\s+(?:but|so)\s+|\s[-–—]{1,2}\s+)(?=(?:if|when|otherwise)\b)|"
    r":\s+(?=if\b)|,?\sand\s+(?=if (?:so|not|yes),)"
)
_LABELLED = re.compile(r"[^:,]{3,50}:\s+(?=(?:If|In case|Unless)\b)")
_NEGATED = re.compile(r"\b(?:not|never|no|cannot|can't|fail(?:s|ed)?|nothing|to be)\b", re.IGNORECASE)
_UNFINISHED = re.compile(r"\b(?:to|and|or|that|if|which|who|whether|when)$")
_GOES_ON = re.compile(
    r"(?:and|or|nor|but not|rather|instead|which|who|including|such as|e\.g\.|i\.e\.)\s", re.IGNORECASE
)
_COMMA = re.compile(
    r"(?:,|::?| then| →| ->| =>| –| —| --)\s+(?:then\s+|probably\s+|first\s+)?|"
    r"(?<=^otherwise)\s+(?:probably\s+)?",
    re.IGNORECASE,
)
_BARE = re.compile(  # no comma between the condition and what to do
    r"\s(?=(?:you|we|they|one)(?:[’']ll)? (?:(?:will|would|may|might|probably|either|just|also|only|first|then) ){0,2}"
    r"(?:can|should|must|need to|could|have to)\b|please (?!see)\w+|"
    r"(?:it|this) (?:may|might|could) (?:be|require|need)\b|make sure\b|ensure\b|the (?:only|best|easiest) way\b|"
    r"it(?: is|'s) (?:best|easiest|safe|necessary|recommended|better)\b)"
    r"|(?<=s|d|g)\s(?=(?:check|restart|contact|ask) (?:the|your|a|an|in|with)\b)"
)
_HOLDS = re.compile(  # "everything is green |repeat …"
    r"(\s(?:the |your |a |an )?(?:[\w\ue001-]+ ){1,3}?(?:(?:is|are|was|were|looks?) (?:not |still |all |no longer )?"
    r"(?!not\b|still\b|all\b|the\b|an?\b|to\b|any\b|no\b|some\b|one\b|more\b|"
    r"less\b)\w+|fails|failed|exists|works|persists|happens|occurs))\s(?=[a-z]+ [^.])"
)
_RARE = re.compile(
    r"\W{0,3}(?:in (?:\w+ ){1,4}(?:cases?|scenarios?|situations?|circumstances|instances)|for "
    r"(?:a few|case|scenario) ?\w*|otherwise)\s+",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"(?:(?:you (?:should|can|need to) )?(?:take|perform|follow|try) (?:the )?(?:following|these|"
    r"below) (?:actions|steps)\b.{0,60}|do (?:the following|this|these|so|as follows)|follow(?:ing)? "
    r"(?:the |these )?(?:steps|instructions)(?: below)?|run(?: the following)?(?: command)?s?|run|the "
    r"following|(?:you|we) (?:can|could|should|must|may|might|(?:will )?(?:need|have) to)(?: either| also)?"
    r"(?: (?:do|try|use|run|take|follow))?(?: the)?(?: following)?(?: \w+)?(?: steps| actions)?|"
    r"(?:the following|these) (?:\w+ )?(?:steps|actions) (?:are|will be) (?:required|needed|necessary))\W*$",
    re.IGNORECASE,
)


def find_branches(scene: Scene, commands_of: dict[int, list[Span]]) -> list[Found]:
    found: list[Found] = []
    for place, unit in enumerate(scene.units):
        if scene.kinds[place] == "background" and unit.kind != "cell":
            continue
        if unit.kind == "heading":
            found += of_heading(scene, place) or _in_heading(scene, place)
        elif unit.kind == "term" and scene.kinds[place] != "escalation":
            found += of_term(scene, place, commands_of)
        elif unit.kind in ("item", "paragraph", "cell") and not unit.is_header:
            found += _words(scene, place, commands_of)
    found += of_tables(scene, commands_of)
    unique = {
        (branch.condition, branch.target): branch for branch in found if branch.condition.start < branch.condition.end
    }
    return sorted(unique.values(), key=lambda branch: (branch.condition.start, branch.target.start))


def _in_heading(scene: Scene, place: int) -> list[Found]:
    """ "3. Change the bulb if needed" """
    _, start = scene.heading_start(place)
    found = trailing(scene, place, start, len(scene.view(place).text))
    return [found] if found else []


def _words(scene: Scene, place: int, commands_of: dict[int, list[Span]]) -> list[Found]:
    text = scene.view(place).text
    parts = _cut(text, sentences(text))
    found: list[Found] = []
    for number, (start, end) in enumerate(parts):
        if end - start > LONGEST_SENTENCE:
            continue
        following = parts[number + 1 :]
        one = _leading(scene, place, (start, end), following, commands_of)
        if one is None and scene.kinds[place] not in ("escalation", "verification"):
            one = labelled(scene, place, (start, end), following, commands_of, is_first=number == 0)
            one = one or _asked(scene, place, (start, end), following)
        if one:
            found.append(one)
        two = trailing(scene, place, start, end) if scene.kinds[place] != "escalation" else None
        if two and (not one or two.condition.start >= one.condition.end):
            found.append(two)
    return found


def _cut(text: str, parts: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Sentences, and their parts where another condition begins after a semicolon."""
    found = []
    for start, end in parts:
        cuts = [cut.span() for cut in _NEXT_CONDITION.finditer(text, start, end)]
        begins, ends = [start, *(cut[1] for cut in cuts)], [*(cut[0] for cut in cuts), end]
        found += list(zip(begins, ends, strict=True))
    return found


def _asked(scene: Scene, place: int, part: tuple[int, int], following: list[tuple[int, int]]) -> Found | None:
    """ "Fewer than 100 rows? Delete them by hand." """
    text = scene.view(place).text
    said = text[slice(*part)]
    if not said.endswith("?") or not following:
        return None
    is_case = len(said.split()) <= _LONGEST_CASE and not _OPEN_QUESTION.match(said)
    for number, answered in enumerate(following[:2]):
        answer = text[slice(*answered)]
        is_told = starts_action(answer) and not _LOOKS.match(answer)
        if (is_told and (is_case or number)) or (_YES.match(answer) and says_what_to_do(_YES.sub("", answer, 1))):
            return at(scene, place, part[0], part[1] - 1, answered)
        if not _YES.match(answer):
            return None
    return None


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
    if label := _LABELLED.match(sentence):
        start += label.end()
        sentence = text[start:end]
    opening = IF.match(sentence)
    if not opening:
        return None
    if sentence.rstrip().endswith(":") and not re.search(r"[,;]\s", flat(sentence)):
        bare = _without_comma(scene, place, start, sentence, opening, commands_of)
        return bare or introduces(scene, place, start + opening.start(1), end, commands_of)
    is_when = opening[1].lower().startswith("when")
    if is_when and _WHEN_DONE.match(flat(sentence)) and not _NEGATED.search(flat(sentence).split(",")[0]):
        return None
    found = _after_comma(scene, place, start, sentence, opening, commands_of)
    if found is None and _FOR_CASES.match(opening[1]):
        found = _advised(scene, place, start, sentence, opening)
    found = found or _without_comma(scene, place, start, sentence, opening, commands_of)
    if found or is_when or opening[1].lower() not in ("if", "in case"):
        return found
    return _told_next(scene, place, start, sentence, opening, following, commands_of)


def _after_comma(
    scene: Scene, place: int, start: int, sentence: str, opening: re.Match[str], commands_of: dict[int, list[Span]]
) -> Found | None:
    begin, end = start + opening.start(1), start + len(sentence)
    for comma in _COMMA.finditer(sentence):
        if comma.start() < opening.end() or depth(sentence, comma.start()):
            continue
        before, rest = sentence[opening.end() : comma.start()], sentence[comma.end() :]
        if (
            _goes_on(rest)
            or _counts_up(before, rest)
            or (rest.startswith(CODE) and (recommends(before) or not commands_of.get(place)))
        ):
            continue
        if re.search("→|->|=>", comma[0]) and re.search(r"[,:]\s", flat(sentence[: comma.start()])):
            continue
        if re.search("→|->|=>", comma[0]):
            return at(scene, place, begin, start + comma.start(), (start + comma.end(), end))
        if _SAME.match(rest) and (target := following_of(scene, place, commands_of)):
            return Found(place, scene.view(place).span(begin, start + comma.start()), target)
        if says_what_to_do(rest):
            stop = comma.start()
            if found := re.search(r", (?:you|it|this|we|there)\b", sentence[:stop]):
                stop = found.start()
            skip = 4 if rest.startswith("and ") else 0
            return at(scene, place, begin, start + stop, (start + comma.end() + skip, end))
    return None


def _counts_up(before: str, rest: str) -> bool:
    """Whether a comma only parts what is counted up: "a bug, question or request, ask"."""
    return _EXAMPLES.search(before) is not None or (_LAST_OF_LIST.match(rest) is not None and not instructs(before))


def _advised(scene: Scene, place: int, start: int, sentence: str, opening: re.Match[str]) -> Found | None:
    """ "If the tank is shared, both pumps must be stopped." """
    for comma in islice(re.finditer(r"(?:,| then)\s+(?:then\s+)?", sentence[opening.end() :]), _MOST_COMMAS):
        at_comma, rest = opening.end() + comma.start(), sentence[opening.end() + comma.end() :]
        if not depth(sentence, at_comma) and not IF.match(rest) and not _goes_on(rest):
            if is_prohibition(rest):
                continue
            so = _SO.search(rest)
            if so and begins_with_verb(rest[so.end() :]):
                rest = rest[so.end() :]
            elif not recommends(rest) or (rest.startswith("you ") and EXPECTED.match(rest)):
                continue
            begin, end = start + opening.start(1), start + len(sentence)
            return at(scene, place, begin, start + at_comma, (end - len(rest), end))
    return None


def _goes_on(rest: str) -> bool:
    """Whether what comes after a comma still belongs to the condition: "rather than the list, …"."""
    if not (found := _GOES_ON.match(rest)):
        return False
    clause = re.split(r"[,;.]\s", rest[found.end() :])[0]
    return not (begins_with_verb(clause) or (found[0].startswith("and") and instructs(clause)))


def _without_comma(
    scene: Scene, place: int, start: int, sentence: str, opening: re.Match[str], commands_of: dict[int, list[Span]]
) -> Found | None:
    begin, end = start + opening.start(1), start + len(sentence)
    if (rare := _RARE.match(sentence)) and says_what_to_do(sentence[rare.end() :]):
        return at(scene, place, begin, start + len(sentence[: rare.end()].rstrip()), (start + rare.end(), end))
    if re.search(r"[,:;]\s", flat(sentence)):
        return None
    for bare in _BARE.finditer(sentence, opening.end()):
        condition = sentence[opening.end() : bare.start()]
        if len(condition.split()) > 1 and not _UNFINISHED.search(condition):
            if _SAME.match(sentence, bare.end()) and (target := following_of(scene, place, commands_of)):
                return Found(place, scene.view(place).span(begin, start + bare.start()), target)
            return at(scene, place, begin, start + bare.start(), (start + bare.end(), end))
    if (held := _HOLDS.match(sentence, opening.end())) and begins_with_verb(sentence[held.end() :]):
        return at(scene, place, begin, start + held.end(1), (start + held.end(), end))
    main = after_leads(sentence)
    is_told = begins_with_verb(main) and main not in ("", sentence) and sentence.endswith(main)
    if is_told and len(sentence.split()) - len(main.split()) > 2 and not EXPECTED.match(main):
        cut = len(sentence) - len(main)
        return at(scene, place, begin, start + len(sentence[:cut].rstrip()), (start + cut, end))
    return None


def _told_next(
    scene: Scene,
    place: int,
    start: int,
    sentence: str,
    opening: re.Match[str],
    following: list[tuple[int, int]],
    commands_of: dict[int, list[Span]],
) -> Found | None:
    """The condition is set off by a comma, and what to do is what the sentence introduces, or the next one."""
    commas = [found for found in re.finditer(r",\s", sentence) if not depth(sentence, found.start())]
    first = next((one for one in commas if not _JOINED.match(sentence, one.end())), None)
    if first is None or re.match(r"you (?:should|will) (?:now )?(?:see|get)|.*\bcan be\b", sentence[first.end() :]):
        return None
    begin, stop = start + opening.start(1), start + first.start()
    if sentence.rstrip().endswith(":") and (target := following_of(scene, place, commands_of)):
        return Found(place, scene.view(place).span(begin, stop), target)
    if not following and (target := _next_fix(scene, place)):
        return Found(place, scene.view(place).span(begin, stop), target)
    for first_of, last_of in following[:3]:
        said = scene.view(place).text[first_of:last_of]
        if IF.match(said) or _LOOKING.match(said):
            return None
        if said.lower().startswith("for example"):
            continue
        if _SAME.match(said) and (target := following_of(scene, place, commands_of)):
            return Found(place, scene.view(place).span(begin, stop), target)
        is_next = first_of == following[0][0] and _NEXT_ADVICE.match(said) and not EXPECTED.match(said)
        if is_prohibition(said) or only_points(said):
            continue
        if is_next or begins_with_verb(after_leads(said)):
            return at(scene, place, begin, stop, (first_of, first_of + len(re.split(r";\s", said)[0])))
    return None


def _next_fix(scene: Scene, place: int) -> Span | None:
    """The sentence that opens the next paragraph: "To fix this, …"."""
    if place + 1 == len(scene.units) or scene.units[place + 1].kind != "paragraph":
        return None
    view = scene.view(place + 1)
    start, end = next(iter(sentences(view.text)), (0, 0))
    opening = _TO_FIX.match(view.text, start, end)
    if opening is None or not instructs(view.text[opening.end() : end]):
        return None
    return view.span(opening.end(), start + len(view.text[start:end].rstrip(END)))
