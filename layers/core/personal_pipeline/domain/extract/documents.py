"""The structure of a document as ingest keeps it: beside what was parsed, and never a reason to lose that."""

import traceback
from dataclasses import replace
from pathlib import Path

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.extract import extract, to_json
from personal_pipeline.domain.parsing import source_of
from personal_pipeline.domain.source_markdown import MARKUPS, markdown_of

MAX_CHARACTERS = 400_000  # of hostile text these take some three seconds


def with_structure(key: str, body: bytes, parsed: ParsedDocument) -> ParsedDocument:
    """A document that is too long, or that the rules fail on, has no structure and a warning that says so.

    Names neither document nor revision: whoever keeps it knows them.
    """
    if not parsed.blocks:
        return parsed
    text, markup = source_of(key, body, parsed)
    if len(text) > MAX_CHARACTERS:
        return _warned(parsed, f"longer than {MAX_CHARACTERS:,} characters, split it by topic")
    try:
        structure = extract(parsed, text, markup)
        if markup in MARKUPS:
            structure = replace(structure, markdown=markdown_of(parsed))
        return replace(parsed, structure=to_json(structure))
    except MemoryError:
        return _warned(parsed, "not enough memory, split it by topic")
    except Exception as error:  # noqa: BLE001 - reported with the document, which is found by its words all the same
        place = traceback.extract_tb(error.__traceback__)[-1]
        return _warned(parsed, f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}, report it")


def _warned(parsed: ParsedDocument, reason: str) -> ParsedDocument:
    return replace(parsed, warnings=(*parsed.warnings, f"no steps, commands and contacts were looked for: {reason}"))
