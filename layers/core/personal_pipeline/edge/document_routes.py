"""One document over HTTP: itself, and what it tells its reader to do."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from personal_pipeline import bootstrap
from personal_pipeline.domain.answers import etag
from personal_pipeline.edge import document_models
from personal_pipeline.edge.http import caller_scope, chosen, conditional, conditional_fields, only

MERMAID = "text/vnd.mermaid; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"

router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Section = Annotated[str, Query(max_length=200, description="Only this section and those in it: its id or its title")]


@router.get("/v1/documents/<id>", summary="One whole document", tags=["Documents"], responses=document_models.DOCUMENT)
def document(
    id: str,  # noqa: A002
    fields: Annotated[str, Query(max_length=500, description="Only these of it, with commas")] = "",
) -> Response[str]:
    wanted = chosen(fields, document_models.DOCUMENT_FIELDS)
    return conditional_fields(
        router.current_event, only(bootstrap.read_structure().about(id, caller_scope(router.current_event)), wanted)
    )


@router.get(
    "/v1/documents/<id>/procedure",
    summary="Its steps, with commands, branches and what comes next",
    tags=["Documents"],
    responses=document_models.PROCEDURE,
)
def procedure(
    id: str,  # noqa: A002
    step: Annotated[
        str, Query(max_length=20, description="One step: its id, or its number as the document writes it")
    ] = "",
    section: Section = "",
) -> Response[str]:
    return conditional_fields(
        router.current_event,
        bootstrap.read_structure().procedure(id, caller_scope(router.current_event), step, section),
    )


@router.get(
    "/v1/documents/<id>/decision-tree",
    summary="Its steps and conditions as a graph",
    tags=["Documents"],
    responses=document_models.DECISION_TREE,
)
def decision_tree(
    id: str,  # noqa: A002
    format: Annotated[  # noqa: A002
        Literal["json", "mermaid"], Query(description="The drawing alone, or as one of the JSON's members")
    ] = "json",
) -> Response[str]:
    found = bootstrap.read_structure().decision_tree(id, caller_scope(router.current_event))
    return conditional_fields(router.current_event, found) if format == "json" else _text(found["mermaid"], MERMAID)


@router.get(
    "/v1/documents/<id>/escalation",
    summary="Whom to turn to now, and whom next and when",
    tags=["Documents"],
    responses=document_models.ESCALATION,
)
def escalation(
    id: str,  # noqa: A002
    severity: Annotated[str, Query(max_length=40, description="Of what happened, as the document calls it: SEV1")] = "",
    at: Annotated[
        str, Query(max_length=60, description="How many minutes ago it began, or when: an ISO time with an offset")
    ] = "",
) -> Response[str]:
    return conditional_fields(
        router.current_event,
        bootstrap.read_structure().escalation(id, caller_scope(router.current_event), severity, at),
    )


@router.get(
    "/v1/documents/<id>/text",
    summary="Its text, or a section of it",
    tags=["Documents"],
    responses=document_models.TEXT_OF,
)
def text(id: str, section: Section = "") -> Response[str]:  # noqa: A002
    return _text(bootstrap.read_structure().text(id, caller_scope(router.current_event), section)["text"], MARKDOWN)


def _text(text: str, content_type: str) -> Response[str]:
    body = text.encode(errors="replace")
    headers = {"X-Content-Type-Options": "nosniff"}  # somebody else's text: no browser may take it for a page
    return conditional(router.current_event, body.decode(), etag(body), headers, content_type)
