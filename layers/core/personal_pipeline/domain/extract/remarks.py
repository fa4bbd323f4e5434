"""What should be seen, what must be there first, how to see that it worked, and the way back."""

import re
from bisect import bisect_left

from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import after_leads, instructs, is_only_code, only_points, sentences
from personal_pipeline.domain.extract.steps import EXPECTED
from personal_pipeline.domain.extract.structure import Command, Expected, Remark, RemarkKind, Risk, Span
from personal_pipeline.domain.extract.view import View, words_of

_OUTPUT_FOLLOWS = re.compile(
    r"(?:.*\b(?:looks? (?:something |somewhat |a bit )?like|similar to)(?: this| these| the following|"
    r" below)?\W*|.*\b(?:output|message|looks? like|similar to|response|result|prints?|shows?|see|"
    r"prompted|prompts|trigger|produces?|returns?|displays?)\b[^.]{0,60}|outputs?|results?)\s*:$",
    re.IGNORECASE,
)
_EFFECT = re.compile(
    r"(?:this|that|it|the (?:command|script|job|pod|pods)) (?:command |script )?(?:will|should) "
    r"(?:then |now |also |automatically )?(?!be (?:used|done|run|avoided)|need|require|not|only|take "
    r"precedence|have to)\w+",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"(?:the|a|your|following) (?:[\w\ue001 -]{1,50} )?will (?:then |now )?be (?:created|started|available|"
    r"streamed|mounted|"
    r"displayed|shown|deployed|installed|restarted|printed|listed|deleted|removed|updated)\b",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"^(?:(?:once|after|when|if|now|then|in|on|at|from)\b.{0,120}?[, ])?you(?:'ll| should| will| "
    r"would)(?: now| then| also)? (?:see|be prompted|receive|get (?:an?|the)|notice|be able)\b",
    re.IGNORECASE,
)
_NEEDS = re.compile(
    r"\b(?:requires?(?: the following)?|you(?:'ll| will)? (?:will )?need(?: the following)?|(?:ensure|"
    r"make sure) (?:that )?you have|must have|following (?:prerequisites|requirements|tools|"
    r"permissions|access))\b[^.]{0,40}:$",
    re.IGNORECASE,
)
_CHECKS = re.compile(r"(?:check|verify|confirm|validate|test)\b(?! out)", re.IGNORECASE)
_VERIFY = re.compile(
    r"(?:check (?:that )?[^.:]{3,60} (?:is|are) (?:properly|correctly|created|connected|bound)\b|"
    r"(?:you can |please |then |now )?(?:verify|confirm) (?:that |the |it |everything |all )|(?:you "
    r"can )verify )",
    re.IGNORECASE,
)
_ROLL_BACK = re.compile(r"(?:roll (?:it )?back|revert|undo|restore (?:it|them) from|set .* back to)\b", re.IGNORECASE)
_MUST_BE_THERE = re.compile(
    r"(?:(?:first,? )?(?:make sure|ensure) (?:that )?you have (?!to\b)|.{1,40} \d[\w.]* (?:or (?:later|newer|"
    r"above|higher) )?is required\.$|"
    r"(?:first,? )?you (?:will |'ll |must |should )?(?:need (?!to\b)|have (?:access|admin|"
    r"permission|installed))|(?:first,? )?you must have\b|.{1,80}\b(?:requires?|expects?|needs?) "
    r"(?:labels?|a name|an? \w+ (?:to|with|that))|only with\b)",
    re.IGNORECASE,
)


def find_expected(scene: Scene, output: dict[int, list[Span]], commands_of: dict[int, list[Span]]) -> list[Expected]:
    """``output`` is what blocks show below their commands."""
    found: list[Span] = [span for spans in output.values() for span in spans]
    for place, unit in enumerate(scene.units):
        kind = scene.kinds[place]
        if unit.kind not in ("paragraph", "item") or kind in ("background", "escalation", "prerequisite"):
            continue
        view = scene.view(place)
        for start, end in sentences(view.text):
            said = view.text[start:end].lstrip(" *_(")
            if kind == "expected" or (EXPECTED.match(said) and not (kind == "verification" and unit.kind == "item")):
                found.append(view.span(start, end))
        found += [view.span(*part) for part in _follows(scene, place, list(sentences(view.text)), commands_of)]
        code = scene.next_code(place)
        if (
            code is not None
            and code not in output
            and not commands_of.get(code)
            and (
                _OUTPUT_FOLLOWS.match(view.text[-200:].rstrip()) or (view.text.endswith(":") and _ends_in(view, found))
            )
        ):
            unit = scene.units[code]
            found.append(_stripped(scene.source, unit.start, unit.end))
    for place, unit in enumerate(scene.units):
        is_output = unit.kind == "code" and place and place - 1 in commands_of and scene.units[place - 1].kind == "code"
        if (
            is_output
            and place not in commands_of
            and unit.language.lower() in ("", "text", "txt", "console", "json", "output")
        ):
            found.append(_stripped(scene.source, unit.start, unit.end))
    return [
        Expected(span, words_of(scene.source, span, scene.markup))
        for span in sorted(set(found))
        if span.start < span.end
    ]


def _ends_in(view: View, found: list[Span]) -> bool:
    """Whether the last that was found ends the unit as well."""
    return bool(found) and found[-1].end == view.span(0, len(view.text)).end


def _follows(
    scene: Scene, place: int, parts: list[tuple[int, int]], commands_of: dict[int, list[Span]]
) -> list[tuple[int, int]]:
    """ "This restarts the pod", after what does it."""
    text = scene.view(place).text
    is_after_command = place > 0 and scene.units[place - 1].kind == "code" and bool(commands_of.get(place - 1))
    found = []
    for number, (start, end) in enumerate(parts):
        said = text[start:end].lstrip(" *_(")
        is_after = instructs(text[slice(*parts[number - 1])]) if number else is_after_command
        if (is_after and (_EFFECT.match(said) or _RESULT.match(said))) or _SEEN.search(said):
            found.append((start, end))
    return found


def _stripped(source: str, start: int, end: int) -> Span:
    said = source[start:end]
    return Span(start + len(said) - len(said.lstrip()), start + len(said.rstrip()))


def find_remarks(scene: Scene, commands: list[Command]) -> list[Remark]:
    found: set[tuple[Span, RemarkKind]] = set()
    changes = [command.span.end for command in commands if command.risk is not Risk.READ_ONLY]
    for place, unit in enumerate(scene.units):
        kind = scene.kinds[place]
        if unit.kind not in ("paragraph", "item") or kind in ("background", "escalation", "expected"):
            continue
        view = scene.view(place)
        if is_only_code(view.text):
            continue
        parts = list(sentences(view.text))
        if kind in ("prerequisite", "verification", "rollback"):
            whole = (
                [(0, len(view.text))]
                if unit.kind == "item"
                or (kind == "verification" and parts and view.text.lower().startswith("verify:") and len(parts) == 1)
                else parts
            )
            if kind == "rollback" and unit.kind == "paragraph":
                whole = [
                    part
                    for number, part in enumerate(whole)
                    if not number or instructs(view.text[slice(*part)]) or view.code_in(*part)
                ]
            if kind == "verification" and view.text.lower().startswith("verify:"):
                whole = whole[:1]
            for start, end in whole:
                if _belongs(scene, place, kind, view.text[start:end]):
                    found.add((view.span(start, end), kind))
            continue
        intro = scene.view(scene.intro_of[place]).text.rstrip() if place in scene.intro_of else ""
        is_heading = view.text.rstrip().endswith(":") or re.match(r"for each\b", view.text, re.IGNORECASE)
        if _NEEDS.search(intro) and not is_heading:
            found.add((view.span(0, len(view.text)), "prerequisite"))
        for start, end in parts:
            said = view.text[start:end]
            if _CHECKS.match(after_leads(said)) and _is_after_change(
                scene, place, view.span(start, end).start, changes
            ):
                found.add((view.span(start, end), "verification"))
            if _VERIFY.match(said):
                found.add((view.span(start, end), "verification"))
            if _ROLL_BACK.match(after_leads(said)) and instructs(said):
                found.add((view.span(start, end), "rollback"))
            if _MUST_BE_THERE.match(said) and not EXPECTED.match(said) and not re.match(r"(?:for|note)", said):
                found.add((view.span(start, end), "prerequisite"))
    remarks = [Remark(span, kind, words_of(scene.source, span, scene.markup)) for span, kind in found]
    return sorted((remark for remark in remarks if remark.text), key=lambda remark: (remark.span, remark.kind))


def _is_after_change(scene: Scene, place: int, start: int, changes: list[int]) -> bool:
    """Whether something was changed before it in the same section."""
    section = scene.section_of[place]
    begin = scene.sections[section].span.start if section is not None else 0
    last = bisect_left(changes, start) - 1
    return last >= 0 and changes[last] > begin


def _belongs(scene: Scene, place: int, kind: str, said: str) -> bool:
    if kind == "prerequisite":
        return (
            not re.match(r"\W*(?:do not|don't|if|never)\b", said, re.IGNORECASE)
            and not said.rstrip().endswith(":")
            and not only_points(said)
            and not re.match(
                r"\W*(?:that|this (?!guide|page|document|tutorial|runbook|procedure)|it|note?)\b", said, re.IGNORECASE
            )
        )
    if kind == "verification":
        return not (
            scene.units[place].kind == "paragraph" and EXPECTED.match(said.lstrip(" *_("))
        ) or said.lower().startswith("expected:")
    return not re.match(r"\W*(?:if|never|do not)\b", said, re.IGNORECASE)
