"""What every search index promises, one function each. Each is given an empty, prepared index."""

from collections.abc import Callable

from personal_pipeline.domain.questions import QueryTerm
from personal_pipeline.domain.search import CallerScope, Candidate, PassageChange, SearchFilters, SearchRequest
from personal_pipeline.ports import SearchIndex
from tests.contract.indexes import UPDATED, a_passage, dead, find, found, live


def what_is_applied_is_found_at_once_with_all_its_fields(index: SearchIndex) -> None:
    passage = a_passage(
        text="Run `df -h`,\n  then <b>delete</b> old logs.\n",
        title="Disk full",
        url="https://wiki.example.com/disk?a=1#full",
        source="git/platform",
        path="storage/disk full.md",
        type="guide",
        services=("billing", "ledger"),
        severity="critical",
        groups=("public", "storage"),
        alert_names=("NodeFilesystemSpaceFillingUp",),
        heading=("Storage", "When it is full"),
        content_hash="abc",
    )

    outcomes = index.apply([PassageChange("doc", 3, 7, passage)])

    assert [outcome.applied for outcome in outcomes] == [True]
    [hit] = find(index, "disk full")
    assert hit.score > 0
    assert hit == Candidate(
        doc_id="doc",
        ordinal=3,
        rev=7,
        score=hit.score,
        title="Disk full",
        url="https://wiki.example.com/disk?a=1#full",
        source="git/platform",
        path="storage/disk full.md",
        type="guide",
        services=("billing", "ledger"),
        severity="critical",
        groups=("public", "storage"),
        alert_names=("NodeFilesystemSpaceFillingUp",),
        heading=("Storage", "When it is full"),
        text="Run `df -h`,\n  then <b>delete</b> old logs.\n",
        updated=UPDATED,
        placed=hit.placed,
        sequence=" disk ful | storag when it is ful | run df h then b delet b old log ",
        names=("disk ful", "nodefilesystemspacefillingup nod filesystem spac fil up"),
        exact_names=("diskfull", "nodefilesystemspacefillingup"),
    )
    assert {bits: found.split() for bits, found in hit.placed} == {  # 1 title, 2 names and path, 4 heading, 8 text
        1 | 2: ["disk"],
        1 | 2 | 4: ["ful"],
        2: [
            "nodefilesystemspacefillingup",
            "nod",
            "filesystem",
            "spac",
            "fil",
            "up",
            "bil",
            "ledger",
            "storagedisk",
            "fullmd",
            "md",
        ],
        2 | 4: ["storag"],
        4: ["when", "it", "is"],
        8: ["run", "df", "h", "then", "b", "delet", "old", "log"],
    }


def an_older_revision_never_wins(index: SearchIndex) -> None:
    index.apply([live("doc", rev=5, text="newer")])

    [outcome] = index.apply([live("doc", rev=4, text="older")])

    assert outcome.applied
    assert found(index, "newer") == [("doc", 0)]
    assert not found(index, "older")
    assert index.revisions("doc") == {0: 5}


def an_equal_revision_is_accepted(index: SearchIndex) -> None:
    index.apply([live("doc", rev=5, text="first")])

    [outcome] = index.apply([live("doc", rev=5, text="second")])

    assert outcome.applied
    assert found(index, "second") == [("doc", 0)]
    assert not found(index, "first")
    assert index.count() == 1


def a_tombstone_hides_a_passage_and_is_remembered(index: SearchIndex) -> None:
    index.apply([live("doc", rev=1, text="alpha")])
    assert found(index, "alpha") == [("doc", 0)]

    index.apply([dead("doc", rev=3)])
    assert not found(index, "alpha")
    assert (index.count(), index.revisions("doc")) == (0, {})

    assert index.apply([live("doc", rev=2, text="alpha")])[0].applied
    assert not found(index, "alpha")

    index.apply([live("doc", rev=4, text="alpha")])
    assert found(index, "alpha") == [("doc", 0)]


def a_tombstone_for_a_passage_never_seen_is_remembered_too(index: SearchIndex) -> None:
    index.apply([dead("doc", 0, rev=2), live("doc", 1, rev=2, text="alpha")])

    index.apply([live("doc", 0, rev=1, text="alpha")])

    assert found(index, "alpha") == [("doc", 1)]


def the_newest_of_one_bulk_wins_in_any_order(index: SearchIndex) -> None:
    changes = [live("doc", rev=2, text="newer"), live("doc", rev=1, text="older"), dead("doc", 1, rev=2)]
    changes += [live("doc", 1, rev=1, text="older"), live("doc", 2, rev=1, text="first")]
    changes += [live("doc", 2, rev=1, text="second")]

    outcomes = index.apply(changes)

    assert [(outcome.change, outcome.applied) for outcome in outcomes] == [(change, True) for change in changes]
    assert found(index, "newer second") == [("doc", 0)]
    assert index.revisions("doc") == {0: 2, 2: 1}
    assert not found(index, "older first")


def an_empty_bulk_is_nothing(index: SearchIndex) -> None:
    assert index.apply([]) == []
    assert index.apply([live("doc")])[0].applied
    assert index.count() == 1


def a_document_that_shrinks_loses_its_last_passages(index: SearchIndex) -> None:
    index.apply([live("doc", ordinal, rev=1, text="alpha") for ordinal in range(12)])

    index.apply([dead("doc", n, rev=2) for n in range(7, 12)] + [live("doc", n, 2, text="alpha") for n in range(7)])

    assert index.revisions("doc") == dict.fromkeys(range(7), 2)
    assert len(found(index, "alpha")) == 7
    assert index.count() == 7


def the_largest_document_fits(index: SearchIndex) -> None:
    outcomes = index.apply([live("doc", ordinal, text="alpha") for ordinal in range(2000)])

    assert all(outcome.applied for outcome in outcomes)
    assert index.revisions("doc") == dict.fromkeys(range(2000), 1)
    assert found(index, "alpha", limit=3) == [("doc", 0), ("doc", 1), ("doc", 2)]


def preparing_again_keeps_everything(index: SearchIndex) -> None:
    index.apply([live("doc", text="alpha")])

    index.prepare()

    assert found(index, "alpha") == [("doc", 0)]


def a_filter_keeps_what_has_its_one_value(index: SearchIndex) -> None:
    index.apply(
        [
            live("a", text="alpha", source="git", services=("billing", "ledger"), type="guide", severity="critical"),
            live("b", text="alpha", source="wiki", services=("ledger",), type="runbook", severity="warning"),
            live("c", text="alpha", source="git", services=(), type="runbook", severity=""),
        ]
    )

    assert found(index, "alpha", source="git") == [("a", 0), ("c", 0)]
    assert found(index, "alpha", service="ledger") == [("a", 0), ("b", 0)]
    assert found(index, "alpha", type="guide") == [("a", 0)]
    assert found(index, "alpha", severity="warning") == [("b", 0)]
    assert found(index, "alpha", source="git", type="runbook") == [("c", 0)]
    assert not found(index, "alpha", source="gi")
    assert not found(index, "alpha", source="*")
    assert not found(index, "alpha", service="billing,ledger")
    assert not found(index, "alpha", severity="\ud800")


def nothing_outside_the_groups_of_the_caller_is_found(index: SearchIndex) -> None:
    ours = {"services": ("billing",), "source": "git", "type": "guide", "severity": "critical", "text": "alpha"}
    index.apply(
        [
            live("everyone", groups=("public",), **ours),
            live("storage", groups=("storage",), **ours),
            live("both", groups=("storage", "network"), **ours),
            live("nobody", groups=(), **ours),
        ]
    )
    filters = ({}, {"source": "git"}, {"service": "billing"}, {"type": "guide"}, {"severity": "critical"})

    for only in filters:
        assert found(index, "alpha", groups=("public",), **only) == [("everyone", 0)]
        assert found(index, "alpha", groups=("network", "public"), **only) == [("both", 0), ("everyone", 0)]
        assert found(index, "alpha", groups=("storage",), **only) == [("both", 0), ("storage", 0)]
        assert not found(index, "alpha", groups=(), **only)
        assert not found(index, "alpha", groups=("", "*", "publi", "\ud800"), **only)


def identifiers_are_found_whole_and_in_parts(index: SearchIndex) -> None:
    index.apply(
        [
            live("loop", title="KubePodCrashLooping", text="x"),
            live("disk", text="the flag disk_full is set on i-0abc"),
            live("http", text="too many 5xx from node.js over http/2"),
        ]
    )

    for words in ("kubepodcrashlooping", "KubePodCrashLooping", "kube pod crash looping", "pods that crash", "LOOPS"):
        assert found(index, words) == [("loop", 0)], words
    for words in ("disk_full", "DiskFull", "disk full", "disk-full", "i-0abc", "flags"):
        assert found(index, words) == [("disk", 0)], words
    for words in ("5xx", "node.js", "NodeJS", "HTTP/2"):
        assert found(index, words) == [("http", 0)], words


def a_word_counts_most_in_the_title_and_least_in_the_text(index: SearchIndex) -> None:
    fields = {"title": "some title", "alert_names": ("some alert",), "heading": ("some heading",), "text": "some text"}
    index.apply(
        [
            live("d", path="", **(fields | {"text": "alpha text"})),
            live("c", path="", **(fields | {"heading": ("alpha heading",)})),
            live("b", path="", **(fields | {"alert_names": ("alpha alert",)})),
            live("a", path="", **(fields | {"title": "alpha title"})),
        ]
    )

    assert found(index, "alpha") == [("a", 0), ("b", 0), ("c", 0), ("d", 0)]


def more_of_the_words_and_rarer_ones_come_first(index: SearchIndex) -> None:
    index.apply([live(f"common-{n}", text="restart service") for n in range(8)])
    index.apply([live("rare", text="restart etcd"), live("both", text="etcd service")])

    assert found(index, "etcd service")[:2] == [("both", 0), ("rare", 0)]


def equal_scores_are_ordered_by_document_and_ordinal_even_where_they_are_cut(index: SearchIndex) -> None:
    index.apply([live(f"doc-{9 - n}", ordinal, text="alpha") for n in range(10) for ordinal in (2, 0, 1)])
    index.apply([live("best", title="alpha", text="alpha")])
    in_order = [("best", 0), *((f"doc-{n}", ordinal) for n in range(10) for ordinal in range(3))]

    assert found(index, "alpha") == in_order
    for limit in (1, 2, 8, 30, 31):
        assert found(index, "alpha", limit=limit) == in_order[:limit]


def a_passage_left_over_from_an_older_revision_is_dropped(index: SearchIndex) -> None:
    index.apply([live("doc", 0, rev=2, text="alpha"), live("doc", 1, rev=1, text="alpha"), live("old", text="alpha")])

    assert found(index, "alpha") == [("doc", 0), ("old", 0)]


def hostile_queries_are_plain_words(index: SearchIndex) -> None:
    index.apply([live("plain", text="alpha beta"), live("other", text="not in or and")])

    for words in (
        "*",
        "/.*/",
        "_exists_:*",
        "?",
        "~2",
        "^9",
        '"',
        "\\",
        "\x00",
        "😀",
        "\u202e",
        "\ud800",
        "()",
        "[* TO *]",
    ):
        assert ("plain", 0) not in found(index, words), words
        assert found(index, f"{words} alpha") == [("plain", 0)], words
    for words in ('alpha AND "zzz', "alpha:(", "alpha*", "+alpha -beta", "body_t:alpha", "{!alpha}", "alpha\x00beta"):
        assert found(index, words)[0] == ("plain", 0), words
    assert not found(index, "alph*")
    assert found(index, "alpha " + " ".join(f"word{n}" for n in range(10_000))) == [("plain", 0)]
    assert found(index, "alpha" + " 12345" * 10_000) == [("plain", 0)]
    assert not found(index, "")


def odd_text_is_kept_and_found(index: SearchIndex) -> None:
    texts = {
        "nul": "before\x00after alpha",
        "emoji": "the cluster is 🔥👩‍🚒 alpha",
        "rtl": "القرص ممتلئ alpha",
        "chinese": "磁盘已满 alpha",
        "decomposed": "cafe\u0301 alpha",
        "bidi": "alpha \u202egnp.exe",
    }
    index.apply([live(doc_id, text=text) for doc_id, text in texts.items()])

    assert {hit.doc_id: hit.text for hit in find(index, "alpha")} == texts
    assert found(index, "القرص") == [("rtl", 0)]
    assert found(index, "磁盘") == [("chinese", 0)]
    assert found(index, "CAFÉ") == [("decomposed", 0)]


def what_utf8_cannot_hold_does_not_hold_back_its_neighbours(index: SearchIndex) -> None:
    outcomes = index.apply(
        [live("odd", title="\udfff title", text="alpha \ud800", path="\ud800"), live("b", text="alpha")]
    )

    assert [outcome.applied for outcome in outcomes] == [True, True]
    assert {hit.doc_id: hit.text for hit in find(index, "alpha")} == {"odd": "alpha ?", "b": "alpha"}


def very_long_fields_are_taken(index: SearchIndex) -> None:
    text = " ".join(f"word{n}" for n in range(60_000))
    passage = a_passage(
        text=text,
        title="t" * 40_000,
        path="p/" * 500,
        services=tuple(f"s{n}" for n in range(500)),
        severity="x" * 40_000,
    )

    [outcome] = index.apply([PassageChange("long", 0, 1, passage)])

    assert outcome.applied, outcome.error
    assert [hit.text for hit in find(index, "word59999", service="s499")] == [text]


def a_synonym_finds_less_surely_than_the_word(index: SearchIndex) -> None:
    index.apply([live("word", text="postgres"), live("synonym", text="pg"), live("other", text="mysql")])

    assert found(index, "postgres") == [("word", 0), ("synonym", 0)]


def words_weigh_what_the_request_says(index: SearchIndex) -> None:
    index.apply([live("a", text="alpha"), live("b", text="beta")])
    heavy, light = QueryTerm("beta", 1.0), QueryTerm("alpha", 0.3)

    answer = index.search(SearchRequest((light, heavy), SearchFilters(), CallerScope()))

    assert [hit.doc_id for hit in answer.passages] == ["b", "a"]


PROMISES: list[Callable[[SearchIndex], None]] = [
    what_is_applied_is_found_at_once_with_all_its_fields,
    an_older_revision_never_wins,
    an_equal_revision_is_accepted,
    a_tombstone_hides_a_passage_and_is_remembered,
    a_tombstone_for_a_passage_never_seen_is_remembered_too,
    the_newest_of_one_bulk_wins_in_any_order,
    an_empty_bulk_is_nothing,
    a_document_that_shrinks_loses_its_last_passages,
    the_largest_document_fits,
    preparing_again_keeps_everything,
    a_filter_keeps_what_has_its_one_value,
    nothing_outside_the_groups_of_the_caller_is_found,
    identifiers_are_found_whole_and_in_parts,
    a_word_counts_most_in_the_title_and_least_in_the_text,
    more_of_the_words_and_rarer_ones_come_first,
    equal_scores_are_ordered_by_document_and_ordinal_even_where_they_are_cut,
    a_passage_left_over_from_an_older_revision_is_dropped,
    hostile_queries_are_plain_words,
    odd_text_is_kept_and_found,
    what_utf8_cannot_hold_does_not_hold_back_its_neighbours,
    very_long_fields_are_taken,
    a_synonym_finds_less_surely_than_the_word,
    words_weigh_what_the_request_says,
]
