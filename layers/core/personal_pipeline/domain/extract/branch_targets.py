"""Where a branch leads: the words after its condition, or the list or block that these introduce."""

import re

from personal_pipeline.domain.extract.branch_shapes import GO, Found, is_action
from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import (
    after_leads,
    begins_with_verb,
    instructs,
    is_only_code,
    is_prohibition,
    sentences,
    trimmed_end,
)
from personal_pipeline.domain.extract.steps import EXPECTED
from personal_pipeline.domain.extract.structure import Span
from personal_pipeline.domain.extract.view import CODE

IF = re.compile(
    r"\W{0,3}(?:(?:and|but|or|also|then|only|even|so|however|additionally|alternatively|similarly|finally|"
    r"again|therefore|thus|hence|moreover|furthermore|in addition|likewise|instead|(?:please )?note(?: that)?\W{0,3}|"
    r"important(?:ly)?(?: to (?:note|mention) is that)?|"
    r"(?:in|as|at|after|during|for|with) (?!example|instance|case|the case|the event)[\w ]{3,25}(?=,? if\b)),?\s+)?"
    r"(if|in case|"
    r"in (?:the )?(?:case|event) (?:of|that|when|where|you|there)|unless|where|in "
    r"(?!this|that|our|your|each|either|both|any\b|no\b)(?:\w+ ){1,3}(?:cases?|situations?|scenarios?|circumstances|"
    r"instances)|in (?:some|certain|specific|most|many|all other) (?:\w+ )?(?:environments?|conditions|times)|"
    r"failing that|"
    r"otherwise|when(?:ever)?|for (?:a few|case|scenario|any|all other)\b|with (?:more|less|"
    r"fewer) than|(?:above|below|over|under) \d|in an? [\w ]{1,30}(?:scenario|case|situation|"
    r"emergency)|should)\b",
    re.IGNORECASE,
)
END = " .:;,"
_CASES = re.compile(r"\b(?:is|are|for|has|have|of|one of the following):$")  # the list that follows ends the condition


def at(scene: Scene, place: int, start: int, end: int, target: tuple[int, int]) -> Found:
    view = scene.view(place)
    while start < end and view.text[start] in ' ("“':
        start += 1
    last = _target_end(view.text, *target)
    while last > target[0] and view.text[last - 1] in END:
        last -= 1
    return Found(place, view.span(start, end), view.span(target[0], last))


def _target_end(text: str, start: int, end: int) -> int:
    """Without the reason that is given for it."""
    end = trimmed_end(text, start, end)
    said = text[start:end]
    if found := re.search(
        r",\s+(?:it|this|so that|which|otherwise|an example)\b|,?\s+because\b|\s+\([^()]*\)\W*$", said
    ):
        return start + found.start() if found.start() > 8 else end
    return end


def flat(text: str) -> str:
    return re.sub(r"\([^()]*\)", lambda found: "x" * len(found[0]), text)


def depth(text: str, at: int) -> int:
    return text.count("(", 0, at) - text.count(")", 0, at)


def following_of(scene: Scene, place: int, commands_of: dict[int, list[Span]]) -> Span | None:
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


def introduces(scene: Scene, place: int, start: int, end: int, commands_of: dict[int, list[Span]]) -> Found | None:
    view = scene.view(place)
    if re.match(r"\W*only\b", view.text[max(0, start - 6) : start]) or _CASES.search(view.text, start, end):
        return None
    stop = end
    while stop > start and view.text[stop - 1] in " :*":
        stop -= 1
    target = following_of(scene, place, commands_of)
    target = target or _after_shown(scene, place)
    if target is None and place + 1 < len(scene.units) and scene.units[place + 1].kind == "paragraph":
        parts = list(sentences(scene.view(place + 1).text))
        if parts and is_action(scene.view(place + 1).text[slice(*parts[0])]):
            target = scene.view(place + 1).span(*parts[0])
    return Found(place, view.span(start, stop), target) if target else None


def _after_shown(scene: Scene, place: int) -> Span | None:
    """ "If the log says:", a block of it, and "then restart the agent"."""
    after = scene.units[place + 1 : place + 3]
    if len(after) < 2 or after[0].kind != "code" or after[1].kind != "paragraph":
        return None
    view = scene.view(place + 2)
    first = next(iter(sentences(view.text)), (0, 0))
    said = view.text[slice(*first)]
    if not re.match(r"(?:then|you|please|in this case|this means)\b", said, re.IGNORECASE) or not is_action(said):
        return None
    return view.span(first[0], first[0] + len(said.rstrip(END)))


def starts_action(rest: str) -> bool:
    if is_prohibition(rest):
        return False
    main = after_leads(rest)
    return begins_with_verb(main) or GO.match(rest) is not None


def says_what_to_do(rest: str) -> bool:
    """Whether a clause after a condition is an order, advice or a way to go."""
    if is_prohibition(rest) or EXPECTED.match(rest):
        return False
    main = after_leads(rest)
    head = re.split(r"[;.]\s", rest)[0]
    if (
        begins_with_verb(main)
        or GO.match(rest)
        or re.match(r"→|\*[A-Z]|the following (?:command|query|script|metric) (?:will|can|should)\b", rest)
    ):
        return True
    if re.match(rf"[{CODE}]{{8,}}", rest.strip()):
        return True
    return instructs(head)
