"""JSON from outside is read under limits, and whatever comes is read or refused, never anything else."""

import contextlib
import json
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.errors import InvalidAlertError
from personal_pipeline.domain.json_limits import MAX_DEPTH, MAX_NUMBER, parse_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(JSON, st.booleans())
def test_what_is_json_is_read_as_the_standard_reader_reads_it(value: Any, is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)

    assert parse_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize("opened", [b"[", b'{"a":', b'[{"a":'], ids=["lists", "objects", "both"])
def test_depth_is_refused_before_anything_is_built(opened: bytes) -> None:
    with pytest.raises(InvalidAlertError, match="nested deeper than 64"):
        parse_json(opened * 100_000)


def test_the_deepest_that_is_taken_is_taken() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert parse_json(deepest)
    with pytest.raises(InvalidAlertError, match="nested"):
        parse_json(b"[" + deepest + b"]")


def test_brackets_in_texts_are_no_depth() -> None:
    said = '[{"' * 1000 + "\\"

    assert parse_json(json.dumps({"said": said, said: 1}).encode()) == {"said": said, said: 1}


def test_many_siblings_are_no_depth() -> None:
    assert parse_json(b"[" + b"[]," * 50_000 + b"[]]") == [[]] * 50_001


@pytest.mark.parametrize("said", ["NaN", "Infinity", "-Infinity", '{"a": [NaN]}', "1e400", "-1e999"])
def test_what_is_no_number_is_refused(said: str) -> None:
    with pytest.raises(InvalidAlertError):
        parse_json(said.encode())


def test_a_number_may_be_long_but_not_without_end() -> None:
    assert parse_json(b"9" * MAX_NUMBER) == 10**MAX_NUMBER - 1
    for number in (b"9" * 500_000, b"-" + b"1" * 5_000, b"0." + b"1" * 500_000, b"1e" + b"0" * 500_000 + b"1"):
        with pytest.raises(InvalidAlertError, match="send it as text"):
            parse_json(b'{"n": ' + number + b"}")


def test_of_two_equal_keys_the_last_wins() -> None:
    assert parse_json(b'{"a": 1, "a": 2}') == {"a": 2}


def test_half_a_character_is_mended_so_that_what_was_read_can_be_written() -> None:
    read = parse_json(rb'{"a": ["x\ud800y", "\udc00", "\ud83d\ude00"], "\udfff": 1}')

    assert read == {"a": ["x\ufffdy", "\ufffd", "\U0001f600"], "\ufffd": 1}
    assert json.dumps(read, ensure_ascii=False).encode()


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[1,]", b"'a'", b'"\x00"', b"nul", "[1]".encode("utf-16")])
def test_what_is_no_json_is_refused_with_a_reason(raw: bytes) -> None:
    with pytest.raises(InvalidAlertError, match="the body is"):
        parse_json(raw)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(
    "piece",
    [b'"\\', b'\\"', b'"\\"', b'"', b"\\", b"[]", b'{"a":1},', b'"[', b"9"],
    ids=lambda piece: piece.decode(),
)
def test_no_text_takes_more_than_its_share_of_time(piece: bytes) -> None:
    """Twice the length, not four times the work: counted in the best of several runs, so that the machine may pause."""

    def seconds(size: int) -> float:
        raw = b"[" + piece * (size // len(piece))
        took = []
        for _ in range(5):
            began = time.process_time()
            with pytest.raises(InvalidAlertError):
                parse_json(raw)
            took.append(time.process_time() - began)
        return min(took)

    assert seconds(512 * 1024) < 20 * seconds(64 * 1024) + 0.05


@settings(max_examples=500)
@given(st.binary(max_size=300) | st.lists(st.sampled_from('[]{}":,\\u0d8 1e-.tNn\ufeff'), max_size=200).map("".join))
def test_whatever_comes_is_read_or_refused(said: bytes | str) -> None:
    raw = said if isinstance(said, bytes) else said.encode()
    try:
        read = parse_json(raw)
    except InvalidAlertError:
        return
    assert json.dumps(read, allow_nan=False, ensure_ascii=False).encode()


def test_damaged_samples_are_read_or_refused() -> None:
    chance = random.Random(20261129)
    sample = json.dumps(
        {"alerts": [{"labels": {"alertname": "\u00e9 \ud83d\ude00", "n": "1"}, "values": {"A": 1.5}}] * 4}
    )
    for _ in range(2000):
        raw = bytearray(sample.encode())
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(raw))
            raw[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        with contextlib.suppress(InvalidAlertError):
            parse_json(bytes(raw))
