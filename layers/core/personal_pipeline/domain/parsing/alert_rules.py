"""Files of alert rules, as Prometheus reads them or as Kubernetes' ``PrometheusRule``: which alert links where.

YAML is many things, and most of it is no rules: that is passed over in silence, Helm's templates too. An error is
for what says that it is rules and cannot be read. A rule that is wrong is left out with a warning, and the others
are taken.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from personal_pipeline.domain.catalog import MAX_ALERTS_PER_RULE_FILE, AlertKey
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.front_matter import load_documents
from personal_pipeline.domain.parsing.outline import MAX_TEXT_BYTES
from personal_pipeline.domain.parsing.structured import is_data

RULE_KINDS = frozenset({"PrometheusRule", "VMRule"})
MAX_VALUES = 100_000
MAX_NAME = 120  # characters of an alert's name
MAX_NAMES_BYTES = 200_000  # of all names in one file: the catalog keeps them in one row
MAX_LINK = 500
MAX_LINKS = 3  # of one alert, where several rules give it different ones
_YAML = re.compile(r"[^/]\.ya?ml\Z", re.IGNORECASE)
_NAMED_AS_RULES = re.compile(r"\.rules\.ya?ml\Z", re.IGNORECASE)
_GROUPS = re.compile(rb"\bgroups[\"']?\s*:")
_ALERT = re.compile(rb"\balert[\"']?\s*:")
_MANIFEST = re.compile(r"^kind:[ \t]*[\"']?(?:PrometheusRule|VMRule)\b", re.MULTILINE)
_RULE_LINE = re.compile(r"^[ \t-]*alert:", re.MULTILINE)
_HELM = re.compile(r"\{\{-|-\}\}|\.(?:Values|Release|Chart|Capabilities)\b|\{\{\s*(?:include|template)\s")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """As it is written: templates in it are not filled in."""

    name: str
    group: str
    expr: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def runbook_url(self) -> str:
        """What it links to, without parameters; empty where it says something else, or what only firing can tell."""
        text = (self.annotations.get("runbook_url") or self.annotations.get("runbook") or "").strip()
        link = text if "{{" not in text else text.partition("#")[0].partition("?")[0]
        is_link = "{{" not in link and len(link) <= MAX_LINK and ("://" in link[:16] or not re.search(r"\s", link))
        return link if is_link and AlertKey.of("url", link) else ""


def looks_like_rules(key: str, body: bytes) -> bool:
    """By a glance at the content: what has no alert in it need not be taken at all."""
    if not is_data(key) or _YAML.search(key) is None:
        return False
    return _NAMED_AS_RULES.search(key) is not None or bool(_GROUPS.search(body) and _ALERT.search(body))


def read_rules(key: str, text: str) -> tuple[list[AlertRule], list[str]]:
    """Every alert rule, and what was odd. Raises InvalidDocumentError saying what is wrong and what to do."""
    if not looks_like_rules(key, text.encode()):
        return [], []
    warnings: list[str] = []
    try:
        documents = list(load_documents(text, MAX_TEXT_BYTES, MAX_VALUES))
    except (ValueError, RecursionError) as error:
        if _HELM.search(text) or not _is_meant(key, text):
            return [], []
        raise InvalidDocumentError(f"is no YAML that can be read as alert rules: {error}") from error
    found = [rule for document in documents for rule in _rules(document, warnings)]
    if len(found) > MAX_ALERTS_PER_RULE_FILE:
        raise InvalidDocumentError(f"has more than {MAX_ALERTS_PER_RULE_FILE:,} alert rules: split it by group")
    return found, warnings


def _is_meant(key: str, text: str) -> bool:
    has_both = re.search(r"^groups:", text, re.MULTILINE) and _RULE_LINE.search(text)
    return bool(_NAMED_AS_RULES.search(key) or _MANIFEST.search(text) or has_both)


def links_of(rules: list[AlertRule], warnings: list[str]) -> dict[str, tuple[str, ...]]:
    """Where the alert of each name leads, in the order of the file. Raises InvalidDocumentError."""
    links: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        if not (link := rule.runbook_url):
            if "{{" in rule.annotations.get("runbook_url", ""):
                warnings.append(f"the link of {rule.name} is known only when it fires: {_called(rule.group)}")
            continue
        others = links.get(rule.name, ())
        if link not in others and len(others) < MAX_LINKS:
            links[rule.name] = (*others, link)
    if sum(len(ascii(name)) for name in links) > MAX_NAMES_BYTES:
        raise InvalidDocumentError(f"has alert names of more than {MAX_NAMES_BYTES:,} bytes: split it by group")
    return links


def _rules(document: Any, warnings: list[str]) -> Iterator[AlertRule]:
    for group in _groups(document):
        if not isinstance(group, dict) or not isinstance(group.get("rules"), list):
            continue
        name = str(group.get("name") or "")
        for number, rule in enumerate(group["rules"], start=1):
            if isinstance(rule, dict) and "alert" in rule:
                read = _rule(rule, name)
                if isinstance(read, AlertRule):
                    yield read
                else:
                    warnings.append(f"{_called(name)}: rule {number} is left out, {read}")


def _groups(document: Any) -> list[Any]:
    """Of a rule file, a manifest, or a list of manifests."""
    if not isinstance(document, dict):
        return []
    kind = document.get("kind")
    if kind in RULE_KINDS:
        spec = document.get("spec")
        groups = spec.get("groups") if isinstance(spec, dict) else None
        if groups is not None and not isinstance(groups, list):
            raise InvalidDocumentError(f"is a {kind} whose spec.groups is no list: write '- name: …' for each group")
        return groups or []
    if isinstance(kind, str) and kind.endswith("List") and isinstance(document.get("items"), list):
        return [group for item in document["items"] if _is_manifest(item) for group in _groups(item)]
    groups = document.get("groups")
    return groups if kind is None and isinstance(groups, list) else []


def _is_manifest(item: Any) -> bool:
    return isinstance(item, dict) and item.get("kind") in RULE_KINDS


def _rule(rule: dict[str, Any], group: str) -> AlertRule | str:
    """Or what is wrong with it."""
    name = _text(rule["alert"])
    if not name:
        return "its alert is no name"
    if len(name) > MAX_NAME:
        return f"the name of its alert has more than {MAX_NAME} characters"
    expr = _text(rule.get("expr"))
    fields = []
    for field in ("labels", "annotations"):
        values = rule.get(field)
        if values is not None and not isinstance(values, dict):
            return f"its {field} are no names and values"
        fields.append({name: text for name, value in (values or {}).items() if (text := _text(value))})
    return AlertRule(name, group, expr, *fields)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _called(group: str) -> str:
    return f"group {group!r}" if group else "a group without a name"
