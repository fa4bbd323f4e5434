"""Branches by their shape: a heading with a condition, a term with its definition, a table of what to do when."""

import re
from dataclasses import dataclass

from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import (
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

GO = re.compile(
    r"(?:→\s*|->\s*)?(?:then )?(?:go (?:straight |back |on )?to|go on|see|follow|continue (?:with|at)|skip "
    r"to|jump to|step \d|proceed (?:to|with)|next step|back to|rebuild|retry|nothing|ignore|no action|"
    r"wait|done|stop here)\b",
    re.IGNORECASE,
)
_ACTION_HEADER = re.compile(
    r"\W*(?:what to do|do\b|do this|actions?|next|go to|call|remed\w+|fix\w*|resolutions?|solutions?|"
    r"then|respon\w+|mitigations?|answer|step|steps|how to fix|contact|who|ask|tell|runbook|treatment|"
    r"way out|recovery|reactions?|procedure|measures?|handling|how to)",
    re.IGNORECASE,
)
_CASE_HEADER = re.compile(
    r"\W*(?:symptoms?|what you see|you see|found|finding|situation|if|when|problem|errors?|observ\w+|"
    r"after|sign|signs|state|status|case|condition|what is|alert|message|reading|shows|seen|happens|large)",
    re.IGNORECASE,
)
_REFERENCE_HEADER = re.compile(
    r"\W*(?:descriptions?|info\w*|notes?|defaults?|types?|purpose|fields?|names?|keys?|param\w*|options?|settings?|"
    r"propert\w+|values?|json|yaml|triggers?|rules?|priority|features?)\b",
    re.IGNORECASE,
)
_PEOPLE_HEADER = re.compile(r"\W*(?:who|contact|call|ask|tell)", re.IGNORECASE)
_TIME_HEADER = re.compile(r"\W*(?:after|when|if|condition|case)\b", re.IGNORECASE)
_ALWAYS = re.compile(
    r"\W*(?:always|at once|immediately|first|second|third|any ?time|24/7|day and night|\d+)\W*$", re.IGNORECASE
)
_LONGEST_NAME = 7  # words
_MOST_ROWS = 30  # that are looked at to learn what a column holds
_HEADING = re.compile(
    r"(?:if|when(?! (?:to|does|do|did|is|are|will|should|can)\b)|in case|"
    r"for (?:case|scenario)|case \w+:|scenario \w+:|unless|it has not|it is not|"
    r"otherwise)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A branch by its spans; ``place`` is the unit of the condition."""

    place: int
    condition: Span
    target: Span


def is_action(text: str) -> bool:
    text = text.strip(" *_→")
    if is_prohibition(text) or EXPECTED.match(text):
        return False
    return instructs(text) or GO.match(text) is not None or begins_with_verb(after_leads(text))


def of_heading(scene: Scene, place: int) -> list[Found]:
    unit = scene.units[place]
    _, start = scene.heading_start(place)
    view = scene.view(place)
    if not _HEADING.match(view.text[start:]) or view.text.rstrip().endswith("?"):
        return []
    last = None
    for following in range(place + 1, len(scene.units)):
        other = scene.units[following]
        if other.kind == "heading" and other.level <= unit.level:
            break
        last = following
    if last is None:
        return []
    return [Found(place, view.span(start, len(view.text)), Span(scene.units[place + 1].start, scene.units[last].end))]


def of_term(scene: Scene, place: int, commands_of: dict[int, list[Span]]) -> list[Found]:
    """A term whose definition begins with an instruction."""
    following = place + 1
    if following >= len(scene.units) or scene.units[following].kind != "paragraph":
        return []
    view = scene.view(following)
    for start, end in sentences(view.text):
        sentence = view.text[start:end]
        if is_action(sentence) or (sentence.startswith(CODE) and commands_of.get(following)):
            term = scene.view(place)
            clause = re.split(r"(?:;|, if\b)", sentence)[0]
            return [Found(place, term.span(0, len(term.text)), view.span(start, start + len(clause.rstrip(" .:"))))]
    return []


def of_tables(scene: Scene, commands_of: dict[int, list[Span]]) -> list[Found]:
    rows: dict[tuple[int, int], dict[int, int]] = {}
    for place, unit in enumerate(scene.units):
        if unit.kind == "cell":
            rows.setdefault((unit.table, unit.row), {})[unit.column] = place
    columns: dict[int, tuple[int, int] | None] = {}
    people: set[int] = set()
    found = []
    for (table, row), cells in rows.items():
        if row == 0:
            header = {column: scene.view(place).text for column, place in cells.items()}
            columns[table] = _columns(header) or _told_in(scene, rows, table, header)
            if (chosen := columns[table]) and _PEOPLE_HEADER.match(header[chosen[1]]):
                people.add(table)
            continue
        case_and_action = columns.get(table)
        if not case_and_action or any(column not in cells for column in case_and_action):
            continue
        case, action = (cells[column] for column in case_and_action)
        view = scene.view(action)
        text = view.text.strip()
        said = scene.view(case).text.strip()
        is_told = (table in people and len(text.split()) < _LONGEST_NAME) or _is_cell_action(
            text, commands_of.get(action), scene, action
        )
        if text and said and is_told and not (table in people and _ALWAYS.match(said)):
            condition = scene.view(case)
            found.append(Found(case, condition.span(0, len(condition.text)), view.span(0, len(view.text))))
    return found


def _columns(header: dict[int, str]) -> tuple[int, int] | None:
    actions = [column for column, text in header.items() if _ACTION_HEADER.match(text)]
    if not actions or len(header) < 2:
        return None
    others = [column for column in header if column != actions[0] and column < actions[0]] or [
        column for column in header if column != actions[0]
    ]
    if _PEOPLE_HEADER.match(header[actions[0]]):
        others = sorted(
            (column for column in header if column != actions[0]), key=lambda one: not _TIME_HEADER.match(header[one])
        )
    cases = [column for column in others if _CASE_HEADER.match(header[column])]
    return (cases or others)[0], actions[0]


def _told_in(
    scene: Scene, rows: dict[tuple[int, int], dict[int, int]], table: int, header: dict[int, str]
) -> tuple[int, int] | None:
    """The first column and the one whose cells are instructions, whatever it is called."""
    if len(header) < 2 or any(_REFERENCE_HEADER.match(text) for text in header.values()):
        return None
    told: dict[int, int] = dict.fromkeys(header, 0)
    number = 0
    for number in range(1, _MOST_ROWS):
        if (table, number) not in rows:
            break
        for column, place in rows[table, number].items():
            text = scene.view(place).text
            if " " in text.strip() and begins_with_verb(after_leads(text)) and not only_points(text):
                told[column] = told.get(column, 0) + 1
    best = max(told, key=lambda column: told[column])
    return (0, best) if best and number > 2 and told[best] * 2 > number - 1 and not told.get(0) else None


def _is_cell_action(text: str, commands: list[Span] | None, scene: Scene, place: int) -> bool:
    if commands or is_action(text) or scene.view(place).links:
        return True
    if re.search(r"\+\d[\d ]{6,}|@\w|\bon[- ]call\b|\b(?:lead|manager|team|desk|duty)\b", text):
        return True
    return any(begins_with_verb(after_leads(clause)) for clause in re.split(r"[:;] ", text)[1:])
