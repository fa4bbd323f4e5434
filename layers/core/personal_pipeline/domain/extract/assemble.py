"""All rules over one document, and their findings bound together."""

import re
from dataclasses import replace

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.extract.branch_shapes import Found
from personal_pipeline.domain.extract.branches import find_branches
from personal_pipeline.domain.extract.commands import in_block, in_words, program_of
from personal_pipeline.domain.extract.contacts import find_contacts
from personal_pipeline.domain.extract.facts import find_facts, find_links
from personal_pipeline.domain.extract.remarks import find_expected, find_remarks
from personal_pipeline.domain.extract.scene import Scene, scene_of
from personal_pipeline.domain.extract.steps import Told, find_steps
from personal_pipeline.domain.extract.structure import Branch, Command, Expected, Span, Step, Structure
from personal_pipeline.domain.extract.view import words_of
from personal_pipeline.domain.parsing.front_matter import front_matter

_SHOWN = re.compile(
    r"(?:the |this |sample |example |expected )?(?:\w+ )?(?:expression|output|expr|message|query|"
    r"response)\s*:",
    re.IGNORECASE,
)
_NOT_MEANT = re.compile(
    r"\W*(?:alone )?(?:does not|doesn't|will not|won't|is not|cannot|would|outputs?|results?)\b", re.IGNORECASE
)
_NAMED = re.compile(r"\b(?:a|an|every|each)\s+$", re.IGNORECASE)
_FORBIDDEN = re.compile(r"\b(?:never|do not|don't|must not|instead of|rather than)\b[^.!?;]*$", re.IGNORECASE)
_STEP_NUMBER = re.compile(
    r"\b(?:step|section|go to|to|with)\s+(\d{1,3}(?:\.\d{1,3}){0,3})\b|^(\d{1,3})$", re.IGNORECASE
)


def assemble(parsed: ParsedDocument, text: str, markup: str, document: str, revision: int) -> Structure:
    _, begin, _ = front_matter(text)
    scene = scene_of(text, begin, markup, parsed.title)
    commands, output, spans_of = _commands(scene)
    expected = find_expected(scene, output, spans_of)
    told = find_steps(scene, spans_of)
    contacts, of_contacts = find_contacts(scene)
    steps = _steps(scene, told, commands, expected)
    links = find_links(scene)
    found = _merged(find_branches(scene, spans_of), of_contacts)
    return Structure(
        document, revision, tuple(scene.sections), steps, tuple(commands), tuple(expected),
        _branches(scene, found, steps), tuple(find_remarks(scene, commands)), tuple(contacts), links,
        find_facts(scene, begin),
    )  # fmt: skip


def _merged(branches: list[Found], of_contacts: list[Found]) -> list[Found]:
    taken = {branch.condition.start for branch in of_contacts}
    found = [*of_contacts, *(branch for branch in branches if branch.condition.start not in taken)]
    return sorted(found, key=lambda branch: (branch.condition, branch.target))


def _commands(scene: Scene) -> tuple[list[Command], dict[int, list[Span]], dict[int, list[Span]]]:
    """And for each unit what it shows as output, and the spans of its commands."""
    commands: list[Command] = []
    output: dict[int, list[Span]] = {}
    spans_of: dict[int, list[Span]] = {}
    programs: set[str] = set()
    for place, unit in sorted(enumerate(scene.units), key=lambda one: one[1].kind != "code"):  # blocks first
        if unit.kind == "code":
            if place and _SHOWN.fullmatch(scene.view(place - 1).text[-60:].strip()):
                continue
            found, shown, _ = in_block(
                scene.source,
                unit.start,
                unit.end,
                unit.language,
                scene.markup,
                scene.view(place - 1).text[-200:] if place else "",
            )
            if shown:
                output[place] = shown
            programs.update(program_of(one.text) for one in found if one.language == "sh")
        elif scene.kinds[place] == "background" and unit.kind != "cell":
            continue
        else:
            view = scene.view(place)
            found = [
                one
                for start, end, span in view.codes
                if (one := in_words(scene.source, span, scene.markup, view.text[max(0, start - 40) : start], programs))
                and not _NOT_MEANT.match(view.text, end)
                and not _NAMED.search(view.text[max(0, start - 12) : start])
                and not _FORBIDDEN.search(view.text[max(0, start - 120) : start])
            ]
        commands += found
        if found:
            spans_of[place] = [command.span for command in found]
    return sorted(commands, key=lambda command: command.span), output, spans_of


def _steps(scene: Scene, told: list[Told], commands: list[Command], expected: list[Expected]) -> tuple[Step, ...]:
    """Commands and results belong to the last step that begins before them, in the same section."""
    steps: list[Step] = []
    for step in told:
        span = scene.view(step.place).span(step.start, step.end)
        if span.start >= span.end:
            continue
        heading = scene.section_of[step.place]
        steps.append(
            Step(
                span,
                words_of(scene.source, span, scene.markup),
                max(1, step.depth),
                step.number,
                heading,
                _parent(scene, step, steps),
            )
        )
    owned: dict[int, tuple[list[int], list[int]]] = {number: ([], []) for number in range(len(steps))}
    for which, items in enumerate(([command.span for command in commands], [one.span for one in expected])):
        number = -1
        for place, span in enumerate(items):
            while number + 1 < len(steps) and steps[number + 1].span.start <= span.start:
                number += 1
            if number >= 0 and _same_section(scene, steps[number], span):
                owned[number][which].append(place)
    return tuple(
        replace(step, commands=tuple(owned[number][0]), expected=tuple(owned[number][1]))
        for number, step in enumerate(steps)
    )


def _same_section(scene: Scene, step: Step, span: Span) -> bool:
    if step.section is None:
        return not scene.sections or span.start < scene.sections[0].span.start
    section = scene.sections[step.section]
    return section.span.start <= span.start < section.span.end


def _parent(scene: Scene, told: Told, steps: list[Step]) -> int | None:
    """The last step of less depth in the same section."""
    section = scene.section_of[told.place]
    for number in range(len(steps) - 1, max(-1, len(steps) - 60), -1):
        if steps[number].section != section:
            return None
        if steps[number].depth < max(1, told.depth):
            return number
    return None


def _branches(scene: Scene, found: list[Found], steps: tuple[Step, ...]) -> tuple[Branch, ...]:
    titles = {section.title.casefold(): number for number, section in enumerate(scene.sections)}
    numbers: dict[tuple[int | None, str], int] = {}
    for number, step in enumerate(steps):
        if step.number:
            numbers.setdefault((step.section, step.number), number)
            numbers.setdefault((None, step.number), number)
    by_number: dict[str, int] = {}
    for number, section in enumerate(scene.sections):
        if digits := re.match(r"(\d{1,3}(?:\.\d{1,3}){0,3})[.:) ]", section.title):
            by_number.setdefault(digits[1], number)
    branches = []
    origin = -1
    for one in found:
        if one.target.start >= one.target.end:
            continue
        while origin + 1 < len(steps) and steps[origin + 1].span.start <= one.condition.start:
            origin += 1
        action = words_of(scene.source, one.target, scene.markup)
        home = scene.section_of[one.place]
        branch = Branch(one.condition, words_of(scene.source, one.condition, scene.markup), one.target, action)
        if origin >= 0 and steps[origin].section == home:
            branch = replace(branch, origin=origin)
        branches.append(_led(branch, scene, numbers, titles, by_number, home))
    return tuple(branches)


def _led(
    branch: Branch,
    scene: Scene,
    numbers: dict[tuple[int | None, str], int],
    titles: dict[str, int],
    by_number: dict[str, int],
    home: int | None,
) -> Branch:
    """With the step, section or document that its target names."""
    if number := _STEP_NUMBER.search(branch.action):
        said = number[1] or number[2]
        if (step := numbers.get((home, said))) is not None:
            return replace(branch, step=step)
        if said in by_number:
            return replace(branch, section=by_number[said])
        if (step := numbers.get((None, said))) is not None:
            return replace(branch, step=step)
    raw = scene.source[branch.target.start : branch.target.end]
    link = re.search(
        r"\]\(([^()\s]{1,500})\)|href=[\"']([^\"'<>]{1,500})|(?:link|xref):([^\s\[\]]{1,500})\[|"
        r"<<([^<>,]{1,200})|<([^<>`\s]{1,500})>`_",
        raw,
    )
    target = next((group for group in link.groups() if group), "") if link else ""
    named = re.search(r"\*([^*\n]{2,80})(?:\*|$)|[\"“]([^\"”\n]{2,80})[\"”]", raw)
    name = (
        target.lstrip("#").replace("-", " ")
        if target.startswith("#") or (link and link[4])
        else (named[1] or named[2] if named else "")
    )
    if name.casefold() in titles:
        return replace(branch, section=titles[name.casefold()])
    return replace(branch, link=target) if target and not target.startswith("#") else branch
