"""How well the extraction agrees with the annotations: ``python -m tests.eval.structure.measure BENCH``.

Prints totals only, so that the documents set aside stay unread. Without a benchmark only documents of our own are
measured. ``--split dev`` leaves out what is set aside.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personal_pipeline.domain.extract import Structure, extract
from personal_pipeline.domain.parsing import format_of, parse_document
from tests.eval.structure.score import Counts, Item, matches, score, total
from tests.measured import record

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
GROUPS = {
    ("gold", "dev"): "dev",
    ("gold", "extra"): "extra",
    ("gold", "held-out"): "held-out",
    ("own", "dev"): "own dev",
    ("own", "held-out"): "own held-out",
}
LABELS = {"command": ("language", "risk"), "escalation": ("contact",)}
ENOUGH = 20  # marks, for a figure to be held
WANTED = {
    "f1": {"step": 0.9, "command": 0.95, "branch": 0.75, "escalation": 0.85},
    "precision": 0.95,
}
Found = tuple[Item, dict[str, str]]


def found_in(structure: Structure) -> list[Found]:
    """Every item of a structure as the scorer counts it, and what else can be compared."""
    found: list[Found] = [(Item("step", _of(step.span)), {}) for step in structure.steps]
    found += [
        (Item("command", _of(one.span)), {"language": one.language, "risk": one.risk.value})
        for one in structure.commands
    ]
    found += [(Item("expected_result", _of(one.span)), {}) for one in structure.expected]
    found += [(Item("branch", _of(one.span), _of(one.target)), {}) for one in structure.branches]
    found += [(Item(one.kind, _of(one.span)), {}) for one in structure.remarks]
    return found + [(Item("escalation", _of(one.span)), {"contact": one.kind}) for one in structure.contacts]


def _of(span: Any) -> tuple[int, int]:
    return span.start, span.end


def structure_of(key: str, text: str) -> Structure:
    return extract(parse_document(key, text.encode()), text, format_of(key) or "text", key)


def annotated(bench: Path | None) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """The group, the record, the key and the text of every annotated document that is at hand."""
    texts = {}
    if bench is not None and (bench / "corpus.jsonl").is_file():
        with (bench / "corpus.jsonl").open(encoding="utf-8") as lines:
            texts = {document["id"]: document["text"] for document in map(json.loads, lines)}
    for name in ("gold", "own"):
        for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            text = texts.get(document["id"]) if name == "gold" else (ROOT / document["id"]).read_bytes().decode()
            if text is not None:
                yield GROUPS[name, document["split"]], document, document["id"].replace(":", "/", 1), text


def measure(bench: Path | None, splits: tuple[str, ...] = tuple(GROUPS.values())) -> dict[str, dict[str, Counts]]:
    """Counts of every kind for each group of documents, and of the labels that commands and contacts carry."""
    scores: dict[str, list[dict[str, Counts]]] = {}
    labels: dict[str, dict[str, Counts]] = {}
    for group, document, key, text in annotated(bench):
        if group not in splits:
            continue
        gold = [Item.from_row(row) for row in document["items"]]
        found = found_in(structure_of(key, text))
        items = [item for item, _ in found]
        scores.setdefault(group, []).append(score(gold, items))
        for marked, place in matches(gold, items):
            for label in LABELS.get(gold[marked].kind, ()):
                is_same = document["items"][marked][3][label] == found[place][1][label]
                sums = labels.setdefault(group, {})
                sums[label] = sums.get(label, Counts()) + Counts(int(is_same), 1, 1)
    return {group: total(counts) | labels.get(group, {}) for group, counts in scores.items()}


def table(measured: Mapping[str, Mapping[str, Counts]]) -> str:
    lines = [f"{'kind':<17}" + "".join(f"{group:>30}" for group in measured)]
    lines.append(f"{'':<17}" + "".join(f"{'precision recall   F1 marked':>30}" for _ in measured))
    for kind in dict.fromkeys(kind for counts in measured.values() for kind in counts):
        cells = []
        for counts in measured.values():
            one = counts.get(kind, Counts())
            cells.append(f"{one.precision:>14.3f}{one.recall:>7.3f}{one.f1:>6.3f}{one.gold:>7}"[-30:].rjust(30))
        lines.append(f"{kind:<17}" + "".join(cells))
    return "\n".join(lines)


def milliseconds_of_100_kb() -> float:
    """For our own runbooks in Markdown, put together; no sentence is there twice. The least processor time of five."""
    bodies = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "events/documents").rglob("*.md"))]
    text = "".join(
        body.rpartition("\n---\n")[2].replace(" the ", f" the {copy} ").replace(" is ", f" is {copy} ")
        for copy in range(20)
        for body in bodies
    )[:100_000]
    parsed = parse_document("sample/long.md", text.encode())
    taken = []
    for _ in range(5):
        start = time.process_time()
        extract(parsed, text, "markdown")
        taken.append(time.process_time() - start)
    return min(taken) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, nargs="?")
    parser.add_argument("--record", action="store_true", help="write the figures that no change may lose")
    parser.add_argument("--split", choices=["dev", "all"], default="all")
    arguments = parser.parse_args()
    splits = ("dev", "extra", "own dev") if arguments.split == "dev" else tuple(GROUPS.values())
    measured = measure(arguments.bench, splits)
    taken = milliseconds_of_100_kb()
    sys.stdout.write(f"{table(measured)}\n\n100 KB of Markdown in {taken:.0f} ms\n")
    keep(measured, taken)
    if arguments.record:
        write_recorded(measured)


def keep(measured: Mapping[str, Mapping[str, Counts]], milliseconds: float) -> None:
    """For docs/measured.json, where MEASURED asks for it."""
    for group, counts in measured.items():
        for kind, one in counts.items():
            detail = {"precision": one.precision, "recall": one.recall, "marked": one.gold}
            record(f"structure {group}: {kind}", one.f1, "F1", **detail)
    record("structure of 100 KB", milliseconds, "ms")


def write_recorded(measured: Mapping[str, Mapping[str, Counts]]) -> None:
    reached = {
        group: {
            kind: {"f1": round(one.f1, 4), "precision": round(one.precision, 4)}
            for kind, one in counts.items()
            if one.gold >= ENOUGH
        }
        for group, counts in measured.items()
    }
    text = json.dumps({"wanted": WANTED, "reached": reached}, indent=1)
    (HERE / "recorded.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
