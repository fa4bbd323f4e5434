"""Why a message failed, as far as the stores know: a handler's report names messages, not reasons."""

import json
from urllib.parse import unquote_plus

from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.ports import Catalog


def subject(body: str) -> str:
    """The document that an ingest message is about; empty for any other message."""
    try:
        message = json.loads(body)
        if "Records" in message:
            return unquote_plus(message["Records"][0]["s3"]["object"]["key"])
        return str(message.get("key", ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return ""


def refusal(catalog: Catalog, body: str) -> str:
    """What the catalog noted when it refused the document that the message is about."""
    key = subject(body)
    try:
        entry = catalog.entry(doc_id_of(key)) if key else None
    except TableUnavailableError:
        return ""
    return entry.error if entry else ""
