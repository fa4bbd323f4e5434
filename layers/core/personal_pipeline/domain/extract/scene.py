"""A document laid out for the rules: its units, what each shows, and the section that each stands in."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from personal_pipeline.domain.extract.markup import READERS
from personal_pipeline.domain.extract.markup.units import Unit, trimmed
from personal_pipeline.domain.extract.structure import Section, SectionKind, Span
from personal_pipeline.domain.extract.view import View, view_of
from personal_pipeline.domain.extract.words import SECTIONS

_NUMBER = re.compile(r"(?:step\s+)?(\d{1,3}(?:\.\d{1,3}){0,3})(?:[.:)]|\s+[-–—])?\s+", re.IGNORECASE)
_HEADING_SIGN = re.compile(
    r"(?:[#=]{1,6}[ \t]+|<h[1-6]\b[^<>]{0,100}>\s{0,100}|^([^\w\s])\1{2,100}[ \t]*\n)\Z", re.MULTILINE
)
_LABEL = re.compile(r"([A-Za-z][A-Za-z -]{2,24}):\s")
_LABELS: dict[str, SectionKind] = {
    **dict.fromkeys(
        ("verify", "verification", "done when", "check afterwards", "afterwards", "success"), "verification"
    ),
    **dict.fromkeys(("roll back", "rollback", "undo", "to undo", "way back", "back out"), "rollback"),
    **dict.fromkeys(
        ("escalation", "escalate", "escalate to", "contacts", "contact", "call", "on call", "help"), "escalation"
    ),
    **dict.fromkeys(
        (
            "prerequisites",
            "prerequisite",
            "before you start",
            "before you begin",
            "before starting",
            "beforehand",
            "requirements",
            "you need",
        ),
        "prerequisite",
    ),
    **dict.fromkeys(("impact", "meaning", "cause", "alerts", "alert", "service", "severity", "owner"), "background"),
}


@dataclass
class Scene:
    source: str
    markup: str
    units: list[Unit]
    parents: dict[int, int]
    title: str
    sections: list[Section] = field(default_factory=list)
    section_of: list[int | None] = field(default_factory=list)
    kinds: list[SectionKind] = field(default_factory=list)
    _views: dict[int, View] = field(default_factory=dict)

    def view(self, place: int) -> View:
        if place not in self._views:
            unit = self.units[place]
            self._views[place] = view_of(self.source, unit.start, unit.end, self.markup)
        return self._views[place]

    def heading_start(self, place: int) -> tuple[str, int]:
        """The number that a heading or an item begins with, and where its words begin in the view."""
        unit = self.units[place]
        if unit.marker:
            return unit.marker.strip("-"), 0
        found = _NUMBER.match(self.view(place).text)
        return (found[1], found.end()) if found else ("", 0)

    @cached_property
    def last_of_item(self) -> dict[int, int]:
        """For each list item the place of its last unit, nested ones included."""
        last: dict[int, int] = {}
        for place, unit in enumerate(self.units):
            item = unit.item
            while item:
                last[item] = place
                item = self.parents.get(item, 0)
        return last

    def next_code(self, place: int) -> int | None:
        """The block that a unit introduces: the very next unit, if it is one."""
        following = place + 1
        if following < len(self.units) and self.units[following].kind == "code":
            return following
        return None

    @cached_property
    def intro_of(self) -> dict[int, int]:
        """For each item the paragraph or the item that introduces its list, where one does."""
        intros: dict[int, int] = {}
        open_lists: dict[int, int | None] = {}  # by depth
        for place, unit in enumerate(self.units):
            if unit.kind == "heading":
                open_lists.clear()
            if unit.kind != "item":
                if unit.depth == 0:
                    open_lists.clear()
                continue
            for depth in [depth for depth in open_lists if depth > unit.depth]:
                del open_lists[depth]
            if unit.depth not in open_lists:
                before = self.units[place - 1] if place else None
                is_intro = before is not None and before.kind in ("paragraph", "item") and before.depth < unit.depth
                open_lists[unit.depth] = place - 1 if is_intro else None
            if (intro := open_lists[unit.depth]) is not None:
                intros[place] = intro
        return intros

    def is_step_list(self, place: int) -> bool:
        return self.units[place].kind == "item" and self.units[place].marker not in ("", "-")


def scene_of(source: str, begin: int, markup: str, title: str) -> Scene:
    reader = READERS.get(markup, READERS["text"])(source, begin)
    scene = Scene(source, markup, reader.units, reader.parents, title)
    _lay_out_sections(scene)
    return scene


def kind_of_title(title: str) -> SectionKind:
    title = _NUMBER.sub("", title.strip(), count=1).strip(" :*_")
    for kind, pattern in SECTIONS:
        if pattern.match(title):
            return kind  # type: ignore[return-value]
    return ""


def _lay_out_sections(scene: Scene) -> None:
    open_sections: list[int] = []
    starts: list[tuple[int, int, str, int, SectionKind, int | None]] = []
    ends: dict[int, int] = {}
    for place, unit in enumerate(scene.units):
        if unit.kind == "heading":
            while open_sections and starts[open_sections[-1]][3] >= unit.level:
                ends[open_sections.pop()] = _with_sign(scene.source, unit.start)
            title = " ".join(scene.view(place).text.replace("\ue001", "").split()) or scene.title
            said = scene.source[unit.start : unit.end]
            parent = open_sections[-1] if open_sections else None
            kind = kind_of_title(title)
            if not starts and unit.level == 1 and kind not in ("escalation", ""):
                kind = ""  # the document's own name
            if kind == "" and parent is not None and parent > 0 and starts[parent][4] in ("rollback", "escalation"):
                kind = starts[parent][4] if unit.level > starts[parent][3] and len(starts) > 0 else ""
            open_sections.append(len(starts))
            starts.append((_with_sign(scene.source, unit.start), place, _plain(said, title), unit.level, kind, parent))
        section = open_sections[-1] if open_sections else None
        scene.section_of.append(section)
        scene.kinds.append(_kind(scene, place, starts[section][4] if section is not None else ""))
    stop = scene.units[-1].end if scene.units else 0
    for place, (start, _, title, level, kind, parent) in enumerate(starts):
        span = Span(start, trimmed(scene.source, start, ends[place])[1] if place in ends else max(start, stop))
        scene.sections.append(Section(span, title, level, kind, parent))


def _with_sign(source: str, start: int) -> int:
    """Where the sign before the words of a heading begins."""
    sign = _HEADING_SIGN.search(source[max(0, start - 200) : start])
    return start - (len(sign[0]) if sign else 0)


def _plain(said: str, title: str) -> str:
    return " ".join(re.sub(r"</?[A-Za-z][^<>]{0,300}>|[`*]", "", said).split()) or title


def _kind(scene: Scene, place: int, kind: SectionKind) -> SectionKind:
    """A paragraph that begins with "Verify:" is a section of its own; what stands under it in its item as well."""
    unit = scene.units[place]
    if unit.kind in ("paragraph", "item") and (label := _LABEL.match(scene.view(place).text)):
        return _LABELS.get(label[1].lower(), kind)
    return kind
