"""A document as ``GET /v1/documents/{id}`` answers it."""

from personal_pipeline.domain.answers import encode
from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.documents import Document
from personal_pipeline.domain.extract.serial import from_json
from personal_pipeline.domain.outlines import outline


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
