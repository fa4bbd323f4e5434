"""One HTTP worker: the routes and the functions behind them. It reads; the events process writes."""

import os
import threading
from multiprocessing.synchronize import Event

from infra.local.functions import LocalFunction
from infra.local.gateway import LOOPBACK_HOSTS, Guard, HttpApi
from infra.local.logs import send_output_to_log
from infra.local.operator_routes import OperatorRoutes
from infra.local.plan import Plan, end_with_parent

TIMED_OUT = 70
PREPARE_SECONDS = 30.0
ANSWER_SECONDS = 0.5  # to send the last answer before the process goes
LOADED_WHEN_ASKED = frozenset({"McpFunction"})  # a library that takes seconds and memory, and many never ask for it


def http_api(plan: Plan, prepared: Event) -> HttpApi:
    """Called by the server in each worker process, which starts to answer when this returns."""
    end_with_parent()
    os.environ.update(plan.process_environment())
    send_output_to_log(plan.data_dir, "http", shows_lines=False)
    functions = {id_: LocalFunction(spec, plan.environment) for id_, spec in plan.topology.functions.items()}
    asked_first = {route.function for route in plan.topology.routes} - LOADED_WHEN_ASKED
    loading = [functions[id_].start() for id_ in sorted(asked_first)]
    for loaded in loading:
        loaded.result()
    prepared.wait(PREPARE_SECONDS)  # before that there is no index to search
    return HttpApi(
        plan.topology.routes,
        functions,
        guard_for(plan),
        OperatorRoutes(plan, functions),
        lambda: threading.Timer(ANSWER_SECONDS, os._exit, [TIMED_OUT]).start(),
    )


def guard_for(plan: Plan) -> Guard:
    host = plan.options.host
    is_any = host in {"0.0.0.0", "::"}  # noqa: S104  # compared, not bound: its names are not known
    hosts = frozenset() if is_any else LOOPBACK_HOSTS | {host.lower()}
    return Guard(plan.api_token, plan.operator_token, hosts, plan.callers, plan.options.groups)
