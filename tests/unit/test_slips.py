"""Which words are slips of the keyboard, and what they are read as."""

from datetime import UTC, datetime

import pytest

from personal_pipeline.domain.analysis import normalise
from personal_pipeline.domain.index_fields import searched_text, term_statistics
from personal_pipeline.domain.questions import ReadAs, typed_question
from personal_pipeline.domain.search import Candidate
from personal_pipeline.domain.slips import MOST_CHARACTERS, edits, likeliest, read_as, slips, with_options
from tests.contract.indexes import a_passage


def unknown(text: str, *known: str) -> list[str]:
    """The slips of a question, as they were typed, where an index has these terms."""
    question = typed_question(normalise(text))
    frequencies = {word: int(word in known) for word in question.words}
    return [question.text[slip.start : slip.end] for slip in slips(question, frequencies)]


def a_candidate(text: str, title: str = "") -> Candidate:
    passage = a_passage(text, title=title)
    placed = term_statistics(passage, searched_text(passage))["placed"]
    return Candidate(
        doc_id="doc",
        ordinal=0,
        rev=1,
        score=1.0,
        title=title,
        url="",
        source="ops",
        path="",
        type="runbook",
        services=(),
        severity="",
        groups=("public",),
        alert_names=(),
        heading=(),
        text=text,
        updated=datetime(2026, 1, 1, tzinfo=UTC),
        placed=tuple((int(bits), found) for bits, found in placed.items()),
    )


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("disk", "disk", 0),
        ("disk", "dsk", 1),
        ("dsk", "disk", 1),
        ("disk", "desk", 1),
        ("disk", "dsik", 1),
        ("idsk", "disk", 1),
        ("kuberntes", "kubernetes", 1),
        ("kbuernetse", "kubernetes", 2),
        ("ca", "abc", None),
        ("disk", "full", None),
        ("", "ab", 2),
    ],
)
def test_a_swap_of_neighbours_is_one_edit_like_any_other(one: str, other: str, distance: int | None) -> None:
    assert edits(one, other, 2) == distance
    assert edits(other, one, 2) == distance


def test_only_a_word_of_letters_that_no_passage_has_is_a_slip() -> None:
    assert unknown("dikc full", "full") == ["dikc"]
    assert unknown("disk full", "disk", "full") == []
    assert unknown("dsk x9f3a 10.0.0.17 i-0abc 502 e2big", "e2big") == []


def test_a_word_whose_synonym_is_known_is_none() -> None:
    assert unknown("certificate expired", "cert", "expir") == []


def test_a_compound_of_known_words_is_none_but_its_misspelt_part_is() -> None:
    assert unknown("orders-broker", "order", "broker") == []
    assert unknown("ordrs-broker", "broker") == ["ordrs"]
    assert unknown("KubeNodeNotRaedy", "kub", "kube", "nod", "not") == ["Raedy"]


def test_words_of_which_the_index_says_nothing_are_left_alone() -> None:
    question = typed_question("dikc full")

    assert slips(question, {}) == ()


def test_many_unknown_words_are_another_subject_and_not_many_slips() -> None:
    assert unknown("dikc fukl nodx", "x") == ["dikc", "fukl", "nodx"]
    assert unknown("alpha bravo charlie delta", "x") == []


def test_what_is_pasted_has_no_slips() -> None:
    assert unknown("dikc " + "full " * (MOST_CHARACTERS // 5), "full") == []


def test_the_nearest_is_likeliest_then_what_begins_alike_then_the_commonest() -> None:
    known = {"filesystemd": 9, "filesystem": 1, "xilesystem": 99, "fylesystem": 3, "filesystm": 0}

    assert likeliest("filesystm", known) == ["filesystem", "filesystemd", "fylesystem"]
    assert likeliest("pycket", {"packet": 1, "pocket": 2, "pucket": 1, "rycket": 9}) == [
        "pocket",
        "packet",
        "pucket",
        "rycket",
    ]


def test_short_words_are_read_as_words_that_begin_alike_and_never_as_numbers() -> None:
    assert likeliest("flink", {"link": 9, "blink": 9, "flint": 1, "fl1nk": 5}) == ["flint"]


def test_the_words_are_shown_as_documents_write_them_nearest_to_what_was_typed() -> None:
    question = typed_question(normalise("renew certficates of the Kuberntes api"))
    found = slips(question, dict.fromkeys(question.words, 1) | {"certfic": 0, "kubernt": 0})
    options = {"certfic": ("certific",), "kubernt": ("kubernet",)}

    read = read_as(question, found, options, [a_candidate("A Kubernetes certificate, or all certificates")])

    assert read.text == read.name == "renew certificates of the Kubernetes api"
    assert read.read_as == (
        ReadAs("certific", "certficates", "certificates"),
        ReadAs("kubernet", "kuberntes", "Kubernetes"),
    )
    assert [each.term for each in read.terms] == ["renew", "certific", "kubernet", "api"]


def test_of_several_options_the_one_written_most_like_it_wins() -> None:
    question = typed_question("job fialed")
    found = slips(question, dict.fromkeys(question.words, 1) | {"fial": 0})

    read = read_as(question, found, {"fial": ("fil", "fail")}, [a_candidate("The file says that a job failed")])

    assert read.text == "job failed"


def test_an_option_that_only_a_compound_or_a_far_form_has_is_not_taken() -> None:
    question = typed_question("shording")
    found = slips(question, {"shord": 0})

    assert not read_as(question, found, {"shord": ("short",)}, [a_candidate("a short text")]).read_as
    assert not read_as(question, found, {"shord": ("shordx",)}, [a_candidate("shord/x")]).read_as
    assert not read_as(question, found, {"shord": ("shard",)}, [a_candidate("nothing of it")]).read_as


def test_what_was_made_of_a_slip_goes_and_a_repeated_word_is_asked_once() -> None:
    question = typed_question("kuberntes-pod kubernetes")
    found = slips(question, dict.fromkeys(question.words, 1) | {"kubernt": 0})

    read = read_as(question, found, {"kubernt": ("kubernet",)}, [a_candidate("kubernetes pod")])

    assert read.text == "kubernetes-pod kubernetes"
    assert [each.term for each in read.terms] == ["kubernet", "pod"]


def test_all_options_are_asked_for_with_their_synonyms() -> None:
    question = typed_question("databse full")

    asked = with_options(question, {"databs": ("databas", "databus")})

    assert [(each.term, each.synonyms) for each in asked] == [("databas", ("db", "databus")), ("ful", ())]
