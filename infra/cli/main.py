"""The ``pp`` command: one module per group of commands, registered here.

What went wrong and was expected is one line on stderr and exit code 1; a wrong call is exit code 2. Anything
else keeps its traceback, because then the program is wrong.
"""

import sys

import click

from infra.cli.alerts import alert
from infra.cli.backups import backup, restore
from infra.cli.completion import completion
from infra.cli.coverage import coverage
from infra.cli.doctor import doctor
from infra.cli.documents import ingest, reindex
from infra.cli.errors import CommandError
from infra.cli.evaluate import evaluate
from infra.cli.feedback import feedback
from infra.cli.mcp import mcp
from infra.cli.operate import failures, redrive, warm
from infra.cli.routes import routes
from infra.cli.run_through import run_through
from infra.cli.search import search
from infra.cli.serve import serve
from infra.cli.show import show
from infra.cli.terminal import print_error
from personal_pipeline import __version__
from personal_pipeline.domain.errors import PipelineError


class InOrder(click.Group):
    """Commands in the order in which a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as the base has it
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="pp", message="%(prog)s %(version)s")
def pp() -> None:
    """The right runbook in front of the person on call.

    Start the system with `make run` (or `pp serve`), then ask it from another terminal.

    \b
    Examples:
      pp search disk full
      pp ingest ~/runbooks
      pp doctor

    \b
    Environment:
      PP_URL             where the system answers (http://127.0.0.1:8080)
      PP_DATA            its data folder (.pp): tables, documents, index, secrets
      PP_TOKEN           the operator's token, where the data folder cannot be read
      PP_API_TOKEN       the token for questions, where the system asks for one
      PP_WEBHOOK_SECRET  the secret of alert senders, where the data folder cannot be read
    """


for command in (
    serve, ingest, search, show, run_through, mcp, alert, routes, feedback, coverage, evaluate, failures, redrive,
    reindex, warm, backup, restore, doctor, completion,
):  # fmt: skip
    pp.add_command(command)


def main() -> None:
    try:
        pp(prog_name="pp")
    except (CommandError, PipelineError) as error:
        print_error(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
