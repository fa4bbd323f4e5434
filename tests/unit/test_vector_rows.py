"""Vectors in one file that only grows: nothing is stored twice or lost, and every cosine is exact."""

import math
import os
from array import array
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.adapters.vector_rows import VectorRows
from personal_pipeline.domain.vectors import Vector
from tests.contract.indexes import SPACE, ask, live

EAST, NORTH, WEST = (array("f", numbers) for numbers in ((1, 0), (0, 1), (-1, 0)))
COORDINATES = st.floats(-1, 1, width=32).filter(lambda number: number == 0 or abs(number) > 1e-3)
VECTORS = st.lists(COORDINATES, min_size=3, max_size=3).map(lambda numbers: array("f", numbers))


def rows_in(folder: Path, dimensions: int = 2) -> VectorRows:
    return VectorRows(folder / "vectors.f32", dimensions)


def dot(one: Vector, other: Vector) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def in_order(nearest: dict[int, float]) -> list[int]:
    return sorted(nearest, key=lambda row: -nearest[row])


def test_each_vector_has_a_row_and_the_same_vector_the_same_one(tmp_path: Path) -> None:
    rows = rows_in(tmp_path)

    assert rows.append([EAST, NORTH, EAST]) == [0, 1, 0]
    assert rows.append([NORTH, WEST]) == [1, 2]
    assert rows.append([]) == []
    assert (tmp_path / "vectors.f32").read_bytes() == b"".join(map(bytes, (EAST, NORTH, WEST)))


def test_rows_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    rows_in(tmp_path).append([EAST, NORTH])

    again = rows_in(tmp_path)

    assert len(again) == 2
    assert again.append([NORTH, WEST, EAST]) == [1, 2, 0]
    assert in_order(rows_in(tmp_path).nearest(NORTH, 1)) == [1]


@pytest.mark.parametrize("missing_bytes", [1, 4, 7])
def test_a_row_that_a_crash_cut_short_is_cut_away(tmp_path: Path, missing_bytes: int) -> None:
    file = tmp_path / "vectors.f32"
    rows_in(tmp_path).append([EAST, NORTH])
    os.truncate(file, file.stat().st_size - missing_bytes)
    assert len(rows_in(tmp_path)) == 1

    rows = rows_in(tmp_path)

    assert rows.append([WEST, EAST]) == [1, 0]
    assert file.read_bytes() == bytes(EAST) + bytes(WEST)
    assert rows.similarities(WEST, [0, 1]) == [-1, 1]


def test_a_write_that_failed_half_way_moves_no_row_that_comes_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        os.truncate(tmp_path / "vectors.f32", 20)  # of three rows, two and a half have found room
        raise OSError("no space left")

    rows = rows_in(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        rows.append([EAST, NORTH, WEST])
    monkeypatch.undo()

    numbers = rows.append([WEST, NORTH])

    assert rows_in(tmp_path).similarities(WEST, numbers) == [1, 0]


def test_an_index_whose_files_were_moved_aside_writes_known_vectors_again(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path, writer=True, space=SPACE)
    index.prepare()
    index.apply([live("a", text="alpha", vector=array("f", (1, 0, 0)))])
    (meta,) = tmp_path.glob("*/meta.json")
    meta.write_text("{")
    index.prepare()

    index.apply([live("a", text="alpha", vector=array("f", (1, 0, 0)))])

    assert [hit.similarity for hit in ask(index, "", (1, 0, 0)).passages] == [pytest.approx(1)]
    index.close()


def test_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    rows = rows_in(tmp_path)

    assert len(rows) == 0
    assert rows.nearest(EAST, 5) == {}
    assert rows.similarities(EAST, []) == []
    assert not (tmp_path / "vectors.f32").exists()


def test_a_reader_sees_what_was_appended_when_it_looks_again(tmp_path: Path) -> None:
    writer, reader = rows_in(tmp_path), rows_in(tmp_path)
    assert reader.nearest(EAST, 5) == {}
    writer.append([NORTH])
    assert len(reader) == 0

    reader.refresh()

    assert reader.nearest(NORTH, 5) == {0: 1}


def test_a_reader_goes_on_with_what_it_has_mapped_while_the_file_grows(tmp_path: Path) -> None:
    writer, reader = rows_in(tmp_path), rows_in(tmp_path)
    writer.append([NORTH, EAST])
    before = reader.nearest(EAST, 10)

    for number in range(200):
        writer.append([array("f", (math.cos(number), math.sin(number)))])
        assert reader.nearest(EAST, 10) == before
    reader.refresh()

    assert len(reader) == 201  # the cosine and sine of 0 are there already
    assert in_order(reader.nearest(NORTH, 1)) == [0]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(stored=st.lists(VECTORS, max_size=30), asked=VECTORS, limit=st.integers(1, 12))
def test_cosines_are_those_of_a_dot_product_in_plain_python(
    stored: Sequence[Vector], asked: Vector, limit: int
) -> None:
    with TemporaryDirectory() as folder:
        rows = rows_in(Path(folder), 3)
        numbers = rows.append(stored)
        expected = dict(zip(numbers, (dot(vector, asked) for vector in stored), strict=True))

        assert rows.similarities(asked, numbers) == pytest.approx([expected[row] for row in numbers], abs=1e-6)
        nearest = rows.nearest(asked, limit)

    best = sorted(expected.values(), reverse=True)[:limit]
    assert sorted(nearest.values(), reverse=True) == pytest.approx(best, abs=1e-6)
    assert nearest == {row: pytest.approx(expected[row], abs=1e-6) for row in nearest}


@settings(max_examples=50, deadline=None, derandomize=True)
@given(bulks=st.lists(st.lists(VECTORS, max_size=5), max_size=6))
def test_a_row_never_moves_however_often_the_file_is_opened(bulks: Sequence[Sequence[Vector]]) -> None:
    known: dict[bytes, int] = {}
    with TemporaryDirectory() as folder:
        for bulk in bulks:
            for vector, row in zip(bulk, rows_in(Path(folder), 3).append(bulk), strict=True):
                assert known.setdefault(bytes(vector), row) == row

        assert len(rows_in(Path(folder), 3)) == len(known)
    assert sorted(known.values()) == list(range(len(known)))
