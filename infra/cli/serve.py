"""``pp serve``: what ``make run`` calls."""

from pathlib import Path

import click

from infra.cli.environment import Environment

SAMPLES = Path(__file__).resolve().parents[2] / "events" / "documents"


@click.command()
@click.option(
    "--runbooks",
    type=click.Path(path_type=Path),
    default=SAMPLES,
    metavar="FOLDER",
    help="Folder of your own documents; read, never written. The samples if left out.",
)
@click.option("--aws", default="", metavar="URL", help="Run on this AWS endpoint: moto's server, LocalStack, or AWS.")
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    show_default=True,
    help="Address to listen on; any but this machine's needs PP_API_TOKEN.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port to listen on.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer searches."
)
@click.option(
    "--groups", default="", metavar="NAMES", help="Groups of whoever asks without a key of their own, with commas."
)
def serve(runbooks: Path, aws: str, host: str, port: int, workers: int, groups: str) -> None:
    """Run the whole system on this machine until Ctrl-C.

    Its data lies in .pp, or where PP_DATA says; a restart or a crash loses nothing. Without --runbooks it serves
    the samples that come with it.

    \b
    Examples:
      pp serve
      pp serve --runbooks ~/runbooks --port 9000
      pp serve --groups sre,platform
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
            groups=tuple(name for part in groups.split(",") if (name := part.strip())),
        )
    )
