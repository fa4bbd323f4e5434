"""When a document wants to be reviewed again."""

from personal_pipeline.domain.extract.structure import Fact


def review_said(facts: tuple[Fact, ...]) -> tuple[str, str]:
    """When the last review was and how often there is to be one, as it is written; empty where that is not."""
    reviewed = next((fact.value for fact in facts if fact.kind == "reviewed" and fact.value[:4].isdigit()), "")
    review_in = next((fact.value for fact in facts if fact.kind == "review_in" and fact.value[:1].isdigit()), "")
    return reviewed, review_in
