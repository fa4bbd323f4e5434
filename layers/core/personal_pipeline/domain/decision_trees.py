"""A decision tree as it is answered: its nodes and edges, each with its place, and a drawing for Mermaid."""

from typing import Any

from personal_pipeline.domain.extract.structure import Structure
from personal_pipeline.domain.extract.tree import mermaid, tree_of
from personal_pipeline.domain.procedures import note_of


def decision_tree(structure: Structure) -> dict[str, Any]:
    tree = tree_of(structure)
    return {
        "note": note_of(structure, "branches"),
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "text": node.text,
                "span": structure.place(node.span) if node.span else None,
            }
            for node in tree.nodes
        ],
        "edges": [
            {
                "from": edge.source,
                "to": edge.target,
                "condition": edge.condition,
                "span": structure.place(edge.span) if edge.span else None,
            }
            for edge in tree.edges
        ],
        "mermaid": mermaid(tree),
    }
