"""What every search index promises about slips of the keyboard. Each promise is given an empty, prepared index."""

from collections.abc import Callable
from typing import Any

from personal_pipeline.domain.analysis import terms
from personal_pipeline.domain.search import CallerScope, SearchFilters
from personal_pipeline.ports import SearchIndex
from tests.contract.indexes import dead, live


def options(
    index: SearchIndex, *words: str, groups: tuple[str, ...] = ("public",), **filters: str
) -> dict[str, tuple[str, ...]]:
    asked = [term for word in words for term in terms(word)]
    return index.corrections(asked, SearchFilters(**filters), CallerScope(groups))


def corrections(index: SearchIndex, *words: str, **asked: Any) -> dict[str, str]:
    """The likeliest alone."""
    return {term: words[0] for term, words in options(index, *words, **asked).items()}


def a_letter_too_few_too_many_wrong_or_swapped_is_mended(index: SearchIndex) -> None:
    index.apply([live("doc", text="Every backup ends on tape.")])

    slips = ("bakup", "backkup", "vackup", "bacukp")

    assert corrections(index, *slips) == dict.fromkeys(slips, "backup")


def two_edits_are_mended_from_eight_letters_on(index: SearchIndex) -> None:
    index.apply([live("doc", text="filesystem disks")])

    assert corrections(index, "filsystm", "dxyk") == {"filsystm": "filesystem"}


def the_nearest_word_comes_before_the_commonest(index: SearchIndex) -> None:
    index.apply([live("a", text="filesystem"), *(live("b", n, text="filesystemd") for n in range(5))])

    assert corrections(index, "filesystm") == {"filesystm": "filesystem"}


def of_equally_near_words_the_one_that_begins_alike_wins(index: SearchIndex) -> None:
    index.apply([live("a", text="broker"), *(live("b", n, text="croker") for n in range(5))])

    assert corrections(index, "boker", "brokr") == {"boker": "broker", "brokr": "broker"}


def of_those_the_commonest_wins_and_then_the_first_by_letters(index: SearchIndex) -> None:
    index.apply([live("a", text="packet racket"), live("b", text="pocket"), live("c", text="pocket")])
    index.apply([live("d", text="tunnel"), live("e", text="tunner")])

    assert corrections(index, "pycket") == {"pycket": "pocket"}
    assert corrections(index, "tunnek") == {"tunnek": "tunnel"}


def a_wrong_first_letter_is_mended_in_long_words_only(index: SearchIndex) -> None:
    index.apply([live("doc", text="link runbook")])

    assert corrections(index, "flink", "rlink", "eunbook", "urnbook", "unbook", "xrunbook") == dict.fromkeys(
        ("eunbook", "urnbook", "unbook", "xrunbook"), "runbook"
    )


def several_options_are_told_but_not_too_many(index: SearchIndex) -> None:
    index.apply([live("doc", text="backup blckup b1ckup bzckup byckup bxckup bwckup bvckup")])

    assert options(index, "bckup") == {"bckup": ("backup", "blckup", "bvckup", "bwckup")}


def what_is_like_nothing_stays_unmended(index: SearchIndex) -> None:
    index.apply([live("doc", text="backup 12345 abcd1")])

    assert corrections(index, "bakup", "zookeeper", "abcde", "übergrößenträger") == {"bakup": "backup"}


def a_word_of_another_group_is_never_told(index: SearchIndex) -> None:
    index.apply([live("secret", groups=("finance",), text="ledger"), live("doc", text="disk")])

    assert corrections(index, "ledgr") == {}
    assert corrections(index, "ledgr", groups=()) == {}
    assert corrections(index, "ledgr", groups=("finance", "public")) == {"ledgr": "ledger"}


def behind_a_hidden_word_the_next_one_is_told(index: SearchIndex) -> None:
    index.apply([live("secret", n, groups=("finance",), text="packet") for n in range(4)])
    index.apply([live("doc", text="pocket")])

    assert corrections(index, "pycket") == {"pycket": "pocket"}


def a_filter_leaves_only_its_words(index: SearchIndex) -> None:
    index.apply([live("a", source="ops", text="packet"), live("b", source="web", text="pocket")])

    assert corrections(index, "pycket", source="web") == {"pycket": "pocket"}
    assert corrections(index, "pycket", source="none") == {}


def words_of_deleted_passages_are_not_told(index: SearchIndex) -> None:
    index.apply([live("doc", text="packet"), live("other", text="backup")])
    index.apply([dead("doc", rev=2)])

    assert corrections(index, "pycket", "bakup") == {"bakup": "backup"}


def any_alphabet_may_be_mistyped(index: SearchIndex) -> None:
    index.apply([live("doc", text="Überlastung перезагрузка 𝒳 backup")])

    found = corrections(index, "überlstung", "перезагруска", "\ud800bcd")

    assert found == {"überlstung": "überlastung", "перезагруска": "перезагрузка"}


def an_empty_index_and_an_empty_question_have_no_corrections(index: SearchIndex) -> None:
    assert corrections(index, "backup") == {}
    assert corrections(index) == {}
    index.apply([live("doc", text="backup")])
    assert corrections(index, "bakup") == {"bakup": "backup"}


PROMISES: list[Callable[[SearchIndex], None]] = [
    a_letter_too_few_too_many_wrong_or_swapped_is_mended,
    two_edits_are_mended_from_eight_letters_on,
    the_nearest_word_comes_before_the_commonest,
    of_equally_near_words_the_one_that_begins_alike_wins,
    of_those_the_commonest_wins_and_then_the_first_by_letters,
    a_wrong_first_letter_is_mended_in_long_words_only,
    several_options_are_told_but_not_too_many,
    what_is_like_nothing_stays_unmended,
    a_word_of_another_group_is_never_told,
    behind_a_hidden_word_the_next_one_is_told,
    a_filter_leaves_only_its_words,
    words_of_deleted_passages_are_not_told,
    any_alphabet_may_be_mistyped,
    an_empty_index_and_an_empty_question_have_no_corrections,
]
