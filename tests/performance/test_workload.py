"""The workload is what the scenario says, and the same each time."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import mean

import pytest

from personal_pipeline.adapters.parsing_process import ProcessParser
from personal_pipeline.domain.ids import MAX_PASSAGES
from personal_pipeline.domain.passages import split
from tests.performance.scenario import Phase, Popularity, Run, Scenario, names, read_scenario
from tests.performance.workload.corpus import LARGE_BYTES, Corpus, Document, read_corpus
from tests.performance.workload.model import Request, asked_before, rate_at, requests, times, write
from tests.performance.workload.questions import Questions


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Big enough for popularity to show."""
    documents = tuple(Document(f"team/page-{n}.md", f"Broken thing number {n}", b"# It\n") for n in range(500))
    return Corpus("made", documents, tuple(f"why is thing {n} slow today" for n in range(1_500)))


def of_the_samples(name: str) -> list[Request]:
    scenario = read_scenario(name)
    return requests(scenario, scenario.lengths["ci"], read_corpus(None))


def test_the_same_seed_asks_the_same_and_another_seed_something_else(corpus: Corpus) -> None:
    scenario = read_scenario("spike")
    other = scenario.model_copy(update={"seed": 2})
    run = scenario.lengths["ci"]

    assert requests(scenario, run, corpus) == requests(scenario, run, corpus)
    assert requests(scenario, run, corpus) != requests(other, run, corpus)


def test_requests_are_written_one_a_line_and_read_back_the_same(tmp_path: Path) -> None:
    asked = of_the_samples("smoke")
    write(asked, tmp_path / "requests.jsonl")

    lines = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    assert [Request(**{**line, "paths": tuple(line["paths"])}) for line in lines] == asked


def test_a_smoke_run_asks_for_every_operation_but_webhooks() -> None:
    assert {one.op for one in of_the_samples("smoke")} == {
        "search", "filtered", "suggest", "document", "feedback", "health", "bulk",
    }  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_every_scenario_can_be_asked_of_the_samples_in_order_of_time(name: str) -> None:
    asked = of_the_samples(name)

    by_the_clock = [one.at for one in asked if one.at >= 0]
    assert by_the_clock == sorted(by_the_clock)
    assert len(asked) <= 200_000


def test_as_many_come_as_the_rate_says() -> None:
    steady = Phase(name="a", seconds=600, rate=1_000)

    assert len(list(times(steady, Random(1), poisson=False))) == 10_000
    assert abs(len(list(times(steady, Random(1), poisson=True))) - 10_000) < 4 * 10_000**0.5


def test_random_arrivals_cluster_and_even_ones_do_not() -> None:
    """The variance of counts a second is their mean for Poisson."""
    steady = Phase(name="a", seconds=600, rate=600)
    for poisson, least, most in ((True, 0.8, 1.2), (False, 0.0, 0.1)):
        counts = Counter(int(at) for at in times(steady, Random(1), poisson=poisson))
        spread = mean((counts[second] - 10) ** 2 for second in range(600)) / 10
        assert least <= spread <= most


def test_a_storm_dies_down_by_halves() -> None:
    decay = Phase.model_validate({"name": "a", "seconds": 40, "from": 1600, "to": 100, "curve": "exponential"})

    assert [round(rate_at(decay, at)) for at in (0, 10, 20, 30, 40)] == [1600, 800, 400, 200, 100]


def test_few_questions_are_asked_often_some_once_and_some_written_otherwise(corpus: Corpus) -> None:
    questions = Questions(corpus, Popularity(zipf=1.0, questions=2_000, one_offs=0.10, variants=0.03), seed=1)
    random, known = Random(1), {topic.question for topic in questions.topics}
    asked = [questions.written(questions.topic(random), random) for _ in range(20_000)]
    counts = Counter(asked)

    first, tenth = questions.topics[0].question, questions.topics[9].question
    assert counts[first] / counts[tenth] == pytest.approx(10, rel=0.25)
    assert sum(" host-" in text for text in asked) / len(asked) == pytest.approx(0.10, abs=0.01)
    otherwise = [text for text in asked if text not in known and " host-" not in text]
    assert len(otherwise) / len(asked) == pytest.approx(0.03, abs=0.01)
    once = [text for text in asked if " host-" in text]
    assert len(set(once)) == len(once)


def test_sessions_come_back_to_what_they_asked(corpus: Corpus) -> None:
    """With sessions more requests are about one of the topics just before them than without."""
    scenario = read_scenario("normal")
    without = scenario.model_copy(update={"sessions": scenario.sessions.model_copy(update={"mean": 1.0})})
    repeated = [_repeated(requests(each, each.lengths["ci"], corpus)) for each in (without, scenario)]

    assert repeated[1] > 1.2 * repeated[0]


def _repeated(asked: list[Request]) -> int:
    paths = [one.path for one in asked if one.op == "search"]
    return sum(path in paths[max(0, n - 100) : n] for n, path in enumerate(paths))


def test_in_a_storm_most_ask_the_same_few_things_and_many_at_once(corpus: Corpus) -> None:
    scenario = read_scenario("spike")
    plateau = [one for one in requests(scenario, scenario.lengths["ci"], corpus) if one.phase == "plateau"]
    searches = Counter(one.path for one in plateau if one.op == "search")
    documents = Counter(one.path for one in plateau if one.op == "document")

    assert sum(count for _, count in searches.most_common(5)) / searches.total() > 0.7
    assert sum(count for _, count in documents.most_common(3)) / documents.total() > 0.7
    assert any(one.op == "alert" for one in plateau)
    assert all(one.secret == (one.op == "alert") for one in plateau)


def test_alerts_of_a_storm_are_what_monitoring_sends(corpus: Corpus) -> None:
    scenario = read_scenario("spike")
    alert = next(one for one in requests(scenario, scenario.lengths["ci"], corpus) if one.op == "alert")

    assert alert.path == "/v1/alerts/alertmanager"
    assert json.loads(alert.body)["alerts"][0]["status"] == "firing"


def test_what_was_asked_before_is_each_question_once_and_nothing_that_nobody_repeats(corpus: Corpus) -> None:
    before = asked_before(read_scenario("normal"), corpus)

    assert len({one.path for one in before}) == len(before) > 500
    assert not any("host-" in one.path for one in before)
    assert asked_before(read_scenario("cold-fleet"), corpus) == []


def test_a_question_too_long_for_an_address_is_posted(corpus: Corpus) -> None:
    scenario: Scenario = read_scenario("normal").model_copy(update={"mix": {"search": 1.0}})
    long = replace(corpus, documents=corpus.documents[:1], questions=("word " * 300,) * 2)
    run = Run(phases=(Phase(name="a", seconds=60, rate=600),))
    asked = requests(scenario, run, long)

    posted = [one for one in asked if one.method == "POST"]
    assert posted
    assert all(len(json.loads(one.body)["q"]) > 1_000 for one in posted)


def test_many_passages_are_different_documents_and_one_is_a_megabyte() -> None:
    many = read_corpus(None, passages=7_000)

    assert len({document.path for document in many.documents}) == len(many.documents) > 1_000
    assert len({document.text for document in many.documents}) > 0.98 * len(many.documents)
    assert 0.9 * LARGE_BYTES < len(many.documents[-1].text) <= LARGE_BYTES
    parser = ProcessParser(30.0, 400 * 2**20)
    try:
        assert 500 < len(split(parser.parse("large.md", many.documents[-1].text))) < MAX_PASSAGES
    finally:
        parser.close()
    scenario = read_scenario("volume")
    read = {one.path for one in requests(scenario, scenario.lengths["ci"], many)}
    assert f"/v1/documents/{many.documents[-1].id}" in read


def test_what_describes_documents_is_no_document_that_somebody_reads() -> None:
    samples = read_corpus(None)

    assert {document.path for document in samples.documents} - {document.path for document in samples.read} >= {
        "_services.yaml"
    }
    empty = Document("a/empty.erb.md", "Empty", b"<%= partial 'x' %>\n<div>\n</div>")
    assert Corpus("made", (empty, *samples.documents[:1]), ()).read == samples.documents[:1]
