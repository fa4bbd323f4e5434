"""LocalStack without Docker for a test run: a plain process on loopback, with our plugin for Lambda and DynamoDB."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.environments import MissingToolError, prepare
from tests.real_parts import free_port, unavailable

FOLDERS = [Path(f"/{place}/localstack") for place in ("etc", "usr/lib", "var/lib")]  # whatever it is told
START_SECONDS = 60
STOP_SECONDS = 3  # it takes up to 10 to put away what is thrown away with it


@contextmanager
def running(dynamodb_url: str, folder: Path) -> Iterator[str]:
    """Its URL, while it runs. Functions run under the environment that has Lambda's runtime client."""
    try:
        python, lambda_python = prepare("localstack") / "python", prepare("lambda") / "python"
    except MissingToolError as error:
        unavailable(f"LocalStack needs environments of its own: {error}")
    for wanted in FOLDERS:
        if not os.access(wanted if wanted.exists() else wanted.parent, os.W_OK):
            unavailable(f"LocalStack writes to {wanted}, which this user may not: make it yours, or be root")
    port, log = free_port(), folder / "localstack.log"
    given = {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "GATEWAY_SERVER": "hypercorn",  # its default server listens on every interface whatever it is told
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "SQS_ENDPOINT_STRATEGY": "path",  # queue URLs under that host, not under a name to be resolved
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "LAMBDA_PYTHON": str(lambda_python),
        "PROVIDER_OVERRIDE_DYNAMODB": "forward",
        "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "forward",
        "DYNAMODB_URL": dynamodb_url,
    }
    command = [python, "-m", "localstack.runtime.main"]
    with log.open("wb") as output:
        # A session of its own: whatever it started, down to the functions, is in its process group.
        process = subprocess.Popen(
            command, env=os.environ | given, stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_localstack/health", timeout=5) as answer:
                if json.load(answer)["services"]:
                    return
        except (urllib.error.URLError, OSError, ValueError):
            time.sleep(0.1)
    raise AssertionError(f"LocalStack did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # nothing was left
