"""What every catalog promises."""

import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.catalog import (
    MAX_ALERTS_PER_RULE_FILE,
    MAX_CARDS_PER_KEY,
    AlertKey,
    Card,
    Commit,
    padded,
)
from personal_pipeline.domain.errors import DocumentMissingError, InvalidDocumentError, StaleRevisionError
from personal_pipeline.domain.ids import doc_id_of

DISK = AlertKey("alert", "diskfull")
ETCD = AlertKey("title", "etcdmembersdown")
KEY = "runbooks/disk.md"
DOC = doc_id_of(KEY)


def a_card(key: str = KEY, rev: int = 1, title: str = "Disk full") -> Card:
    source, _, path = key.partition("/")
    return Card(doc_id_of(key), title, "https://wiki/x", source, path, "df -h", "#storage", ("public",), rev)


def a_commit(key: str = KEY, rev: int = 1, keys: tuple[AlertKey, ...] = (DISK,), **fields: Any) -> Commit:
    card = None if fields.get("deleted") else a_card(key, rev, fields.get("title", "Disk full"))
    given = {"content_rev": rev, "content_hash": f"h{rev}", "deleted": False, "title": "Disk full"} | fields
    return Commit(doc_id=doc_id_of(key), rev=rev, groups=("public",), keys=keys, card=card, **given)


def committed(catalog: Any, key: str = KEY, **fields: Any) -> None:
    rev = catalog.claim(key, None, None, 100.0).rev
    catalog.commit(a_commit(key, rev, **fields))


def test_the_first_claim_mints_revision_one_and_marks_the_document_pending(catalog: Any) -> None:
    claim = catalog.claim(KEY, "0A", "v1", 100.0)

    entry = catalog.entry(DOC)
    assert (claim.outcome, claim.rev, claim.before) == ("accepted", 1, None)
    assert (entry.key, entry.rev, entry.version_id, entry.indexed_rev) == (KEY, 1, "v1", 0)
    assert (entry.is_pending, entry.pending_since, entry.is_settled) == (True, 100.0, False)
    assert catalog.entry(doc_id_of("runbooks/unknown.md")) is None


def test_a_later_event_gets_the_next_revision_and_sees_the_row_as_it_was(catalog: Any) -> None:
    catalog.claim(KEY, "0A", "v1", 100.0)
    catalog.commit(a_commit())

    claim = catalog.claim(KEY, "0B", "v2", 200.0)

    assert (claim.outcome, claim.rev) == ("accepted", 2)
    assert (claim.before.rev, claim.before.content_hash, claim.before.is_settled) == (1, "h1", True)
    assert catalog.entry(DOC).pending_since == 200.0


def test_a_replayed_event_keeps_its_revision(catalog: Any) -> None:
    catalog.claim(KEY, "0B", "v1", 100.0)

    claim = catalog.claim(KEY, "0B", "v1", 300.0)

    assert (claim.outcome, claim.rev, claim.before.rev) == ("replayed", 1, 1)
    assert catalog.entry(DOC).pending_since == 100.0


def test_an_overtaken_event_changes_nothing(catalog: Any) -> None:
    catalog.claim(KEY, "0B", "v2", 100.0)
    before = catalog.entry(DOC)

    claim = catalog.claim(KEY, "0A", "v1", 300.0)

    assert (claim.outcome, claim.rev) == ("stale", 1)
    assert catalog.entry(DOC) == before


def test_sequencers_of_different_lengths_are_compared_padded_on_the_right(catalog: Any) -> None:
    catalog.claim(KEY, "0055AED6DCD9", None, 100.0)

    assert catalog.claim(KEY, "0055AED6DCD90281E5", None, 101.0).outcome == "accepted"
    assert catalog.claim(KEY, "0055AED6DCD90281E500", None, 102.0).outcome == "replayed"
    assert catalog.claim(KEY, "0055AED6DCD8FFFFFFFF", None, 103.0).outcome == "stale"


def test_an_event_without_a_sequencer_is_always_accepted_and_leaves_the_stored_one(catalog: Any) -> None:
    catalog.claim(KEY, "0B", None, 100.0)

    assert catalog.claim(KEY, None, None, 101.0).rev == 2
    assert catalog.claim(KEY, "0A", None, 102.0).outcome == "stale"
    assert catalog.claim(KEY, "0B", None, 103.0).outcome == "replayed"
    assert catalog.claim(KEY, "0C", None, 104.0).rev == 3


def test_a_document_first_seen_without_a_sequencer_accepts_the_first_that_comes(catalog: Any) -> None:
    catalog.claim(KEY, None, None, 100.0)

    assert catalog.claim(KEY, "0A", None, 101.0).rev == 2


@pytest.mark.parametrize("key", ["runbooks/../disk.md", "disk.md", "runbooks/a\x00b", "runbooks/\ud800.md"])
def test_a_key_that_no_document_may_have_is_refused(catalog: Any, key: str) -> None:
    with pytest.raises(InvalidDocumentError):
        catalog.claim(key, "0A", None, 100.0)


def test_reserving_raises_the_highest_count_and_never_lowers_it(catalog: Any) -> None:
    catalog.claim(KEY, "0A", None, 100.0)

    assert catalog.reserve(DOC, 1, 12) == 12
    assert catalog.reserve(DOC, 1, 12) == 12
    catalog.claim(KEY, "0B", None, 101.0)
    assert catalog.reserve(DOC, 2, 7) == 12
    assert catalog.entry(DOC).high == 12


def test_a_writer_that_was_overtaken_may_neither_reserve_nor_finish(catalog: Any) -> None:
    catalog.claim(KEY, "0A", None, 100.0)
    catalog.claim(KEY, "0B", None, 101.0)
    before = catalog.entry(DOC)

    for step in (
        lambda: catalog.reserve(DOC, 1, 3),
        lambda: catalog.commit(a_commit(rev=1)),
        lambda: catalog.settle(DOC, 1),
        lambda: catalog.refuse(DOC, 1, "too large"),
    ):
        with pytest.raises(StaleRevisionError):
            step()
    assert catalog.entry(DOC) == before
    assert catalog.cards([DISK]) == {}


def test_a_document_that_was_never_claimed_cannot_be_finished(catalog: Any) -> None:
    for step in (
        lambda: catalog.reserve(DOC, 1, 3),
        lambda: catalog.commit(a_commit()),
        lambda: catalog.settle(DOC, 1),
        lambda: catalog.refuse(DOC, 1, "too large"),
    ):
        with pytest.raises(DocumentMissingError):
            step()


def test_a_commit_finishes_the_revision(catalog: Any) -> None:
    catalog.claim(KEY, "0A", "v1", 100.0)
    catalog.reserve(DOC, 1, 3)

    catalog.commit(a_commit(keys=(DISK, ETCD), critical=True))

    entry = catalog.entry(DOC)
    assert (entry.indexed_rev, entry.content_rev, entry.content_hash, entry.high) == (1, 1, "h1", 3)
    assert (entry.title, entry.groups, entry.keys, entry.critical) == ("Disk full", ("public",), (DISK, ETCD), True)
    assert (entry.is_pending, entry.pending_since, entry.is_settled, entry.deleted) == (False, None, True, False)


def test_a_commit_may_be_repeated(catalog: Any) -> None:
    catalog.claim(KEY, "0A", None, 100.0)
    catalog.commit(a_commit())
    once = catalog.entry(DOC)

    catalog.commit(a_commit())

    assert catalog.entry(DOC) == once
    assert catalog.cards([DISK]) == {DISK: [a_card()]}


def test_a_commit_swaps_the_alert_keys_at_once(catalog: Any) -> None:
    committed(catalog, keys=(DISK,))

    rev = catalog.claim(KEY, None, None, 200.0).rev
    catalog.commit(a_commit(rev=rev, keys=(ETCD,)))

    assert catalog.cards([DISK, ETCD]) == {ETCD: [a_card(rev=rev)]}


def test_a_kept_alert_key_shows_the_new_card(catalog: Any) -> None:
    committed(catalog)

    rev = catalog.claim(KEY, None, None, 200.0).rev
    catalog.commit(a_commit(rev=rev, title="Disk nearly full"))

    assert catalog.cards([DISK])[DISK][0].title == "Disk nearly full"


def test_documents_behind_one_key_come_by_title(catalog: Any) -> None:
    committed(catalog, "runbooks/b.md", title="Beta")
    committed(catalog, "runbooks/a.md", title="Alpha")

    assert [card.title for card in catalog.cards([DISK, DISK, ETCD])[DISK]] == ["Alpha", "Beta"]


def test_a_key_with_too_many_documents_is_left_out_until_one_of_them_leaves(catalog: Any) -> None:
    for number in range(MAX_CARDS_PER_KEY):
        committed(catalog, f"runbooks/{number}.md", keys=(DISK, ETCD))
    assert len(catalog.cards([DISK])[DISK]) == MAX_CARDS_PER_KEY

    committed(catalog, "runbooks/last.md")
    assert catalog.cards([DISK, ETCD]).keys() == {ETCD}

    committed(catalog, "runbooks/last.md")
    committed(catalog, "runbooks/0.md", keys=(DISK,))
    committed(catalog, "runbooks/last.md", deleted=True)
    assert len(catalog.cards([DISK])[DISK]) == MAX_CARDS_PER_KEY


def test_a_common_key_heals_when_the_others_are_committed_again(catalog: Any) -> None:
    for number in range(MAX_CARDS_PER_KEY + 1):
        committed(catalog, f"runbooks/{number}.md")

    committed(catalog, "runbooks/0.md", deleted=True)
    committed(catalog, f"runbooks/{MAX_CARDS_PER_KEY}.md")

    assert len(catalog.cards([DISK])[DISK]) == MAX_CARDS_PER_KEY


def test_more_alert_keys_than_fit_a_transaction_are_refused_by_name(catalog: Any) -> None:
    catalog.claim(KEY, "0A", None, 100.0)
    most = tuple(AlertKey("alert", f"a{number}") for number in range(40))
    catalog.commit(a_commit(keys=most))
    assert len(catalog.cards(most)) == 40

    with pytest.raises(InvalidDocumentError, match=DOC):
        catalog.commit(a_commit(keys=(*most, ETCD)))


def test_all_keys_may_be_replaced_in_one_commit(catalog: Any) -> None:
    old = tuple(AlertKey("alert", f"old{number}") for number in range(40))
    new = tuple(AlertKey("alert", f"new{number}") for number in range(40))
    committed(catalog, keys=old)

    committed(catalog, keys=new)

    assert catalog.cards((*old, *new)).keys() == set(new)


RULES = "runbooks/kubernetes.rules.yaml"


def links(*numbers: int, to: str = "https://wiki/a") -> dict[AlertKey, tuple[str, ...]]:
    return {AlertKey("rule", f"alert{number}"): (f"{to}{number}",) for number in numbers}


def a_rules_commit(rev: int, found: dict[AlertKey, tuple[str, ...]]) -> Commit:
    return a_commit(RULES, rev, tuple(found), links=found)


def found_links(catalog: Any, numbers: range) -> dict[AlertKey, tuple[str, ...]]:
    cards = {key: card for key, (card,) in catalog.cards(list(links(*numbers))).items()}
    assert all(card.doc_id == doc_id_of(RULES) for card in cards.values())
    return {key: card.links for key, card in cards.items()}


def counted(tables: Any, numbers: range) -> set[int]:
    """Behind the port of DynamoDB: how many documents each key counts, which nothing may count twice."""
    if tables.client is None:
        return {0}
    table = tables.names["CatalogTable"]
    keys = [{"pk": {"S": f"K#rule#=alert{number}"}, "sk": {"S": "M"}} for number in numbers]
    items = [tables.client.get_item(TableName=table, Key=key).get("Item") for key in keys]
    return {int(item["n"]["N"]) for item in items if item}


def test_each_key_of_a_rule_file_has_its_own_links(catalog: Any) -> None:
    committed(catalog, keys=(DISK,))
    rev = catalog.claim(RULES, None, None, 100.0).rev

    catalog.commit(a_rules_commit(rev, {**links(1), AlertKey("rule", "alert2"): ("https://wiki/b", "https://wiki/c")}))

    first, second = AlertKey("rule", "alert1"), AlertKey("rule", "alert2")
    cards = catalog.cards([first, second, DISK, AlertKey("alert", "alert1")])
    assert cards[first][0].links == ("https://wiki/a1",)
    assert cards[second][0].links == ("https://wiki/b", "https://wiki/c")
    assert cards[DISK] == [a_card()]
    assert cards.keys() == {first, second, DISK}


def test_hundreds_of_keys_come_change_and_go(catalog: Any, tables: Any) -> None:
    most = range(250)
    catalog.claim(RULES, None, None, 100.0)
    catalog.commit(a_rules_commit(1, links(*most)))
    assert found_links(catalog, most) == links(*most)

    catalog.claim(RULES, None, None, 101.0)
    catalog.commit(a_rules_commit(2, {**links(*range(120), to="https://new/"), **links(299)}))
    assert found_links(catalog, range(300)) == {**links(*range(120), to="https://new/"), **links(299)}
    assert catalog.entry(doc_id_of(RULES)).is_settled

    catalog.claim(RULES, None, None, 102.0)
    catalog.commit(a_commit(RULES, 3, (), deleted=True))
    assert found_links(catalog, range(300)) == {}
    assert catalog.entry(doc_id_of(RULES)).keys == ()
    assert counted(tables, range(0, 300, 10)) == {0}


def test_more_alerts_than_a_rule_file_may_have_are_refused_by_name(catalog: Any) -> None:
    catalog.claim(RULES, None, None, 100.0)

    with pytest.raises(InvalidDocumentError, match=doc_id_of(RULES)):
        catalog.commit(a_rules_commit(1, links(*range(MAX_ALERTS_PER_RULE_FILE + 1))))


class Crash(BaseException):
    pass


def crash_at(patch: pytest.MonkeyPatch, call: int) -> None:
    """While a commit is written: after so many cards were made ready. What needs fewer does not crash."""
    from personal_pipeline.adapters.dynamodb import catalog as dynamodb
    from personal_pipeline.adapters.sqlite import catalog as sqlite

    calls = iter(range(call))

    def card_to_json(card: Card) -> str:
        if next(calls, None) is None:
            raise Crash
        return written(card)

    written = dynamodb.card_to_json
    for module in (dynamodb, sqlite):
        patch.setattr(module, "card_to_json", card_to_json)


@pytest.mark.parametrize("call", [50, 200])
def test_a_commit_that_crashed_halfway_stays_pending_and_may_be_repeated(
    catalog: Any, tables: Any, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = links(*range(150))
    catalog.claim(RULES, None, None, 100.0)
    with monkeypatch.context() as patch:
        crash_at(patch, call)
        try:
            catalog.commit(a_rules_commit(1, many))
        except Crash:
            assert catalog.entry(doc_id_of(RULES)).is_pending
            assert [entry.key for entry in catalog.pending(before=200.0)] == [RULES]

    catalog.commit(a_rules_commit(1, many))

    assert found_links(catalog, range(150)) == many
    assert catalog.entry(doc_id_of(RULES)).is_settled
    assert counted(tables, range(150)) <= {0, 1}


@pytest.mark.parametrize("call", [50, 200])
def test_what_a_crash_left_halfway_is_taken_out_by_the_next_revision(
    catalog: Any, tables: Any, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.claim(RULES, None, None, 100.0)
    with monkeypatch.context() as patch, suppress(Crash):
        crash_at(patch, call)
        catalog.commit(a_rules_commit(1, links(*range(150))))
    catalog.claim(RULES, None, None, 101.0)

    catalog.commit(a_rules_commit(2, links(5, 500)))

    assert found_links(catalog, range(501)) == links(5, 500)
    assert catalog.entry(doc_id_of(RULES)).is_settled
    assert counted(tables, range(6, 150)) <= {0}
    with pytest.raises(StaleRevisionError):
        catalog.commit(a_rules_commit(1, links(*range(150))))
    assert found_links(catalog, range(501)) == links(5, 500)


def test_a_very_long_key_in_any_script_is_found_again(catalog: Any) -> None:
    long = AlertKey("title", "磁" * 512)
    committed(catalog, keys=(long, DISK))

    assert catalog.cards([long, AlertKey("title", "磁" * 511)]).keys() == {long}


def test_a_deleted_document_leaves_its_keys_and_its_source(catalog: Any) -> None:
    committed(catalog)
    committed(catalog, "runbooks/other.md", keys=(ETCD,))

    committed(catalog, deleted=True, keys=())

    assert catalog.entry(DOC).deleted
    assert catalog.cards([DISK, ETCD]).keys() == {ETCD}
    assert [entry.key for entry in catalog.entries("runbooks")] == ["runbooks/other.md"]
    assert catalog.count("runbooks") == 1


def test_a_deleted_document_that_is_put_again_comes_back(catalog: Any) -> None:
    committed(catalog)
    committed(catalog, deleted=True, keys=())
    catalog.claim(KEY, None, None, 100.0)
    assert catalog.count("runbooks") == 0

    committed(catalog)

    assert catalog.count("runbooks") == 1
    assert catalog.cards([DISK]).keys() == {DISK}


def test_settling_moves_only_the_indexed_revision(catalog: Any) -> None:
    committed(catalog)
    rev = catalog.claim(KEY, None, "v2", 200.0).rev

    catalog.settle(DOC, rev)
    catalog.settle(DOC, rev)

    entry = catalog.entry(DOC)
    assert (entry.rev, entry.indexed_rev, entry.content_rev, entry.content_hash) == (2, 2, 1, "h1")
    assert entry.is_settled
    assert catalog.cards([DISK])[DISK][0].rev == 1


def test_a_refused_revision_is_explained_and_what_was_indexed_stays(catalog: Any) -> None:
    committed(catalog)
    rev = catalog.claim(KEY, None, None, 200.0).rev

    catalog.refuse(DOC, rev, "6,000,000 bytes")

    entry = catalog.entry(DOC)
    assert (entry.error, entry.is_pending, entry.is_settled) == ("6,000,000 bytes", False, False)
    assert (entry.indexed_rev, entry.content_hash) == (1, "h1")
    assert catalog.cards([DISK]).keys() == {DISK}
    assert catalog.pending(before=1000.0) == []


def test_a_reason_without_end_is_cut(catalog: Any) -> None:
    catalog.claim(KEY, "0A", None, 100.0)

    catalog.refuse(DOC, 1, "x" * 1_000_000)

    assert catalog.entry(DOC).error == "x" * 2000


def test_settling_clears_the_reason_of_an_earlier_refusal(catalog: Any) -> None:
    committed(catalog)
    catalog.refuse(DOC, catalog.claim(KEY, None, None, 100.0).rev, "too large")
    rev = catalog.claim(KEY, None, None, 200.0).rev

    catalog.settle(DOC, rev)

    entry = catalog.entry(DOC)
    assert (entry.error, entry.content_hash, entry.is_settled) == ("", "h1", True)


def test_the_next_commit_clears_the_reason(catalog: Any) -> None:
    catalog.claim(KEY, None, None, 100.0)
    catalog.refuse(DOC, 1, "6,000,000 bytes")
    assert catalog.entry(DOC).error

    committed(catalog)

    assert catalog.entry(DOC).error == ""


def test_what_a_crash_left_unfinished_is_found_oldest_first(catalog: Any) -> None:
    names = [f"runbooks/{number}.md" for number in range(8)]
    for age, name in enumerate(names):
        catalog.claim(name, "0A", None, 100.0 + age)
    catalog.commit(a_commit(names[3]))

    assert [entry.key for entry in catalog.pending(before=106.0)] == [names[n] for n in (0, 1, 2, 4, 5)]
    assert [entry.key for entry in catalog.pending(before=106.0, limit=2)] == names[:2]


def test_a_source_lists_its_own_documents_by_path(catalog: Any) -> None:
    for key in ("runbooks/b.md", "runbooks/a/z.md", "runbooks-old/c.md", "git--platform/d.md"):
        committed(catalog, key, keys=(), critical=key == "runbooks/b.md")

    assert [entry.key for entry in catalog.entries("runbooks")] == ["runbooks/a/z.md", "runbooks/b.md"]
    assert [entry.key for entry in catalog.entries("git/platform")] == ["git--platform/d.md"]
    assert (catalog.count("runbooks"), catalog.count("unknown")) == (2, 0)
    assert catalog.critical("runbooks") == [doc_id_of("runbooks/b.md")]


def test_text_of_any_kind_survives(catalog: Any) -> None:
    title = "ディスク 'full' \"; DROP TABLE documents; -- \u202e\x1b[31m"
    committed(catalog, "runbooks/ö ñ%20+&.md", title=title)

    assert catalog.entry(doc_id_of("runbooks/ö ñ%20+&.md")).title == title
    assert catalog.cards([DISK])[DISK][0].title == title


def test_shuffled_duplicated_events_end_at_the_newest(catalog: Any) -> None:
    """The last accepted event is the one with the greatest sequencer, whatever the order and the repetitions."""
    rng = random.Random(7)
    for history in range(20):
        key = f"runbooks/{history}.md"
        sequencers = ["".join(rng.choices("0123456789ABCDEF", k=rng.randint(1, 24))) for _ in range(8)]
        events = rng.choices(sequencers, k=20)
        accepted = [event for event in events if catalog.claim(key, event, event, 1.0).outcome == "accepted"]

        entry = catalog.entry(doc_id_of(key))
        assert entry.rev == len(accepted)
        assert padded(entry.version_id) == padded(accepted[-1]) == max(map(padded, events))


@given(st.text("0123456789ABCDEF", min_size=1, max_size=64), st.text("0123456789ABCDEF", min_size=1, max_size=64))
@settings(max_examples=200, derandomize=True)
def test_padding_orders_as_the_hexadecimal_fractions_they_are(one: str, other: str) -> None:
    def fraction(sequencer: str) -> float:
        return int(sequencer, 16) * 16 ** (64 - len(sequencer))

    assert (padded(one) < padded(other)) == (fraction(one) < fraction(other))
