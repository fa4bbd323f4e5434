"""How much of a model's context an answer may take, and what fits.

Tokens are counted as bytes of UTF-8 over three: English prose has more than four bytes a token in the tokenisers of
today, commands and paths three and more, Chinese about three. An answer has two forms, of which a client shows its
model one; each of them fits.
"""

import json
from collections.abc import Callable
from typing import Any

from personal_pipeline.domain.safe_text import visible
from personal_pipeline.edge.mcp.tool import Answer

DEFAULT_TOKENS = 2_000
LEAST_TOKENS = 500  # the frame of any answer and one item of it
MOST_TOKENS = 20_000
BYTES_PER_TOKEN = 3


def tokens(text: str) -> int:
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


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


def one_line(text: str, most_bytes: int = 120) -> str:
    """Somebody else's text on one line, nothing invisible in it, cut to bytes."""
    line = visible(text, most_bytes)
    if len(line.encode(errors="replace")) <= most_bytes:
        return line
    return line.encode(errors="replace")[: most_bytes - 3].decode(errors="ignore") + "…"
