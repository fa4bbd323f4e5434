"""What should be seen, what must be there first, how to see that it worked, and the way back."""

import re

from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import after_leads, begins_with_verb, instructs, is_only_code, sentences
from personal_pipeline.domain.extract.steps import EXPECTED
from personal_pipeline.domain.extract.structure import Expected, Remark, RemarkKind, Span
from personal_pipeline.domain.extract.view import words_of

_OUTPUT_FOLLOWS = re.compile(r"(?:.*\b(?:output|message|looks? like|similar to|response|result|prints?|shows?|see)\b[^.]{0,60}|outputs?|results?)\s*:$", re.IGNORECASE)
_VERIFY = re.compile(r"(?:check (?:that )?[^.:]{3,60} (?:is|are) (?:properly|correctly|created|connected|bound)\b|(?:you can |please |then |now )?(?:verify|confirm) (?:that |the |it |everything |all )|(?:you can )verify )", re.IGNORECASE)
_ROLL_BACK = re.compile(r"(?:roll (?:it )?back|revert|undo|restore (?:it|them) from|set .* back to)\b", re.IGNORECASE)
_MUST_BE_THERE = re.compile(r"(?:you (?:will )?need (?!to\b)|.{1,80}\b(?:requires?|expects?|needs?) (?:labels?|a name|an? \w+ (?:to|with|that))|only with\b)", re.IGNORECASE)


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
        code = scene.next_code(place)
        if code is not None and code not in output and not commands_of.get(code) and _OUTPUT_FOLLOWS.match(view.text[-200:].rstrip()):
            unit = scene.units[code]
            found.append(_stripped(scene.source, unit.start, unit.end))
    return [Expected(span, words_of(scene.source, span, scene.markup)) for span in sorted(set(found)) if span.start < span.end]


def _stripped(source: str, start: int, end: int) -> Span:
    said = source[start:end]
    return Span(start + len(said) - len(said.lstrip()), start + len(said.rstrip()))


def find_remarks(scene: Scene) -> list[Remark]:
    found: set[tuple[Span, RemarkKind]] = set()
    for place, unit in enumerate(scene.units):
        kind = scene.kinds[place]
        if unit.kind not in ("paragraph", "item") or kind in ("background", "escalation", "expected"):
            continue
        view = scene.view(place)
        if is_only_code(view.text):
            continue
        parts = list(sentences(view.text))
        if kind in ("prerequisite", "verification", "rollback"):
            whole = [(0, len(view.text))] if unit.kind == "item" or kind == "verification" and parts and view.text.lower().startswith("verify:") and len(parts) == 1 else parts
            if kind == "rollback" and unit.kind == "paragraph":
                whole = [part for number, part in enumerate(whole) if not number or instructs(view.text[slice(*part)]) or view.code_in(*part)]
            if kind == "verification" and view.text.lower().startswith("verify:"):
                whole = whole[:1]
            for start, end in whole:
                if _belongs(scene, place, kind, view.text[start:end]):
                    found.add((view.span(start, end), kind))
            continue
        for start, end in parts:
            said = view.text[start:end]
            if _VERIFY.match(said):
                found.add((view.span(start, end), "verification"))
            if _ROLL_BACK.match(after_leads(said)) and instructs(said):
                found.add((view.span(start, end), "rollback"))
            if _MUST_BE_THERE.match(said) and not EXPECTED.match(said) and not re.match(r"(?:for|note)", said):
                found.add((view.span(start, end), "prerequisite"))
    remarks = [Remark(span, kind, words_of(scene.source, span, scene.markup)) for span, kind in found]
    return sorted((remark for remark in remarks if remark.text), key=lambda remark: (remark.span, remark.kind))


def _belongs(scene: Scene, place: int, kind: str, said: str) -> bool:
    if kind == "prerequisite":
        main = after_leads(said)
        return not begins_with_verb(main) and not re.match(r"\W*(?:do not|don't|if|never)\b", said, re.IGNORECASE) and not said.rstrip().endswith(":") and scene.units[place].depth < 2
    if kind == "verification":
        return not (scene.units[place].kind == "paragraph" and EXPECTED.match(said.lstrip(" *_("))) or said.lower().startswith("expected:")
    return not re.match(r"\W*(?:if|never|do not)\b", said, re.IGNORECASE)
