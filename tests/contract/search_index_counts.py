"""What every search index promises about how rare words are. Each promise is given an empty, prepared index."""

from collections.abc import Callable

from personal_pipeline.ports import SearchIndex
from tests.contract.indexes import live


def a_word_counts_once_for_each_passage_whoever_may_see_it(index: SearchIndex) -> None:
    index.apply([live("a", 0, text="disk disk full"), live("a", 1, title="Disk", text="x"), live("b", text="disk")])
    index.apply([live("secret", groups=("finance",), text="ledger")])

    assert index.frequencies(["disk", "ful", "ledger", "zebra"]) == {"disk": 3, "ful": 1, "ledger": 1, "zebra": 0}


def hundreds_of_words_are_counted_at_once(index: SearchIndex) -> None:
    index.apply([live("a", text=" ".join(f"word{n}" for n in range(1000)))])
    asked = [f"word{n}" for n in range(0, 2000, 2)] + ["\ud800", "all", "=", "a b", "x" * 64]

    counted = index.frequencies(asked)

    assert counted.keys() == set(asked)
    assert sum(counted.values()) == 500


def no_words_are_no_counts(index: SearchIndex) -> None:
    index.apply([live("a", text="disk")])

    assert (index.frequencies([]), index.frequencies(["disk"])) == ({}, {"disk": 1})


PROMISES: list[Callable[[SearchIndex], None]] = [
    a_word_counts_once_for_each_passage_whoever_may_see_it,
    hundreds_of_words_are_counted_at_once,
    no_words_are_no_counts,
]
