"""Where the system answers, where its data lies, and what proves who asks."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.cli.errors import CommandError

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_DATA = ".pp"
WEBHOOK_SECRET = "webhook-secret"  # noqa: S105  # a file's name
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Environment:
    """What the first start kept in the data folder is used for this machine only; a variable goes anywhere."""

    url: str
    data: Path
    operator_token: str = ""
    api_token: str = ""
    given_webhook_secret: str = ""

    @classmethod
    def read(cls, env: Mapping[str, str] | None = None) -> "Environment":
        env = os.environ if env is None else env
        return cls(
            _checked(env.get("PP_URL") or DEFAULT_URL),
            Path(env.get("PP_DATA") or DEFAULT_DATA),
            env.get("PP_TOKEN", "").strip(),
            env.get("PP_API_TOKEN", "").strip(),
            env.get("PP_WEBHOOK_SECRET", "").strip(),
        )

    @property
    def is_this_machine(self) -> bool:
        return urlsplit(self.url).hostname in _LOOPBACK

    def token_for(self, path: str) -> str:
        """The operator's for ``/local/``, else the API's own where it was started with one."""
        if path.startswith("/local/"):
            return self.operator_token or self._kept("token")
        return self.api_token

    def webhook_secret(self, source: str = "") -> str:
        """The source's own, if it has one, else that of all."""
        own = self._kept(f"{WEBHOOK_SECRET}-{source}") if source and Path(source).name == source else ""
        return self.given_webhook_secret or own or self._kept(WEBHOOK_SECRET)

    def _kept(self, name: str) -> str:
        """The newest value of a secret in the data folder; empty when there is none that may be sent."""
        if not self.is_this_machine:
            return ""
        try:
            return next(iter((self.data / name).read_text().split()), "")
        except (OSError, UnicodeDecodeError):
            return ""


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or any(char.isspace() or ord(char) < 32 for char in url):
        raise CommandError(f"PP_URL is not an address ({url}): write it like {DEFAULT_URL}")
    return url.rstrip("/")
