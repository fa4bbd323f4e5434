import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from infra.cli.main import pp as group
from personal_pipeline import __version__
from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import StandIn


def commands(of: click.Group = group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in of.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands())
WITHOUT_JSON = ("serve", "mcp", "run-through", "completion")  # they talk with somebody, or print a script


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(pp: Pp, words: tuple[str, ...]) -> None:
    ran = pp(*words, "--help")

    assert ran.code == 0
    assert f"\n    pp {' '.join(words)}" in ran.out
    assert all(option.help for option in COMMANDS[words].params if isinstance(option, click.Option))


@pytest.mark.parametrize(
    "words", set(COMMANDS) - {("serve",), ("run-through",), ("mcp",), ("completion",)}, ids=" ".join
)
def test_every_command_that_answers_can_print_json(words: tuple[str, ...]) -> None:
    assert "--json" in {name for option in COMMANDS[words].params for name in option.opts}


def test_the_list_of_commands_cuts_no_sentence_off(pp: Pp) -> None:
    assert "..." not in pp("--help").out.partition("Commands:")[2]


def test_the_version_is_the_package_s(pp: Pp) -> None:
    assert pp("--version").out == f"pp {__version__}\n"


@pytest.mark.parametrize("words", [["serach"], ["search"], ["search", "x", "--limit", "0"], ["show"], ["ingest"]])
def test_a_wrong_call_is_exit_code_two_and_points_to_the_help(pp: Pp, words: list[str]) -> None:
    ran = pp(*words)

    assert (ran.code, ran.out) == (2, "")
    assert "--help" in ran.err


def test_a_wrong_variable_is_one_line(pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PP_URL", "localhost:8080")

    ran = pp("search", "x")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "pp: PP_URL is not an address (localhost:8080): write it like http://127.0.0.1:8080\n"


def test_serving_other_machines_without_authentication_is_refused(pp: Pp) -> None:
    ran = pp("serve", "--host", "0.0.0.0")

    assert ran.code == 1
    assert ran.err.startswith("pp: HOST=0.0.0.0 would let other machines ask without authentication: set PP_API_TOKEN")


def test_serving_a_folder_that_is_not_there_is_refused(pp: Pp, tmp_path: object) -> None:
    ran = pp("serve", "--runbooks", f"{tmp_path}/gone")

    assert ran.code == 1
    assert f"{tmp_path}/gone" in ran.err


def test_a_search_imports_neither_the_server_nor_what_only_the_cloud_needs(system: StandIn, data: object) -> None:
    code = (
        "import sys; from infra.cli.main import main; sys.argv = ['pp', 'failures']\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code, ended.code\n"
        "print(' '.join(name for name in ('pydantic', 'boto3', 'tantivy', 'granian', 'httpx') if name in sys.modules))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PP_URL": system.url, "PP_DATA": str(data), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == "No failures.\n\n"
