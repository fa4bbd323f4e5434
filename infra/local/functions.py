"""Runs the handlers as Lambda does: loaded once, one invocation at a time, with a context and a time limit."""

import importlib.util
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from infra.local.topology import ACCOUNT, REGION, Function
from personal_pipeline.domain.errors import RejectedError

Handler = Callable[[dict[str, Any], "InvocationContext"], Any]


_LOADING = threading.Lock()


class FunctionNotLoadedError(RejectedError):
    pass


class FunctionTimeoutError(Exception):
    """The handler ran longer than the template allows. Its thread cannot be stopped: replace the process."""


@dataclass(frozen=True)
class InvocationContext:
    """What Lambda hands to a handler beside the event."""

    aws_request_id: str
    function_name: str
    memory_limit_in_mb: str
    deadline: float  # on the monotonic clock
    function_version: str = "$LATEST"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class LocalFunction:
    """One execution environment: its own thread, in which the handler is loaded and always runs."""

    def __init__(self, spec: Function, environment: Mapping[str, str]) -> None:
        self.spec = spec
        self._environment = {**spec.environment, **environment}
        self._turn = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=spec.name)
        self._handler: Future[Handler] | None = None

    def start(self) -> Future[Handler]:
        """Begin loading, without waiting for it."""
        if self._handler is None:
            self._handler = self._thread.submit(self._load)
        return self._handler

    def invoke(self, event: dict[str, Any], request_id: str = "") -> Any:
        """What the handler returns. Whatever it raises comes out; FunctionTimeoutError when its time is over."""
        handler = self.start().result()
        with self._turn:
            invocation = self._thread.submit(self._run, handler, event, request_id or str(uuid.uuid4()))
            try:
                return invocation.result(self.spec.timeout_seconds)
            except TimeoutError:
                if invocation.done():  # the handler raised it
                    raise
                raise FunctionTimeoutError(
                    f"function {self.spec.name} took longer than its {self.spec.timeout_seconds} s"
                ) from None

    def _run(self, handler: Handler, event: dict[str, Any], request_id: str) -> Any:
        deadline = time.monotonic() + self.spec.timeout_seconds
        return handler(event, InvocationContext(request_id, self.spec.name, str(self.spec.memory_mb), deadline))

    def _load(self) -> Handler:
        module_name, _, function_name = self.spec.handler.rpartition(".")
        with _LOADING:  # settings are read while a module loads, and the environment is the process's
            os.environ.update(self._environment)
            try:
                handler: Handler = getattr(_module(self.spec, module_name), function_name)
            except FunctionNotLoadedError:
                raise
            except Exception as error:  # somebody's module: whatever it raises, it is that function's fault
                raise FunctionNotLoadedError(
                    f"function {self.spec.name} cannot be loaded: {type(error).__name__}: {error}"
                ) from error
        return handler


def _module(spec: Function, name: str) -> ModuleType:
    """Under a name of its own: every function's module is called ``app``."""
    path = spec.code / f"{name.replace('.', '/')}.py"
    unique = f"functions_{spec.code.name}_{name.replace('.', '_')}"
    found = importlib.util.spec_from_file_location(unique, path)
    if not path.is_file() or found is None or found.loader is None:
        raise FunctionNotLoadedError(f"function {spec.name}: {path} is not there")
    module = importlib.util.module_from_spec(found)
    sys.modules[unique] = module
    found.loader.exec_module(module)
    return module
