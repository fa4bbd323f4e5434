"""YAML and JSON that is a runbook: our own ``kind: Runbook``, playbooks as Ansible reads them, Robusta's.

YAML and JSON are many things, and most of them are no runbook: those are passed over in silence, and never taken
out of the folder they lie in. An error is for what says ``kind: Runbook`` and does not follow its schema.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from personal_pipeline.domain import json_limits
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.front_matter import Loader, as_plain, translated
from personal_pipeline.domain.parsing.outline import MAX_TEXT_BYTES

MAX_VALUES = 100_000
MAX_DEPTH = 20  # of JSON, as of YAML: a runbook's steps in steps in steps take two a level
_ENDING = re.compile(r"[^/]\.(?:ya?ml|json)\Z", re.IGNORECASE)
_RUNBOOK = re.compile(rb"^kind:[ \t]*[\"']?Runbook\b|[\"']kind[\"']\s*:\s*[\"']Runbook[\"']", re.MULTILINE)
_PREAMBLE = rb"\A(?:\xef\xbb\xbf)?(?:[ \t\r]*+(?:#[^\n]*+|---[^\n]*+|%YAML[^\n]*+)?\n)*+"
_LIST = re.compile(_PREAMBLE + rb"-[ \t\r\n]")
_HOSTS = re.compile(rb"^(?:-[ \t]+|[ \t]{1,8})[\"']?hosts[\"']?[ \t]*:", re.MULTILINE)
_TASKS = re.compile(rb"^[ \t-]{1,12}[\"']?(?:tasks|pre_tasks|post_tasks|handlers|roles)[\"']?[ \t]*:", re.MULTILINE)
_TOP_KEY = re.compile(rb"^([A-Za-z_][\w-]{0,60})[ \t]*:", re.MULTILINE)
_API_VERSION = re.compile(rb"^apiVersion[ \t]*:|[\"']apiVersion[\"']\s*:", re.MULTILINE)
ROBUSTA_KEY = "customPlaybooks"
_TRIGGERS = re.compile(rb"^[ \t-]{1,12}triggers[ \t]*:", re.MULTILINE)


def is_data(key: str) -> bool:
    """By the name alone: YAML or JSON, which is read only for what its content says. Hidden files never are."""
    hidden = any(part.startswith((".", "~")) for part in key.split("/")[1:])
    return _ENDING.search(key) is not None and not hidden


def looks_like_runbook(key: str, body: bytes) -> bool:
    """By a glance at the content. Robusta's values stand alone in their file, or it is not taken: others have tokens
    beside them."""
    if not is_data(key):
        return False
    if _RUNBOOK.search(body):
        return True
    if _is_json(key):
        return False
    if _LIST.match(body):
        return _HOSTS.search(body) is not None and _TASKS.search(body) is not None
    return set(_TOP_KEY.findall(body)) == {ROBUSTA_KEY.encode()} and _TRIGGERS.search(body) is not None


def written_as_markdown(key: str, text: str) -> tuple[str, list[str]]:
    """Empty for what is no runbook, and what was odd. Raises InvalidDocumentError naming the place in the file."""
    body = text.encode()
    if not looks_like_runbook(key, body):
        return "", []
    from personal_pipeline.domain.parsing import playbooks, runbook_file  # pydantic: only where there is a runbook

    is_meant = _RUNBOOK.search(body) is not None
    try:
        documents = list(_documents(key, text, is_strict=is_meant))
    except (ValueError, RecursionError) as error:
        if is_meant and not _is_kubernetes(body):
            raise InvalidDocumentError(f"is a runbook that cannot be read: {_reason(error)}") from error
        return "", [f"looks like a playbook and is left out: {_reason(error)}"]
    if any(runbook_file.is_runbook(value) for value, _ in documents):
        if len(documents) > 1:
            raise InvalidDocumentError("has more than one document between '---' lines: keep one runbook a file")
        return runbook_file.write(*documents[0]), []
    values = [value for value, _ in documents]
    if playbooks.is_ansible(values):
        return playbooks.write_ansible(values), []
    if playbooks.is_robusta(values):
        return playbooks.write_robusta(values[0]), []
    return "", []


def _is_json(key: str) -> bool:
    return key.lower().endswith(".json")


def _is_kubernetes(body: bytes) -> bool:
    """``kind: Runbook`` of somebody else's, under an ``apiVersion``."""
    return _API_VERSION.search(body) is not None


def _reason(error: Exception) -> str:
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


def _documents(key: str, text: str, *, is_strict: bool) -> Iterator[tuple[Any, yaml.Node | None]]:
    """Each with the node that knows the lines of the file; JSON has none."""
    if _is_json(key):
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise ValueError(f"larger than {MAX_TEXT_BYTES // 1024} KiB")
        try:
            value = json_limits.load(text, MAX_DEPTH, is_strict=True)
        except json.JSONDecodeError as error:
            raise ValueError(f"it is not JSON ({error})") from error
        except ValueError as error:
            raise ValueError(f"it {error}") from error
        yield as_plain(value), None
        return
    with translated(text, MAX_TEXT_BYTES):
        loader = (_OnceLoader if is_strict else _TaggedLoader)(text, MAX_VALUES)
        while loader.check_node():
            node = loader.get_node()
            yield as_plain(loader.construct_document(node)), node


class _OnceLoader(Loader):
    """No key twice in one mapping: one of the two was meant, and nobody knows which."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in seen:
                    raise ValueError(f"{name.value[:80]!r} is written twice, again in line {name.start_mark.line + 1}")
                seen.add(name.value)
        return super().construct_mapping(node, deep)


class _TaggedLoader(Loader):
    """Ansible marks strings: ``!vault`` ones are secret, ``!unsafe`` ones are not filled in."""

    tags = frozenset({"!vault", "!unsafe"})

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag == "!vault":
            return "(in the vault)"
        if node.tag == "!unsafe" and isinstance(node, yaml.ScalarNode):
            return str(node.value)
        return super().construct_object(node, deep)
