"""The key layout: nothing that differs may share a key, and every key fits."""

from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.adapters.dynamodb import keys
from personal_pipeline.domain.catalog import AlertKey

kinds = st.sampled_from(["alert", "title", "url", "arn", "path"])
values = st.text(min_size=1, max_size=40) | st.text("#=:/ab", min_size=1, max_size=8)


def test_the_layout_is_as_it_is_written_down() -> None:
    assert keys.document("abc") == "D#abc"
    assert keys.source("git/platform") == "S#git/platform"
    assert keys.alert_key(AlertKey("alert", "diskfull")) == "K#alert#=diskfull"
    assert keys.card("abc") == "d_abc"
    assert keys.answer("f00") == "Q#f00"
    assert keys.rendered("abc") == "R#abc"
    assert keys.popularity("2026-11-23", "2") == "P#2026-11-23#2"
    assert (keys.generation("runbooks"), keys.ACL, keys.GENERATIONS) == ("g_runbooks", "g_acl", "GEN")


@given(kinds, values, kinds, values)
@settings(max_examples=100, derandomize=True)
def test_different_alert_keys_have_different_partitions(kind: str, value: str, kind2: str, value2: str) -> None:
    one, other = AlertKey(kind, value), AlertKey(kind2, value2)  # type: ignore[arg-type]

    assert (keys.alert_key(one) == keys.alert_key(other)) == (one == other)


def test_the_longest_alert_key_fits_and_differs_from_a_value_that_looks_like_its_hash() -> None:
    long = keys.alert_key(AlertKey("title", "磁" * 512))

    assert len(long.encode()) <= 2048
    assert long != keys.alert_key(AlertKey("title", long.removeprefix("K#title#")))
    assert long != keys.alert_key(AlertKey("title", "磁" * 511))
    assert keys.alert_key(AlertKey("title", "a" * 1024)).endswith("a" * 1024)


@given(st.text(min_size=1, max_size=20).filter(lambda source: "\\" not in source) | st.just("acl"))
@settings(max_examples=100, derandomize=True)
def test_a_source_is_read_back_from_its_counter_and_never_taken_for_permissions(source: str) -> None:
    assert keys.source_of(keys.generation(source)) == source
    assert keys.generation(source) != keys.ACL


def test_documents_spread_over_all_shards() -> None:
    shards = [keys.shard(f"doc{number}") for number in range(400)]

    assert {shard: shards.count(shard) > 60 for shard in keys.SHARDS} == dict.fromkeys(keys.SHARDS, True)
