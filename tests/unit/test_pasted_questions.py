"""A question of more words than an index is asked is cut to those that say most."""

from personal_pipeline.domain.analysis import MAX_QUERY_TERMS, normalise
from personal_pipeline.domain.questions import MAX_PASTED_TERMS, Question, narrowed, typed_question

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = [f"{first}{second}xo" for first in LETTERS for second in LETTERS]


def terms(question: Question) -> list[str]:
    return [each.term for each in (*question.terms, *question.more)]


def test_a_short_question_keeps_every_word_and_number() -> None:
    assert terms(typed_question("error 502 from 10.0.0.7")) == ["error", "502", "10007", "10", "0", "7"]


def test_a_pasted_one_keeps_no_word_that_names_one_instance() -> None:
    instances = "2026-11-27T03:12:45.318Z 10.0.0.7:5432 550e8400-e29b-41d4-a716-446655440000 0x7ffe12 9f3b1c77aa 17"

    pasted = typed_question(normalise(f"{instances} {' '.join(WORDS[:40])} p95 http500"))

    assert terms(pasted) == [*WORDS[:40], "p95", "http500", "http"]


def test_a_pasted_one_of_nothing_else_keeps_its_first_words() -> None:
    pasted = typed_question(" ".join(str(n) for n in range(1000, 1100)))

    assert terms(pasted) == [str(n) for n in range(1000, 1000 + MAX_QUERY_TERMS)]


def test_there_is_an_end_to_what_an_index_is_asked_about() -> None:
    pasted = typed_question(" ".join(WORDS + [f"{word}y" for word in WORDS]))

    assert len(pasted.terms) == MAX_QUERY_TERMS
    assert len(pasted.terms) + len(pasted.more) == MAX_PASTED_TERMS


def test_of_the_words_that_passages_have_the_rarest_stay_in_reading_order() -> None:
    pasted = typed_question(" ".join(WORDS[:100]))
    known = {word: n for n, word in enumerate(reversed(WORDS[:100]))}  # the last word stands nowhere

    cut = narrowed(pasted, known)

    assert terms(cut) == WORDS[99 - MAX_QUERY_TERMS : 99]
    assert cut.text == " ".join(WORDS[99 - MAX_QUERY_TERMS : 99])


def test_a_word_counts_as_known_by_its_synonyms() -> None:
    pasted = typed_question(" ".join([*WORDS[:40], "kubernetes"]))

    assert terms(narrowed(pasted, {"k8s": 3})) == ["kubernet"]


def test_where_no_word_is_known_the_first_ones_stay() -> None:
    assert terms(narrowed(typed_question(" ".join(WORDS[:40])), {})) == WORDS[:MAX_QUERY_TERMS]


def test_what_is_embedded_has_each_word_once_as_it_was_pasted() -> None:
    pasted = typed_question(normalise(" ".join([*WORDS[:40], "OutOfMemoryError OutOfMemoryError restarted-container"])))

    cut = narrowed(pasted, dict.fromkeys(("memory", "error", "restart", "container"), 1))

    assert cut.text == "Memory Error restarted container"
