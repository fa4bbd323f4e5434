"""What is said about a document: by its front matter, else by its source's ``_services.yaml``, else by its path.

Exact keys and the card are made from it, so that an alert finds its runbook without the index.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from personal_pipeline.domain.catalog import MAX_KEYS_PER_DOCUMENT, AlertKey, Card, KeyKind
from personal_pipeline.domain.documents import PUBLIC, Block, Document, DocumentMetadata, ParsedDocument
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.ids import source_and_path
from personal_pipeline.domain.parsing import FORMATS, TEMPLATE_ENDINGS, decode, load_yaml
from personal_pipeline.domain.service_map import Service, ServicesFile
from personal_pipeline.domain.service_map import slug as _slug

MAX_CARD_BYTES = 600
_LONGEST = 300  # characters of any one field
_MOST = 50  # values of any one list
_TYPE_OF_FOLDER = {
    **dict.fromkeys(("runbook", "runbooks", "alert", "alerts", "playbook", "playbooks"), "runbook"),
    **dict.fromkeys(("postmortem", "postmortems", "post-mortems", "incidents", "incident-reports"), "postmortem"),
    **dict.fromkeys(("changelog", "changelogs", "release-notes"), "changelog"),
    **dict.fromkeys(("doc", "docs", "documentation", "guides", "manual"), "document"),
}
_SITE_ROOTS = frozenset({"content", "docs", "source", "src"})  # what site generators leave out of a page's address
_RUNBOOK_ROOTS = frozenset({"runbook", "runbooks"})  # a site of nothing else leaves this one out, too
_NAMELESS = frozenset({"readme", "index", "_index"})
_LANGUAGE = re.compile(r"\.[a-z]{2}(?:-[a-z]{2})?$", re.IGNORECASE)
_CAMEL = re.compile(r"(?:[a-z]{2,20}|[A-Z][A-Za-z0-9]{0,60}?[a-z0-9])(?:[A-Z][A-Za-z0-9]{0,60})")
_BETWEEN_ALERTS = re.compile(r"[\s,/&|:`()]+|\b(?:and|or|alerts?|the)\b", re.IGNORECASE)
_ORDERED = re.compile(r"\s*\d{1,9}[.)]\s+(?=\S)")
_NEXT_ITEM = re.compile(r"\n\s*(?:\d{1,9}[.)]|[-*])\s")
_SENTENCE = re.compile(r"[^\n]{1,400}?[.!?](?=\s|$)")
_PROMPT = re.compile(r"^[$#%>❯]\s+")
_OUTPUT = frozenset({"yaml", "yml", "json", "toml", "xml", "ini", "text", "txt", "output", "log", "diff", "hcl"})


def parse_services_file(body: bytes) -> ServicesFile:
    """Raises InvalidDocumentError naming the entry."""
    text, _ = decode("_services.yaml", body)
    try:
        entries = load_yaml(text)
    except ValueError as error:
        raise InvalidDocumentError(f"_services.yaml cannot be read: {error}") from error
    folders = _folders(entries.get("folders") or []) if isinstance(entries, dict) else {}
    if isinstance(entries, dict):
        entries = entries.get("services", [] if folders else None)
    if not isinstance(entries, list):
        raise InvalidDocumentError("_services.yaml is no list of services: write '- name: …' for each")
    found: dict[str, Service] = {}
    for number, entry in enumerate(entries, start=1):
        service = _service(number, entry)
        for name in (service.name, *service.aliases):
            found.setdefault(_slug(name), service)
    return ServicesFile(found, folders)


def _folders(entries: Any) -> Mapping[str, tuple[str, ...]]:
    """A rule that is not understood would open a folder: it is refused."""
    if not isinstance(entries, list):
        raise InvalidDocumentError("_services.yaml: folders is no list: write '- path: …' and 'groups: […]' for each")
    found: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(entries, start=1):
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or set(entry) != {"path", "groups"}:
            raise InvalidDocumentError(f"_services.yaml: folder {number} needs path and groups, and nothing else")
        groups = _texts(entry["groups"], f"groups of folder {path!r}")
        if not groups:
            raise InvalidDocumentError(f"_services.yaml: folder {path!r} names no groups: for everybody name {PUBLIC}")
        found["/".join(part for part in path.split("/") if part not in {"", "."})] = groups
    return found


def _texts(values: Any, what: str) -> tuple[str, ...]:
    values = [values] if isinstance(values, str) else values
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InvalidDocumentError(f"_services.yaml: {what} is no list of texts")
    return _tidy(values)


def _service(number: int, entry: Any) -> Service:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not _slug(entry["name"]):
        raise InvalidDocumentError(f"_services.yaml: entry {number} has no name")
    name = entry["name"].strip()
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for field in ("owner", "schedule"):
        if not isinstance(entry.get(field) or "", str):
            raise InvalidDocumentError(f"_services.yaml: {field} of {name!r} is no text")
        texts[field] = entry.get(field) or ""
    for field in ("aliases", "depends_on", "groups", "contacts"):
        lists[field] = _texts(entry.get(field) or [], f"{field} of {name!r}")
    return Service(name, **texts, **lists)  # type: ignore[arg-type]


def document_metadata(
    key: str, parsed: ParsedDocument, services_file: ServicesFile | None = None, external_id: str = ""
) -> DocumentMetadata:
    """Who may see it says the front matter, else its folder, else its services, else everybody may."""
    said = services_file or ServicesFile()
    source, path = source_and_path(key)
    values = parsed.front_matter
    title = _text(values, "title") or parsed.title or fallback_title(path)
    services = _services(values, path, title, said.services)
    known = [service for name in services if (service := said.services.get(_slug(name)))]
    first = known[0] if known else Service("")
    url = _text(values, "url")
    return DocumentMetadata(
        title=title[:_LONGEST],
        type=_slug(_text(values, "type"))[:40] or _type(source, path),
        url=url if url.startswith(("https://", "http://")) else "",
        services=tuple(services),
        severity=_text(values, "severity").casefold(),
        owner=_text(values, "owner") or first.owner,
        contact="; ".join(_list(values, "contact", "contacts") or first.contacts)[:_LONGEST],
        groups=_list(values, "groups")
        or said.groups_of(path)
        or _tidy(group for service in known for group in service.groups)
        or (PUBLIC,),
        alert_names=_alert_names(values, path, title, parsed.blocks),
        aliases=_list(values, "aliases"),
        external_id=external_id,
        critical=values.get("critical") is True,
        reviewed=_text(values, "reviewed", "last_reviewed", "last_reviewed_on", "review_date")[:40],
        first_step=first_step(parsed),
    )


def fallback_title(path: str) -> str:
    """From the file's name: ``disk-full.md`` is Disk full, ``KubePodCrashLooping.md`` stays one word."""
    folders, _, name = path.rpartition("/")
    name, _, anchor = name.partition("#")
    stem = _LANGUAGE.sub("", _without_endings(name))
    if anchor:
        stem = anchor
    elif stem.casefold() in _NAMELESS and folders:
        stem = folders.rpartition("/")[2]
    if _CAMEL.fullmatch(stem):
        return stem
    words = re.sub(r"[-_.\s]+", " ", stem).strip()
    return words[:1].upper() + words[1:] or path


def first_step(parsed: ParsedDocument) -> str:
    """What to do first: the first numbered step, else the first command, else the first sentence."""
    for block in parsed.blocks:
        if block.kind == "text" and (marker := _ORDERED.match(block.text)):
            return _one_line(_NEXT_ITEM.split(block.text[marker.end() :], maxsplit=1)[0])
    for block in parsed.blocks:
        if block.kind == "code" and block.language.casefold() not in _OUTPUT:
            for line in block.text.split("\n"):
                if (command := _PROMPT.sub("", line.strip())) and not line.lstrip().startswith(("# ", "//")):
                    return _one_line(command)
    for block in parsed.blocks:
        if block.kind == "text" and block.text not in {parsed.title, *block.heading[-1:]}:
            sentence = _SENTENCE.match(block.text)
            return _one_line(sentence[0] if sentence else block.text).removeprefix("- ")
    return ""


def exact_keys(key: str, metadata: DocumentMetadata) -> tuple[AlertKey, ...]:
    """The keys an alert may name this document by, the surest first."""
    _, path = source_and_path(key)
    page = _without_endings(path.partition("#")[0]) + path[len(path.partition("#")[0]) :]
    named: list[tuple[KeyKind, str]] = [("alert", name) for name in metadata.alert_names]
    named += [("title", metadata.title), ("path", path)]
    named += [("url", address) for address in (page, _below(page, _SITE_ROOTS), _below(page, _RUNBOOK_ROOTS))]
    named += [("url", metadata.url)] if metadata.url else []
    named[:0] = named[len(metadata.alert_names) :]  # title, path and address always fit
    named += [(_alias_kind(alias), alias) for alias in metadata.aliases]
    keys = (AlertKey.of(kind, raw) for kind, raw in named)
    return tuple(dict.fromkeys(key for key in keys if key))[:MAX_KEYS_PER_DOCUMENT]


def _below(page: str, roots: frozenset[str]) -> str:
    """The page's path below the first of these folders."""
    *folders, _ = page.casefold().split("/")
    depth = next((depth for depth, folder in enumerate(folders, start=1) if folder in roots), 0)
    return "/".join(page.split("/")[depth:])


def _alias_kind(alias: str) -> KeyKind:
    if alias.startswith("arn:"):
        return "arn"
    return "url" if alias.startswith("/") or "://" in alias[:16] else "title"


def card(document: Document) -> Card:
    """At most 600 bytes of JSON. The least important text is shortened first; an address is whole or left out."""
    metadata = document.metadata
    found = Card(
        doc_id=document.doc_id,
        title=metadata.title,
        url=metadata.url,
        source=document.source,
        path=document.path,
        first_step=metadata.first_step,
        contact=metadata.contact,
        groups=metadata.groups,
        rev=document.rev,
    )
    for field, least in _SHORTENED:
        while _size(found) > MAX_CARD_BYTES and len(value := getattr(found, field)) > least:
            excess = _size(found) - MAX_CARD_BYTES
            keep = 0 if field == "url" else max(least, len(value) - 1 - max(1, excess // 12))
            found = replace(found, **{field: value[:keep]})
    return found


# groups last: with fewer of them fewer people see the card, never more
_SHORTENED = (
    ("first_step", 60), ("contact", 60), ("title", 60), ("url", 0), ("first_step", 0), ("path", 40), ("contact", 0),
    ("source", 20), ("title", 10), ("groups", 0), ("path", 0),
)  # fmt: skip


def _size(found: Card) -> int:
    return len(json.dumps(asdict(found)).encode())


def _services(values: Mapping[str, Any], path: str, title: str, known: Mapping[str, Service]) -> list[str]:
    if named := _list(values, "service", "services"):
        return list(dict.fromkeys(known[slug].name if (slug := _slug(name)) in known else name for name in named))
    folders = path.split("/")[:-1]
    found = [known[slug].name for folder in reversed(folders) if (slug := _slug(folder)) in known]
    if not found and "services" in (below := [folder.casefold() for folder in folders[:-1]]):
        found = [folders[below.index("services") + 1]]
    if not found:
        words = f"-{_slug(title)}-"
        found = [service.name for slug, service in known.items() if f"-{slug}-" in words]
    return list(dict.fromkeys(found))[:_MOST]


def _type(source: str, path: str) -> str:
    """The file's own name, else the nearest folder with a telling name; a folder of documents is runbooks."""
    *folders, name = [part.casefold() for part in (*source.split("/"), *path.split("/"))]
    stem = _without_endings(name)
    for part in (stem, *reversed(folders)):
        if part in _TYPE_OF_FOLDER and (part != stem or _TYPE_OF_FOLDER[part] in {"changelog", "postmortem"}):
            return _TYPE_OF_FOLDER[part]
    return "runbook"


def _alert_names(values: Mapping[str, Any], path: str, title: str, blocks: Iterable[Block]) -> tuple[str, ...]:
    """Named in front matter, or a title, heading or file name that consists of nothing but CamelCase names."""
    headings = dict.fromkeys(block.heading[-1] for block in blocks if block.heading)
    told = [title, *headings, _without_endings(path.rpartition("/")[2].partition("#")[0])]
    found = list(_list(values, "alert", "alerts", "alert_names"))
    for heading in told:
        words = [word for word in _BETWEEN_ALERTS.split(heading[:_LONGEST]) if word]
        if words and all(_CAMEL.fullmatch(word) for word in words):
            found.extend(words)
    return _tidy(found)


def _text(values: Mapping[str, Any], *names: str) -> str:
    value = next((values[name] for name in names if values.get(name)), "")
    return _one_line(value) if isinstance(value, str) else ""


def _list(values: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """One text may list several, with commas."""
    found: list[str] = []
    for name in names:
        given = values.get(name) or []
        many = given if isinstance(given, list) else [given]
        if len(many) == 1 and name not in {"contact", "contacts", "aliases"}:
            many = str(many[0]).split(",")
        found.extend(str(value) for value in many)
    return _tidy(found)


def _tidy(values: Iterable[str]) -> tuple[str, ...]:
    tidy = dict.fromkeys(_one_line(value) for value in values)
    tidy.pop("", None)
    return tuple(tidy)[:_MOST]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def _without_endings(path: str) -> str:
    endings = (*TEMPLATE_ENDINGS, *filter(None, FORMATS))
    while shorter := next((path[: -len(ending)] for ending in endings if path.lower().endswith(ending)), ""):
        path = shorter
    return path
