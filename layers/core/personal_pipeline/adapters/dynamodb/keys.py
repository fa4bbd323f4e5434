"""The key layout of the three tables, built here and nowhere else.

DynamoDB takes at most 2,048 bytes for a partition key, and a long alert key in a script of three bytes a
character exceeds that: such a value is replaced by its hash. ``\\`` never occurs in a source, so that a
source called ``acl`` keeps its counter apart from the one for permissions.
"""

from hashlib import sha256

from personal_pipeline.domain.catalog import AlertKey
from personal_pipeline.ports import Record

MAX_VALUE_BYTES = 1024
SHARDS = ("0", "1", "2", "3")  # one partition each, so that no single one takes every write
MAIN = "M"  # the sort key of an item that stands alone
GENERATIONS = "GEN"
ACL = "g_acl"
GROUPS = "groups"
SERVICES = "SV"  # the partition of all services files: few, and read together


def document(doc_id: str) -> str:
    return f"D#{doc_id}"


def source(name: str) -> str:
    return f"S#{name}"


def alert_key(key: AlertKey) -> str:
    return f"K#{key.kind}#{_short(key.value)}"


def card(doc_id: str) -> str:
    return f"d_{doc_id}"


def shard(doc_id: str) -> str:
    return SHARDS[sha256(doc_id.encode()).digest()[0] % len(SHARDS)]


def answer(cache_key: str) -> str:
    return f"Q#{cache_key}"


def rendered(doc_id: str) -> str:
    return f"R#{doc_id}"


def rendered_part(doc_id: str, rev: int, part: int) -> str:
    return f"R#{doc_id}#{rev}#{part}"


def vector(vector_key: str) -> str:
    return f"V#{vector_key}"


def generation(source_name: str) -> str:
    return r"g_\acl" if source_name == "acl" else f"g_{source_name}"


def source_of(attribute: str) -> str:
    return attribute.removeprefix("g_").removeprefix("\\")


def popularity(day: str, shard_name: str) -> str:
    return f"P#{day}#{shard_name}"


def feedback(signature: str) -> str:
    return f"F#{_short(signature)}"


def votes(signature: str) -> str:
    return f"FV#{_short(signature)}"


def vote(doc_id: str, user: str) -> str:
    return f"{doc_id}#{user}"


def listing(record: Record) -> str:
    return listing_shard(record.listing, shard(f"{record.partition}\n{record.sort}"))


def listing_shard(name: str, shard_name: str) -> str:
    return f"{name}#{shard_name}"


def _short(value: str) -> str:
    """As it is, marked as such, or its hash."""
    found = value.encode(errors="surrogatepass")
    return f"sha256#{sha256(found).hexdigest()}" if len(found) > MAX_VALUE_BYTES else f"={value}"


def query(query_json: str) -> str:
    return sha256(query_json.encode()).hexdigest()
