"""An adapter of every port that accepts all, keeps nothing and answers as if nothing were wrong."""

from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from personal_pipeline.domain.caching import CacheLookup, Generations
from personal_pipeline.domain.catalog import Claim
from personal_pipeline.domain.documents import ObjectRef, StoredObject

_ANSWERS: dict[str, Callable[..., Any]] = {
    "claim": lambda *_: Claim("accepted", 1, None),
    "reserve": lambda _doc_id, _rev, passages: passages,
    "pending": lambda *_: [],
    "cards": lambda *_: {},
    "entries": lambda *_: iter([]),
    "keys": lambda *_: iter([]),
    "count": lambda *_: 0,
    "depth": lambda *_: 0,
    "critical": lambda *_: [],
    "get": lambda *_: {},
    "under": lambda *_: [],
    "listed": lambda *_: [],
    "services": lambda *_: [],
    "most_asked": lambda *_: [],
    "feedback": lambda *_: {},
    "receive": lambda *_, **__: [],
    "values": lambda *_: (),
    "generations": lambda *_: Generations(),
    "vectors": lambda *_: {},
    "embed": lambda texts: [array("f") for _ in texts],
    "put": lambda key, *_: ObjectRef(key),
}


class NullAdapter:
    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name == "read":
            return _read
        return _ANSWERS.get(name, lambda *_, **__: None)


def _read(asked: Any) -> Any:
    if isinstance(asked, ObjectRef):
        return StoredObject(asked, b"", datetime.fromtimestamp(0, UTC))
    return CacheLookup(None, Generations())
