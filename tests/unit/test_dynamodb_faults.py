"""What the DynamoDB adapters do when the table throttles, hangs, refuses or holds what is not ours.

Faults are put in by botocore's event hooks, in front of moto.
"""

import random
import zlib
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto import mock_aws

from infra.local.topology import read_topology
from personal_pipeline.adapters.aws_clients import AwsClients
from personal_pipeline.adapters.dynamodb.catalog import COMMIT_ATTEMPTS, DynamoDBCatalog
from personal_pipeline.adapters.dynamodb.table import BATCH_ROUNDS
from personal_pipeline.domain.caching import CacheEntry, RenderedDocument, Stamp
from personal_pipeline.domain.catalog import AlertKey, Card, Commit
from personal_pipeline.domain.errors import (
    InvalidDocumentError,
    RejectedError,
    StaleRevisionError,
    TableUnavailableError,
)
from personal_pipeline.domain.feedback import HALF_LIFE_SECONDS, VOTE_SECONDS
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.search import SearchQuery
from personal_pipeline.domain.service_map import Service
from personal_pipeline.ports import AskedQuery, Record
from tests.contract.conftest import Clock, Tables, dynamodb_tables
from tests.real_parts import ROOT

KEY = "runbooks/disk.md"
DOC = doc_id_of(KEY)
DISK = AlertKey("alert", "diskfull")
CARD = Card(DOC, "Disk full", "", "runbooks", "disk.md", "df -h", "", ("public",), 1)
COMMIT = Commit(DOC, 1, 1, "h1", False, "Disk full", ("public",), (DISK,), CARD)
VECTOR = array("f", [0.6, 0.8])
RECORD = Record("I#1", "M", "{}", 4e9, listing="incidents", place="2027")
ENTRY = CacheEntry(b"{}", Stamp("c", 0), 0, 1, 4e9)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tables(clock: Clock) -> Iterator[Tables]:
    with mock_aws():
        yield dynamodb_tables("", read_topology(ROOT / "template.yaml"), clock)


OPERATIONS: dict[str, Callable[[Tables], Any]] = {
    "claim": lambda t: t.catalog.claim(KEY, "0A", None, 1.0),
    "reserve": lambda t: t.catalog.reserve(DOC, 1, 3),
    "commit": lambda t: t.catalog.commit(COMMIT),
    "settle": lambda t: t.catalog.settle(DOC, 1),
    "refuse": lambda t: t.catalog.refuse(DOC, 1, "too large"),
    "entry": lambda t: t.catalog.entry(DOC),
    "pending": lambda t: t.catalog.pending(5.0),
    "cards": lambda t: t.catalog.cards([DISK]),
    "entries": lambda t: list(t.catalog.entries("runbooks")),
    "count": lambda t: t.catalog.count("runbooks"),
    "critical": lambda t: t.catalog.critical("runbooks"),
    "replace_services": lambda t: t.catalog.replace_services("shop", [Service("checkout")]),
    "services": lambda t: t.catalog.services(),
    "read": lambda t: t.cache.read("k"),
    "write": lambda t: t.cache.write("k", ENTRY),
    "generations": lambda t: t.cache.generations(),
    "bump": lambda t: t.cache.bump(["runbooks"]),
    "document": lambda t: t.cache.document(DOC),
    "write_document": lambda t: t.cache.write_document(RenderedDocument(DOC, 1, ("public",), b"{}")),
    "delete_document": lambda t: t.cache.delete_document(DOC, 1),
    "vectors": lambda t: t.cache.vectors(["model#a"]),
    "write_vectors": lambda t: t.cache.write_vectors({"model#a": VECTOR}, 4e9),
    "add": lambda t: t.activity.add("2026-11-23", [AskedQuery(SearchQuery("disk"), 1)], 4e9),
    "most_asked": lambda t: t.activity.most_asked("2026-11-23", 5),
    "vote": lambda t: t.activity.vote("diskfull#", DOC, "u", True, 2e9),
    "feedback": lambda t: t.activity.feedback("diskfull#"),
    "get": lambda t: t.records.get([("I#1", "M")]),
    "put": lambda t: t.records.put(RECORD),
    "under": lambda t: t.records.under("I#1"),
    "listed": lambda t: t.records.listed("incidents", 10),
}
URL = "https://dynamodb.us-east-1.amazonaws.com"
FAULTS: dict[str, Any] = {
    "throttled": "ProvisionedThroughputExceededException",
    "request limit": "RequestLimitExceeded",
    "failing": "InternalServerError",
    "missing": "ResourceNotFoundException",
    "forbidden": "AccessDeniedException",
    "hanging": ReadTimeoutError(endpoint_url=URL),
    "out of reach": ConnectTimeoutError(endpoint_url=URL),
    "refusing connections": EndpointConnectionError(endpoint_url=URL),
}


class Fault:
    """Stands before every request of a client; counts what came to it."""

    def __init__(self, client: Any, fault: Any, operation: str = "*", status: int = 400) -> None:
        self.requests = 0
        self._fault = fault
        self._status = status
        event = "before-send.dynamodb" if operation == "*" else f"before-send.dynamodb.{operation}"
        client.meta.events.register_first(event, self._stand)

    def _stand(self, request: Any, **_: Any) -> AWSResponse:
        self.requests += 1
        if isinstance(self._fault, Exception):
            raise self._fault
        body = b'{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"no"}' % self._fault.encode()
        return AWSResponse(request.url, self._status, {}, _Raw(body))


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


@pytest.fixture
def one_attempt(tables: Tables, clock: Clock) -> Tables:
    """The same tables through the client of the search path."""
    from personal_pipeline.adapters.dynamodb.activity import DynamoDBActivity
    from personal_pipeline.adapters.dynamodb.cache import DynamoDBCache
    from personal_pipeline.adapters.dynamodb.records import DynamoDBRecords

    factory = AwsClients().factory("dynamodb", connect_timeout_seconds=0.2, timeout_seconds=0.25, attempts=1)
    names = tables.names
    return Tables(
        DynamoDBCatalog(factory, names["CatalogTable"]),
        DynamoDBCache(factory, names["CacheTable"], clock),
        DynamoDBActivity(factory, names["ActivityTable"], clock),
        factory(),
        names,
        DynamoDBRecords(factory, names["ActivityTable"], clock),
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_a_table_that_does_not_answer_is_unavailable_after_one_attempt(one_attempt: Tables, fault: str) -> None:
    stands = Fault(one_attempt.client, FAULTS[fault])

    for number, (name, operation) in enumerate(OPERATIONS.items(), start=1):
        with pytest.raises(TableUnavailableError, match="Table-"):
            operation(one_attempt)
        assert stands.requests == number, name


def test_elsewhere_a_second_attempt_is_made(tables: Tables) -> None:
    stands = Fault(tables.client, "InternalServerError", status=500)

    with pytest.raises(TableUnavailableError, match="InternalServerError"):
        tables.catalog.entry(DOC)

    assert stands.requests == 2


def test_what_can_never_succeed_is_rejected_not_retried(tables: Tables) -> None:
    stands = Fault(tables.client, "ValidationException")

    with pytest.raises(RejectedError, match="CatalogTable"):
        tables.catalog.entry(DOC)

    assert stands.requests == 1


def test_a_claim_whose_answer_was_lost_is_a_replay(tables: Tables) -> None:
    """The write happened, the answer did not come: the second attempt finds its own sequencer."""
    other = DynamoDBCatalog(AwsClients().factory("dynamodb"), tables.names["CatalogTable"])
    lost: list[str] = []

    def lose(**_: Any) -> None:
        if not lost:
            lost.append(other.claim(KEY, "0A", None, 1.0).outcome)
            raise ReadTimeoutError(endpoint_url=URL)

    tables.client.meta.events.register_first("before-send.dynamodb.UpdateItem", lose)

    claim = tables.catalog.claim(KEY, "0A", None, 1.0)

    assert lost == ["accepted"]
    assert (claim.outcome, claim.rev) == ("replayed", 1)


def test_a_record_whose_answer_was_lost_counts_as_written(tables: Tables) -> None:
    """The second attempt finds its own write, which is no other writer; a repeated call is one."""
    attempts: list[int] = []

    def lose_the_first(**_: Any) -> int | None:
        attempts.append(1)
        return 0 if len(attempts) == 1 else None  # seconds to wait before it is tried again

    tables.client.meta.events.register_first("needs-retry.dynamodb.UpdateItem", lose_the_first)

    assert tables.records.put(RECORD)
    assert len(attempts) == 2
    assert not tables.records.put(RECORD)


def conflicting(client: Any, times: int) -> list[int]:
    """The first transactions meet another one on the same items."""
    met: list[int] = []

    def conflict(**_: Any) -> tuple[Any, dict[str, Any]] | None:
        if len(met) >= times:
            return None
        met.append(1)
        answer = {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
        }
        return AWSResponse(URL, 400, {}, _Raw(b"")), answer

    client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", conflict)
    return met


def test_a_commit_that_meets_another_is_tried_again(tables: Tables) -> None:
    waits: list[float] = []
    catalog = DynamoDBCatalog(lambda: tables.client, tables.names["CatalogTable"], waits.append)
    catalog.claim(KEY, "0A", None, 1.0)
    conflicting(tables.client, 3)

    catalog.commit(COMMIT)

    assert catalog.cards([DISK]) == {DISK: [CARD]}
    assert len(waits) == 3


def test_a_commit_that_always_meets_another_gives_up(tables: Tables) -> None:
    catalog = DynamoDBCatalog(lambda: tables.client, tables.names["CatalogTable"], lambda _: None)
    catalog.claim(KEY, "0A", None, 1.0)
    met = conflicting(tables.client, 100)

    with pytest.raises(TableUnavailableError, match=f"{DOC} could not be committed in {COMMIT_ATTEMPTS} attempts"):
        catalog.commit(COMMIT)

    assert len(met) == COMMIT_ATTEMPTS
    entry = catalog.entry(DOC)
    assert entry is not None
    assert entry.is_pending


def leaving_unread(client: Any, rounds: int) -> list[int]:
    left: list[int] = []

    def leave(parsed: dict[str, Any], **_: Any) -> None:
        if len(left) < rounds:
            left.append(1)
            (name, items), *_ = parsed["Responses"].items()
            keys = [{name: item[name] for name in ("pk", "sk") if name in item} for item in items[1:]]
            parsed["Responses"] = {name: items[:1]}
            parsed["UnprocessedKeys"] = {name: {"Keys": keys, "ConsistentRead": True}} if keys else {}

    client.meta.events.register("after-call.dynamodb.BatchGetItem", leave)
    return left


def test_keys_that_were_left_unread_are_asked_for_again(tables: Tables) -> None:
    tables.cache.bump(["runbooks"])
    tables.cache.write("k", ENTRY)
    leaving_unread(tables.client, 1)

    lookup = tables.cache.read("k")

    assert lookup.entry == ENTRY
    assert lookup.generations.sources == {"runbooks": 1}


def test_a_table_that_leaves_keys_unread_for_ever_is_unavailable(tables: Tables) -> None:
    tables.cache.bump(["runbooks"])

    def leave_all(parsed: dict[str, Any], **_: Any) -> None:
        (name, items), *_ = parsed["Responses"].items()
        keys = [{"pk": item["pk"]} for item in items]
        parsed["Responses"], parsed["UnprocessedKeys"] = {}, {name: {"Keys": keys}}

    tables.client.meta.events.register("after-call.dynamodb.BatchGetItem", leave_all)
    stands: list[int] = []
    tables.client.meta.events.register("before-send.dynamodb.BatchGetItem", lambda **_: stands.append(1))

    with pytest.raises(TableUnavailableError, match="throttled"):
        tables.cache.read("k")
    assert len(stands) == BATCH_ROUNDS


def test_items_that_were_left_unwritten_are_written_again(tables: Tables) -> None:
    left: list[int] = []

    def leave(parsed: dict[str, Any], **_: Any) -> None:
        if not left:
            left.append(1)
            request = {"PutRequest": {"Item": {"pk": {"S": "V#model#b"}, "vector": {"B": VECTOR.tobytes()}}}}
            request["PutRequest"]["Item"]["expires_at"] = {"N": "4000000000"}
            parsed["UnprocessedItems"] = {tables.names["CacheTable"]: [request]}

    tables.client.meta.events.register("after-call.dynamodb.BatchWriteItem", leave)

    tables.cache.write_vectors({"model#a": VECTOR}, 4e9)

    assert tables.cache.vectors(["model#a", "model#b"]) == {"model#a": VECTOR, "model#b": VECTOR}


def test_a_table_that_leaves_items_unwritten_round_after_round_is_throttled(tables: Tables) -> None:
    def leave_all(parsed: dict[str, Any], **_: Any) -> None:
        parsed["UnprocessedItems"] = {tables.names["CacheTable"]: [{"DeleteRequest": {"Key": {"pk": {"S": "V#x"}}}}]}

    tables.client.meta.events.register("after-call.dynamodb.BatchWriteItem", leave_all)
    stands: list[int] = []
    tables.client.meta.events.register("before-send.dynamodb.BatchWriteItem", lambda **_: stands.append(1))

    with pytest.raises(TableUnavailableError, match="throttled"):
        tables.cache.write_vectors({"model#a": VECTOR}, 4e9)
    assert len(stands) == BATCH_ROUNDS


def test_a_vector_that_was_cut_is_a_miss(tables: Tables) -> None:
    tables.cache.write_vectors({"model#a": VECTOR, "model#b": VECTOR}, 4e9)
    tables.client.put_item(
        TableName=tables.names["CacheTable"],
        Item={"pk": {"S": "V#model#a"}, "vector": {"B": b"\x00\x01\x02"}, "expires_at": {"N": "4000000000"}},
    )

    assert tables.cache.vectors(["model#a", "model#b"]) == {"model#b": VECTOR}


def test_more_keys_than_a_batch_takes_are_read_in_several(tables: Tables) -> None:
    keys = tuple(AlertKey("alert", f"a{number}") for number in range(40))
    tables.catalog.claim(KEY, "0A", None, 1.0)
    tables.catalog.commit(Commit(DOC, 1, 1, "h", False, "t", ("public",), keys, CARD))
    unknown = [AlertKey("alert", f"b{number}") for number in range(200)]

    assert tables.catalog.cards([*unknown, *keys]).keys() == set(keys)


@pytest.mark.parametrize(
    "change",
    [
        {"body": {"B": b"no zlib at all"}},
        {"body": {"B": zlib.compress(b"cut short" * 100)[:-8]}},
        {"body": {"B": b""}},
        {"schema": {"N": "2"}},
        {"body": {"B": zlib.compress(bytes(50_000_000), 9)}},
    ],
    ids=["foreign", "cut", "empty", "another release's", "bomb"],
)
def test_an_answer_that_cannot_be_unpacked_is_a_miss(tables: Tables, change: dict[str, Any]) -> None:
    tables.cache.write("k", ENTRY)
    tables.cache.bump(["runbooks"])
    item = tables.client.get_item(TableName=tables.names["CacheTable"], Key={"pk": {"S": "Q#k"}})["Item"]
    assert tables.cache.read("k").entry == ENTRY

    tables.client.put_item(TableName=tables.names["CacheTable"], Item=item | change)

    lookup = tables.cache.read("k")
    assert lookup.entry is None
    assert lookup.generations.sources == {"runbooks": 1}


def test_a_bomb_is_not_unpacked(tables: Tables) -> None:
    import tracemalloc

    tables.cache.write("k", ENTRY)
    item = tables.client.get_item(TableName=tables.names["CacheTable"], Key={"pk": {"S": "Q#k"}})["Item"]
    bomb = {"B": zlib.compress(bytes(200_000_000), 9)}
    tables.client.put_item(TableName=tables.names["CacheTable"], Item=item | {"body": bomb})

    tracemalloc.start()
    assert tables.cache.read("k").entry is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 20_000_000


def items_of(tables: Tables) -> set[str]:
    pages = tables.client.get_paginator("scan").paginate(TableName=tables.names["CacheTable"])
    return {item["pk"]["S"] for page in pages for item in page["Items"]}


def a_large_document(rev: int, size: int = 1_000_000) -> RenderedDocument:
    return RenderedDocument("d1", rev, ("public",), random.Random(rev).randbytes(size))


def test_the_parts_of_a_replaced_or_deleted_document_are_removed(tables: Tables) -> None:
    tables.cache.write_document(a_large_document(1))
    assert items_of(tables) == {"R#d1", "R#d1#1#1", "R#d1#1#2"}

    tables.cache.write_document(a_large_document(1, 500_000))
    assert items_of(tables) == {"R#d1", "R#d1#1#1"}
    tables.cache.write_document(a_large_document(2))
    assert items_of(tables) == {"R#d1", "R#d1#2#1", "R#d1#2#2"}
    tables.cache.write_document(a_large_document(1))
    assert items_of(tables) == {"R#d1", "R#d1#2#1", "R#d1#2#2"}
    tables.cache.delete_document("d1", 3)
    assert items_of(tables) == {"R#d1"}


def test_a_document_with_a_lost_part_is_not_shown_in_pieces(tables: Tables) -> None:
    tables.cache.write_document(a_large_document(1))
    tables.client.delete_item(TableName=tables.names["CacheTable"], Key={"pk": {"S": "R#d1#1#1"}})

    assert tables.cache.document("d1") is None


def test_a_copy_of_an_older_release_is_read_without_a_structure(tables: Tables) -> None:
    item = {"pk": {"S": "R#d1"}, "rev": {"N": "3"}, "groups": {"S": '["public"]'}, "parts": {"N": "1"}}
    item["body"] = {"B": zlib.compress(b"{}", 6)}
    tables.client.put_item(TableName=tables.names["CacheTable"], Item=item)

    assert tables.cache.document("d1") == RenderedDocument("d1", 3, ("public",), b"{}", b"", form=0)


def test_a_release_that_knows_no_structure_reads_the_document(tables: Tables) -> None:
    tables.cache.write_document(RenderedDocument("d1", 3, ("public",), b'{"title":"Disk"}', b'{"steps":[]}'))
    (item,) = tables.client.scan(TableName=tables.names["CacheTable"])["Items"]

    unpacking = zlib.decompressobj()

    assert unpacking.decompress(item["body"]["B"]) == b'{"title":"Disk"}'
    assert unpacking.eof


def test_a_document_whose_structure_is_cut_is_not_shown_without_one(tables: Tables) -> None:
    tables.cache.write_document(RenderedDocument("d1", 1, ("public",), b"{}", b"{}" * 100))
    (item,) = tables.client.scan(TableName=tables.names["CacheTable"])["Items"]
    item["body"]["B"] = item["body"]["B"][:-3]
    tables.client.put_item(TableName=tables.names["CacheTable"], Item=item)

    assert tables.cache.document("d1") is None


def test_a_document_that_no_number_of_parts_can_hold_is_refused_by_name(tables: Tables) -> None:
    with pytest.raises(InvalidDocumentError, match="d1"):
        tables.cache.write_document(a_large_document(1, 8_000_000))


def test_tombstones_and_answers_are_marked_to_expire_and_live_documents_are_not(tables: Tables, clock: Clock) -> None:
    tables.cache.write("k", ENTRY)
    tables.cache.write_document(RenderedDocument("live", 1, (), b"{}"))
    tables.cache.delete_document("gone", 1)

    scanned = tables.client.scan(TableName=tables.names["CacheTable"])["Items"]
    expiring = {item["pk"]["S"]: item.get("expires_at", {}).get("N") for item in scanned}

    assert expiring["Q#k"] == "4000000000"
    assert float(expiring["R#gone"]) == clock() + 15 * 86400
    assert expiring["R#live"] is None


def test_a_commit_of_many_keys_stops_at_the_transaction_in_which_it_was_overtaken(tables: Tables) -> None:
    """The newer revision knows from the row what the older one had written, and takes it out."""
    rules = "runbooks/all.rules.yaml"
    doc = doc_id_of(rules)
    card = Card(doc, "All", "", "runbooks", "all.rules.yaml", "", "", ("public",), 1)

    def commit(rev: int, numbers: range) -> Commit:
        links = {AlertKey("rule", f"a{number}"): ("https://wiki/x",) for number in numbers}
        return Commit(doc, rev, rev, f"h{rev}", False, "All", ("public",), tuple(links), card, links=links)

    transactions = 0

    def overtake(**_: Any) -> None:
        nonlocal transactions
        transactions += 1
        if transactions == 3:
            assert tables.catalog.claim(rules, None, None, 2.0).rev == 2
            tables.catalog.commit(commit(2, range(290, 310)))

    tables.catalog.claim(rules, None, None, 1.0)
    tables.client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", overtake)

    with pytest.raises(StaleRevisionError):
        tables.catalog.commit(commit(1, range(300)))

    wanted = [AlertKey("rule", f"a{number}") for number in range(310)]
    assert set(tables.catalog.cards(wanted)) == set(wanted[290:])
    entry = tables.catalog.entry(doc)
    assert (entry.rev, entry.is_settled, set(entry.keys)) == (2, True, set(wanted[290:]))


def test_votes_from_before_they_faded_are_as_old_as_the_last_of_them(tables: Tables, clock: Clock) -> None:
    """A rolling update: counts without a time, and votes that say only when they end."""
    until = {"N": str(int(clock() + VOTE_SECONDS - HALF_LIFE_SECONDS))}
    for pk, sk, rest in (
        ("F#=disk#", DOC, {"up": {"N": "3"}, "down": {"N": "1"}}),
        ("FV#=disk#", f"{DOC}#u", {"helpful": {"BOOL": True}}),
    ):
        item = {"pk": {"S": pk}, "sk": {"S": sk}, "expires_at": until, **rest}
        tables.client.put_item(TableName=tables.names["ActivityTable"], Item=item)

    assert tables.activity.feedback("disk#") == {DOC: (pytest.approx(1.5), pytest.approx(0.5))}
    tables.activity.vote("disk#", DOC, "u", False, clock() + VOTE_SECONDS)
    assert tables.activity.feedback("disk#") == {DOC: (pytest.approx(1), pytest.approx(1.5))}
