"""Secrets by name. A secret holds one live value per line, the newest first: two while senders change over.

Lines, rather than the previous version that Secrets Manager keeps: a value that leaked must end when the operator
takes it out, not at the next rotation but one.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from personal_pipeline.domain.errors import SecretMissingError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS = 300
RETRY_SECONDS = 30.0


class FileSecrets:
    """One file per secret in a folder, read each time: a change is live at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def values(self, name: str) -> tuple[str, ...]:
        path = self._folder / name
        if Path(name).name != name:
            raise UnavailableError(f"secret {name!r}: name a file in {self._folder}, not a path")
        try:
            return _values(name, path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SecretMissingError(f"secret {name}: there is no {path}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UnavailableError(f"secret {name}: {path} cannot be read: {error}") from error


class SecretsManagerSecrets:
    """Read again after ``max_age_seconds``; while Secrets Manager does not answer, what was read last stays good.

    ``prefix`` is what all their names begin with there.
    That there is no such secret is remembered as long: a source without one of its own would be asked for each time.
    """

    def __init__(
        self,
        client: "Callable[[], SecretsManagerClient]",
        max_age_seconds: float = MAX_AGE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        prefix: str = "",
    ) -> None:
        self._client = client
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._prefix = prefix
        self._known: dict[str, tuple[tuple[str, ...], float]] = {}  # the values, and until when not to ask

    def values(self, name: str) -> tuple[str, ...]:
        known, good_until = self._known.get(name, (None, 0.0))
        now = self._clock()
        if known is None or now >= good_until:
            try:
                known, good_until = self._read(name), now + self._max_age_seconds
            except UnavailableError:
                if known is None:
                    raise
                good_until = now + RETRY_SECONDS
            self._known[name] = known, good_until
        if not known:
            raise SecretMissingError(
                f"secret {self._prefix}{name} is not there or empty: put one value per line into it, the newest first"
            )
        return known

    def _read(self, name: str) -> tuple[str, ...]:
        """Empty when there is none, or nothing in it."""
        from personal_pipeline.adapters.aws_clients import aws_errors  # botocore: not for those who read a file

        client = self._client()
        try:
            with aws_errors(f"secret {self._prefix}{name}", UnavailableError):
                answer = client.get_secret_value(SecretId=self._prefix + name)
        except UnavailableError as error:
            if isinstance(error.__cause__, client.exceptions.ResourceNotFoundException):
                return ()
            raise
        return _lines(answer.get("SecretString") or answer.get("SecretBinary", b"").decode())


def _values(name: str, text: str) -> tuple[str, ...]:
    values = _lines(text)
    if not values:
        raise SecretMissingError(f"secret {name} is empty: put one value per line into it, the newest first")
    return values


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
