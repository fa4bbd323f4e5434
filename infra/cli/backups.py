"""``pp backup`` asks the running system for a copy; ``pp restore`` puts one back while nothing runs.

A backup has the tables and the documents: no secrets, and no index, which the next start builds again.
"""

import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from infra.cli.environment import Environment
from infra.cli.errors import CommandError
from infra.cli.options import api, as_json_option
from infra.cli.terminal import print_json, progress, say
from infra.local.data_folder import locked

TABLES = "pipeline.db"
DOCUMENTS = "documents"
KEPT = {"lock", "token", "log"}  # of the data folder, over a restore
KEPT_PREFIXES = ("before-restore-", "webhook-secret")  # what was set aside, and the secret of each source
SET_ASIDE = KEPT_PREFIXES[0]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
@as_json_option
def backup(file: Path, force: bool, as_json: bool) -> None:
    """Copy tables and documents of the running system into a file.

    The copy is of one moment; the system goes on answering. Secrets and the index are left out.

    \b
    Examples:
      pp backup runbooks.tar.gz
      pp backup "/mnt/backup/pp-$(date +%F).tar.gz" --json
    """
    if file.exists() and not force:
        raise CommandError(f"{file} is there already: choose another name, or add --force")
    size = _download(file)
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        say(f"{file}: {size:,} bytes. Put it back with `pp restore {file}`.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what the data folder holds; it is set aside, not deleted.")
@as_json_option
def restore(file: Path, force: bool, as_json: bool) -> None:
    """Put a backup back while the system is stopped.

    The next start builds the index again. The token and the webhook secret stay as they are.

    \b
    Examples:
      pp restore runbooks.tar.gz
      PP_DATA=/srv/runbooks pp restore runbooks.tar.gz --force
    """
    data = Environment.read().data
    with locked(data, CommandError):
        present = sorted(
            path for path in data.iterdir() if path.name not in KEPT and not path.name.startswith(KEPT_PREFIXES)
        )
        if present and not force:
            raise CommandError(
                f"{data} holds data already: add --force to replace it (it is set aside, not deleted), "
                "or set PP_DATA to another folder"
            )
        with tempfile.TemporaryDirectory(dir=data, prefix="restore-") as folder:
            unpacked = Path(folder)
            _unpack(file, unpacked)
            documents = sum(1 for path in (unpacked / DOCUMENTS).rglob("*") if path.is_file())
            aside = _put_in_place(unpacked, data, present)
    if as_json:
        print_json({"data": str(data), "documents": documents, "set_aside": str(aside) if aside else None})
        return
    say(f"{documents:,} files are back in {data}. Start the system; it builds the index from them first.")
    if aside:
        say(f"What was there before is in {aside}: delete it when you no longer need it.")


def _download(file: Path) -> int:
    """The file is there whole or not at all, and for nobody else to read."""
    partial = file.with_name(f"{file.name}.partial")
    size = 0
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise CommandError(f"{file} cannot be written ({error.strerror}): choose another place") from error
    try:
        with os.fdopen(descriptor, "wb") as target, progress() as bar:
            task = bar.add_task("Copying (KiB)", total=None)
            for piece in api().stream("/local/backup"):
                size += target.write(piece)
                bar.update(task, completed=size // 1024)
        partial.replace(file)
    except OSError as error:
        raise CommandError(f"{file} cannot be written ({error.strerror}): choose another place") from error
    finally:
        partial.unlink(missing_ok=True)
    return size


def _unpack(file: Path, folder: Path) -> None:
    """Raises CommandError unless everything in it may be there and the tables are sound."""
    if not hasattr(tarfile, "data_filter"):
        raise CommandError("this Python cannot unpack safely: use 3.11.4 or newer")
    try:
        with tarfile.open(file, "r:gz") as archive:
            for entry in archive:
                if entry.name != TABLES and entry.name.split("/")[0] != DOCUMENTS:
                    raise CommandError(f"{file} holds {entry.name!r}: it is not a file that `pp backup` wrote")
                archive.extract(entry, folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CommandError(f"{file} cannot be unpacked ({error}): use a file that `pp backup` wrote") from error
    try:
        with closing(
            sqlite3.connect(f"{(folder / TABLES).resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as tables:
            (state,) = tables.execute("pragma quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise CommandError(f"{file} has no tables that can be read ({error}): use another backup") from error
    if state != "ok":
        raise CommandError(f"the tables in {file} are damaged ({state}): use another backup")


def _put_in_place(unpacked: Path, data: Path, present: list[Path]) -> Path | None:
    """By renaming within one folder, undone when a step fails: a half of each is never left."""
    aside = data / f"{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    moves = [(path, aside / path.name) for path in present]
    moves += [(path, data / path.name) for path in sorted(unpacked.iterdir())]
    done: list[tuple[Path, Path]] = []
    try:
        if present:
            aside.mkdir(mode=0o700)
        for origin, target in moves:
            origin.rename(target)
            done.append((origin, target))
    except OSError as error:
        for origin, target in reversed(done):
            target.rename(origin)
        raise CommandError(f"{error.filename} cannot be moved ({error.strerror}): nothing was changed") from error
    return aside if present else None
