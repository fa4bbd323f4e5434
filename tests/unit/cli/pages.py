"""Answers about a document as the system gives them, made from its text."""

from typing import Any

from personal_pipeline.domain.decision_trees import decision_tree
from personal_pipeline.domain.escalation import elapsed, escalation
from personal_pipeline.domain.procedures import procedure
from tests.unit.cli.stand_in import Answer, StandIn
from tests.unit.extract.reading import NOW, read

ID = "abcdefgh23456723"


def has(system: StandIn, text: str, at: str = "") -> None:
    """The stand-in answers all there is to ask of it."""
    structure = read(text)
    about: dict[str, Any] = {"id": ID, "title": "Queue grows", "url": "", "rev": 3}
    told = {"owner": "team-web", "contact": ""}
    system.answers |= {
        f"GET /v1/documents/{ID}/procedure": Answer(about | procedure(structure, text, "markdown")),
        f"GET /v1/documents/{ID}/decision-tree": Answer(about | decision_tree(structure)),
        f"GET /v1/documents/{ID}/escalation": Answer(about | told | escalation(structure, "", elapsed(at, NOW))),
    }


def has_step(system: StandIn, text: str, step: str) -> None:
    found = procedure(read(text), text, "markdown", step)
    system.answers[f"GET /v1/documents/{ID}/procedure"] = Answer({"id": ID, "title": "Queue grows", "rev": 3} | found)
