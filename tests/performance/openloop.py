"""The generator that needs no other tool: sends each request at its time, however slow the answers to others are.

Latency counts from the time that a request should have been sent, so a stall of the system is seen by all requests
that it would have held up, not only by those that were out. Bounded in count, in flight and in time.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, groupby
from time import perf_counter
from typing import Any

import aiohttp

from tests.performance.samples import Sample, error_of, inside_of, tier_of
from tests.performance.scenario import Phase, Run
from tests.performance.workload.model import Request

MOST_IN_FLIGHT = 2_000
REQUEST_SECONDS = 10.0
SETTLE_SECONDS = 15.0
BULK_AT_ONCE = 10
COLD_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Target:
    """``secret`` is that of webhooks; ``token`` that of callers, where the system asks for one."""

    url: str
    secret: str = ""
    token: str = ""


@dataclass(slots=True)
class Outcome:
    """``dropped`` by phase: not sent, because too many were out."""

    samples: list[Sample] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    offered: Counter[str] = field(default_factory=Counter)


def play(target: Target, requests: Sequence[Request], run: Run, *, starts_cold: bool = False) -> Outcome:
    return asyncio.run(_Player(target, starts_cold).play(requests, run))


def ask_all(target: Target, requests: Sequence[Request], clients: int) -> list[Sample]:
    """Each once, as fast as so many clients are answered."""
    return asyncio.run(_Player(target, starts_cold=False).ask_all(requests, clients))


class _Player:
    def __init__(self, target: Target, starts_cold: bool) -> None:
        self._target = target
        self._starts_cold = starts_cold
        self._outcome = Outcome()
        self._out: set[asyncio.Task[None]] = set()
        self._began = 0.0

    async def play(self, requests: Sequence[Request], run: Run) -> Outcome:
        phases = {phase.name: phase for phase in run.phases}
        begins = 0.0
        async with self._session() as session:
            self._began = perf_counter()
            for name, some in groupby(requests, key=lambda request: request.phase):
                phase = phases[name]
                begins = sum(each.seconds for each in run.phases[: run.phases.index(phase)])
                if phase.clients:
                    await self._closed(session, list(some), phase, begins + phase.seconds)
                else:
                    await self._open(session, some)
            if self._out:
                await asyncio.wait(self._out, timeout=SETTLE_SECONDS)
            for task in self._out:
                task.cancel()
        return self._outcome

    async def ask_all(self, requests: Sequence[Request], clients: int) -> list[Sample]:
        left = iter(requests)
        async with self._session() as session:
            self._began = perf_counter()
            await asyncio.gather(*(self._client(session, left, float("inf")) for _ in range(clients)))
        return self._outcome.samples

    def _session(self) -> aiohttp.ClientSession:
        headers = {"authorization": f"Bearer {self._target.token}"} if self._target.token else {}
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            headers=headers,
            auto_decompress=True,
        )

    async def _open(self, session: aiohttp.ClientSession, requests: Iterator[Request]) -> None:
        for request in requests:
            self._outcome.offered[request.phase] += 1
            wait = self._began + request.at - perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            if len(self._out) >= MOST_IN_FLIGHT:
                self._outcome.dropped[request.phase] += 1
                await asyncio.sleep(0)
                continue
            task = asyncio.create_task(self._send(session, request, request.at))
            self._out.add(task)
            task.add_done_callback(self._out.discard)

    async def _closed(self, session: aiohttp.ClientSession, some: list[Request], phase: Phase, ends: float) -> None:
        left = cycle(some)
        await asyncio.gather(*(self._client(session, left, ends) for _ in range(phase.clients or 1)))

    async def _client(self, session: aiohttp.ClientSession, left: Iterator[Request], ends: float) -> None:
        for request in left:
            if (now := perf_counter() - self._began) >= ends:
                return
            self._outcome.offered[request.phase] += 1
            await self._send(session, request, now)

    async def _send(self, session: aiohttp.ClientSession, request: Request, at: float) -> None:
        sent, tier, inside, body, error = perf_counter(), "", 0.0, None, ""
        try:
            if request.paths:
                error = await self._bulk(session, request)
                done = perf_counter()
            else:
                status, headers, raw = await self._once(session, request, request.path)
                done = perf_counter()
                tier, inside = tier_of(headers.get("x-cache", "")), inside_of(headers.get("server-timing", ""))
                body = json.loads(raw) if raw else None
                error = error_of(request.op, status, body)
        except (aiohttp.ClientError, OSError, ValueError, RecursionError, asyncio.CancelledError) as problem:
            done, error = perf_counter(), _class_of(problem)
        began, semantic = self._began, isinstance(body, dict) and body.get("semantic") is True
        cold = self._starts_cold and at < COLD_SECONDS and tier == "index"
        self._outcome.samples.append(
            Sample(at, sent - began, done - began, request.op, request.phase, tier, semantic, cold, error, inside)
        )

    async def _once(
        self, session: aiohttp.ClientSession, request: Request, path: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"content-type": "application/json"} if request.body else {}
        if request.secret:
            headers["authorization"] = f"Bearer {self._target.secret}"
        async with session.request(
            request.method,
            self._target.url + path,
            data=request.body.encode() or None,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            return answer.status, answer.headers, await answer.read()

    async def _bulk(self, session: aiohttp.ClientSession, request: Request) -> str:
        """All its questions, some at once; the class of the first error."""
        left, errors = iter(request.paths), list[str]()

        async def ask() -> None:
            for path in left:
                status, _, raw = await self._once(session, request, path)
                body: Any = json.loads(raw) if raw else None
                if error := error_of(request.op, status, body):
                    errors.append(error)

        await asyncio.gather(*(ask() for _ in range(BULK_AT_ONCE)))
        return errors[0] if errors else ""


def _class_of(problem: BaseException) -> str:
    if isinstance(problem, TimeoutError | asyncio.CancelledError):
        return "timeout"
    if isinstance(problem, ValueError | RecursionError) and not isinstance(problem, aiohttp.ClientError):
        return "body"
    return "connection"
