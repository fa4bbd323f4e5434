"""Identities: one form for each, built here and nowhere else.

``object key`` is where a raw document lies, ``{source}/{path}``, a ``/`` inside the source written
``--``. ``doc_id`` is a hash of it: safe in a URL, and the same wherever it is computed.
"""

import re
from base64 import b32encode
from hashlib import blake2b

from personal_pipeline.domain.errors import InvalidDocumentError

MAX_KEY_BYTES = 1024  # S3's own limit
MAX_PASSAGES = 2000
_REFUSED = re.compile("[\x00-\x1f\x7f\ud800-\udfff\\\\]")  # asked of every row of a long walk


def object_key(source: str, path: str) -> str:
    return f"{source.replace('/', '--')}/{path}"


def source_and_path(key: str) -> tuple[str, str]:
    """Raises InvalidDocumentError for a key that no document may have."""
    source, _, path = key.partition("/")
    if not source or not path:
        raise InvalidDocumentError(f"object key {key!r} has no source: name it '<source>/<path>'")
    parts = key.split("/")
    is_traversal = any(part in {"", ".", ".."} for part in parts)
    if is_traversal or _REFUSED.search(key) or len(key.encode(errors="replace")) > MAX_KEY_BYTES:
        raise InvalidDocumentError(
            f"object key {key!r} is refused: no '..', empty parts, backslashes, control characters or halves of "
            f"surrogate pairs, at most {MAX_KEY_BYTES} bytes"
        )
    return source.replace("--", "/"), path


def doc_id_of(key: str) -> str:
    return short_id(key)


def short_id(name: str) -> str:
    """16 lower-case base32 characters of blake2b over the name (80 bits)."""
    return b32encode(blake2b(name.encode(errors="surrogatepass"), digest_size=10).digest()).decode().lower()


def passage_id(doc_id: str, ordinal: int) -> str:
    return f"{doc_id}.{ordinal:04d}"
