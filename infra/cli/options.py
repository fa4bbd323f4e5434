"""What several commands share. The HTTP client is imported when a command runs: help must not wait for it."""

from typing import TYPE_CHECKING

import click

from infra.cli.environment import Environment

if TYPE_CHECKING:
    from infra.cli.api import Api

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")


def api() -> "Api":
    from infra.cli.api import Api

    return Api(Environment.read())
