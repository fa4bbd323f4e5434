"""Receipts of deliveries: which revision of a notice a target was sent last, and how the target finds it again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from personal_pipeline.ports import Record

RECEIPT_SECONDS = 30 * 86400.0
_TARGET = "T#"


@dataclass(frozen=True, slots=True)
class Receipt:
    """``version`` is that of the record, 0 when there is none; ``sent_at`` is in epoch seconds."""

    revision: int = 0
    handle: str = ""
    sent_at: float = 0.0
    version: int = 0


def receipts_partition(notice_id: str) -> str:
    return f"N#{notice_id}"


def receipt_key(notice_id: str, target: str) -> tuple[str, str]:
    return receipts_partition(notice_id), f"{_TARGET}{target}"


def receipt_record(key: tuple[str, str], receipt: Receipt) -> Record:
    body = json.dumps({"revision": receipt.revision, "handle": receipt.handle, "sent_at": receipt.sent_at})
    return Record(*key, body, receipt.sent_at + RECEIPT_SECONDS, receipt.version)


def receipt_of(record: Record) -> Receipt:
    """One that cannot be read is as if it were not there, but for its version."""
    try:
        said: dict[str, Any] = json.loads(record.body)
        sent_at = float(said.get("sent_at", 0.0))
        return Receipt(int(said["revision"]), str(said["handle"]), sent_at, record.version)
    except (ValueError, KeyError, TypeError):
        return Receipt(version=record.version)


def receipts_by_target(records: Iterable[Record]) -> dict[str, Receipt]:
    """Of the records of a notice's partition."""
    found = {record.sort.removeprefix(_TARGET): receipt_of(record) for record in records}
    return {target: receipt for target, receipt in found.items() if receipt.revision}
