"""The catalog in DynamoDB: a conditional write for each promise of the port.

``commit`` is one transaction over the document's row and its alert keys. More keys than fit take several: each
notes in the row which keys there are now, under the revision, and only the last one ends the pending mark. A crash
between two leaves a row that says what was written, so that a repeated commit counts no key twice.

An alert key's item holds a card for each document, at most 20, and counts its documents in ``n``. While it counts
more than it holds, the key is too common; it is answered again when documents have left and the others were
committed once more.
``pending`` and ``entries`` read indexes that may lag behind by a moment: whoever acts on them meets the
conditions again.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from personal_pipeline.adapters.dynamodb import keys
from personal_pipeline.adapters.dynamodb.table import ConditionFailedError, Item, Table, number, text
from personal_pipeline.adapters.serialisation import (
    card_from_json,
    card_to_json,
    keys_from_json,
    keys_to_json,
    names_from_json,
    names_to_json,
    overview_from_json,
    overview_to_json,
    services_from_json,
    services_to_json,
)
from personal_pipeline.domain.catalog import (
    MAX_CARDS_PER_KEY,
    MAX_REASON_CHARS,
    AlertKey,
    Card,
    CatalogEntry,
    Claim,
    Commit,
    checked_keys,
    padded,
)
from personal_pipeline.domain.errors import DocumentMissingError, StaleRevisionError, TableUnavailableError
from personal_pipeline.domain.ids import doc_id_of, source_and_path
from personal_pipeline.domain.service_map import Service

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COMMIT_ATTEMPTS = 6
KEYS_AT_ONCE = 99  # a transaction has at most 100 items, and one is the document's row
_ONE = number(1)
_TRUE = {"BOOL": True}


class DynamoDBCatalog:
    def __init__(
        self,
        client: "Callable[[], DynamoDBClient]",
        table: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = Table(client, table)
        self._sleep = sleep

    def claim(self, key: str, sequencer: str | None, version_id: str | None, now: float) -> Claim:
        source, path = source_and_path(key)
        doc_id = doc_id_of(key)
        values = {
            ":key": text(key),
            ":doc": text(doc_id),
            ":source": text(keys.source(source)),
            ":path": text(path),
            ":shard": text(keys.shard(doc_id)),
            ":now": number(now),
            ":version": text(version_id or ""),
            ":one": _ONE,
        }
        sets = (
            "#key = :key, #doc = :doc, #gsi1pk = :source, #gsi1sk = :path, "
            "#pend = :shard, #pend_at = :now, #version_id = :version"
        )
        condition = ""
        if sequencer is not None:
            values[":seq"] = text(padded(sequencer))
            sets += ", #seq = :seq"
            condition = "attribute_not_exists(#seq) OR #seq < :seq"
        try:
            old = self._update(doc_id, f"SET {sets} ADD #rev :one", values, condition)
        except ConditionFailedError as failed:
            before = _entry(failed.item)
            is_replay = sequencer is not None and before.sequencer == padded(sequencer)
            return Claim("replayed" if is_replay else "stale", before.rev, before)
        before_or_none = _entry(old) if old else None
        return Claim("accepted", before_or_none.rev + 1 if before_or_none else 1, before_or_none)

    def reserve(self, doc_id: str, rev: int, passages: int) -> int:
        values = {":rev": number(rev), ":high": number(passages)}
        condition = "#rev = :rev AND (attribute_not_exists(#high) OR #high < :high)"
        try:
            self._update(doc_id, "SET #high = :high", values, condition)
        except ConditionFailedError as failed:
            return _newest(failed.item, doc_id, rev).high
        return passages

    def commit(self, commit: Commit) -> None:
        wanted = checked_keys(commit)
        crowded: set[AlertKey] = set()
        written: set[AlertKey] = set()
        attempt = 0
        while attempt < COMMIT_ATTEMPTS:
            before = _newest(self._table.get(_key(commit.doc_id)) or {}, commit.doc_id, commit.rev)
            left = [
                (key, change)
                for key, change in self._key_changes(commit, before, wanted, crowded)
                if key not in written
            ]
            changes = left[:KEYS_AT_ONCE]
            is_last = len(changes) == len(left)
            row = self._row_change(commit, before, wanted) if is_last else self._progress(before, wanted, changes)
            reasons = self._transact([row, *(change for _, change in changes)])
            if not reasons:
                if is_last:
                    return
                written |= {key for key, _ in changes}
                attempt = 0
                continue
            attempt += 1
            crowded |= {
                key for (key, _), reason in zip(changes, reasons[1:], strict=True) if reason == "ConditionalCheckFailed"
            }
            if "TransactionConflict" in reasons:
                self._sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter
        raise TableUnavailableError(
            f"table {self._table.name}: document {commit.doc_id} could not be committed in {COMMIT_ATTEMPTS} attempts "
            "against other writers of its alert keys: try again"
        )

    def settle(self, doc_id: str, rev: int) -> None:
        self._finish(doc_id, rev, "SET #indexed_rev = :rev REMOVE #pend, #pend_at, #error", {})

    def refuse(self, doc_id: str, rev: int, reason: str) -> None:
        self._finish(
            doc_id, rev, "SET #error = :error REMOVE #pend, #pend_at", {":error": text(reason[:MAX_REASON_CHARS])}
        )

    def entry(self, doc_id: str) -> CatalogEntry | None:
        item = self._table.get(_key(doc_id))
        return _entry(item) if item else None

    def pending(self, before: float, limit: int = 100) -> list[CatalogEntry]:
        found: list[CatalogEntry] = []
        for shard in keys.SHARDS:
            page = next(
                self._table.pages(
                    IndexName="gsi2",
                    KeyConditionExpression="pend = :shard AND pend_at < :before",
                    ExpressionAttributeValues={":shard": text(shard), ":before": number(before)},
                    Limit=limit,
                )
            )
            found += [_entry(item) for item in page["Items"]]
        return sorted(found, key=lambda entry: (entry.pending_since or 0, entry.doc_id))[:limit]

    def cards(self, wanted: Sequence[AlertKey]) -> dict[AlertKey, list[Card]]:
        by_partition = {keys.alert_key(key): key for key in wanted}
        items = self._table.batch_get(
            [{"pk": text(partition), "sk": text(keys.MAIN)} for partition in by_partition], is_consistent=False
        )
        found: dict[AlertKey, list[Card]] = {}
        for item in items:
            cards = [card_from_json(value["S"]) for name, value in item.items() if name.startswith("d_")]
            if 0 < len(cards) <= MAX_CARDS_PER_KEY and len(cards) == int(item["n"]["N"]):
                found[by_partition[item["pk"]["S"]]] = sorted(cards, key=lambda card: (card.title, card.doc_id))
        return found

    def entries(self, source: str, after: str = "", at_once: int = 500) -> Iterator[CatalogEntry]:
        return map(_entry, self._table.query(**_of_source(source, after), Limit=at_once))

    def count(self, source: str) -> int:
        return sum(page["Count"] for page in self._table.pages(**_of_source(source), Select="COUNT"))

    def groups(self, doc_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        items = self._table.batch_get([_key(doc_id) for doc_id in dict.fromkeys(doc_ids)], is_consistent=True)
        return {entry.doc_id: entry.groups for entry in map(_entry, items) if not entry.deleted}

    def critical(self, source: str) -> list[str]:
        request = _of_source(source)
        request["FilterExpression"] += " AND #critical = :true"
        request["ExpressionAttributeNames"] |= {"#critical": "critical"}
        return [item["doc"]["S"] for item in self._table.query(**request)]

    def replace_services(self, source: str, services: Sequence[Service]) -> None:
        key = {"pk": text(keys.SERVICES), "sk": text(source)}
        values = {":services": text(services_to_json(source, services))}
        self._table.update(key, "SET #services = :services", _names("#services"), values)

    def services(self) -> list[Service]:
        items = self._table.query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": text(keys.SERVICES)},
            ConsistentRead=True,
        )
        return [service for item in items for service in services_from_json(item["services"]["S"])]

    def _update(self, doc_id: str, expression: str, values: Item, condition: str) -> Item:
        return self._table.update(_key(doc_id), expression, _names(expression + condition), values, condition)

    def _finish(self, doc_id: str, rev: int, expression: str, values: Item) -> None:
        try:
            self._update(doc_id, expression, {**values, ":rev": number(rev)}, "#rev = :rev")
        except ConditionFailedError as failed:
            _newest(failed.item, doc_id, rev)
            raise

    def _row_change(self, commit: Commit, before: CatalogEntry, wanted: tuple[AlertKey, ...]) -> Item:
        """Conditional on the keys that were read as well: their counts must not be changed twice."""
        source, path = source_and_path(before.key)
        values = {
            ":rev": number(commit.rev),
            ":content_rev": number(commit.content_rev),
            ":hash": text(commit.content_hash),
            ":deleted": {"BOOL": commit.deleted},
            ":title": text(commit.title),
            ":groups": text(names_to_json(commit.groups)),
            ":keys": text(keys_to_json(wanted)),
            ":critical": {"BOOL": commit.critical},
            ":overview": text(overview_to_json(commit.overview)),
            ":before": text(keys_to_json(before.keys)),
        }
        sets = (
            "#indexed_rev = :rev, #content_rev = :content_rev, #hash = :hash, #deleted = :deleted, #title = :title, "
            "#groups = :groups, #keys = :keys, #critical = :critical, #overview = :overview"
        )
        removes = "#pend, #pend_at, #error"
        if commit.deleted:
            removes += ", #gsi1pk, #gsi1sk"
        else:
            sets += ", #gsi1pk = :source, #gsi1sk = :path"
            values |= {":source": text(keys.source(source)), ":path": text(path)}
        return self._change(_key(commit.doc_id), f"SET {sets} REMOVE {removes}", values, _unchanged(before))

    def _progress(
        self, before: CatalogEntry, wanted: tuple[AlertKey, ...], changes: list[tuple[AlertKey, Item]]
    ) -> Item:
        """Which keys there are after these changes, and nothing else: the revision stays pending."""
        changed, known, lasting = {key for key, _ in changes}, set(before.keys), set(wanted)
        kept = [key for key in before.keys if key in lasting or key not in changed]
        added = [key for key, _ in changes if key not in known]
        values = {
            ":rev": number(before.rev),
            ":keys": text(keys_to_json((*kept, *added))),
            ":before": text(keys_to_json(before.keys)),
        }
        return self._change(_key(before.doc_id), "SET #keys = :keys", values, _unchanged(before))

    def _key_changes(
        self, commit: Commit, before: CatalogEntry, wanted: tuple[AlertKey, ...], crowded: set[AlertKey]
    ) -> list[tuple[AlertKey, Item]]:
        attribute = keys.card(commit.doc_id)
        known, lasting = set(before.keys), set(wanted)

        def put(key: AlertKey) -> Item:
            card = commit.card_behind(key)
            return {":card": text(card_to_json(card)), ":most": number(MAX_CARDS_PER_KEY)} if card else {}

        changes: list[tuple[AlertKey, str, Item, str]] = []
        for key in before.keys:
            if key not in lasting:
                changes.append((key, f"REMOVE #{attribute} ADD #n :count", {":count": number(-1)}, ""))
            elif key not in crowded:
                has_room = f"attribute_exists(#{attribute}) OR #n <= :most"
                changes.append((key, f"SET #{attribute} = :card", put(key), has_room))
        for key in wanted:
            if key in known:
                continue
            if key in crowded:
                changes.append((key, "ADD #n :count", {":count": _ONE}, ""))
            else:
                has_room = "attribute_not_exists(#n) OR #n < :most"
                changes.append((key, f"SET #{attribute} = :card ADD #n :count", put(key) | {":count": _ONE}, has_room))
        return [
            (key, self._change({"pk": text(keys.alert_key(key)), "sk": text(keys.MAIN)}, expression, values, condition))
            for key, expression, values, condition in changes
        ]

    def _change(self, key: Item, expression: str, values: Item, condition: str) -> Item:
        change: dict[str, Any] = {
            "TableName": self._table.name,
            "Key": key,
            "UpdateExpression": expression,
            "ExpressionAttributeNames": _names(expression + condition),
            "ExpressionAttributeValues": values,
        }
        return {"Update": change | ({"ConditionExpression": condition} if condition else {})}

    def _transact(self, changes: list[Any]) -> list[str]:
        """The reason for each change if the transaction was cancelled by conditions or conflicts, else nothing."""
        with self._table.errors():
            try:
                self._table.client().transact_write_items(TransactItems=changes)
            except ClientError as error:
                response: Any = error.response
                reasons = [reason.get("Code", "None") for reason in response.get("CancellationReasons", [])]
                if not reasons or not set(reasons) <= {"None", "ConditionalCheckFailed", "TransactionConflict"}:
                    raise
                return reasons
        return []


def _key(doc_id: str) -> Item:
    return {"pk": text(keys.document(doc_id)), "sk": text(keys.MAIN)}


def _unchanged(before: CatalogEntry) -> str:
    """The condition that the row is at this revision, with the keys that were read."""
    if before.keys:
        return "#rev = :rev AND #keys = :before"
    return "#rev = :rev AND (attribute_not_exists(#keys) OR #keys = :before)"


def _names(expression: str) -> dict[str, str]:
    """``#name`` stands for the attribute ``name`` in every expression here: half the good names are reserved."""
    return {name: name[1:] for name in re.findall(r"#\w+", expression)}


def _of_source(source: str, after: str = "") -> dict[str, Any]:
    behind = {":after": text(after)} if after else {}
    return {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = :source" + (" AND gsi1sk > :after" if after else ""),
        "FilterExpression": "(attribute_not_exists(#deleted) OR #deleted <> :true)",
        "ExpressionAttributeNames": {"#deleted": "deleted"},
        "ExpressionAttributeValues": {":source": text(keys.source(source)), ":true": _TRUE, **behind},
    }


def _newest(item: Item, doc_id: str, rev: int) -> CatalogEntry:
    if not item:
        raise DocumentMissingError(f"document {doc_id} was never claimed")
    entry = _entry(item)
    if entry.rev != rev:
        raise StaleRevisionError(f"document {doc_id}: revision {rev} was overtaken by {entry.rev}")
    return entry


def _entry(item: Item) -> CatalogEntry:
    def string(name: str, default: str = "") -> str:
        return str(item[name]["S"]) if name in item else default

    def whole(name: str) -> int:
        return int(item[name]["N"]) if name in item else 0

    def flag(name: str) -> bool:
        return bool(item[name]["BOOL"]) if name in item else False

    return CatalogEntry(
        doc_id=string("doc"),
        key=string("key"),
        rev=whole("rev"),
        sequencer=string("seq"),
        version_id=string("version_id") or None,
        content_hash=string("hash"),
        content_rev=whole("content_rev"),
        indexed_rev=whole("indexed_rev"),
        high=whole("high"),
        deleted=flag("deleted"),
        is_pending="pend" in item,
        pending_since=float(item["pend_at"]["N"]) if "pend" in item else None,
        title=string("title"),
        groups=names_from_json(string("groups", "[]")),
        keys=keys_from_json(string("keys", "[]")),
        error=string("error"),
        critical=flag("critical"),
        overview=overview_from_json(string("overview")),
    )
