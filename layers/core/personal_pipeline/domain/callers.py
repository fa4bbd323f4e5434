"""Who may see more than the public documents: groups by IAM role or user, or by the hash of an API key.

A key is a long random text, so one round of SHA-256 keeps it as safe as it can be; it is compared in constant time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest

from personal_pipeline.domain.errors import RejectedError

MIN_KEY_CHARACTERS = 32
MAX_GROUPS = 50
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_IDENTITY = re.compile(r"arn:[a-z-]+:(?:iam|sts)::\d{12}:(?:role|assumed-role|user)/[\w+=,.@/-]{1,600}")
_GROUP = re.compile(r"[^\s,;=\[\]]{1,100}")  # what a claim in a token can carry, too: there white space ends a group


class InvalidCallersError(RejectedError):
    pass


@dataclass(frozen=True, slots=True)
class Caller:
    """``name`` tells callers apart, and tells nothing of their key."""

    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Callers:
    """``by_identity`` has roles and users as ``identity`` writes them, ``by_hash`` hashes of keys in hexadecimal."""

    by_identity: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_hash: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Callers":
        """``WHO=group,group`` for each, with ``;`` or white space between. Raises InvalidCallersError."""
        by_identity: dict[str, tuple[str, ...]] = {}
        by_hash: dict[str, tuple[str, ...]] = {}
        for number, entry in enumerate(re.split(r"[;\s]+", text.strip(" ;\n\t")) if text.strip(" ;\n\t") else [], 1):
            who, _, listed = entry.rpartition("=")
            groups = tuple(dict.fromkeys(name for name in listed.split(",") if name))
            if not groups or len(groups) > MAX_GROUPS or not all(map(_GROUP.fullmatch, groups)):
                raise InvalidCallersError(f"entry {number} names no groups: write WHO=group,group")
            if _HASH.fullmatch(who):
                by_hash[who.removeprefix("sha256:")] = groups
            elif _IDENTITY.fullmatch(who):
                by_identity[identity(who)] = groups
            else:
                raise InvalidCallersError(
                    f"entry {number} names neither an IAM role or user (arn:aws:iam::123456789012:role/NAME) "
                    "nor the hash of a key (sha256: and 64 hexadecimal digits)"
                )
        return cls(by_identity, by_hash)

    def groups_of(self, arn: str) -> tuple[str, ...]:
        """Of who signed a request."""
        return self.by_identity.get(identity(arn), ())

    def with_key(self, key: str) -> Caller | None:
        """Every hash is compared, whatever is found; None for a key that nobody has."""
        if len(key) < MIN_KEY_CHARACTERS:
            return None
        given = sha256(key.encode(errors="replace")).hexdigest()
        found = [name for name in self.by_hash if compare_digest(name, given)]
        return Caller(f"key {given[:12]}", self.by_hash[given]) if found else None


def identity(arn: str) -> str:
    """A session of a role is that role; the path of a role is no part of its name in a session, so it is left out."""
    head, _, named = arn.partition("/")
    if head.endswith(":assumed-role"):
        return f"{head.replace(':sts:', ':iam:').removesuffix('assumed-role')}role/{named.partition('/')[0]}"
    if head.endswith(":role"):
        return f"{head}/{named.rpartition('/')[2]}"
    return arn
