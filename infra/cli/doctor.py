"""``pp doctor``: what is reachable, what is in force, and what to do about each problem."""

import shutil
from dataclasses import asdict, dataclass
from typing import Any

import click

from infra.cli.environment import Environment
from infra.cli.errors import CommandError, NotReachableError, RefusedError
from infra.cli.options import api, as_json_option
from infra.cli.terminal import one_line, print_json, say

FREE_BYTES_WANTED = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str
    advice: str = ""


@click.command()
@as_json_option
def doctor(as_json: bool) -> None:
    """Look at everything the system stands on. Exit code 1 when something is wrong.

    Works while the system is stopped, too: it says so, and how to start it.

    \b
    Examples:
      pp doctor
      pp doctor --json | jq '.checks[] | select(.ok | not)'
    """
    environment = Environment.read()
    settings: dict[str, Any] = {"PP_URL": environment.url, "PP_DATA": str(environment.data.resolve())}
    checks = [_server()]
    if checks[0].ok:
        told, in_force = _told_by_server()
        checks += told
        settings |= in_force
    else:
        checks += _seen_from_here(environment)
    is_well = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": is_well, "checks": [asdict(check) for check in checks], "settings": settings})
    else:
        _print(checks, settings)
    if not is_well:
        raise click.exceptions.Exit(1)


def _server() -> Check:
    try:
        health = api().get("/v1/health", "status")
    except NotReachableError as error:
        return Check("server", False, "it does not run", str(error))
    except CommandError as error:
        return Check("server", False, "it does not answer as it should", str(error))
    return Check("server", True, f"{api().environment.url}, version {health.get('version', 'unknown')}")


def _told_by_server() -> tuple[list[Check], dict[str, Any]]:
    try:
        sources = api().get("/v1/sources", "sources")["sources"]
        answer = api().get("/local/doctor", "checks")
    except RefusedError as error:
        return [Check("token", False, "it was refused", str(error))], {}
    except CommandError as error:
        return [Check("answers", False, "not all questions are answered", str(error))], {}
    checks = [Check(str(c["name"]), bool(c["ok"]), str(c["detail"]), str(c["advice"])) for c in answer["checks"]]
    count = sum(source["documents"] for source in sources)
    detail = f"{count:,} from {len(sources)} {'source' if len(sources) == 1 else 'sources'}" if count else "none"
    documents = Check("documents", count > 0, detail, "" if count else "bring some in with `pp ingest FOLDER`")
    return [documents, *checks], dict(answer.get("settings", {}))


def _seen_from_here(environment: Environment) -> list[Check]:
    """What can be said without the server."""
    data = environment.data
    if not environment.is_this_machine:
        return []
    if not data.is_dir():
        return [Check("data folder", True, f"{data} is not there yet: the first start makes it")]
    free = shutil.disk_usage(data).free
    checks = [
        Check("data folder", True, str(data.resolve())),
        Check(
            "disk",
            free > FREE_BYTES_WANTED,
            f"{free // 1024**2:,} MB free",
            "" if free > FREE_BYTES_WANTED else "free some space: nothing can be stored when the disk is full",
        ),
    ]
    secrets = [path for path in (data / "token", *sorted(data.glob("webhook-secret*"))) if path.is_file()]
    readable = [path.name for path in secrets if path.stat().st_mode & 0o077]
    checks += [
        Check(name, False, "others on this machine can read it", f"run `chmod 600 {data / name}`") for name in readable
    ]
    return checks


def _print(checks: list[Check], settings: dict[str, Any]) -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark = ("ok   ", "green") if check.ok else ("WRONG", "bold red")
        say(mark, f"  {one_line(check.name):{width}}  ", one_line(check.detail))
        if check.advice and not check.ok:
            say(" " * (width + 9), ("→ ", "bold"), one_line(check.advice))
    say("")
    say(("Settings in force", "bold"))
    width = max(map(len, settings))
    for name, value in settings.items():
        say((f"  {one_line(name):{width}}  ", "dim"), one_line(value))
