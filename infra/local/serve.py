"""Runs the whole system on this machine: one process that writes, some that answer, and this one over them.

The first process holds the lock on the data folder, starts the others, starts them again when they die, says
on the terminal what happens, and takes everything down with it.
"""

import multiprocessing
import os
import secrets
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from ipaddress import ip_address
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.local.data_folder import locked
from infra.local.events_process import CannotStart, Ready, run_events
from infra.local.gateway import LOOPBACK_HOSTS
from infra.local.http_process import http_api
from infra.local.logs import log_path, rotate_logs
from infra.local.plan import WEBHOOK_SECRET, Plan, ServeOptions
from infra.local.topology import REGION, Topology, read_topology
from personal_pipeline.domain.errors import RejectedError
from personal_pipeline.settings import CallerSettings

if TYPE_CHECKING:
    from infra.local.terminal import Terminal

HTTP_THREADS = 4
STOP_SECONDS = 4
TOKEN_BYTES = 24
AWS_PREFIX = "personal-pipeline-"
RESTART_SECONDS = 1.0

_SPAWN = multiprocessing.get_context("spawn")


class ServerRefusedError(RejectedError):
    """The server cannot run like this. The message says what to do."""


def serve(options: ServeOptions) -> None:
    """Until Ctrl-C or SIGTERM. Raises ServerRefusedError before anything was started."""
    api_token = os.environ.get("PP_API_TOKEN", "")
    callers = CallerSettings.from_env().callers
    address = _address(options.host)
    if not ip_address(address).is_loopback and not api_token:
        raise ServerRefusedError(
            f"HOST={options.host} would let other machines ask without authentication: "
            "set PP_API_TOKEN to a long random value, which callers then send as 'Authorization: Bearer ...', "
            "or leave HOST away to serve this machine only"
        )
    data_dir = options.data_dir.resolve()
    with locked(data_dir, ServerRefusedError):
        _check_port(address, options.port)
        rotate_logs(data_dir)
        operator_token = _secret_file(data_dir / "token")
        if options.aws:
            topology = _at_endpoint(options, data_dir)
        else:
            topology = read_topology(options.template, options.parameters)
            _secret_file(data_dir / WEBHOOK_SECRET)
        environment = local_environment(options, data_dir)
        plan = Plan(options, topology, data_dir, environment, operator_token, api_token, callers)
        _Server(plan, address).run()


def _address(host: str) -> str:
    """The server binds to addresses, not to names."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServerRefusedError(f"HOST={host} is no address of this machine: {error}") from error
    families = {str(sockaddr[0]): family for family, _, _, _, sockaddr in found}
    return min(families, key=lambda address: families[address] != socket.AF_INET)


def _at_endpoint(options: ServeOptions, data_dir: Path) -> Topology:
    """What the template names, created there unless it is not wanted; its webhook secret is kept here for ``pp``."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.local.deploy import deploy
    from personal_pipeline.adapters.aws_clients import AwsClients

    for name, value in _aws_defaults(options.aws).items():
        os.environ.setdefault(name, value)
    clients = AwsClients(options.aws)
    named = read_topology(options.template, options.parameters, prefix=AWS_PREFIX)
    try:
        if options.deploy:
            urls = deploy(named, lambda service: clients.factory(service)())
        else:
            sqs = clients.factory("sqs")()
            urls = {queue.name: sqs.get_queue_url(QueueName=queue.name)["QueueUrl"] for queue in named.queues.values()}
        for name in named.secrets.values():
            secret = clients.factory("secretsmanager")().get_secret_value(SecretId=name)["SecretString"]
            _write_secret(data_dir / WEBHOOK_SECRET, secret)
    except (BotoCoreError, ClientError) as error:
        raise ServerRefusedError(f"{options.aws} does not serve what the template needs: {error}") from error
    return read_topology(options.template, options.parameters, prefix=AWS_PREFIX, queue_urls=urls)


def _aws_defaults(endpoint: str) -> dict[str, str]:
    """Emulators on this machine take any credentials, but some there must be."""
    region = {"AWS_DEFAULT_REGION": REGION}
    is_here = urlsplit(endpoint).hostname in LOOPBACK_HOSTS and "AWS_PROFILE" not in os.environ
    return {**region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"} if is_here else region


def local_environment(options: ServeOptions, data_dir: Path) -> Mapping[str, str]:
    """What differs on one machine from what the template says; a variable set by the caller wins."""
    forced = {"DATA_DIR": str(data_dir)}
    if options.aws:
        forced |= {"STORAGE": "aws", "AWS_ENDPOINT_URL": options.aws}
        defaults = _aws_defaults(options.aws)
    else:
        forced |= {"STORAGE": "local"}
        defaults = {
            "GENERATION_MAX_AGE_SECONDS": "0",
            "STALE_LIST_SECONDS": "0",
            "WEBHOOK_SECRET_NAME_PREFIX": f"{WEBHOOK_SECRET}-",  # a file for each source that has one of its own
        }
    defaults |= {
        "INDEX_BACKEND": "opensearch" if os.environ.get("OPENSEARCH_URL") else "tantivy",
        "OPENSEARCH_URL": "",  # the template's domain is in the cloud
        "OPENSEARCH_AUTH": "none",
        "EMBEDDER": "onnx",
        "EMBEDDING_MODEL_DIR": "build/model",
        "BEDROCK_MODEL_ID": "",
        "SENDERS_FILE": "",
        "MCP_ALLOWED_ORIGINS": "",
        "CALLER_GROUPS": "",
        "OPENBLAS_NUM_THREADS": "1",  # a search compares vectors for a millisecond: more threads only wait
        "RETRY_DELAYS_SECONDS": "1,2,5",
        "LOG_LEVEL": "WARNING",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    return {**defaults, **{name: os.environ[name] for name in defaults if name in os.environ}, **forced}


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise ServerRefusedError(
                f"port {port} on {host} cannot be used ({error.strerror}): choose another with PORT=..."
            ) from error


def _secret_file(path: Path) -> str:
    """The first live value; made at the first start, readable by nobody else."""
    if not path.exists():
        _write_secret(path, secrets.token_urlsafe(TOKEN_BYTES))
    values = path.read_text(encoding="utf-8").split()
    if not values:
        raise ServerRefusedError(f"{path} is empty: put a value into it, or delete it to get a new one")
    return values[0]


def _write_secret(path: Path, value: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{value}\n")


class _Server:
    def __init__(self, plan: Plan, address: str) -> None:
        self._plan = plan
        self._address = address
        self._stopping = threading.Event()
        self._events: multiprocessing.process.BaseProcess | None = None
        self._refusal = ""
        self._prepared = _SPAWN.Event()  # the stores exist: workers may answer

    def run(self) -> None:
        multiprocessing.set_start_method("spawn", force=True)  # granian's choice too: this process has threads
        _forget_main_module()
        reports = self._start_events()

        from granian.constants import Interfaces  # while the other process imports what it needs
        from granian.log import LogLevels
        from granian.server import Server

        from infra.local.terminal import Terminal

        terminal = Terminal(self._plan)
        options = self._plan.options
        http = Server(
            "the gateway",  # only named in messages: the loader below makes it
            address=self._address,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=options.workers,
            blocking_threads=HTTP_THREADS,
            websockets=False,
            log_level=LogLevels.critical,
            respawn_failed_workers=True,
            workers_kill_timeout=STOP_SECONDS,
        )
        supervisor = threading.Thread(target=self._supervise, args=(reports, http, terminal), daemon=True)
        supervisor.start()
        terminal.watch_health()
        try:
            http.serve(target_loader=partial(http_api, self._plan, self._prepared), wrap_loader=False)
        except SystemExit:  # granian's way to say that it gave up
            log = log_path(self._plan.data_dir, "http")
            self._refusal = self._refusal or f"the HTTP workers died again and again; the end of {log} says why"
        finally:
            self._stopping.set()
            self._stop_events()
            terminal.close()
        if self._refusal:
            raise ServerRefusedError(self._refusal)

    def _start_events(self) -> Connection:
        receiver, sender = _SPAWN.Pipe(duplex=False)
        self._events = _SPAWN.Process(target=run_events, args=(self._plan, sender, self._prepared), name="events")
        self._events.start()
        sender.close()
        return receiver

    def _supervise(self, reports: Connection, http: object, terminal: "Terminal") -> None:
        was_ready = False
        while not self._stopping.is_set():
            for report in _received(reports):
                was_ready = was_ready or isinstance(report, Ready)
                if isinstance(report, CannotStart):
                    self._refusal = report.text
                terminal.show(report)
            if self._stopping.is_set():
                return
            if not was_ready:
                log = log_path(self._plan.data_dir, "events")
                self._refusal = self._refusal or f"the events process could not start; the end of {log} says why"
                http.signal_handler_interrupt()  # type: ignore[attr-defined]
                return
            terminal.line("The events process ended; it is started again, and nothing is lost.")
            self._stopping.wait(RESTART_SECONDS)
            if not self._stopping.is_set():
                reports = self._start_events()

    def _stop_events(self) -> None:
        events = self._events
        if events is None or not events.is_alive():
            return
        events.terminate()
        events.join(STOP_SECONDS)
        if events.is_alive():
            events.kill()
            events.join()


def _received(reports: Connection) -> Iterator[object]:
    """Until the other end is closed: the process is gone."""
    while True:
        try:
            yield reports.recv()
        except (EOFError, OSError):
            return


def _forget_main_module() -> None:
    """A spawned child runs the parent's main module again: it would import the whole command line for nothing."""
    main = sys.modules["__main__"]
    main.__spec__ = None
    if hasattr(main, "__file__"):
        del main.__file__
