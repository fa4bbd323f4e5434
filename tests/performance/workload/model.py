"""The workload: which requests come when. From a seed, so that every tool and every version is asked the same.

Times are those of an open model: they depend on the scenario alone, not on how fast answers come.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import exp, log
from pathlib import Path
from random import Random
from urllib.parse import quote

from tests.performance.scenario import MOST_REQUESTS, Op, Phase, Run, Scenario
from tests.performance.workload.corpus import SOURCE, Corpus
from tests.performance.workload.questions import Questions, Topic

MOST_GET_CHARACTERS = 1_000
REPEATED_WITHIN_SECONDS = 1.0
OPEN_SESSIONS = 50  # from which the next request may come
NORMAL_A_MINUTE = 500
CLOSED_REQUESTS = 20_000  # of a phase whose clients ask as fast as they are answered; after the last comes the first
SEARCHES: tuple[Op, ...] = ("search", "filtered")


@dataclass(frozen=True, slots=True)
class Request:
    """``at`` in seconds from the beginning, negative where it is free; ``paths`` of a bulk are asked together.

    ``secret``: it carries the webhook secret.
    """

    at: float
    phase: str
    op: Op
    method: str
    path: str
    body: str = ""
    secret: bool = False
    paths: tuple[str, ...] = ()


def requests(scenario: Scenario, run: Run, corpus: Corpus) -> list[Request]:
    return list(_Model(scenario, corpus).requests(run))


def asked_before(scenario: Scenario, corpus: Corpus) -> list[Request]:
    """Each search once that was asked in the hours before: what a system in use has in its caches."""
    model, random = _Model(scenario, corpus), Random(f"before {scenario.seed}")
    minutes = scenario.system.hours_before * 60
    found: dict[str, Request] = {}
    for _ in range(int(minutes * NORMAL_A_MINUTE * model.share_of(SEARCHES))):
        op = model.op(random, SEARCHES)
        request = model.search(-1.0, "", op, model.questions.topic(random).question)
        found.setdefault(request.path + request.body, request)
    return list(found.values())


def write(found: Iterable[Request], path: Path) -> None:
    path.write_text("".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in found), encoding="utf-8")


def times(phase: Phase, random: Random, poisson: bool) -> Iterator[float]:
    """Seconds from the beginning of the phase, by thinning of a Poisson process, or as even as the rate allows."""
    first, last = (rate / 60 for rate in phase.rates)
    if not poisson:
        yield from _even(phase)
        return
    highest, now = max(first, last), 0.0
    while (now := now + random.expovariate(highest)) < phase.seconds:
        if random.random() * highest < rate_at(phase, now) / 60:
            yield now


def rate_at(phase: Phase, seconds: float) -> float:
    """A minute."""
    first, last = phase.rates
    share = seconds / phase.seconds
    if phase.curve == "exponential" and first and last:
        return first * exp(log(last / first) * share)
    return first + (last - first) * share


def _even(phase: Phase, step: float = 0.001) -> Iterator[float]:
    """At each whole number that the sum of the rate goes past."""
    total = 0.5
    for number in range(int(phase.seconds / step)):
        total += rate_at(phase, number * step) / 60 * step
        if total >= 1:
            total -= 1
            yield number * step


class _Model:
    def __init__(self, scenario: Scenario, corpus: Corpus) -> None:
        self._scenario = scenario
        self.questions = Questions(corpus, scenario.popularity, scenario.seed)
        self._ops = list(scenario.mix)
        self._weights = list(scenario.mix.values())
        storm, random = scenario.storm, Random(f"storm {scenario.seed}")
        self._incident = random.sample(self.questions.topics[:200], min(storm.questions, len(self.questions.topics)))
        documents = sorted({topic.document for topic in self._incident})
        self._incident_documents = documents[: storm.documents]
        self._sessions: deque[Topic] = deque(maxlen=OPEN_SESSIONS)
        self._recent: deque[Request] = deque()

    def requests(self, run: Run) -> Iterator[Request]:
        random, begins, count = Random(self._scenario.seed), 0.0, 0
        for phase in run.phases:
            for at in self._times(phase, random):
                count += 1
                if count > MOST_REQUESTS:
                    return
                yield self._request(begins + at if at >= 0 else at, phase, random)
            begins += phase.seconds

    def _times(self, phase: Phase, random: Random) -> Iterator[float]:
        if phase.clients:
            return iter([-1.0] * CLOSED_REQUESTS)
        return times(phase, random, self._scenario.arrivals == "poisson")

    def share_of(self, ops: Iterable[Op]) -> float:
        return sum(self._scenario.mix.get(op, 0.0) for op in ops) / sum(self._weights)

    def op(self, random: Random, of: tuple[Op, ...] = ()) -> Op:
        if of:
            return random.choices(of, [self._scenario.mix.get(op, 0.0) for op in of])[0]
        return random.choices(self._ops, self._weights)[0]

    def _request(self, at: float, phase: Phase, random: Random) -> Request:
        storm = self._scenario.storm
        if phase.storm and at >= 0:
            while self._recent and self._recent[0].at < at - REPEATED_WITHIN_SECONDS:
                self._recent.popleft()
            if self._recent and random.random() < storm.repeats:
                again = random.choice(self._recent)
                return Request(
                    at, phase.name, again.op, again.method, again.path, again.body, again.secret, again.paths
                )
            if random.random() < storm.alerts:
                return self._alert(at, phase.name, random)
        is_incident = phase.storm and random.random() < storm.share
        request = self._of_op(at, phase.name, self.op(random), self._topic(random, is_incident), random, is_incident)
        if phase.storm and request.op not in ("bulk", "feedback"):
            self._recent.append(request)
        return request

    def _topic(self, random: Random, is_incident: bool) -> Topic:
        """Of a session that goes on, or of a new one."""
        if is_incident:
            return random.choice(self._incident)
        sessions = self._scenario.sessions
        if self._sessions and random.random() < 1 - 1 / sessions.mean:
            topic = random.choice(self._sessions)
            if random.random() < sessions.stays:
                return topic
        topic = self.questions.topic(random)
        self._sessions.append(topic)
        return topic

    def _of_op(self, at: float, phase: str, op: Op, topic: Topic, random: Random, is_incident: bool) -> Request:
        if op == "document":
            id_ = random.choice(self._incident_documents) if is_incident else topic.document
            return Request(at, phase, op, "GET", f"/v1/documents/{id_}")
        if op == "suggest":
            return Request(
                at, phase, op, "GET", f"/v1/suggest?q={quote(topic.question[: random.randint(3, 12)].strip())}"
            )
        if op == "health":
            return Request(at, phase, op, "GET", "/v1/health")
        if op == "feedback":
            said = {"alert": topic.question[:80], "service": "", "id": topic.document, "helpful": random.random() < 0.8}
            return Request(at, phase, op, "POST", "/v1/feedback", json.dumps(said))
        if op == "bulk":
            asked = (self.questions.written(self.questions.topic(random), random) for _ in range(self._scenario.bulk))
            paths = tuple(self.search(at, phase, "search", text[:MOST_GET_CHARACTERS]).path for text in asked)
            return Request(at, phase, op, "GET", "/v1/search", paths=paths)
        written = topic.question if is_incident else self.questions.written(topic, random)
        return self.search(at, phase, op, written)

    def search(self, at: float, phase: str, op: Op, text: str) -> Request:
        if len(text) > MOST_GET_CHARACTERS:
            return Request(at, phase, op, "POST", "/v1/search", json.dumps({"q": text[:8_000]}))
        more = f"&source={SOURCE}" if op == "filtered" else ""
        return Request(at, phase, op, "GET", f"/v1/search?q={quote(text)}{more}")

    def _alert(self, at: float, phase: str, random: Random) -> Request:
        topic = random.choice(self._incident)
        labels = {"alertname": topic.question[:80], "service": "load", "severity": "warning"}
        alert = {
            "status": "firing",
            "fingerprint": f"{random.getrandbits(64):016x}",
            "labels": labels | {"instance": f"node-{random.randrange(40)}"},
            "annotations": {"summary": topic.question},
            "startsAt": "2026-01-01T00:00:00Z",
        }
        body = json.dumps({"version": "4", "status": "firing", "alerts": [alert]})
        return Request(at, phase, "alert", "POST", "/v1/alerts/alertmanager", body, secret=True)
