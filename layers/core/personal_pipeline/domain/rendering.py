"""A document as ``GET /v1/documents/{id}`` answers it, and as lists show it."""

from personal_pipeline.domain.answers import encode
from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.documents import Document
from personal_pipeline.domain.extract.review import review_said
from personal_pipeline.domain.extract.serial import from_json
from personal_pipeline.domain.outlines import outline
from personal_pipeline.domain.overview import Overview
from personal_pipeline.domain.page_links import pages_linked

MAX_SAID = 40  # characters of a date or a period


def render(document: Document) -> RenderedDocument:
    metadata = document.metadata
    body = {
        "id": document.doc_id,
        "title": metadata.title,
        "url": metadata.url,
        "source": document.source,
        "path": document.path,
        "type": metadata.type,
        "services": list(metadata.services),
        "severity": metadata.severity,
        "owner": metadata.owner,
        "contact": metadata.contact,
        "alert_names": list(metadata.alert_names),
        "external_id": metadata.external_id,
        "rev": document.rev,
        "updated": document.updated.isoformat(),
        "format": document.format,
        "warnings": list(document.warnings),
        "outline": outline(from_json(document.structure), metadata.title),
        "text": document.text,
    }
    return RenderedDocument(document.doc_id, document.rev, metadata.groups, encode(body), document.structure.encode())


def overview(document: Document) -> Overview:
    metadata, structure = document.metadata, from_json(document.structure) if document.structure else None
    reviewed, review_in = review_said(structure.facts) if structure else (metadata.reviewed, "")
    return Overview(
        type=metadata.type,
        url=metadata.url,
        services=metadata.services,
        severity=metadata.severity,
        owner=metadata.owner,
        updated=document.updated.isoformat(),
        reviewed=reviewed[:MAX_SAID],
        review_in=review_in[:MAX_SAID],
        links=pages_linked(link.target for link in structure.links) if structure else None,
    )
