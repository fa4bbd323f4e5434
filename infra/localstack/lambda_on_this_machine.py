"""A LocalStack plugin: Lambda functions run as processes here rather than in Docker, DynamoDB is forwarded.

Each execution environment is AWS's own runtime client (awslambdaric) under LAMBDA_PYTHON, served by a small
Runtime API in this process. Requests to DynamoDB go to DYNAMODB_URL, where LocalStack would download a server.

Events of S3 get sequencers that grow, as in AWS: LocalStack gives all of them the same one.

The interfaces are LocalStack's internal ones: they hold for the release in requirements/localstack.in only.
"""

import json
import os
import queue
import subprocess
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from localstack import config
from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 5
LOOK_SECONDS = 0.2  # how soon a runtime that died is noticed


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *_args: Any, **_kwargs: Any) -> type:
        # Imported late: LocalStack's plugin discovery loads this module before its services can be imported.
        from localstack.services.lambda_.invocation.lambda_models import InvocationResult
        from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

        class ProcessExecutor(RuntimeExecutor):
            """One execution environment: a Runtime API and the process that asks it for work."""

            def start(self, env_vars: dict[str, Any]) -> None:
                self.waiting: queue.Queue[dict[str, str]] = queue.Queue()
                self.answers: dict[str, queue.Queue[tuple[bytes, bool]]] = {}
                self.init_error = b""
                self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the environment
                self._api = ThreadingHTTPServer((LOOPBACK, 0), _runtime_api(self))
                Thread(target=self._api.serve_forever, daemon=True).start()
                self._code = str(self.function_version.config.code.get_unzipped_code_location())
                given = {name: str(value) for name, value in env_vars.items()}
                self._environment = given | {
                    "PATH": os.environ["PATH"],
                    "AWS_LAMBDA_RUNTIME_API": f"{LOOPBACK}:{self._api.server_port}",
                    "LAMBDA_TASK_ROOT": self._code,
                }
                self._spawn()

            def _spawn(self) -> None:
                command = [os.environ["LAMBDA_PYTHON"], "-m", "awslambdaric", self.function_version.config.handler]
                self._process = subprocess.Popen(
                    command, cwd=self._code, env=self._environment, stdout=self._log, stderr=subprocess.STDOUT
                )

            def stop(self) -> None:
                self._process.terminate()
                try:
                    self._process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
                self._api.shutdown()
                self._api.server_close()

            def invoke(self, payload: dict[str, str]) -> InvocationResult:
                request_id, logged = payload["invoke-id"], len(self.get_logs())
                self.answers[request_id] = queue.Queue()
                self.waiting.put(payload)
                body, is_error = self._answer(request_id)
                del self.answers[request_id]
                return InvocationResult(request_id, body, is_error=is_error, logs=self.get_logs()[logged:])

            def _answer(self, request_id: str) -> tuple[bytes, bool]:
                deadline = time.monotonic() + self.timeout_seconds
                while time.monotonic() < deadline:
                    try:
                        return self.answers[request_id].get(timeout=LOOK_SECONDS)
                    except queue.Empty:
                        if self._process.poll() is not None:
                            break
                error = {"errorType": "Sandbox.Timedout", "errorMessage": "the function took too long"}
                if (code := self._process.poll()) is not None:
                    error = {"errorType": "Runtime.ExitError", "errorMessage": f"the runtime exited with {code}"}
                self._process.kill()
                self._process.wait()
                body, self.init_error = self.init_error or json.dumps(error).encode(), b""
                self.waiting = queue.Queue()
                self._spawn()  # as Lambda does, so that the next invocation finds a fresh environment
                return body, True

            @property
            def timeout_seconds(self) -> int:
                return self.function_version.config.timeout or 3

            def get_logs(self) -> str:
                size = os.fstat(self._log.fileno()).st_size
                return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

            def get_address(self) -> str:
                return LOOPBACK

            def get_endpoint_from_executor(self) -> str:
                return LOOPBACK

            def get_runtime_endpoint(self) -> str:
                return f"http://{LOOPBACK}:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

            @classmethod
            def prepare_version(cls, function_version: Any) -> None:
                function_version.config.code.prepare_for_execution()

            @classmethod
            def cleanup_version(cls, function_version: Any) -> None:
                function_version.config.code.destroy_cached()

        return ProcessExecutor


def _runtime_api(executor: Any) -> type[BaseHTTPRequestHandler]:
    """The part of Lambda's Runtime API that the runtime client uses."""

    class RuntimeApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # .../runtime/invocation/next
            work = executor.waiting.get()
            deadline = int((time.time() + executor.timeout_seconds) * 1000)
            headers = {
                "Content-Type": "application/json",  # without it the runtime client crashes
                "Lambda-Runtime-Aws-Request-Id": work["invoke-id"],
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": work["invoked-function-arn"],
                "Lambda-Runtime-Trace-Id": work["trace-id"],
            }
            self._reply(200, headers, work["payload"].encode())

        def do_POST(self) -> None:  # .../invocation/{id}/response, .../invocation/{id}/error or .../init/error
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            *_, request_id, outcome = self.path.split("/")
            if request_id == "init":
                executor.init_error = body
            elif request_id in executor.answers:  # nobody waits for an answer that came too late
                executor.answers[request_id].put((body, outcome == "error"))
            self._reply(202, {}, b"")

        def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return RuntimeApi


@hooks.on_infra_start()
def number_events_of_objects() -> None:
    from localstack.services.s3.notifications import BaseNotifier, NotificationDispatcher

    send, payload_of = NotificationDispatcher.send_notifications, BaseNotifier._get_event_payload  # noqa: SLF001

    def send_numbered(self: Any, ctx: Any, *args: Any) -> None:
        ctx.sequencer = f"{time.time_ns():016X}"  # in the thread of the request: the senders overtake each other
        send(self, ctx, *args)

    def numbered_payload(ctx: Any, *args: Any) -> Any:
        payload = payload_of(ctx, *args)
        payload["Records"][0]["s3"]["object"]["sequencer"] = ctx.sequencer
        return payload

    NotificationDispatcher.send_notifications = send_numbered
    BaseNotifier._get_event_payload = staticmethod(numbered_payload)  # noqa: SLF001


@aws_provider(api="dynamodb", name="forward")
def forward_dynamodb() -> Service:
    from localstack.aws.api.dynamodb import DynamodbApi

    return _forwarded(DynamodbApi, "dynamodb")


@aws_provider(api="dynamodbstreams", name="forward")
def forward_dynamodbstreams() -> Service:
    from localstack.aws.api.dynamodbstreams import DynamodbstreamsApi

    return _forwarded(DynamodbstreamsApi, "dynamodbstreams")


def _forwarded(api: type, name: str) -> Service:
    from localstack.aws.forwarder import HttpFallbackDispatcher

    provider = type("Forwarded", (api,), {"service": name})()
    url = os.environ["DYNAMODB_URL"]
    return Service.for_provider(
        provider, dispatch_table_factory=lambda found: HttpFallbackDispatcher(found, lambda *_: url)
    )
