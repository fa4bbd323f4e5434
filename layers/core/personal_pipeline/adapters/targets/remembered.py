"""What a handle remembers of the revisions before: which documents people were shown. A new one is worth a word."""

from collections.abc import Sequence

from personal_pipeline.domain.notices import Notice, Section

MAX_REMEMBERED = 100


def document_of(section: Section) -> str:
    """The document that a section leads to, or that is likeliest to help; empty when there is none."""
    if section.runbook:
        return section.runbook.doc_id
    return section.candidates[0].card.doc_id if section.candidates else ""


def unseen(notice: Notice, shown: Sequence[str]) -> list[Section]:
    """One section for each document that was not shown before."""
    found: dict[str, Section] = {}
    for section in notice.sections:
        document = document_of(section)
        if document and document not in shown:
            found.setdefault(document, section)
    return list(found.values())


def with_shown(shown: Sequence[str], notice: Notice) -> tuple[str, ...]:
    """The newest are kept: those that are still in the notice stand at the end."""
    now = [document for section in notice.sections if (document := document_of(section))]
    kept = [document for document in shown if document not in now]
    return tuple(dict.fromkeys([*kept, *now]))[-MAX_REMEMBERED:]
