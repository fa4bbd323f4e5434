"""Words that mean the same in operations: a small table that a person can read."""

import pytest

from personal_pipeline.domain import synonyms as table
from personal_pipeline.domain.analysis import terms
from personal_pipeline.domain.questions import alert_question, typed_question
from personal_pipeline.domain.synonyms import synonyms
from tests.unit.test_ranking import an_alert

LINES = table._GROUPS.split("\n")[1:-1]
GROUPS = [tuple(dict.fromkeys(terms(word)[0] for word in line.split())) for line in LINES]
TERMS = [term for group in GROUPS for term in group]


@pytest.mark.parametrize("line", LINES)
def test_each_line_has_two_words_or_more_that_an_index_tells_apart(line: str) -> None:
    group = {terms(word)[0] for word in line.split()}

    assert len(group) >= 2


@pytest.mark.parametrize("term", TERMS)
def test_synonyms_are_so_both_ways_and_none_is_its_own(term: str) -> None:
    found = synonyms(term)

    assert found
    assert term not in found
    assert all(term in synonyms(other) for other in found)


def test_a_word_is_in_one_group_only() -> None:
    assert len(TERMS) == len(set(TERMS))
    assert {term: {term, *synonyms(term)} for term in TERMS} == {term: set(group) for group in GROUPS for term in group}


def test_the_table_is_sorted_and_small_enough_to_be_read() -> None:
    assert len(LINES) < 100
    assert list(LINES) == sorted(LINES)


@pytest.mark.parametrize("term", ["", "zebra", "two words", "DATABASE", "slow", "latency", "\ud800"])
def test_most_words_have_none(term: str) -> None:
    assert synonyms(term) == ()


def test_questions_bring_the_synonyms_of_their_words() -> None:
    for question in (typed_question("postgres slow"), alert_question(an_alert("PostgresSlow"))):
        found = {each.term: each.synonyms for each in question.terms}

        assert set(found["postgr"]) == set(synonyms("postgr")) >= {"pg"}
        assert found["slow"] == ()
