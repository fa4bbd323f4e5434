"""What a caller typed, refused with the reason where it cannot be text, else in its canonical form."""

from personal_pipeline.domain.analysis import normalise
from personal_pipeline.domain.errors import InvalidQueryError


def canonical_text(text: str, max_characters: int) -> str:
    """Raises InvalidQueryError saying what to change."""
    if len(text) > max_characters:
        raise InvalidQueryError(f"the query has {len(text)} characters; at most {max_characters} are read: shorten it")
    if any(ord(char) < 32 and char not in "\t\n\r" for char in text):
        raise InvalidQueryError("the query has control characters: send plain text")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise InvalidQueryError("the query is not valid Unicode: send UTF-8")
    normal = normalise(text)
    if not normal:
        raise InvalidQueryError("the query is empty: say in a few words, or paste, what you see")
    return normal
