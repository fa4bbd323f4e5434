"""JSON and forms of somebody else's making, read under limits that hold before anything is built.

The standard reader recurses for each bracket, takes ``NaN`` and ``1e400``, and spends quadratic time on long numbers.
Here the depth is counted in one pass over the text, and what no other system would read is refused.
"""

import json
import math
import re
from typing import Any
from urllib.parse import parse_qsl

from personal_pipeline.domain.errors import InvalidAlertError

MAX_DEPTH = 64
MAX_NUMBER = 100
"""Characters of one number: any that a sender means has fewer."""

MAX_FIELDS = 1_000

# A string that never ends is taken to its end, so that no character is looked at twice.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(raw: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """Of two equal keys the last wins; half a character of two (a lone surrogate) becomes U+FFFD.

    Raises InvalidAlertError.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidAlertError(f"the body is no UTF-8 (at byte {error.start}): send JSON in UTF-8") from error
    try:
        return load(text, max_depth)
    except json.JSONDecodeError as error:
        raise InvalidAlertError(f"the body is not JSON ({error}): check the sender's template") from error
    except ValueError as error:
        raise InvalidAlertError(f"the body {error}") from error


def load(text: str, max_depth: int = MAX_DEPTH, *, is_strict: bool = False) -> Any:
    """What any text of JSON says; where that ``is_strict``, no key may be written twice in one object.

    Raises json.JSONDecodeError for what is no JSON, and ValueError, worded to follow a name, for what is over a limit.
    """
    _check_depth(text, max_depth)
    pairs = _once if is_strict else None
    value = json.loads(
        text, parse_int=_whole, parse_float=_fraction, parse_constant=_no_number, object_pairs_hook=pairs
    )
    return _mended(value) if _SURROGATE.search(text) else value


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def parse_form(raw: bytes) -> dict[str, str]:
    """The fields of a form; of two with one name the last. Raises InvalidAlertError."""
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError as error:  # UnicodeDecodeError is one
        raise InvalidAlertError(
            f"the form cannot be read ({error}): send UTF-8, at most {MAX_FIELDS} fields"
        ) from error


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > max_depth:
                raise ValueError(f"is nested deeper than {max_depth}: send it flatter")
        elif first != '"':
            depth -= 1


def _whole(digits: str) -> int:
    return int(_short(digits))


def _fraction(digits: str) -> float:
    value = float(_short(digits))
    if math.isinf(value):
        raise ValueError(f"has a number that is too large ({digits}): send it as text")
    return value


def _short(digits: str) -> str:
    if len(digits) > MAX_NUMBER:
        raise ValueError(f"has a number of {len(digits)} characters: send it as text")
    return digits


def _no_number(name: str) -> float:
    raise ValueError(f"has {name}, which JSON does not know: send null, or text")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"has {name!r} twice in one object: write it once")
        found[name] = value
    return found


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value
