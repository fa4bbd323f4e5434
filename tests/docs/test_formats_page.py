"""docs/formats.md says what the code does."""

import re
from pathlib import Path

from personal_pipeline.domain.ids import MAX_PASSAGES
from personal_pipeline.domain.parsing import FORMATS, MAX_RAW_BYTES, parse_document
from personal_pipeline.domain.parsing.office_package import MAX_DEPTH, MAX_ELEMENTS, MAX_UNPACKED
from personal_pipeline.domain.parsing.outline import MAX_TABLE_ROWS
from personal_pipeline.domain.parsing.pdf import LIMITS, MAX_PAGES, MAX_PIECES

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_every_ending_is_listed_under_its_format() -> None:
    rows = re.findall(r"^\| (`\.[^|]+)\|", PAGE, re.MULTILINE)
    listed = [ending for row in rows for ending in re.findall(r"`(\.\w+)`", row)]

    assert sorted(listed) == sorted(filter(None, FORMATS))


def test_the_example_is_a_runbook() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    parsed = parse_document("ops/labels.yaml", example.encode())

    assert parsed.title == "The carrier refuses parcel labels"
    assert not parsed.warnings


def test_the_limits_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (\d.*) \|$", PAGE, re.MULTILINE))

    assert rows["file"] == f"{MAX_RAW_BYTES // 2**20} MB"
    assert rows["text"] == f"1 MB, {MAX_TABLE_ROWS:,} table rows, {MAX_PASSAGES:,} passages"
    unpacked = LIMITS["zlib_maximum_output_length"] // 1_000_000
    assert rows["PDF"] == f"{MAX_PAGES} pages, {MAX_PIECES:,} pieces of text, {unpacked} MB of any one stream unpacked"
    assert rows["Word"] == (
        f"{MAX_UNPACKED // 1_000_000} MB of XML unpacked, {MAX_ELEMENTS:,} elements, "
        f"{MAX_DEPTH} levels, no document type"
    )
