"""The decision tree of a runbook: steps and sections as nodes, conditions on the edges between them."""

import re
from dataclasses import dataclass
from typing import Literal

from personal_pipeline.domain.extract.structure import Span, Structure
from personal_pipeline.domain.structure_places import Places

NodeKind = Literal["step", "section", "question", "action", "document"]
_LONGEST = 80  # characters of a label in a drawing
_UNSAFE = re.compile(r"[\"\[\]{}()<>|#;`\\]")


@dataclass(frozen=True, slots=True)
class Node:
    """``s1`` is the first step, ``h1`` the first section, as in every answer; ``item`` is its place in the structure.

    A document has its link as text and no span.
    """

    id: str
    kind: NodeKind
    text: str
    span: Span | None = None
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """Without a condition it is the order of the steps. ``span`` is where the condition stands."""

    source: str
    target: str
    condition: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def tree_of(structure: Structure) -> Tree:
    """Steps of a section follow one another; a branch leads to the step, the section or the page that it names.

    A branch that names no place leads to the first step in what it says to do, else to a node of its own. A condition
    outside any step starts at its section.
    """
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    places = Places(structure)
    for number, step in enumerate(structure.steps):
        nodes[f"s{number + 1}"] = Node(f"s{number + 1}", "step", step.text, step.span, number)
    previous: dict[tuple[int | None, int], int] = {}
    for number, step in enumerate(structure.steps):
        before = previous.get((step.section, step.depth))
        if before is not None and structure.steps[before].parent == step.parent:
            edges.append(Edge(f"s{before + 1}", f"s{number + 1}"))
        elif step.parent is not None:
            edges.append(Edge(f"s{step.parent + 1}", f"s{number + 1}"))
        previous[step.section, step.depth] = number
    for number, branch in enumerate(structure.branches):
        source = f"s{branch.origin + 1}" if branch.origin is not None else _home(places, branch.span, nodes)
        target = _target(places, number, nodes)
        edges.append(Edge(source, target, branch.condition, branch.span))
    return Tree(tuple(nodes.values()), tuple(edges))


def _home(places: Places, span: Span, nodes: dict[str, Node]) -> str:
    """The innermost section around a condition, or the document."""
    found = places.section_at(span)
    if found is None:
        nodes.setdefault("start", Node("start", "question", ""))
        return "start"
    return _section(places.structure, found, nodes)


def _section(structure: Structure, number: int, nodes: dict[str, Node]) -> str:
    section = structure.sections[number]
    nodes.setdefault(f"h{number + 1}", Node(f"h{number + 1}", "section", section.title, section.span, number))
    return f"h{number + 1}"


def _target(places: Places, number: int, nodes: dict[str, Node]) -> str:
    structure, branch = places.structure, places.structure.branches[number]
    if branch.step is not None:
        return f"s{branch.step + 1}"
    if branch.section is not None:
        return _section(structure, branch.section, nodes)
    if branch.link:
        nodes[f"d{number + 1}"] = Node(f"d{number + 1}", "document", branch.link)
        return f"d{number + 1}"
    if (step := places.step_in_action(branch)) is not None:
        return f"s{step + 1}"
    nodes[f"a{number + 1}"] = Node(f"a{number + 1}", "action", branch.action, branch.target)
    return f"a{number + 1}"


def mermaid(tree: Tree) -> str:
    """As a flowchart; signs that Mermaid reads as its own are left out of the labels."""
    shapes = {"step": '["{}"]', "section": '[["{}"]]', "question": '{{"{}"}}', "action": '("{}")', "document": '>"{}"]'}
    lines = ["flowchart TD"]
    lines += [f"  {node.id}" + shapes[node.kind].replace("{}", _label(node.text)) for node in tree.nodes]
    for edge in tree.edges:
        arrow = f'-->|"{_label(edge.condition)}"|' if edge.condition else "-->"
        lines.append(f"  {edge.source} {arrow} {edge.target}")
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    words = " ".join(_UNSAFE.sub(" ", text).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"
