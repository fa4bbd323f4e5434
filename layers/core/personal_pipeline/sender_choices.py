"""How the senders of each source are verified: as shipped, or as the operator chose in a file, checked where it enters.

A source that the file names is verified in the ways that stand there and in no other. A mistake is refused when the
file is loaded, with the source and the field.
"""

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from personal_pipeline.domain import senders as domain
from personal_pipeline.domain.errors import RejectedError

MAX_FILE_BYTES = 64 * 1024
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]


class InvalidSendersError(RejectedError):
    pass


class _Way(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def sender(self) -> domain.Sender:
        raise NotImplementedError


class _Bearer(_Way):
    by: Literal["bearer"]

    def sender(self) -> domain.Sender:
        return domain.Bearer()


class _Basic(_Way):
    by: Literal["basic"]
    user: str = ""

    def sender(self) -> domain.Sender:
        return domain.Basic(self.user)


class _Header(_Way):
    by: Literal["header"]
    name: _Name

    def sender(self) -> domain.Sender:
        return domain.Header(self.name)


class _Token(_Way):
    by: Literal["token"]
    parameter: str = Field("token", pattern=r"^[A-Za-z0-9_.-]{1,100}$")

    def sender(self) -> domain.Sender:
        return domain.Token(self.parameter)


class _Hmac(_Way):
    by: Literal["hmac"]
    header: _Name
    prefix: str = Field("", pattern=r"^[^,\s]{0,40}$")
    timestamp_header: _Name | None = None
    separator: str = Field(":", pattern=r"^[^0-9]{1,10}$")  # or it would not tell where the time ends
    remembered_seconds: int | None = Field(None, ge=0, le=domain.REMEMBERED_SECONDS)

    @model_validator(mode="after")
    def _refuses_replays_in_one_way(self) -> "_Hmac":
        if (self.timestamp_header is None) == (self.remembered_seconds is None):
            raise ValueError(
                "give timestamp_header, or remembered_seconds: for how long the same bytes are refused, "
                "0 where two alerts may have the same"
            )
        return self

    def sender(self) -> domain.Sender:
        time = self.timestamp_header or ""
        return domain.Signature(self.header, self.prefix, time, self.separator, self.remembered_seconds or 0)


class _FormHmac(_Way):
    by: Literal["form_hmac"]
    header: _Name = "x-victorops-signature"
    url: str = Field("", pattern=r"^$|^https?://[^\s/]+/\S*$")

    def sender(self) -> domain.Sender:
        return domain.FormSignature(self.header, self.url)


class _Certificate(_Way):
    by: Literal["certificate"]
    subjects: list[Annotated[str, Field(min_length=3, max_length=1000)]] = Field(min_length=1, max_length=50)
    header: _Name | None = None

    def sender(self) -> domain.Sender:
        return domain.Certificate(tuple(self.subjects), self.header or "")


_Any = Annotated[
    _Bearer | _Basic | _Header | _Token | _Hmac | _FormHmac | _Certificate,
    Field(discriminator="by"),
]
_FILE = TypeAdapter(dict[str, Annotated[list[_Any], Field(min_length=1, max_length=5)]])


def senders(file: str, sources: Container[str]) -> Mapping[str, tuple[domain.Sender, ...]]:
    """Raises InvalidSendersError."""
    return {**domain.SENDERS, **(_chosen(Path(file), sources) if file else {})}


def _chosen(file: Path, sources: Container[str]) -> dict[str, tuple[domain.Sender, ...]]:
    found = _read(file)
    if not isinstance(found, dict):
        raise _refused(file, "is no mapping: write the name of a source, and below it how it is verified")
    try:
        chosen = _FILE.validate_python({name: _listed(ways) for name, ways in found.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _refused(file, f"{where}: {first['msg']}") from error
    if unknown := [name for name in chosen if name not in sources]:
        raise _refused(file, f"{unknown[0]}: there is no such alert source")
    return {name: tuple(way.sender() for way in ways) for name, ways in chosen.items()}


def _read(file: Path) -> Any:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise _refused(file, f"is larger than {MAX_FILE_BYTES // 1024} KiB")
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(file, f"cannot be read ({error.strerror}): check SENDERS_FILE") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _refused(file, f"is no YAML: {' '.join(str(error).split())}") from error


def _listed(ways: Any) -> Any:
    return [ways] if isinstance(ways, dict) else ways


def _refused(file: Path, what: str) -> InvalidSendersError:
    return InvalidSendersError(f"{file}: {what}")
