"""Which sources there are: the built-in readers, and the mappings that were given. One name, one way to read."""

from collections.abc import Mapping

from personal_pipeline.domain.alert_mapping import AlertMapping
from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alerts import ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError
from personal_pipeline.domain.json_limits import is_form, parse_form, parse_json


class AlertSources:
    def __init__(self, mappings: Mapping[str, AlertMapping] | None = None) -> None:
        self._mappings = mappings or {}

    def __contains__(self, source: object) -> bool:
        return source in SOURCES or source in self._mappings

    @property
    def names(self) -> list[str]:
        return sorted({*SOURCES, *self._mappings})

    def unknown(self, source: str) -> str:
        return f"no alert source {source!r}: there are {', '.join(self.names)}"

    def read_body(self, source: str, body: bytes, content_type: str = "") -> ReadAlerts:
        """``body`` as the sender sent it: JSON, or a form where it says so. Raises InvalidAlertError."""
        if source not in self:
            raise InvalidAlertError(self.unknown(source))
        try:
            return self.read(source, parse_form(body) if is_form(content_type) else parse_json(body))
        except InvalidAlertError as error:
            named = str(error) if str(error).startswith(source) else f"{source}: {error}"
            raise InvalidAlertError(named) from error

    def read(self, source: str, payload: object) -> ReadAlerts:
        """``payload`` is what JSON can say. Only a mapping may read a list. Raises InvalidAlertError."""
        if mapped := self._mappings.get(source):
            return mapped.read(payload)
        if source not in SOURCES:
            raise InvalidAlertError(self.unknown(source))
        if not isinstance(payload, Mapping):
            raise InvalidAlertError(f"{source}: the body is JSON, but no object: check the sender's template")
        return SOURCES[source](payload)
