"""What a document tells its reader to do, from the copy that ingest keeps: one read of the table an answer.

A copy of an older form (of a release that extracted nothing, or by other rules) is made again when it is asked for.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from personal_pipeline.domain.caching import RENDERED_FORM, RenderedDocument
from personal_pipeline.domain.decision_trees import decision_tree
from personal_pipeline.domain.errors import MissingError, PipelineError
from personal_pipeline.domain.escalation import elapsed, escalation
from personal_pipeline.domain.extract.serial import from_json
from personal_pipeline.domain.extract.structure import Structure
from personal_pipeline.domain.freshness import freshness
from personal_pipeline.domain.outlines import section_text
from personal_pipeline.domain.procedures import procedure
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.services.read_document import ReadDocument, visible_to

Fields = dict[str, Any]
NOTHING_EXTRACTED = "nothing was extracted from this document: its warnings say why; read its text"


@dataclass(frozen=True, slots=True)
class _Read:
    body: Fields
    structure: Structure
    is_extracted: bool

    def answer(self, fields: Fields) -> Fields:
        told = {name: self.body[name] for name in ("id", "title", "url", "rev")} | fields
        return told if self.is_extracted or "note" not in told else told | {"note": NOTHING_EXTRACTED}


class ReadStructure:
    """Every answer raises DocumentMissingError for what is not there, and for what the caller may not see, alike."""

    def __init__(
        self,
        read: ReadDocument,
        restore: Callable[[str], RenderedDocument | None],
        review_every_days: int,
        clock: Callable[[], float],
    ) -> None:
        self._read = read
        self._restore = restore
        self._review_every_days = review_every_days
        self._clock = clock

    def about(self, doc_id: str, scope: CallerScope) -> Fields:
        """The document with its outline, and whether it is still looked after."""
        document = self._read(doc_id, scope)
        try:
            document = self._renewed(document, scope)
        except PipelineError as error:
            if isinstance(error, MissingError):
                raise
        found = _opened(document)
        today = self._now().date()
        return found.body | {"freshness": freshness(found.structure, self._review_every_days, today)}

    def procedure(self, doc_id: str, scope: CallerScope, step: str = "", section: str = "") -> Fields:
        """Raises PlaceMissingError and InvalidQueryError, which say what steps and sections there are."""
        found = self._open(doc_id, scope)
        text, markup = found.body["text"], found.body["format"]
        return found.answer(procedure(found.structure, text, markup, step, section))

    def decision_tree(self, doc_id: str, scope: CallerScope) -> Fields:
        found = self._open(doc_id, scope)
        return found.answer(decision_tree(found.structure))

    def escalation(self, doc_id: str, scope: CallerScope, severity: str = "", at: str = "") -> Fields:
        """``at``: when it began, or how many minutes ago. Raises InvalidQueryError."""
        since = elapsed(at, self._now())
        found = self._open(doc_id, scope)
        told = {name: found.body[name] for name in ("owner", "contact")}
        return found.answer(told | escalation(found.structure, severity, since))

    def text(self, doc_id: str, scope: CallerScope, section: str = "") -> Fields:
        """Raises as ``procedure`` does."""
        found = self._open(doc_id, scope)
        return found.answer(section_text(found.structure, found.body["text"], section))

    def _open(self, doc_id: str, scope: CallerScope) -> _Read:
        return _opened(self._renewed(self._read(doc_id, scope), scope))

    def _renewed(self, document: RenderedDocument, scope: CallerScope) -> RenderedDocument:
        if document.form == RENDERED_FORM:
            return document
        return visible_to(scope, document.doc_id, self._restore(document.doc_id))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _opened(document: RenderedDocument) -> _Read:
    structure = from_json(document.structure, document.doc_id, document.rev)
    return _Read(json.loads(document.body), structure, bool(document.structure))
