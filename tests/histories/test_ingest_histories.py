"""Histories that interleave, repeat, reorder and crash end in the right state: nothing wrong, lost or resurrected.

The services, the tables and the indexes are the real ones. ``FULL_COUNTS=1`` plays as many as are promised.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from tests.contract.indexes import an_opensearch_index
from tests.histories import known_bad
from tests.histories.history import History
from tests.histories.world import World
from tests.measured import record

IS_FULL = os.environ.get("FULL_COUNTS") == "1"
EMBEDDED = 20_000 if IS_FULL else 1_000
ON_OPENSEARCH = 500 if IS_FULL else 50
KNOWN_BAD = 2_000 if IS_FULL else 600
TOGETHER = 250  # histories to a commit


def test_histories_end_in_the_right_state_on_the_embedded_index():
    began = time.perf_counter()

    wrong = [history for history in played("embedded", EMBEDDED, TantivyIndex) if history.wrong]

    assert not wrong, told(wrong)
    seconds = time.perf_counter() - began
    record("ingest histories, embedded index", EMBEDDED, "histories", wrong=0, seconds=round(seconds, 1))


@pytest.mark.real
def test_histories_end_in_the_right_state_on_opensearch(opensearch_url):
    began = time.perf_counter()
    with an_opensearch_index(opensearch_url) as index:
        wrong = [
            history
            for history in played("opensearch", ON_OPENSEARCH, lambda *_, **__: index, together=ON_OPENSEARCH)
            if history.wrong
        ]

    assert not wrong, told(wrong)
    seconds = time.perf_counter() - began
    record("ingest histories, OpenSearch node", ON_OPENSEARCH, "histories", wrong=0, seconds=round(seconds, 1))


@pytest.mark.parametrize(
    ("name", "variant", "share"),
    [
        ("real deletes", {"make_index": known_bad.RealDeletesIndex}, 0.003),
        ("tombstones from an unfenced count", {"wrap_catalog": known_bad.UnfencedCountCatalog}, 0.01),
        ("last write wins", {"make_index": known_bad.LastWriteWinsIndex}, 0.05),
        ("catalog before index", {"make_ingest": known_bad.CommittedFirstIngest}, 0.02),
        ("no sweep", {"wrap_catalog": known_bad.NoSweepCatalog}, 0.04),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_the_histories_find_a_known_bad_variant(name, variant, share):
    wrong = sum(bool(history.wrong) for history in played("known bad", KNOWN_BAD, **variant))

    assert wrong >= share * KNOWN_BAD
    record(f"known-bad ingest: {name}", 100 * wrong / KNOWN_BAD, "% wrong", histories=KNOWN_BAD)


def played(
    seed: str,
    count: int,
    make_index: Any = TantivyIndex,
    together: int = TOGETHER,
    **variant: Any,
) -> Iterator[History]:
    """The histories of a seed, each played to its end and checked."""
    for first in range(0, count, together):
        with a_folder() as folder:
            index = make_index(folder / "index", writer=True)
            index.prepare()
            world = World(folder, index, **variant)
            histories = [History(seed, number, world) for number in range(first, min(first + together, count))]
            world.play(histories)
            world.check(histories)
            yield from histories


@contextmanager
def a_folder() -> Iterator[Path]:
    """In memory where there is such a place: a claim waits for the disk, thousands of times."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="histories-") as folder:
        yield Path(folder)


def told(wrong: Sequence[History]) -> str:
    first = wrong[0]
    return "\n".join([f"{len(wrong)} ended wrong; {first.name} as the first:", *first.log, *first.wrong])
