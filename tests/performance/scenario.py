"""Scenarios: how much is asked, of what kind, for how long, and what must hold. ``scenarios/*.yaml``, one file each.

They are the only place where load and thresholds are written: every tool is given what is read here. What a file leaves
out comes from ``scenarios/project.yaml``, whose thresholds are those of the project and hold in every scenario.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError, model_validator

FOLDER = Path(__file__).with_name("scenarios")
PROJECT = "project"
Length = Literal["full", "ci"]
Op = Literal["search", "filtered", "suggest", "document", "feedback", "health", "bulk", "alert"]
Group = Literal[
    "all", "cached", "semantic", "standard", "cold", "document", "suggest", "feedback", "health", "bulk", "alert"
]
Figure = Literal[
    "p50",
    "p90",
    "p95",
    "p99",
    "max",
    "errors",
    "answered",
    "hit_rate",
    "dropped",
    "achieved",
    "cpu",
    "cpu_peak",
    "pss_mb",
]
MOST_REQUESTS = 200_000
MOST_SECONDS = 9 * 3600


class ScenarioError(ValueError):
    """The message names the file, the field and what is wrong with it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Phase(_Strict):
    """Requests a minute, from one rate to another; or ``clients`` that each ask again when they are answered."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    seconds: PositiveFloat
    rate: PositiveFloat | None = Field(None, description="a minute, the same all along")
    from_: PositiveFloat | None = Field(None, alias="from")
    to: PositiveFloat | None = None
    curve: Literal["linear", "exponential"] = "linear"
    clients: PositiveInt | None = None
    storm: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.rate is not None, self.from_ is not None and self.to is not None, self.clients is not None)
        if sum(ways) != 1 or (self.from_ is None) != (self.to is None):
            raise ValueError("say either 'rate', or 'from' and 'to', or 'clients'")
        return self

    @property
    def rates(self) -> tuple[float, float]:
        """A minute, at the beginning and at the end; 0 where clients ask as fast as they are answered."""
        if self.clients:
            return 0.0, 0.0
        first = self.rate or self.from_ or 0.0
        return first, self.to or first


class Event(_Strict):
    """Something that happens besides: a document is edited, or the index gets a fault."""

    at: float = Field(ge=0, description="seconds from the beginning")
    does: Literal["edit", "index_slow", "index_errors", "index_down", "index_well"]


class Run(_Strict):
    phases: tuple[Phase, ...] = Field(min_length=1)
    events: tuple[Event, ...] = ()
    edit_every_seconds: PositiveFloat | None = None

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)

    @property
    def all_events(self) -> tuple[Event, ...]:
        edits: list[Event] = []
        if self.edit_every_seconds:
            times = int(self.seconds / self.edit_every_seconds)
            edits = [Event(at=self.edit_every_seconds * (n + 0.5), does="edit") for n in range(times)]
        return tuple(sorted([*self.events, *edits], key=lambda event: event.at))

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.seconds > MOST_SECONDS:
            raise ValueError(f"runs for {self.seconds:.0f} s; {MOST_SECONDS} at most")
        requests = sum(sum(phase.rates) / 2 * phase.seconds / 60 for phase in self.phases)
        if requests > MOST_REQUESTS and self.seconds < 3600:
            raise ValueError(f"asks {requests:.0f} times; {MOST_REQUESTS} at most in less than an hour")
        if late := [event.at for event in self.events if event.at >= self.seconds]:
            raise ValueError(f"an event at {late[0]:g} s comes after the end, which is at {self.seconds:g} s")
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise ValueError("two phases have the same name")
        return self


class Popularity(_Strict):
    """Shares are of searches. ``variants`` are popular questions written otherwise, or with a slip."""

    zipf: PositiveFloat
    questions: PositiveInt
    one_offs: float = Field(ge=0, le=1)
    variants: float = Field(ge=0, le=1)


class Sessions(_Strict):
    """Somebody asks ``mean`` times, and stays with the question before with probability ``stays``."""

    mean: float = Field(ge=1)
    stays: float = Field(ge=0, le=1)


class Storm(_Strict):
    """Within phases with ``storm``: many ask the same, more than once, and alerts come in."""

    share: float = Field(ge=0, le=1, description="of requests on the incident's questions and documents")
    questions: PositiveInt
    documents: PositiveInt
    repeats: float = Field(ge=0, le=1, description="share of requests that repeat one of the last second")
    alerts: float = Field(ge=0, le=1, description="share of requests that are webhooks of a monitoring system")


class System(_Strict):
    """What is started when no TARGET is named. ``documents`` of the corpus, 0 for all; or about so many passages."""

    corpus: Literal["bench", "samples"] = "bench"
    documents: int = Field(0, ge=0)
    passages: int = Field(0, ge=0)
    semantic: bool = True
    index: Literal["embedded", "opensearch"] = "embedded"
    workers: PositiveInt = 1
    hours_before: float = Field(1.0, ge=0, description="of 500 questions a minute that its caches know; 0: empty")
    environment: Mapping[str, str] = Field(default_factory=dict)


class Threshold(_Strict):
    """``of`` is a group of answers, ``phase`` one phase alone; ``times`` another phase's figure instead of ``most``."""

    of: Group = "all"
    figure: Figure
    phase: str = ""
    most: float | None = None
    least: float | None = None
    times: float | None = None
    than: str = ""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if sum(bound is not None for bound in (self.most, self.least, self.times)) != 1:
            raise ValueError("say one of 'most', 'least' and 'times'")
        if (self.times is None) != (not self.than):
            raise ValueError("'times' and 'than', a phase, go together")
        return self

    @property
    def name(self) -> str:
        where = f" in {self.phase}" if self.phase else ""
        if self.times is not None:
            return f"{self.of} {self.figure}{where}, times that in {self.than} <= {self.times:g}"
        bound = f"<= {self.most:g}" if self.most is not None else f">= {self.least:g}"
        return f"{self.of} {self.figure}{where} {bound}"


class Scenario(_Strict):
    name: str
    says: str
    seed: int
    arrivals: Literal["poisson", "even"]
    lengths: Mapping[Length, Run]
    mix: Mapping[Op, float]
    popularity: Popularity
    sessions: Sessions
    storm: Storm
    bulk: PositiveInt = Field(description="questions that one bulk request asks")
    system: System = System()
    thresholds: tuple[Threshold, ...]
    judged: tuple[str, ...] = Field((), description="phases that thresholds without a phase are of; empty: all")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for length in ("ci", "full"):
            if length not in self.lengths:
                raise ValueError(f"lengths: {length!r} is missing")
        if not sum(self.mix.values()):
            raise ValueError("mix: nothing is asked")
        for threshold in self.thresholds:
            for length, run in self.lengths.items():
                known = {phase.name for phase in run.phases}
                for phase in filter(None, (threshold.phase, threshold.than, *self.judged)):
                    if phase not in known:
                        raise ValueError(f"no phase {phase!r} in length {length!r}, only {sorted(known)}")
        return self


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != PROJECT)


def read_scenario(name: str, folder: Path = FOLDER) -> Scenario:
    """Raises ScenarioError."""
    path = folder / f"{name}.yaml"
    if name == PROJECT or not path.is_file():
        known = sorted(each.stem for each in folder.glob("*.yaml") if each.stem != PROJECT)
        raise ScenarioError(f"there is no scenario {name!r}: choose one of {', '.join(known)}")
    common, own = _yaml(folder / f"{PROJECT}.yaml"), _yaml(path)
    given = common | own | {"name": name}
    given["thresholds"] = [*common.get("thresholds", []), *own.get("thresholds", [])]
    given["system"] = common.get("system", {}) | own.get("system", {})
    try:
        return Scenario.model_validate(given)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, each['loc'])) or 'the file'}: {_plain(each['msg'])}" for each in error.errors()]
        raise ScenarioError(f"{path.name}: " + "; ".join(lines)) from error


def _yaml(path: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ScenarioError(f"{path.name} cannot be read: {error}") from error
    if not isinstance(read, dict):
        raise ScenarioError(f"{path.name}: fields are wanted, as in the other scenarios")
    return read


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
