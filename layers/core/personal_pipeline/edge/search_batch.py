"""Many questions in one request: each is answered as if it came alone, or has a problem in its place.

Bounded in time and size, because one function answers them one after the other and what it says must fit.
"""

import json
from collections.abc import Callable, Sequence
from http import HTTPStatus
from time import monotonic, perf_counter

from aws_lambda_powertools.event_handler import Response

from personal_pipeline.domain.answers import encode, with_preamble
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery
from personal_pipeline.edge.api_models import Question
from personal_pipeline.edge.http import problem, problem_of
from personal_pipeline.services.search_runbooks import MAX_CHARACTERS, Answer, canonical_query

MOST_SECONDS = 6.0  # of a function that has ten
MOST_BYTES = 5_000_000  # of a body that may have six million


def answers_body(
    search: Callable[[SearchQuery], Answer],
    questions: Sequence[Question],
    scope: CallerScope,
    clock: Callable[[], float] = monotonic,
) -> bytes:
    """In the order of the questions."""
    until, room = clock() + MOST_SECONDS, MOST_BYTES
    answers: list[bytes] = []
    for question in questions:
        if clock() >= until:
            answers.append(_later("no time was left for it: ask it again, with fewer others"))
            continue
        answer = _answer(search, question, scope)
        if len(answer) > room:
            answer = _later("the answer has no room for it: ask it again, with fewer others or a smaller limit")
        room -= len(answer)
        answers.append(answer)
    return b'{"answers":[' + b",".join(answers) + b"]}"


def _answer(search: Callable[[SearchQuery], Answer], question: Question, scope: CallerScope) -> bytes:
    started = perf_counter()
    filters = SearchFilters(question.source, question.service, question.type, question.severity)
    try:
        found = search(canonical_query(question.q, filters, question.limit, question.cursor, scope, MAX_CHARACTERS))
    except PipelineError as error:
        return _refused(problem_of(error))
    took_ms = (perf_counter() - started) * 1000
    body = with_preamble(found.body, found.answered_by, found.degraded, took_ms)
    return b'{"status":200,"answer":' + body + b"}"


def _later(detail: str) -> bytes:
    return _refused(problem(HTTPStatus.SERVICE_UNAVAILABLE, detail))


def _refused(refused: Response[str]) -> bytes:
    return encode({"status": refused.status_code, "problem": json.loads(refused.body or "{}")})
