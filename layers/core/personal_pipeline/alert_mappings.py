"""The files of alert mappings, checked where they enter: the one that comes with the library, and the operator's own.

Expressions are JMESPath. A mistake is refused when the file is loaded, with the file, the mapping, the field, and what
to write instead; on an alert an expression finds something or nothing. All scalars are text, so that ``on`` and ``1``
in a table mean what a sender writes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path as FilePath
from typing import Any, Literal

import jmespath  # type: ignore[import-untyped]
import yaml
from jmespath.functions import Functions  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from personal_pipeline.domain import alert_mapping as domain
from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.errors import RejectedError
from personal_pipeline.settings import AlertMappingSettings

SHIPPED = FilePath(__file__).with_name("alert_mappings.yaml")
MAX_EXPRESSION = 500
_MAX_FILE_BYTES = 256 * 1024
_MOST_MAPPINGS = 100
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z")
_PLACEHOLDER = re.compile(r"(\{\{|\}\}|\{[^{}]*\}|[{}])")
_KINDS = ("path", "payload", "value", "template", "first", "link")
_SAMPLE = datetime(2026, 11, 29, 3, 4, 5, tzinfo=UTC)


class InvalidMappingError(RejectedError):
    pass


def alert_sources(settings: AlertMappingSettings | None = None) -> AlertSources:
    """The built-in sources, the shipped mappings, and the operator's, which may take the place of shipped ones."""
    own = (settings or AlertMappingSettings.from_env()).alert_mappings_file
    return AlertSources(load(SHIPPED) | (load(FilePath(own)) if own else {}))


def load(file: FilePath) -> dict[str, domain.AlertMapping]:
    """Raises InvalidMappingError."""
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise _refused(file, f"is larger than {_MAX_FILE_BYTES // 1024} KiB: leave out mappings that are not used")
        found = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # text only, no objects
    except OSError as error:
        raise _refused(file, f"cannot be read ({error.strerror}): check ALERT_MAPPINGS_FILE") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _refused(file, f"is no YAML that is read here: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict) or len(found) > _MOST_MAPPINGS:
        raise _refused(file, f"is no list of at most {_MOST_MAPPINGS} mappings: write `name:` and its fields below")
    return {name: _mapping(file, name, fields) for name, fields in found.items()}


def _mapping(file: FilePath, name: str, fields: Any) -> domain.AlertMapping:
    if not _NAME.match(name):
        raise _refused(file, f"mapping {name!r}: a name is part of a URL: use lower-case letters, digits, _ and -")
    if name in SOURCES:
        raise _refused(file, f"mapping {name!r}: this is a built-in source: choose another name")
    try:
        return _MappingSpec.model_validate(fields).compiled(name)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "as a whole"
        raise _refused(file, f"mapping {name!r}: {where}: {_said(first['type'], first['msg'])}") from error


def _said(kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing: say where it stands, such as `alert.title`"
    return message.removeprefix("Value error, ")


def _refused(file: FilePath, what: str) -> InvalidMappingError:
    return InvalidMappingError(f"alert mappings {file}: {what}")


class _Loader(yaml.BaseLoader):
    """Text, lists and objects; a name that is there twice is a mistake, and an alias could multiply without end."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("aliases (*name) are not read: write it out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{twice!r} is there twice in line {node.start_mark.line + 1} and below")
        return super().construct_mapping(node, deep)


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            raise ValueError("is not read as this: write fields and values")  # noqa: TRY004  # what pydantic reports
        if unknown := sorted(given.keys() - cls.model_fields.keys()):
            raise ValueError(f"no field {unknown[0]!r} is known here: there are {', '.join(cls.model_fields)}")
        return given


class _ValueSpec(_Spec):
    """A text is a path; else exactly one of the kinds says where the value comes from."""

    path: str | None = None
    payload: str | None = None
    value: str | None = None
    template: str | None = None
    first: "list[_ValueSpec] | None" = Field(default=None, max_length=20)
    link: "_ValueSpec | None" = None

    @model_validator(mode="before")
    @classmethod
    def _path_alone(cls, given: Any) -> Any:
        return {"path": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_kind(self) -> "_ValueSpec":
        if sum(getattr(self, kind) is not None for kind in _KINDS) != 1:
            raise ValueError(f"says none or several of {', '.join(_KINDS)}: write exactly one")
        return self

    @field_validator("path", "payload")
    @classmethod
    def _expression(cls, written: str | None) -> str | None:
        return None if written is None else checked_expression(written)

    @field_validator("template")
    @classmethod
    def _placeholders(cls, written: str | None) -> str | None:
        if written is not None and not any(isinstance(part, domain.Path) for part in _template_parts(written)):
            raise ValueError("has no {path} in it: write `value:` for what is always the same")
        return written

    def compiled_value(self) -> domain.Value:
        if self.value is not None:
            return domain.Constant(self.value.strip())
        if self.template is not None:
            return domain.Template(tuple(_template_parts(self.template)))
        if self.first is not None:
            return domain.FirstOf(tuple(each.compiled_value() for each in self.first))
        if self.link is not None:
            return domain.FirstLink(self.link.compiled_value())
        return domain.Path(_look(self.path or self.payload or ""), in_payload=self.path is None)


class _StatusSpec(_ValueSpec):
    when: dict[str, Literal["firing", "resolved", "ignored"]] | None = None
    default: Literal["firing", "resolved", "ignored"] = "firing"

    def compiled(self) -> domain.Choice:
        return domain.Choice(self.compiled_value(), _table(self.when, domain.STATUSES), self.default)


class _SeveritySpec(_ValueSpec):
    when: dict[str, Literal["critical", "warning", "info", "unknown"]] | None = None
    default: Literal["critical", "warning", "info", "unknown"] = "unknown"

    @model_validator(mode="after")
    def _known_word(self) -> "_SeveritySpec":
        if self.value is not None and self.when is None and self.value.casefold() not in domain.KNOWN_SEVERITIES:
            raise ValueError(f"no severity is called {self.value!r}: write critical, warning, info or unknown")
        return self

    def compiled(self) -> domain.Choice:
        return domain.Choice(self.compiled_value(), _table(self.when, domain.KNOWN_SEVERITIES), self.default)


class _TimeSpec(_ValueSpec):
    format: str = Field(default="", max_length=100)
    zone: str = "UTC"

    @field_validator("format")
    @classmethod
    def _reads_a_time(cls, form: str) -> str:
        if form in ("", "iso", "epoch_seconds", "epoch_milliseconds"):
            return "" if form == "iso" else form
        try:
            back = datetime.strptime(_SAMPLE.strftime(form), form)  # noqa: DTZ007  # only the date is compared
        except (ValueError, re.error) as error:
            raise ValueError(f"{form!r} is no pattern of strptime ({error}): such as %Y-%m-%d %H:%M:%S") from error
        if back.date() != _SAMPLE.date():
            raise ValueError(f"{form!r} has no whole date: write iso, epoch_seconds, epoch_milliseconds or a pattern")
        return form

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        _zone(zone)
        return zone


class _PairsSpec(_Spec):
    path: str
    name: str = "name"
    value: str = "value"

    _expression = field_validator("path")(lambda written: checked_expression(written))


class _LabelsSpec(_Spec):
    """A text is the path of an object whose values become labels."""

    objects: list[str] = Field(default=[], max_length=20)
    pairs: list[_PairsSpec] = Field(default=[], max_length=20)
    named: dict[str, _ValueSpec] = Field(default={}, max_length=100)

    @model_validator(mode="before")
    @classmethod
    def _path_alone(cls, given: Any) -> Any:
        return {"objects": [given]} if isinstance(given, str) else given

    @field_validator("objects")
    @classmethod
    def _expressions(cls, written: list[str]) -> list[str]:
        return [checked_expression(each) for each in written]

    def compiled(self) -> domain.Labels:
        return domain.Labels(
            tuple(domain.Path(_look(each)) for each in self.objects),
            tuple(domain.Pairs(domain.Path(_look(each.path)), each.name, each.value) for each in self.pairs),
            {name: value.compiled_value() for name, value in self.named.items()},
        )


class _MappingSpec(_Spec):
    about: str = ""
    alerts: str | None = None
    name: _ValueSpec
    fingerprint: _ValueSpec
    status: _StatusSpec = _StatusSpec(value="firing")
    severity: _SeveritySpec = _SeveritySpec(value="unknown")
    service: _ValueSpec | None = None
    summary: _ValueSpec | None = None
    description: _ValueSpec | None = None
    runbook_url: _ValueSpec | None = None
    generator_url: _ValueSpec | None = None
    arn: _ValueSpec | None = None
    starts_at: _TimeSpec = _TimeSpec(value="")
    labels: _LabelsSpec = _LabelsSpec()
    annotations: _LabelsSpec = _LabelsSpec()

    @field_validator("alerts")
    @classmethod
    def _expression(cls, written: str | None) -> str | None:
        return None if written is None else checked_expression(written)

    def compiled(self, source: str) -> domain.AlertMapping:
        return domain.AlertMapping(
            source=source,
            alerts=_look(self.alerts) if self.alerts else None,
            texts={name: spec.compiled_value() for name, spec in self._texts()},
            fingerprint=self.fingerprint.compiled_value(),
            status=self.status.compiled(),
            severity=self.severity.compiled(),
            starts_at=domain.Moment(self.starts_at.compiled_value(), self.starts_at.format, _zone(self.starts_at.zone)),
            labels=self.labels.compiled(),
            annotations=self.annotations.compiled(),
        )

    def _texts(self) -> Iterator[tuple[str, _ValueSpec]]:
        for name in ("name", "service", "summary", "description", "runbook_url", "generator_url", "arn"):
            if spec := getattr(self, name):
                yield name, spec


def _table(when: Mapping[str, str] | None, known: Mapping[str, str]) -> Mapping[str, str]:
    """Without a table of its own, the words that all sources share."""
    return known if when is None else {word.strip().casefold(): found for word, found in when.items()}


def checked_expression(written: str) -> str:
    """Functions are looked up here, because JMESPath itself does so only when it meets one."""
    if len(written) > MAX_EXPRESSION:
        raise ValueError(f"is longer than {MAX_EXPRESSION} characters: shorten it")
    try:
        parsed = jmespath.compile(written).parsed
    except (ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise ValueError(
            f"{written!r} is no JMESPath ({reason}): such as alert.host or hosts[0].name; a name with other characters "
            'than letters, digits and _ stands in double quotes: labels."my-name"'
        ) from error
    for name, arguments in _functions(parsed):
        signature = Functions.FUNCTION_TABLE.get(name, {}).get("signature")
        if signature is None:
            raise ValueError(f"{written!r} calls {name}(), which JMESPath does not have")
        is_open = bool(signature) and signature[-1].get("variadic", False)
        if arguments < len(signature) or (arguments > len(signature) and not is_open):
            raise ValueError(f"{written!r} calls {name}() with {arguments} values, it takes {len(signature)}")
    return written


def _functions(node: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    if node.get("type") == "function_expression":
        yield node["value"], len(node["children"])
    for child in node.get("children", ()):
        if isinstance(child, Mapping):
            yield from _functions(child)


def _look(expression: str) -> Callable[[Any], Any]:
    compiled = jmespath.compile(expression)

    def look(value: Any) -> Any:
        try:
            return compiled.search(value)
        except (ValueError, TypeError, ArithmeticError, AttributeError, RecursionError):
            return None  # a function met a type that it does not take: nothing was found

    return look


def _template_parts(written: str) -> Iterator[str | domain.Path]:
    if len(written) > MAX_EXPRESSION:
        raise ValueError(f"is longer than {MAX_EXPRESSION} characters: shorten it")
    for part in _PLACEHOLDER.split(written):
        if part in ("{{", "}}"):
            yield part[0]
        elif part in ("{", "}"):
            raise ValueError(f"{written!r} has a brace without its other one: a brace that is meant is written twice")
        elif part.startswith("{"):
            yield domain.Path(_look(checked_expression(part[1:-1].strip())))
        elif part:
            yield part


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    if offset := _OFFSET.match(name):
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    from zoneinfo import ZoneInfo  # its data is not everywhere: an offset always works

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone {name!r} is known here: write UTC, or an offset such as +02:00") from error
