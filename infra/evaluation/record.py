"""The figures that no change may lose: ``make record`` writes them, a test compares.

The whole benchmark by words, and a sample of it with meaning: both together take about a minute, where embedding
everything would take five.
"""

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.evaluation.bench import read_bench
from infra.evaluation.evaluation import evaluate
from infra.evaluation.figures import HEADLINES, Figures
from infra.evaluation.judgements import read_judgements
from infra.evaluation.scores import ALL
from infra.evaluation.subset import write_subset
from infra.evaluation.system import Choice

RECORDED = Path(__file__).resolve().parents[2] / "tests" / "eval" / "recorded.json"
WORDS, SAMPLE = "all of it, by words", "a sample, with meaning"
SAMPLE_ALERTS, SAMPLE_DOCUMENTS = 80, 150
Recorded = dict[str, dict[str, float]]


def measured_by_words(bench: Path, out: Path) -> dict[str, float]:
    return _figures(evaluate(read_bench(bench), out, Choice(semantic=False)).shipped)


def measured_with_meaning(bench: Path, out: Path) -> dict[str, float]:
    whole = read_bench(bench)
    judgements = read_judgements(whole)
    if judgements is None:
        return {}
    write_subset(whole, judgements, out / "bench", SAMPLE_ALERTS, SAMPLE_DOCUMENTS)
    return _figures(evaluate(read_bench(out / "bench"), out, Choice()).shipped)


def _figures(shipped: Figures | None) -> dict[str, float]:
    if shipped is None:
        return {}
    found = {f"{line.name}": each.value for line in HEADLINES if (each := shipped.headline(line))}
    found["MRR@10 of all"] = shipped.parts[ALL]["MRR@10"].value
    found["right among those attached"] = shipped.reliability.accuracy.value
    return {name: round(value, 4) for name, value in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path)
    bench = parser.parse_args().bench
    with TemporaryDirectory(prefix="pp-") as words, TemporaryDirectory(prefix="pp-") as sample:
        found: Recorded = {
            WORDS: measured_by_words(bench, Path(words)),
            SAMPLE: measured_with_meaning(bench, Path(sample)),
        }
    RECORDED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(RECORDED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
