"""From a stored object to a document: decode, parse, split, and take the metadata from where it is said.

Used by ingest, and by reading when the rendered copy is lost; both must come to the same document.
"""

from hashlib import blake2b
from urllib.parse import unquote

from personal_pipeline.domain.documents import Document, ObjectRef, StoredObject
from personal_pipeline.domain.errors import InvalidDocumentError, MissingError
from personal_pipeline.domain.ids import doc_id_of, object_key, source_and_path
from personal_pipeline.domain.metadata import document_metadata, parse_services_file
from personal_pipeline.domain.parsing import PIPELINE_VERSION, source_of
from personal_pipeline.domain.passages import split
from personal_pipeline.domain.service_map import ServicesFile
from personal_pipeline.ports import DocumentStore, Parser

SERVICES_FILE = "_services.yaml"
EXTERNAL_ID = "external-id"  # object metadata: what the source calls the document


def is_services_file(key: str) -> bool:
    return key.partition("/")[2] == SERVICES_FILE


class ServicesFiles:
    """The ``_services.yaml`` of each source; a missing one counts as empty.

    Read anew for each document, once that is claimed: when the file changes, the documents known then are
    queued again, and one that becomes known later must see the change. A broken file is an error, because
    it may be what keeps a document from everybody.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._parsed: dict[str, ServicesFile] = {}

    def of(self, source: str) -> tuple[str, ServicesFile]:
        """Its content hash, and what it says. Raises InvalidDocumentError naming the source."""
        try:
            body = self._store.read(ObjectRef(object_key(source, SERVICES_FILE))).body
        except MissingError:
            return "", ServicesFile()
        digest = blake2b(body, digest_size=8).hexdigest()
        if digest not in self._parsed:
            try:
                self._parsed[digest] = parse_services_file(body)
            except InvalidDocumentError as error:
                raise InvalidDocumentError(f"source {source!r}: {error}") from error
        return digest, self._parsed[digest]


def content_hash(stored: StoredObject, services_hash: str) -> str:
    """Over everything the indexed document is made from, so that equal hashes mean nothing to do."""
    parts = (str(PIPELINE_VERSION), services_hash, stored.metadata.get(EXTERNAL_ID, ""))
    return blake2b("\0".join(parts).encode() + b"\0" + stored.body, digest_size=16).hexdigest()


def build_document(stored: StoredObject, rev: int, parser: Parser, services: tuple[str, ServicesFile]) -> Document:
    """Raises InvalidDocumentError naming the document and what is wrong with it."""
    key = stored.ref.key
    source, path = source_and_path(key)
    parsed = parser.parse(key, stored.body)
    text, markup = source_of(key, stored.body, parsed)
    external_id = unquote(stored.metadata.get(EXTERNAL_ID, ""))
    return Document(
        doc_id=doc_id_of(key),
        key=key,
        source=source,
        path=path,
        rev=rev,
        content_hash=content_hash(stored, services[0]),
        updated=stored.modified,
        metadata=document_metadata(key, parsed, services[1], external_id),
        passages=split(parsed),
        text=text,
        format=markup,
        warnings=parsed.warnings,
        structure=parsed.structure,
    )


def is_other_data(document: Document) -> bool:
    """YAML or JSON that was no runbook after all: nothing of it is shown or searched."""
    return document.format in {"yaml", "json"}
