"""What is wrong with a benchmark is said with its file and line."""

from pathlib import Path

import pytest

from infra.evaluation.bench import BenchError, read_bench
from infra.evaluation.judgements import read_judgements


def append(path: Path, line: str) -> int:
    """The number of the line."""
    path.write_text(path.read_text() + line + "\n")
    return len(path.read_text().splitlines())


def test_everything_that_is_asked_is_read_with_alerts_normalised(bench_folder: Path) -> None:
    bench = read_bench(bench_folder)

    assert (len(bench.uploads), len(bench.queries), len(bench.without_runbook)) == (13, 24, 1)
    assert bench.alerts[0].alert.name == "DiskFull"
    assert bench.sources["acme/runbooks:alerts/page-0.md"] == "acme/runbooks"


def test_groups_and_alerts_without_a_runbook_may_be_missing(bench_folder: Path) -> None:
    for name in ("groups.tsv", "no_runbook.jsonl"):
        (bench_folder / name).unlink()
    bench = read_bench(bench_folder)
    judgements = read_judgements(bench)

    assert bench.without_runbook == ()
    assert judgements is not None
    assert judgements.groups == {}


@pytest.mark.parametrize("name", ["corpus", "alerts", "queries"])
def test_a_file_that_is_needed_is_missed_by_name(bench_folder: Path, name: str) -> None:
    (bench_folder / f"{name}.jsonl").unlink()

    with pytest.raises(BenchError, match=rf"{name}\.jsonl is not there"):
        read_bench(bench_folder)


BAD_LINES = {
    "half a line": ("corpus", '{"id": "a', "is not JSON"),
    "a list": ("alerts", "[]", "is not a JSON object"),
    "no id": ("queries", '{"text": "disk"}', "has no 'query_id'"),
    "an id with a tab": ("queries", '{"query_id": "a\\tb", "text": "disk"}', "has no 'query_id'"),
    "no text": ("queries", '{"query_id": "x.symptom", "text": ""}', "has no 'text'"),
    "a document twice": (
        "corpus",
        '{"id": "beta/docs:alerts/page-0.md", "source": "s", "text": "x"}',
        "corpus.jsonl:13",
    ),
    "an alert twice": ("alerts", '{"query_id": "d0002.alert", "alerts": [{}]}', "alerts.jsonl:2"),
    "an id of another file": ("queries", '{"query_id": "d0003.alert", "text": "x"}', "alerts.jsonl:3"),
    "no list of alerts": ("alerts", '{"query_id": "x.alert"}', "'alerts' is not a list"),
    "two alerts": ("alerts", '{"query_id": "x.alert", "alerts": [{}, {}]}', "has 2 alerts"),
}


@pytest.mark.parametrize(("name", "line", "said"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_named_with_its_number(bench_folder: Path, name: str, line: str, said: str) -> None:
    number = append(bench_folder / f"{name}.jsonl", line)

    with pytest.raises(BenchError) as raised:
        read_bench(bench_folder)
    assert f"{name}.jsonl:{number}" in str(raised.value)
    assert said in str(raised.value)


BAD_JUDGEMENTS = {
    "two columns": ("d0001.alert\tx", "has 2 columns, not 3"),
    "a grade that is no number": ("d0001.alert\tacme/runbooks:alerts/page-0.md\tgood", "the grade 'good'"),
    "an unknown query": ("z.alert\tacme/runbooks:alerts/page-0.md\t2", "the query 'z.alert'"),
    "an unknown document": ("d0001.alert\tacme/runbooks:none.md\t2", "the document 'acme/runbooks:none.md'"),
}


@pytest.mark.parametrize(("line", "said"), BAD_JUDGEMENTS.values(), ids=BAD_JUDGEMENTS)
def test_a_bad_judgement_is_named_with_its_line(bench_folder: Path, line: str, said: str) -> None:
    number = append(bench_folder / "qrels.tsv", line)

    with pytest.raises(BenchError) as raised:
        read_judgements(read_bench(bench_folder))
    assert f"qrels.tsv:{number}" in str(raised.value)
    assert said in str(raised.value)


def test_a_document_that_no_system_would_take_is_left_out_and_named(bench_folder: Path) -> None:
    append(bench_folder / "corpus.jsonl", '{"id": "../secret.md", "source": "s", "text": "x"}')

    bench = read_bench(bench_folder)

    assert len(bench.uploads) == 13
    assert "is refused" in bench.refused[0].reason
