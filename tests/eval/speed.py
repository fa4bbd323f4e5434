"""How long meaning takes: to embed the whole benchmark once, and to answer a question that nobody asked before."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from infra.evaluation.bench import Bench, TypedQuery
from infra.evaluation.system import Choice, System, system_over
from personal_pipeline.domain.analysis import normalise
from personal_pipeline.domain.answers import search_body
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery
from tests.measured import record

QUESTIONS = 200


def measure(bench: Bench, out: Path) -> None:
    """Over a folder in which there is nothing yet, so that every passage is embedded."""
    started = time.perf_counter()
    with system_over(bench.uploads, out, Choice()) as system:
        took = time.perf_counter() - started
        print(f"taken in and embedded: {len(bench.uploads)} documents in {took:.0f} s")
        record("embed_corpus", took, "s", documents=len(bench.uploads))
        _measure_questions(bench, system)


def _measure_questions(bench: Bench, system: System) -> None:
    """Each is made new by a word that no text has, so that no cache knows its vector."""
    typed = [query.text for query in bench.asked if isinstance(query, TypedQuery)]
    sample = [normalise(f"{text} zq{n}") for n, text in enumerate(typed[:: max(1, len(typed) // QUESTIONS)])]
    _answer("a first question loads the model", system)
    wall, cpu = zip(*(_timed(lambda text=text: _answer(text, system)) for text in sample), strict=True)
    print(f"a question by words and meaning: {_middle(wall):.1f} ms, of CPU {_middle(cpu):.1f} ms")
    record("semantic_query", _middle(wall), "ms", p95=_p95(wall), cpu=_middle(cpu))


def _answer(text: str, system: System) -> bytes:
    question = typed_question(text)
    found = system.find(question, SearchFilters(), CallerScope())
    return search_body(SearchQuery(text), found.question, found.ranked, found.is_semantic)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds, and milliseconds of CPU."""
    started, used = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - started) * 1e3, (time.process_time() - used) * 1e3


def _middle(values: tuple[float, ...]) -> float:
    return statistics.median(values)


def _p95(values: tuple[float, ...]) -> float:
    return statistics.quantiles(values, n=20)[-1]
