"""What the caches may answer, judged against everything the index ever said.

Moments are numbered, one to a step; the clock stands still while a search is at work, so that ages are exact.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from personal_pipeline.domain.analysis import terms
from personal_pipeline.domain.answers import search_body
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.index_fields import candidate, searched_text, stored_passage, term_statistics
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.ranking import rank
from personal_pipeline.domain.search import (
    Candidates,
    ChangeOutcome,
    IndexedPassage,
    PassageChange,
    SearchQuery,
    SearchRequest,
)
from personal_pipeline.services.search_runbooks import Answer, CachePolicy

Live = dict[tuple[str, int], tuple[int, IndexedPassage]]


class State(NamedTuple):
    """What the index held from this moment on, until the next state."""

    moment: int
    clock: float
    live: Live


class Notice(NamedTuple):
    """From this moment on, answers from before the moment ``of`` are old. A bump speaks of the moment it is made;
    the commit that ends a change speaks of the moment when the index began to show it."""

    moment: int
    clock: float
    of: int
    sources: tuple[str, ...]
    acl: bool

    def concerns(self, query: SearchQuery) -> bool:
        return self.acl or not query.filters.source or query.filters.source in self.sources


@dataclass(slots=True)
class Time:
    moment: int = 0
    clock: float = 1_000_000.0


class ModelIndex:
    """An index that shows a change at once and remembers all it ever showed."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._revisions: dict[tuple[str, int], int] = {}
        self.states = [State(0, time.clock, {})]
        self.is_down = False

    def prepare(self) -> None:
        pass

    def apply(self, changes: Sequence[PassageChange]) -> list[ChangeOutcome]:
        self._answer()
        live = dict(self.states[-1].live)
        for change in changes:
            key = (change.doc_id, change.ordinal)
            if change.rev < self._revisions.get(key, 0):
                continue
            self._revisions[key] = change.rev
            live.pop(key, None)
            if change.passage is not None:
                live[key] = (change.rev, change.passage)
        self.states.append(State(self._time.moment, self._time.clock, live))
        return [ChangeOutcome(change, applied=True) for change in changes]

    def search(self, request: SearchRequest) -> Candidates:
        self._answer()
        return matching(self.states[-1].live, request)

    def _answer(self) -> None:
        if self.is_down:
            raise IndexUnavailableError("the index is down")


def matching(live: Live, request: SearchRequest) -> Candidates:
    found = []
    words = {each.term for each in request.terms}
    for (doc_id, ordinal), (rev, passage) in live.items():
        score = len(words & {*terms(passage.title), *terms(passage.text)})
        if not score or not request.scope.may_see(passage.groups):
            continue
        if request.filters.source not in {"", passage.source}:
            continue
        stored = stored_passage(PassageChange(doc_id, ordinal, rev, passage), passage)
        found.append(candidate(stored | term_statistics(passage, searched_text(passage)), float(score)))
    return Candidates(tuple(sorted(found, key=lambda each: (-each.score, each.doc_id, each.ordinal))))


@dataclass(slots=True)
class Asked:
    """A search, from the moment it began."""

    process: int
    query: SearchQuery
    moment: int
    clock: float


class Judge:
    def __init__(self, index: ModelIndex, time: Time, policy: CachePolicy) -> None:
        self.wrong: list[str] = []
        self.notices: list[Notice] = []
        self.commits: dict[str, int] = {}
        self.answers: dict[str, int] = {}
        self._index = index
        self._time = time
        self._policy = policy
        self._said: dict[tuple[int, SearchQuery], bytes] = {}
        self._served_once_more: dict[tuple[int, str], Asked] = {}

    def hear(self, asked: Asked, answer: Answer) -> None:
        kind = " ".join((answer.answered_by, *answer.degraded))
        self.answers[kind] = self.answers.get(kind, 0) + 1
        if answer.answered_by == "keys":
            return self._hear_keys(asked, answer)
        if (since := self._since(asked, kind)) is None:
            return self._say(asked, kind, "is no answer we know")
        first = self._first_state(*since)
        if not any(self._body(n, asked.query) == answer.body for n in range(first, len(self._index.states))):
            self._say(asked, kind, f"was not true at any time since moment and clock {since}: {answer.body!r}")
        if kind == "stale refreshing":
            self._hear_once_more(asked)
        return None

    def _since(self, asked: Asked, kind: str) -> tuple[int, float] | None:
        """From which moment on, and from which time on, the index must have said what was answered."""
        match kind:
            case "l1":
                known_at = asked.clock - self._policy.generation_max_age_seconds
                if self._policy.generation_max_age_seconds:
                    notices = [notice for notice in self.notices if notice.clock <= known_at]
                else:
                    notices = [notice for notice in self.notices if notice.moment <= asked.moment]
                return self._last(notices, asked.query), asked.clock - self._policy.fresh_seconds
            case "l2":
                return self._last(self._before(asked), asked.query), asked.clock - self._policy.fresh_seconds
            case "index" | "index cache":
                return asked.moment, 0.0
            case "stale refreshing":
                return self._last_acl(asked), asked.clock - self._policy.stale_list_seconds
            case "stale index":
                return self._last_acl(asked), asked.clock - self._policy.stale_seconds
        return None

    def _before(self, asked: Asked) -> list[Notice]:
        return [notice for notice in self.notices if notice.moment <= asked.moment]

    def _last(self, notices: Sequence[Notice], query: SearchQuery) -> int:
        return max((notice.of for notice in notices if notice.concerns(query)), default=0)

    def _last_acl(self, asked: Asked) -> int:
        return max((notice.of for notice in self._before(asked) if notice.acl), default=0)

    def _first_state(self, moment: int, clock: float) -> int:
        """The oldest state that was still shown after both."""
        number = len(self._index.states) - 1
        while number > 0:
            ended = self._index.states[number]
            if ended.moment <= moment or ended.clock <= clock:
                break
            number -= 1
        return number

    def _hear_once_more(self, asked: Asked) -> None:
        key = (asked.process, asked.query.cache_key())
        before = self._served_once_more.get(key)
        self._served_once_more[key] = asked
        if before is None or asked.clock - before.clock >= self._policy.stale_list_seconds:
            return
        if not any(notice.moment > before.moment and notice.concerns(asked.query) for notice in self.notices):
            self._say(asked, "stale refreshing", f"was served at moment {before.moment} already")

    def _hear_keys(self, asked: Asked, answer: Answer) -> None:
        for hit in json.loads(answer.body)["hits"]:
            states = self._index.states[self._first_state(self.commits.get(hit["id"], 0), 0.0) :]
            groups = [held.groups for state in states for (doc, _), (_, held) in state.live.items() if doc == hit["id"]]
            if not any(asked.query.scope.may_see(each) for each in groups):
                self._say(asked, "keys", f"shows {hit['title']!r} to {asked.query.scope.groups}")

    def _body(self, number: int, query: SearchQuery) -> bytes:
        key = (number, query)
        if key not in self._said:
            question = typed_question(query.text)
            request = SearchRequest(question.terms, query.filters, query.scope)
            ranked = rank(question, matching(self._index.states[number].live, request), datetime.fromtimestamp(0, UTC))
            self._said[key] = search_body(query, question, ranked, is_semantic=False)
        return self._said[key]

    def _say(self, asked: Asked, kind: str, what: str) -> None:
        self.wrong.append(f"moment {asked.moment}-{self._time.moment}, process {asked.process}: {kind} {what}")
