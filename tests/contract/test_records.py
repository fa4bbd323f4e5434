"""What every store of records promises."""

import random
from dataclasses import replace
from typing import Any

import pytest

from personal_pipeline.adapters.records import MAX_BODY_BYTES
from personal_pipeline.domain.errors import RejectedError
from personal_pipeline.ports import Record

KEY = ("I#1", "M")


def a_record(clock: Any, partition: str = "I#1", sort: str = "M", body: str = "{}", **fields: Any) -> Record:
    return Record(partition, sort, body, fields.pop("expires_at", clock() + 100), **fields)


def test_a_record_comes_back_whole_with_its_version(records: Any, clock: Any) -> None:
    record = a_record(clock, body='{"é": "😀 \\\\ \\u0000"}', listing="incidents", place="2027-01-01#1")

    assert records.put(record) is True

    assert records.get([KEY]) == {KEY: replace(record, version=1)}


@pytest.mark.parametrize("size", [4095, 4096, 50_000, MAX_BODY_BYTES])
def test_a_body_of_any_size_up_to_the_limit_is_kept(records: Any, clock: Any, size: int) -> None:
    body = random.Random(size).randbytes(size).hex()[:size]

    assert records.put(a_record(clock, body=body))

    assert records.get([KEY])[KEY].body == body


def test_records_are_found_by_both_parts_of_their_key_and_the_others_are_left_out(records: Any, clock: Any) -> None:
    for partition, sort in [("I#1", "M"), ("I#1", "N"), ("I#2", "M")]:
        records.put(a_record(clock, partition, sort, body=f'"{partition} {sort}"'))

    found = records.get([("I#2", "M"), ("I#1", "M"), ("I#2", "N"), ("I#1", "M")])

    assert {key: record.body for key, record in found.items()} == {KEY: '"I#1 M"', ("I#2", "M"): '"I#2 M"'}


def test_a_hundred_records_are_read_at_once_and_more_are_refused(records: Any, clock: Any) -> None:
    keys = [(f"I#{number}", "M") for number in range(101)]
    for partition, sort in keys:
        records.put(a_record(clock, partition, sort))

    assert set(records.get(keys[:100])) == set(keys[:100])
    with pytest.raises(RejectedError, match="at most 100"):
        records.get(keys)


def test_each_write_raises_the_version(records: Any, clock: Any) -> None:
    records.put(a_record(clock, body="1"))
    for body in ("2", "3"):
        assert records.put(replace(records.get([KEY])[KEY], body=body))

    assert (records.get([KEY])[KEY].body, records.get([KEY])[KEY].version) == ("3", 3)


def test_of_two_writers_from_one_version_the_first_wins(records: Any, clock: Any) -> None:
    records.put(a_record(clock))
    read = records.get([KEY])[KEY]

    assert records.put(replace(read, body="1")) is True
    assert records.put(replace(read, body="2")) is False

    assert records.get([KEY])[KEY].body == "1"


def test_of_two_who_create_a_record_the_first_wins(records: Any, clock: Any) -> None:
    assert records.put(a_record(clock, body="1")) is True
    assert records.put(a_record(clock, body="1")) is False
    assert records.put(a_record(clock, body="2")) is False

    assert records.get([KEY])[KEY].body == "1"


def test_a_record_that_is_not_there_is_not_written_under_a_version(records: Any, clock: Any) -> None:
    assert records.put(a_record(clock, version=1)) is False

    assert records.get([KEY]) == {}


def test_an_expired_record_is_as_if_it_were_not_there(records: Any, clock: Any) -> None:
    records.put(a_record(clock, sort="a", listing="incidents", place="1"))
    records.put(a_record(clock, sort="b", listing="incidents", place="2", expires_at=clock() + 200))
    read = records.get([("I#1", "a")])[("I#1", "a")]

    clock.forward(100)

    assert set(records.get([("I#1", "a"), ("I#1", "b")])) == {("I#1", "b")}
    assert [record.sort for record in records.under("I#1")] == ["b"]
    assert [record.sort for record in records.listed("incidents", 10)] == ["b"]
    assert records.put(read) is False
    assert records.put(a_record(clock, sort="a")) is True


def test_who_read_a_record_before_it_expired_does_not_overwrite_the_next_one(records: Any, clock: Any) -> None:
    records.put(a_record(clock, body="old"))
    read = records.get([KEY])[KEY]
    clock.forward(101)
    assert records.put(a_record(clock, body="new"))

    assert records.put(replace(read, body="late", expires_at=clock() + 100)) is False

    assert records.get([KEY])[KEY].body == "new"


def test_long_expired_records_do_not_hinder_new_ones(records: Any, clock: Any) -> None:
    for number in range(50):
        records.put(a_record(clock, sort=f"{number:02}"))
    clock.forward(100_000)
    for number in range(50):
        assert records.put(a_record(clock, sort=f"{number:02}", body="again"))

    assert [record.body for record in records.under("I#1")] == ["again"] * 50


def test_a_write_may_prolong_a_record(records: Any, clock: Any) -> None:
    records.put(a_record(clock))
    records.put(replace(records.get([KEY])[KEY], expires_at=clock() + 300))

    clock.forward(200)

    assert records.get([KEY])[KEY].expires_at == clock() + 100


def test_a_partition_is_told_by_sort_up_to_a_limit(records: Any, clock: Any) -> None:
    for sort in ("é", "b", "a#2", "a#10", "a", "😀"):
        records.put(a_record(clock, sort=sort))
    records.put(a_record(clock, partition="I#10"))

    assert [record.sort for record in records.under("I#1")] == ["a", "a#10", "a#2", "b", "é", "😀"]
    assert [record.sort for record in records.under("I#1", 2)] == ["a", "a#10"]
    assert records.under("I") == []


def test_expired_records_do_not_use_up_a_limit(records: Any, clock: Any) -> None:
    for number in range(8):
        expires_at = clock() + (100 if number < 6 else 200)
        records.put(a_record(clock, sort=str(number), listing="all", place=f"{9 - number}", expires_at=expires_at))

    clock.forward(150)

    assert [record.sort for record in records.under("I#1", 2)] == ["6", "7"]
    assert [record.place for record in records.listed("all", 2)] == ["3", "2"]


def test_a_listing_is_told_from_the_last_place_on(records: Any, clock: Any) -> None:
    for number in range(40):
        records.put(a_record(clock, f"I#{number}", listing="incidents", place=f"{number:02}"))
    records.put(a_record(clock, "I#other", listing="deliveries", place="99"))
    records.put(a_record(clock, "I#unlisted"))

    assert [record.place for record in records.listed("incidents", 40)] == [f"{n:02}" for n in range(39, -1, -1)]
    assert records.listed("incidents", 1) == [
        a_record(clock, "I#39", version=1, listing="incidents", place="39"),
    ]


def test_a_listing_is_walked_page_by_page(records: Any, clock: Any) -> None:
    for number in range(25):
        records.put(a_record(clock, f"I#{number}", listing="incidents", place=f"2027-01-{number:02}"))

    walked: list[str] = []
    before = ""
    while page := records.listed("incidents", 7, before):
        assert len(page) <= 7
        walked += [record.place for record in page]
        before = page[-1].place

    assert walked == [f"2027-01-{number:02}" for number in range(24, -1, -1)]


def test_records_that_share_a_place_are_all_listed_in_a_lasting_order(records: Any, clock: Any) -> None:
    for partition in ("I#3", "I#1", "I#2", "I#4", "I#5", "I#6"):
        records.put(a_record(clock, partition, listing="incidents", place="1"))
    records.put(a_record(clock, "I#7", listing="incidents", place="0"))

    found = [record.partition for record in records.listed("incidents", 10)]

    assert found == ["I#6", "I#5", "I#4", "I#3", "I#2", "I#1", "I#7"]
    assert [record.partition for record in records.listed("incidents", 10, before="1")] == ["I#7"]


def test_a_record_moves_within_its_listing_and_leaves_it(records: Any, clock: Any) -> None:
    records.put(a_record(clock, listing="open", place="1"))
    records.put(a_record(clock, "I#2", listing="open", place="2"))
    records.put(replace(records.get([KEY])[KEY], place="3"))

    assert [record.place for record in records.listed("open", 10)] == ["3", "2"]

    records.put(replace(records.get([KEY])[KEY], listing="closed"))
    assert [record.place for record in records.listed("open", 10)] == ["2"]
    assert [record.place for record in records.listed("closed", 10)] == ["3"]

    records.put(replace(records.get([KEY])[KEY], listing="", place=""))
    assert records.listed("closed", 10) == []
    assert set(records.get([KEY])) == {KEY}


def test_a_listing_may_have_any_name(records: Any, clock: Any) -> None:
    records.put(a_record(clock, listing="diskfull#0#storage 😀", place="1#2"))

    assert [record.listing for record in records.listed("diskfull#0#storage 😀", 10)] == ["diskfull#0#storage 😀"]
    assert records.listed("diskfull#0", 10) == []


@pytest.mark.parametrize("body", ["x" * (MAX_BODY_BYTES + 1), "é" * (MAX_BODY_BYTES // 2 + 1)], ids=["ascii", "utf-8"])
def test_a_body_that_is_too_large_is_refused_and_the_record_named(records: Any, clock: Any, body: str) -> None:
    with pytest.raises(RejectedError, match=r"I#1.*307,20"):
        records.put(a_record(clock, body=body))


@pytest.mark.parametrize(
    "fields",
    [
        {"partition": ""},
        {"sort": ""},
        {"sort": "x" * 1001},
        {"partition": "F#diskfull"},
        {"listing": "open"},
        {"place": "1"},
        {"body": '"\ud800"'},
    ],
    ids=str,
)
def test_what_cannot_be_kept_everywhere_is_refused_everywhere(records: Any, clock: Any, fields: dict[str, str]) -> None:
    with pytest.raises(RejectedError, match="record"):
        records.put(a_record(clock, **fields))
