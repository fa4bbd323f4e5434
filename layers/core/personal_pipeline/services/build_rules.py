"""What the catalog keeps of a file of alert rules: a key for each alert that links somewhere, and nothing to search."""

from dataclasses import dataclass

from personal_pipeline.domain.catalog import AlertKey, Card, CatalogEntry, Commit
from personal_pipeline.domain.documents import PUBLIC, StoredObject
from personal_pipeline.domain.ids import doc_id_of, source_and_path
from personal_pipeline.domain.metadata import fallback_title
from personal_pipeline.ports import Parser
from personal_pipeline.services.build_document import content_hash


@dataclass(frozen=True, slots=True)
class Rules:
    """``links`` is empty where the file is gone, is other YAML, or links to nothing: the catalog keeps no key of it."""

    key: str
    rev: int
    is_there: bool
    content_hash: str
    links: dict[AlertKey, tuple[str, ...]]
    warnings: tuple[str, ...] = ()
    groups: tuple[str, ...] = (PUBLIC,)  # who may see the file; who may see a runbook says the runbook's own card

    def commit(self) -> Commit:
        source, path = source_and_path(self.key)
        title = fallback_title(path)
        card = Card(doc_id_of(self.key), title[:60], "", source, path, "", "", self.groups, self.rev)
        return Commit(
            doc_id=card.doc_id,
            rev=self.rev,
            content_rev=self.rev,
            content_hash=self.content_hash,
            deleted=not self.links,
            title=title if self.links else "",
            groups=self.groups if self.links else (),
            keys=tuple(self.links),
            card=card if self.links else None,
            links=self.links,
        )


def build_rules(key: str, stored: StoredObject | None, rev: int, parser: Parser, groups: tuple[str, ...] = ()) -> Rules:
    """Raises InvalidDocumentError naming the file, when it says that it is rules and cannot be read."""
    if stored is None:
        return Rules(key, rev, False, "", {})
    parsed = parser.parse(key, stored.body)
    links: dict[AlertKey, tuple[str, ...]] = {}
    for alert, leads_to in parsed.links.items():
        if found := AlertKey.of("rule", alert):  # names that differ in case or separators are one alert
            links[found] = tuple(dict.fromkeys((*links.get(found, ()), *leads_to)))
    return Rules(key, rev, True, rules_hash(stored) if links else "", links, parsed.warnings, groups or (PUBLIC,))


def are_rules_unchanged(before: CatalogEntry | None, stored: StoredObject | None) -> bool:
    """Only a settled row says what the catalog holds."""
    if before is None or stored is None or before.deleted or not before.is_settled or before.error:
        return False
    return before.content_hash == rules_hash(stored)


def rules_hash(stored: StoredObject) -> str:
    """Who owns which service changes nothing here."""
    return content_hash(stored, "")
