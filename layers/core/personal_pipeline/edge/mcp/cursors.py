"""What a cursor says: a place in a list, or in one revision of a document."""

from personal_pipeline.edge.mcp.tool import ToolFailedError

_NONE_OF_OURS = "the cursor is none of ours: send 'next_cursor' of the page before, unchanged"


def place_of(cursor: str) -> int:
    """Zero without a cursor. Raises ToolFailedError."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 8):
        raise ToolFailedError(_NONE_OF_OURS)
    return int(cursor or 0)


def place_in_revision(cursor: str) -> tuple[int, int]:
    """The revision, and the place in it. Raises ToolFailedError."""
    rev, _, place = cursor.partition(".")
    if not (rev.isascii() and rev.isdigit() and place.isascii() and place.isdigit() and len(cursor) <= 30):
        raise ToolFailedError(_NONE_OF_OURS)
    return int(rev), int(place)
