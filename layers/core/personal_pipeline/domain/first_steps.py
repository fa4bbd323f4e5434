"""The first steps of a runbook, for a message that shows no more than those.

Those with a number where there are any. Nothing is made up: a document without steps has its first commands, and one
that has neither has none.
"""

from personal_pipeline.domain.extract.structure import Command, Step, Structure
from personal_pipeline.domain.notices import Step as NoticeStep
from personal_pipeline.domain.plain_words import plain_words
from personal_pipeline.domain.structure_places import Places

MAX_STEPS = 3
MAX_TEXT = 300
MAX_COMMAND = 500
_OTHERS = {"prerequisite", "verification", "rollback", "escalation"}  # sections whose steps are not the first ones


def first_steps(structure: Structure) -> tuple[NoticeStep, ...]:
    places = Places(structure)
    steps = [step for step in structure.steps if places.kind(step.section) not in _OTHERS]
    numbered = [step for step in steps if step.number]
    if steps:
        return tuple(_of_step(structure, step) for step in (numbered or steps)[:MAX_STEPS])
    commands = [one for one in structure.commands if places.kind(places.section_at(one.span)) not in _OTHERS]
    return tuple(NoticeStep("", one.text[:MAX_COMMAND], one.language) for one in commands[:MAX_STEPS])


def _of_step(structure: Structure, step: Step) -> NoticeStep:
    text = plain_words(step.text)[:MAX_TEXT].strip()
    commands = [one for one in (structure.commands[place] for place in step.commands) if one.text not in text]
    return NoticeStep(text, _together(commands), commands[0].language if commands else "")


def _together(commands: list[Command]) -> str:
    """The first, and those of its language that fit in whole."""
    shown = commands[0].text[:MAX_COMMAND] if commands else ""
    for one in commands[1:]:
        if one.language != commands[0].language or len(shown) + len(one.text) + 1 > MAX_COMMAND:
            break
        shown = f"{shown}\n{one.text}"
    return shown
