"""One function under AWS's own runtime client, behind AWS's runtime interface emulator, on this machine."""

import json
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3

from infra.environments import prepare
from infra.local.topology import Function
from tests.real_parts import free_port

START_SECONDS = 30
STOP_SECONDS = 10
# As Lambda does it: layers stand on sys.path but not in PYTHONPATH, so a child process has to be told of them.
BOOTSTRAP = """
import runpy, sys
sys.path[1:1] = sys.argv.pop(1).split(":")
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
"""


class LambdaRuntime:
    """Use as a context manager. ``layers`` come first to last, as the template lists them."""

    def __init__(self, function: Function, code: Path, layers: list[Path], environment: Mapping[str, str], log: Path):
        self._function = function
        self._code = code
        self._layers = os.pathsep.join(str(layer / "python") for layer in layers)
        self._log = log
        self._environment = {
            **function.environment,
            **environment,
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's folders are read-only
            "LAMBDA_TASK_ROOT": str(code),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_seconds),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""

    def __enter__(self) -> Self:
        port = free_port()
        interface, api = f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}"
        machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
        (emulator,) = prepare("sam").parent.glob(f"lib/*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}")
        command = [emulator, "--runtime-interface-emulator-address", interface, "--runtime-api-address", api]
        command += [prepare("lambda") / "python", "-c", BOOTSTRAP, self._layers, self._function.handler]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self._code, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        self._url = f"http://{interface}/2015-03-31/functions/function/invocations"
        self._wait_until_it_listens(port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGTERM)  # the emulator and the runtime that it started
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_SECONDS)

    def invoke(self, event: Mapping[str, Any]) -> Any:
        timeout = self._function.timeout_seconds + START_SECONDS
        with urllib3.PoolManager(timeout=timeout, retries=False) as pool:
            answer = pool.request("POST", self._url, body=json.dumps(event)).json()
        if isinstance(answer, dict) and "errorType" in answer:
            raise AssertionError(f"{self._function.id} failed: {answer}\n{self._log.read_text()}")
        return answer

    def _wait_until_it_listens(self, port: int) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the runtime emulator did not start:\n{self._log.read_text()}")
