"""What every store of records refuses, so that a record which one of them takes is taken by all."""

from personal_pipeline.domain.errors import RejectedError
from personal_pipeline.ports import Record

MAX_BODY_BYTES = 300 * 1024
MAX_KEYS = 100
MAX_NAME_BYTES = 1000  # DynamoDB's sort keys end at 1,024
RESERVED = ("F#", "FV#", "P#")  # partitions of votes and counts in the same table


def checked_body(record: Record) -> bytes:
    """The body as UTF-8. Raises RejectedError, which names the record."""
    where = f"record {record.partition[:100]!r}, {record.sort[:100]!r}"
    if record.partition.startswith(RESERVED):
        raise RejectedError(f"{where}: a partition must not begin with {', '.join(RESERVED)}")
    try:
        body = record.body.encode()
        names = [name.encode() for name in (record.partition, record.sort, record.listing, record.place)]
    except UnicodeEncodeError as error:
        raise RejectedError(f"{where} holds text that is no valid Unicode: {error.reason}") from error
    if len(body) > MAX_BODY_BYTES:
        raise RejectedError(f"{where}: its body has {len(body):,} bytes, at most {MAX_BODY_BYTES:,} are kept")
    if max(map(len, names)) > MAX_NAME_BYTES:
        raise RejectedError(f"{where}: a key or a place has more than {MAX_NAME_BYTES:,} bytes")
    if not (record.partition and record.sort and bool(record.listing) == bool(record.place)):
        raise RejectedError(f"{where}: it needs a partition and a sort, and a listing and a place both or neither")
    return body


def refuse_too_many(count: int) -> None:
    if count > MAX_KEYS:
        raise RejectedError(f"{count} records were asked for at once, at most {MAX_KEYS} are read: ask in parts")
