"""What every process of one server must know, decided once by the first and handed to the others."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path

from infra.local.parts import AwsParts, EmbeddedParts, Parts
from infra.local.topology import Topology
from personal_pipeline.domain.callers import Callers

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "events" / "documents"
WEBHOOK_SECRET = "webhook-secret"  # noqa: S105  # a file in the data folder
PARENT_IS_GONE = 75


@dataclass(frozen=True, slots=True)
class ServeOptions:
    data_dir: Path = Path(".pp")
    runbooks: Path | None = SAMPLES
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    aws: str = ""  # endpoint of moto's server, LocalStack or AWS
    deploy: bool = True  # create at that endpoint what the template names
    template: Path = PROJECT / "template.yaml"
    parameters: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()  # of whoever asks without a key of their own


@dataclass(frozen=True, slots=True)
class Plan:
    """Pickled to the children, so nothing in it is more than data."""

    options: ServeOptions
    topology: Topology
    data_dir: Path  # absolute
    environment: Mapping[str, str]  # of every function, over what the template says
    operator_token: str
    api_token: str
    callers: Callers = field(default_factory=Callers)

    def process_environment(self) -> dict[str, str]:
        """For what is built outside of one function: what any of them has."""
        functions = self.topology.functions.values()
        return {**{name: v for function in functions for name, v in function.environment.items()}, **self.environment}

    def parts(self) -> Parts:
        if self.options.aws:
            return AwsParts(self.topology, self.options.aws)
        return EmbeddedParts(self.topology, self.data_dir)


def end_with_parent() -> None:
    """Even a parent that was killed leaves no child behind: its end of a pipe closes, on every system."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(PARENT_IS_GONE)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
