"""What readers marked: it fits the texts, and there is enough of it."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.eval.benchmark import ROOT, needed
from tests.eval.structure.score import KINDS

HERE = Path(__file__).parent
MAIN_KINDS = ("step", "command", "branch", "escalation")
ENOUGH = 40
MORE_OF: dict[str, dict[str, set[Any]]] = {
    "step": {"depth": {1, 2, 3, 4}},
    "command": {"risk": {"read-only", "changes-state", "destructive"}},
    "escalation": {"contact": {"person", "team", "channel", "phone", "schedule", "email"}},
}


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def text_of_own(record: dict[str, Any]) -> str:
    path: Path = ROOT / record["id"]
    return path.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def bench_texts() -> dict[str, str]:
    lines = (needed() / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return {document["id"]: document["text"] for document in map(json.loads, lines)}


def assert_marks_fit(record: dict[str, Any], text: str) -> None:
    name = record["id"]
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == record["sha256"], f"{name} has changed: mark it again"
    for item in record["items"]:
        spans = [item[1:3], *([item[3]["target"]] if item[0] == "branch" else [])]
        for start, end in spans:
            assert 0 <= start < end <= len(text), (name, item)
            assert text[start:end] == text[start:end].strip(), (name, item)


def test_marks_lie_inside_the_documents_of_the_benchmark(bench_texts: dict[str, str]) -> None:
    for record in read("gold.jsonl"):
        assert record["id"] in bench_texts
        assert_marks_fit(record, bench_texts[record["id"]])


def test_marks_lie_inside_the_documents_of_our_own() -> None:
    for record in read("own.jsonl"):
        assert_marks_fit(record, text_of_own(record))


@pytest.mark.parametrize("name", ["gold.jsonl", "own.jsonl"])
def test_marks_are_sorted_and_none_is_there_twice(name: str) -> None:
    records = read(name)
    ids = [record["id"] for record in records]
    assert ids == sorted(set(ids))
    for record in records:
        places = [(start, end, kind) for kind, start, end, *_ in record["items"]]
        assert places == sorted(places), record["id"]
        assert len({json.dumps(item) for item in record["items"]}) == len(record["items"]), record["id"]


@pytest.mark.parametrize("name", ["gold.jsonl", "own.jsonl"])
def test_marks_say_what_their_kind_needs(name: str) -> None:
    for record in read(name):
        for kind, _, _, *more in record["items"]:
            assert kind in KINDS
            for key, values in MORE_OF.get(kind, {}).items():
                assert more[0][key] in values, (record["id"], kind, more)
            assert kind != "command" or more[0]["language"]


def test_sixty_documents_of_ten_sources_are_marked_and_half_are_set_aside() -> None:
    records = [record for record in read("gold.jsonl") if record["split"] != "extra"]
    sources = {record["id"].partition(":")[0] for record in records}

    assert len(sources) >= 10
    assert Counter(record["split"] for record in records) == {"dev": 30, "held-out": 30}


def test_extra_documents_are_of_as_many_sources_and_share_no_page_with_those_set_aside() -> None:
    records = read("gold.jsonl")
    pages = {
        split: {record["id"].rpartition("/")[2].partition(".")[0] for record in records if record["split"] == split}
        for split in ("extra", "held-out")
    }

    assert len({record["id"].partition(":")[0] for record in records if record["split"] == "extra"}) >= 10
    assert not pages["extra"] & pages["held-out"] - {"README"}


def test_every_main_kind_has_enough_items() -> None:
    counts = Counter(
        item[0] for name in ("gold.jsonl", "own.jsonl") for record in read(name) for item in record["items"]
    )

    assert {kind: counts[kind] for kind in MAIN_KINDS if counts[kind] < ENOUGH} == {}
