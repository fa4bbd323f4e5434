"""``pp serve``: what ``make run`` calls."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.environment import Environment

SAMPLES = Path(__file__).resolve().parents[2] / "events" / "documents"


def serve(
    runbooks: Annotated[
        Path,
        typer.Option(help="Folder of your own documents; read, never written", metavar="FOLDER", show_default=False),
    ] = SAMPLES,
    aws: Annotated[
        str, typer.Option(help="Run on this AWS endpoint: moto's server, LocalStack, or AWS", metavar="URL")
    ] = "",
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's needs PP_API_TOKEN")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer searches")] = 1,
) -> None:
    """Run the whole system on this machine until Ctrl-C.

    Its data lies in .pp, or where PP_DATA says; a restart or a crash loses nothing. Without --runbooks it serves
    the samples that come with it.

    \b
    Examples:
      pp serve
      pp serve --runbooks ~/runbooks --port 9000
      pp serve --aws http://127.0.0.1:4566
    """
    from infra.local.plan import ServeOptions
    from infra.local.serve import serve as run

    run(
        ServeOptions(
            data_dir=Environment.read().data,
            runbooks=runbooks.expanduser().resolve(),
            host=host,
            port=port,
            workers=workers,
            aws=aws,
        )
    )
