"""A run is what production answers, is repeatable, and is written before anybody looks at what is right."""

import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from infra.evaluation import evaluation
from infra.evaluation.agreement import read_run
from infra.evaluation.bench import read_bench
from infra.evaluation.evaluation import RUN, evaluate
from infra.evaluation.run import Asked
from infra.evaluation.system import Choice, System, system_over
from personal_pipeline.adapters.sqlite.activity import SQLiteActivity
from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.domain.search import CallerScope, SearchFilters
from personal_pipeline.services.memory_cache import MemoryCache
from personal_pipeline.services.popularity import Popularity
from personal_pipeline.services.search_runbooks import CachePolicy, SearchRunbooks, canonical_query
from tests.eval.conftest import BY_WORDS
from tests.eval.small_bench import document, write, write_bench, write_judgements


def test_what_is_right_is_not_opened_before_the_run_is_written(
    bench_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "out" / RUN
    opened_early: list[str] = []
    real = io.open

    def spy(file: Any, *rest: Any, **named: Any) -> Any:
        if str(file).endswith(".tsv") and "bench" in str(file) and not run.exists():
            opened_early.append(str(file))
        return real(file, *rest, **named)

    monkeypatch.setattr(io, "open", spy)
    monkeypatch.setattr("builtins.open", spy)

    found = evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS)

    assert found.shipped is not None
    assert opened_early == []


def test_what_is_right_may_come_into_being_after_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_bench(tmp_path / "bench", judged=False)
    written = evaluation.write_run

    def write_then_judge(asked: list[Asked], path: Path) -> None:
        written(asked, path)
        write_judgements(folder)

    monkeypatch.setattr(evaluation, "write_run", write_then_judge)

    found = evaluate(read_bench(folder), tmp_path / "out", BY_WORDS)

    assert found.shipped is not None
    assert found.shipped.parts["alert"]["hit@1"].value == 1.0


def test_without_judgements_the_run_is_all_there_is(tmp_path: Path) -> None:
    folder = write_bench(tmp_path / "bench", judged=False)

    found = evaluate(read_bench(folder), tmp_path / "out", BY_WORDS)

    assert found.shipped is None
    assert len(read_run(found.run)) > 20


def test_the_same_inputs_give_the_same_run_byte_for_byte(bench_folder: Path, tmp_path: Path) -> None:
    runs = [
        evaluate(read_bench(bench_folder), tmp_path / out, BY_WORDS).run.read_bytes() for out in ("one", "one", "two")
    ]

    assert runs[0] == runs[1] == runs[2]


def test_a_document_that_says_the_same_stands_right_behind(bench_folder: Path, tmp_path: Path) -> None:
    run = read_run(evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS).run)

    assert set(run["d0001.symptom"][:2]) == {"acme/runbooks:alerts/page-0.md", "beta/docs:alerts/page-0.md"}
    assert len(set(run["d0001.symptom"])) == len(run["d0001.symptom"])


def test_scores_fall_with_the_rank(bench_folder: Path, tmp_path: Path) -> None:
    evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS)

    rows = [line.split("\t") for line in (tmp_path / "out" / RUN).read_text().splitlines()]
    for before, after in pairwise(rows):
        if before[0] == after[0]:
            assert int(after[2]) == int(before[2]) + 1
            assert float(after[3]) <= float(before[3])


def test_documents_are_kept_changed_and_taken_out(bench_folder: Path, tmp_path: Path) -> None:
    evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS)
    lines = [json.loads(line) for line in (bench_folder / "corpus.jsonl").read_text().splitlines()]
    lines[1]["text"] = "# Volcano\n\nlava is near\n"
    gone = lines.pop()
    write(bench_folder, "corpus", lines)

    run = read_run(evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS).run)

    assert run["dn001.no_runbook"][0] == lines[1]["id"]
    assert gone["id"] not in {doc_id for answer in run.values() for doc_id in answer}


def test_unchanged_documents_are_not_indexed_again(
    bench_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS)
    monkeypatch.setattr("personal_pipeline.services.ingest_documents.build_document", None)

    assert evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS).shipped is not None


def test_an_index_of_another_version_is_filled_again(
    bench_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS).run.read_bytes()
    monkeypatch.setattr("personal_pipeline.domain.index_fields.INDEX_VERSION", 9_999)

    after = evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS).run.read_bytes()

    assert before == after


def test_a_typed_question_is_answered_as_over_http(bench_folder: Path, tmp_path: Path) -> None:
    bench = read_bench(bench_folder)
    run = read_run(evaluate(bench, tmp_path / "out", BY_WORDS).run)

    with system_over(bench.uploads, tmp_path / "out", BY_WORDS) as system:
        search = as_over_http(system, tmp_path)
        for query in bench.queries[len(bench.alerts) - 1 :]:
            asked = canonical_query(query.text, SearchFilters(), 10, "", CallerScope(), 1_000)
            hits = json.loads(search(asked).body)["hits"]
            found = [system.ids[id_] for hit in hits for id_ in (hit["id"], *(also["id"] for also in hit["also_at"]))]
            assert found == run[query.query_id]


def as_over_http(system: System, folder: Path) -> SearchRunbooks:
    database = Database(folder / "answers.db")
    return SearchRunbooks(
        find=system.find,
        cache=SQLiteCache(database),
        catalog=SQLiteCatalog(database),
        refresh_queue=SQLiteQueue(database, "refresh.fifo", fifo=True),
        popularity=Popularity(SQLiteActivity(database), lambda: 0.0),
        memory=MemoryCache(1, 1.0, lambda _: 2),
        policy=CachePolicy(0, 1, 1, 1, 0),
        clock=lambda: 0.0,
    )


def test_vectors_are_asked_for_where_meaning_counts(bench_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="--no-semantic"):
        evaluate(read_bench(bench_folder), tmp_path / "out", Choice(model=tmp_path / "none"))


def test_opensearch_is_asked_for_by_its_address(bench_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="OPENSEARCH_URL"):
        evaluate(read_bench(bench_folder), tmp_path / "out", Choice("opensearch", semantic=False))


def test_a_page_that_an_alert_is_named_like_comes_first_whatever_its_score(bench_folder: Path, tmp_path: Path) -> None:
    bench = read_bench(bench_folder)
    lines = [json.loads(line) for line in (bench_folder / "corpus.jsonl").read_text().splitlines()]
    other = document("gamma/wiki", "DiskSlow", "ReplicationLag")
    write(bench_folder, "corpus", [*lines, other])

    run = read_run(evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS).run)

    assert len(bench.uploads) == 13
    assert run["d0005.alert"][0] == other["id"]


def test_scores_do_not_depend_on_how_a_process_orders_its_sets(bench_folder: Path, tmp_path: Path) -> None:
    """To the last bit: two equal documents would change places from one worker to the next."""
    evaluate(read_bench(bench_folder), tmp_path / "out", BY_WORDS)
    script = (
        "import sys; from pathlib import Path; from infra.evaluation import bench, run, system\n"
        "read = bench.read_bench(Path(sys.argv[1])); choice = system.Choice(semantic=False)\n"
        "with system.system_over(read.uploads, Path(sys.argv[2]), choice) as parts:\n"
        "    print([each.ranked for each in run.ask_all(read, parts)])\n"
    )
    command = [sys.executable, "-c", script, bench_folder, tmp_path / "out"]

    shown = {
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "3")
    }

    assert len(shown) == 1
