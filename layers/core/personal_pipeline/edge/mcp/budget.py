"""How much of a model's context an answer may take, and what fits.

Tokens are estimated from the bytes of the text, for what they may be at most: a tokeniser takes four bytes of prose at
once, three of commands and JSON, but little more than one of keys, hashes and emoji. A test holds this to two real
ones. An answer has two forms, of which a client shows its model one; each of them fits.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any

from personal_pipeline.domain.safe_text import visible
from personal_pipeline.edge.mcp.tool import Answer

DEFAULT_TOKENS = 2_000
LEAST_TOKENS = 500  # the frame of any answer and one item of it
MOST_TOKENS = 20_000
BYTES_PER_TOKEN = 2.75

_APART = re.compile(
    r"[A-Za-z0-9+/=_-]{6,}"  # words, names, paths; keys, hashes, base64
    r"|[^\sA-Za-z0-9]{8,}"  # rules and riddles of punctuation
    r"|[^\x00-\x7f]+"
)
_KEY = 20  # characters from which on a name with capitals or digits in it may be a key


def tokens(text: str) -> int:
    """Rather too many than too few; gibberish alone may have up to twice as many."""
    dense = foreign = 0
    for found in _APART.finditer(text):
        part, size = found[0], len(found[0].encode(errors="replace"))
        if part.isalpha() and not part.isascii() and len(part) > 1:
            foreign += size
        elif _is_dense(part):
            dense += size
    plain = len(text.encode(errors="replace")) - dense - foreign
    return math.ceil(plain / BYTES_PER_TOKEN + dense / 1.25 + foreign / 2)


def _is_dense(part: str) -> bool:
    has_letter, has_digit = any(map(str.isalpha, part)), any(map(str.isdigit, part))
    if not part.isascii() or not (has_letter or has_digit):
        return True
    return (has_letter and has_digit) or (len(part) >= _KEY and (has_digit or any(map(str.isupper, part))))


def answer_tokens(answer: Answer) -> int:
    """Of its larger form."""
    return max(tokens(answer.text), tokens(compact(answer.structured)))


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def most_that_fit(count: int, answer: Callable[[int], Answer], max_tokens: int) -> Answer:
    """The answer with the first so many of ``count`` items, at least one if there is any."""
    low, high = min(1, count), count
    while low < high:
        middle = (low + high + 1) // 2
        if answer_tokens(answer(middle)) <= max_tokens:
            low = middle
        else:
            high = middle - 1
    return answer(low)


def weight(value: Any) -> int:
    """How many bytes of prose take as many tokens as this does as JSON."""
    return int(tokens(compact(value)) * BYTES_PER_TOKEN)


def one_line(text: str, most_bytes: int = 120) -> str:
    """Somebody else's text on one line, nothing invisible in it, as long as so many bytes of prose."""
    return cut(visible(text, most_bytes), most_bytes)


def cut(text: str, most_bytes: int) -> str:
    """Between characters, with an ellipsis."""
    size = most_bytes
    while len(text.encode(errors="replace")) > most_bytes or tokens(text) * BYTES_PER_TOKEN > most_bytes + _ROUNDING:
        text = text.encode(errors="replace")[: max(0, size - 3)].decode(errors="ignore") + "…"
        if size <= 3:
            return ""
        size = size * 3 // 4
    return text


_ROUNDING = BYTES_PER_TOKEN  # a token more or less
