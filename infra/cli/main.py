"""The ``pp`` command: one module per group of commands, registered here.

What went wrong and was expected is one line on stderr and exit code 1; a wrong call is exit code 2. Anything
else keeps its traceback, because then the program is wrong.
"""

import sys
from typing import Annotated

import typer

from infra.cli import alerts, backups, doctor, documents, operate, search, serve
from infra.cli.errors import CommandError
from infra.cli.terminal import print_error
from personal_pipeline import __version__
from personal_pipeline.domain.errors import PipelineError

app = typer.Typer(
    name="pp",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: quick, and the same on every terminal
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pp {__version__}")
        raise typer.Exit


@app.callback()
def pp(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version")
    ] = False,
) -> None:
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


app.command()(serve.serve)
app.command()(documents.ingest)
app.command()(search.search)
app.command()(search.show)
app.add_typer(alerts.alert, name="alert")
app.command()(operate.failures)
app.command()(operate.redrive)
app.command()(documents.reindex)
app.command()(operate.warm)
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(doctor.doctor)


def main() -> None:
    try:
        app()
    except (CommandError, PipelineError) as error:
        print_error(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
