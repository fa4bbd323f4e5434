"""The routes file, checked: which targets there are, and who is told of which alert.

All that is wrong is named at once, each with what to write instead. No message repeats a value that may be a secret.
"""

import difflib
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from personal_pipeline.domain.addresses import is_public
from personal_pipeline.domain.errors import RejectedError
from personal_pipeline.domain.parsing.front_matter import load_yaml
from personal_pipeline.domain.routing import (
    DAYS,
    Day,
    Route,
    Routes,
    TargetSettings,
    Window,
    minute_of_day,
    unknown_names,
)

MAX_BYTES = 64 * 1024
PACKAGED = "routes.yaml"
_SECRET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,98}[a-z0-9])?")
_LOOKS_SECRET = re.compile(r"whsec_|xox[a-z]-|xapp-|https?:|[0-9a-f]{32}|(?=.*[A-Z+/=])\S{16,}")
_INSIDE = re.compile(r"localhost|.*\.(?:localhost|internal|local)", re.IGNORECASE)


class InvalidRoutesError(RejectedError):
    pass


def _wrong(told: str) -> PydanticCustomError:
    return PydanticCustomError("routes", "{told}", {"told": told})


def _secret_name(name: object) -> object:
    if isinstance(name, str) and _LOOKS_SECRET.match(name):
        raise _wrong("looks like the secret itself: keep that in the store of secrets, and write its name here")
    if isinstance(name, str) and not _SECRET_NAME.fullmatch(name):
        raise _wrong("is no name of a secret: write lower-case letters, digits, '-', '_' and '.', without a path")
    return name


def _list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _address(url: str, *, plain_http: bool) -> str:
    """Of the web, without a user in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"https", "http"} or not url.isprintable() or " " in url:
        raise _wrong("is no address: write one like https://hooks.example.com/alerts")
    if parts.username is not None or parts.password is not None:
        raise _wrong("has a user or a password in it: leave them out, and name a secret")
    if parts.fragment:
        raise _wrong("has a part after '#', which is never sent: leave it out")
    if parts.scheme == "http" and not plain_http:
        raise _wrong("is not encrypted: write https:// instead of http://")
    return url


def is_inside(url: str) -> bool:
    """What can be told without asking for the host's addresses, which is done at each delivery."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_INSIDE.fullmatch(host)) or "." not in host
    return not is_public(host)


def _base_url(url: str) -> str:
    return _address(url, plain_http=urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}).rstrip("/")


Secret = Annotated[str, BeforeValidator(_secret_name)]
Names = Annotated[tuple[str, ...], BeforeValidator(_list), Field(min_length=1)]


class _Part(BaseModel):
    """A field's description says what to write."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class _Target(_Part):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$", description="lower-case letters, digits, '-' and '_'")


class EventBridge(_Target):
    kind: Literal["eventbridge"]
    bus: str = Field("", pattern=r"^[A-Za-z0-9._/-]{0,256}$", description="the name of an event bus")


class Sns(_Target):
    kind: Literal["sns"]
    topic_arn: str = Field(
        pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?$",
        description="the topic's ARN, as arn:aws:sns:eu-central-1:123456789012:alerts",
    )


class Slack(_Target):
    kind: Literal["slack"]
    channel: str = Field(pattern=r"^[CGD][A-Z0-9]{2,20}$", description="the channel's id, as C0123456789, not its name")
    secret: Secret = Field(description="the name of the secret that holds the bot's token")
    base_url: Annotated[str, BeforeValidator(_base_url)] = Field("", description="another address than Slack's")


class Teams(_Target):
    kind: Literal["teams"]
    secret: Secret = Field(description="the name of the secret that holds the workflow's address")


class PagerDuty(_Target):
    """``routing_secret`` opens incidents (Events API), ``secret`` and ``from`` note on those that are there (REST)."""

    kind: Literal["pagerduty"]
    routing_secret: Secret | None = Field(None, description="the name of the secret that holds the integration key")
    secret: Secret | None = Field(None, description="the name of the secret that holds the REST API key")
    from_email: str | None = Field(
        None, alias="from", pattern=r"^[^@\s,<>]+@[^@\s,<>]+$", description="the e-mail address of a PagerDuty user"
    )
    base_url: Annotated[str, BeforeValidator(_base_url)] = Field("", description="another address than the REST API's")
    events_url: Annotated[str, BeforeValidator(_base_url)] = Field("", description="another than the Events API's")

    @model_validator(mode="after")
    def _has_a_way(self) -> Self:
        if not self.routing_secret and not self.secret:
            raise _wrong("needs routing_secret, or secret and from: write the names of the secrets")
        if bool(self.secret) != bool(self.from_email):
            raise _wrong("needs both secret and from for notes: write the one that is missing")
        return self


class Webhook(_Target):
    kind: Literal["webhook"]
    url: str = Field(max_length=2000, description="an https address")
    secret: Secret = Field(description="the name of the secret (whsec_...) that signs")
    allow_private: bool = Field(False, description="true or false")

    @model_validator(mode="after")
    def _leads_outside(self) -> Self:
        _address(self.url, plain_http=self.allow_private)
        if is_inside(self.url) and not self.allow_private:
            raise _wrong("url leads into a private network: write a public address, or allow_private: true")
        return self


class Terminal(_Target):
    kind: Literal["terminal"]


AnyTarget = Annotated[EventBridge | Sns | Slack | Teams | PagerDuty | Webhook | Terminal, Field(discriminator="kind")]
KINDS: tuple[type[_Target], ...] = (EventBridge, Sns, Slack, PagerDuty, Teams, Webhook, Terminal)


class During(_Part):
    """All days where none are named, whole days where no times are."""

    days: Annotated[tuple[Day, ...], BeforeValidator(_list)] = Field(
        DAYS, min_length=1, description=f"a list of {', '.join(DAYS)}"
    )
    begins: str = Field("00:00", alias="from", description='a time in quotes, as "09:00"')
    ends: str = Field("24:00", alias="to", description='a time in quotes, as "18:00"')
    timezone: str = Field(description="a name as Europe/Berlin or UTC")

    @field_validator("begins", "ends")
    @classmethod
    def _is_time(cls, text: str) -> str:
        try:
            minute_of_day(text)
        except ValueError:
            raise _wrong('is no time of day: write it in quotes, as "09:00", from "00:00" to "24:00"') from None
        return text

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise _wrong(f"{name[:60]!r} is no timezone: write a name as Europe/Berlin or UTC") from None
        return name

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.begins == self.ends:
            raise _wrong("begins when it ends: leave from and to out for whole days")
        return self

    def window(self) -> Window:
        days = frozenset(DAYS.index(day) for day in self.days)
        return Window(days, minute_of_day(self.begins), minute_of_day(self.ends), ZoneInfo(self.timezone))


class OneRoute(_Part):
    service: Names = Field((), description="a service's name or a list of them, * for any characters", min_length=0)
    severity: Annotated[tuple[Literal["critical", "warning", "info", "unknown"], ...], BeforeValidator(_list)] = Field(
        (), description="critical, warning, info or unknown, or a list of them"
    )
    team: Names = Field((), description="a team's name or a list of them", min_length=0)
    source: Names = Field((), description="a source of alerts or a list of them, as alertmanager", min_length=0)
    during: tuple[During, ...] = Field((), description="days, from, to and timezone, or a list of these")
    targets: Names = Field(description="names of targets")

    @field_validator("during", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return [value] if isinstance(value, Mapping) else value

    def route(self, number: int) -> Route:
        windows = tuple(window.window() for window in self.during)
        return Route(number, self.targets, self.service, self.severity, self.team, self.source, windows)


class RoutesFile(_Part):
    targets: tuple[AnyTarget, ...] = Field(max_length=200, description="a list of targets")
    routes: tuple[OneRoute, ...] = Field((), max_length=500, description="a list of routes")
    default: Annotated[tuple[str, ...], BeforeValidator(_list)] = Field(
        description="names of targets for alerts that no route takes; [] for none"
    )


def load_routes(path: Path | None = None) -> Routes:
    """The packaged file where none is named. Raises InvalidRoutesError."""
    name = str(path) if path else PACKAGED
    try:
        found = path or files("personal_pipeline") / PACKAGED
        with found.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
        text = body.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise InvalidRoutesError(f"{name}: cannot be read ({reason}): name another file in ROUTES_FILE") from error
    return read_routes(text, name)


def read_routes(text: str, name: str) -> Routes:
    """Raises InvalidRoutesError with a line for each thing that is wrong."""
    try:
        said = load_yaml(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRoutesError(f"{name}: is no YAML that is read here: {error}") from error
    if not isinstance(said, dict):
        raise InvalidRoutesError(f"{name}: write 'targets:', 'routes:' and 'default:' in it")
    try:
        file = RoutesFile.model_validate(said)
    except ValidationError as error:
        lines = [f"{name}: {_told(one, said)}" for one in error.errors(include_url=False, include_input=False)]
        raise InvalidRoutesError("\n".join(dict.fromkeys(lines))) from None  # the cause shows what was written
    if problems := list(_unknown_and_double(file)):
        raise InvalidRoutesError("\n".join(f"{name}: {problem}" for problem in problems))
    targets = tuple(
        TargetSettings(target.name, target.kind, target.model_dump(exclude={"name", "kind"}, by_alias=True))
        for target in file.targets
    )
    return Routes(targets, tuple(one.route(n) for n, one in enumerate(file.routes, start=1)), file.default)


def _unknown_and_double(file: RoutesFile) -> Iterator[str]:
    names = [target.name for target in file.targets]
    for number, name in enumerate(names, start=1):
        if name in names[: number - 1]:
            yield f"target {number}: name: {name!r} is the name of an earlier target: write another one"
    uses = [(f"route {number}: targets", route.targets) for number, route in enumerate(file.routes, start=1)]
    for where, used in [*uses, ("default", file.default)]:
        for unknown in unknown_names(used, names):
            yield f"{where}: no target is named {unknown[:60]!r}: {_instead(unknown, names)}"


def _instead(wrong: str, known: Sequence[str]) -> str:
    if not known:
        return "there are no targets, write one first"
    near = difflib.get_close_matches(wrong, known, 1)
    return f"write {near[0]!r}" if near else f"write one of {', '.join(known[:20])}"


def _told(error: ErrorDetails, said: Mapping[str, Any]) -> str:
    where, model, field = _place(error["loc"], said)
    names = [info.alias or key for key, info in model.model_fields.items()]
    info = next((info for key, info in model.model_fields.items() if field in {key, info.alias}), None)
    write = f"write {info.description}" if info and info.description else ""
    match error["type"]:
        case "routes":
            return f"{where}: {error['ctx']['told']}"
        case "extra_forbidden":
            return f"{where}: is not known here: {_instead(field, names)}"
        case "missing":
            return f"{where}: is missing: {write}"
        case "union_tag_invalid" | "union_tag_not_found":
            kinds = ", ".join(kind.__name__.lower() for kind in KINDS)
            return (
                f"{where}: kind: {'is missing' if 'not_found' in error['type'] else 'is unknown'}: write one of {kinds}"
            )
    return f"{where}: cannot be taken: {write or 'see docs/delivery.md'}"


def _place(loc: Sequence[int | str], said: Mapping[str, Any]) -> tuple[str, type[BaseModel], str]:
    """In the words of the file, with the model that the field belongs to."""
    first, *rest = loc
    if first not in {"targets", "routes"} or not rest or not isinstance(rest[0], int):
        return str(first), RoutesFile, str(first)
    number, *rest = rest
    model: type[BaseModel] = OneRoute
    where = f"route {int(number) + 1}"
    if first == "targets":
        item = said["targets"][number]
        name = item.get("name") if isinstance(item, Mapping) else None
        where = f"target {int(number) + 1}" + (f" ({name[:60]})" if isinstance(name, str) else "")
        kind = rest.pop(0) if rest else ""
        model = next((one for one in KINDS if one.__name__.lower() == kind), _Target)
    names = [str(part) for part in rest if not isinstance(part, int)]
    if names[:1] == ["during"] and len(names) > 1:
        model = During
    return ": ".join([where, ".".join(names)] if names else [where]), model, names[-1] if names else ""
