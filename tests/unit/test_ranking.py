"""Which document comes first, how sure that is, and why: from passages and word counts alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.alerts import Alert, Severity
from personal_pipeline.domain.index_fields import candidate, searched_text, stored_passage, term_statistics
from personal_pipeline.domain.questions import Question, alert_question, typed_question
from personal_pipeline.domain.ranking import (
    ATTACH_AT,
    EXACT_CONFIDENCE,
    MAX_CONFIDENCE,
    RankedDocument,
    rank,
)
from personal_pipeline.domain.reasons import reasons
from personal_pipeline.domain.search import Candidate, Candidates, PassageChange
from personal_pipeline.domain.snippets import matches
from tests.contract.indexes import a_passage

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOTAL = 1000


def a_candidate(
    doc_id: str = "a", ordinal: int = 0, rev: int = 1, similarity: float | None = None, **changes: Any
) -> Candidate:
    passage = a_passage(**({"title": f"Page {doc_id}", "source": "ops", "text": "", "updated": NOW} | changes))
    stored = stored_passage(PassageChange(doc_id, ordinal, rev, passage), passage)
    return candidate(stored | term_statistics(passage, searched_text(passage)), 1.0, similarity)


def ranked(
    question: str | Question, *passages: Candidate, common: Sequence[str] = (), **more: Any
) -> list[RankedDocument]:
    """Words are rare, one passage each, unless they are ``common``."""
    asked = typed_question(question) if isinstance(question, str) else question
    frequencies = dict.fromkeys(asked.words, 1) | dict.fromkeys(common, TOTAL // 2)
    return rank(asked, Candidates(passages, frequencies, TOTAL), NOW, **more)


def order(found: Sequence[RankedDocument]) -> list[str]:
    return [document.doc_id for document in found]


def an_alert(name: str = "NodeDiskFull", **fields: Any) -> Alert:
    given: dict[str, Any] = {
        "source": "alertmanager",
        "status": "firing",
        "fingerprint": "f",
        "severity": Severity.CRITICAL,
        "service": "",
        "summary": "",
        "description": "",
        "runbook_url": "",
        "starts_at": None,
    }
    return Alert(name=name, **(given | fields))


def test_the_best_passage_stands_for_its_document() -> None:
    best = a_candidate("a", 4, text="the disk is full")

    found = ranked("disk full", a_candidate("a", 0, text="a disk"), a_candidate("b", text="disk"), best)

    assert order(found) == ["a", "b"]
    assert found[0].best == best


def test_equal_documents_are_ordered_by_id_whatever_order_the_index_gave() -> None:
    one, other = a_candidate("a", text="disk"), a_candidate("b", text="disk")

    assert order(ranked("disk", other, one)) == order(ranked("disk", one, other)) == ["a", "b"]


def test_a_passage_of_an_older_revision_never_stands_for_its_document() -> None:
    older = a_candidate("a", 0, rev=3, title="disk full", text="disk full")
    newer = a_candidate("a", 1, rev=4, text="disk")

    [found] = ranked("disk full", older, newer)

    assert found.best == newer
    assert found.features.cover == pytest.approx(0.5)


def test_a_word_counts_most_in_the_title_then_in_a_heading_then_in_the_text() -> None:
    found = ranked(
        "disk",
        a_candidate("text", text="disk"),
        a_candidate("heading", heading=("disk usage",)),
        a_candidate("title", title="disk usage"),
    )

    assert order(found) == ["title", "heading", "text"]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    found = ranked("restart etcd", a_candidate("a", text="restart"), a_candidate("b", text="etcd"), common=("restart",))

    assert order(found) == ["b", "a"]


def test_words_spread_over_the_passages_of_a_document_count_as_covered() -> None:
    together, spread = ranked(
        "disk inode",
        a_candidate("spread", 0, text="disk"),
        a_candidate("spread", 1, text="inode"),
        a_candidate("together", 0, text="disk inode"),
    )

    assert (together.doc_id, spread.doc_id) == ("together", "spread")
    assert together.features.cover == spread.features.cover == pytest.approx(1)
    assert together.features.place > spread.features.place


def test_words_that_stand_next_to_each_other_as_in_the_question_count_more() -> None:
    apart = a_candidate("a", text="the disk was replaced, the volume is full")
    turned = a_candidate("b", text="a full disk")
    across = a_candidate("c", title="disk", text="full")
    together = a_candidate("d", text="when the disk is full: disk full")

    found = ranked("disk full", apart, turned, together, across)

    assert {document.doc_id: document.features.phrase for document in found} == {"a": 0, "b": 0, "c": 0, "d": 1}


def test_a_rare_pair_of_words_counts_more_than_a_common_one() -> None:
    question = "node disk inode"

    found = ranked(question, a_candidate("a", text="node disk"), a_candidate("b", text="disk inode"), common=("nod",))

    phrases = {document.doc_id: document.features.phrase for document in found}
    assert 0 < phrases["a"] < phrases["b"] < 1


def test_a_synonym_counts_somewhat_less_than_the_word() -> None:
    found = ranked(
        "postgres down",
        a_candidate("word", text="postgres down"),
        a_candidate("synonym", text="pg down"),
        a_candidate("neither", text="down"),
    )

    assert order(found) == ["word", "synonym", "neither"]
    assert found[1].features.cover == pytest.approx(0.9)


@pytest.mark.parametrize("asked", ["KubePodCrashLooping", "kube pod crash looping", "kube_pod_crash-looping"])
def test_an_exact_name_comes_first_and_is_sure(asked: str) -> None:
    wordy = a_candidate("a", title="Kube pod crash looping again", text="kube pod crash looping " * 3, similarity=0.99)

    found = ranked(asked, wordy, a_candidate("named", alert_names=("KubePodCrashLooping",), text="see below"))

    assert order(found) == ["named", "a"]
    assert found[0].confidence == EXACT_CONFIDENCE > MAX_CONFIDENCE >= found[1].confidence


def test_the_file_s_name_is_a_name_too() -> None:
    [found] = ranked("disk full", a_candidate(title="Runbook", path="storage/disk-full.md"))

    assert found.features.exact == 1


def test_an_empty_name_is_nobody_s_exact_name() -> None:
    question = Question(typed_question("disk").terms, "...", "disk")

    [found] = ranked(question, a_candidate(title="???", text="disk"))

    assert found.features.exact == 0


def test_meaning_decides_between_documents_with_equal_words() -> None:
    found = ranked("disk", a_candidate("a", text="disk", similarity=0.3), a_candidate("b", text="disk", similarity=0.6))

    assert order(found) == ["b", "a"]


def test_what_only_the_words_found_counts_as_close_as_the_last_that_the_vector_found() -> None:
    found = ranked(
        "disk",
        a_candidate("near", text="other", similarity=0.9),
        a_candidate("far", text="other", similarity=0.4),
        a_candidate("words", text="disk"),
    )

    assert {document.doc_id: document.features.meaning for document in found} == {"near": 0.9, "far": 0.4, "words": 0.4}


def test_without_a_word_of_the_question_only_what_is_really_near_is_a_hit() -> None:
    passages = [a_candidate(f"at-{n}", text="other", similarity=n / 10) for n in range(11)]

    found = ranked("disk", *passages, a_candidate("word", text="disk"))

    assert {*order(found)} == {"word", *(f"at-{n}" for n in range(4, 11))}


def test_runbooks_come_before_other_pages_and_those_before_changelogs() -> None:
    kinds = ("changelog", "document", "runbook", "postmortem")

    found = ranked("disk", *(a_candidate(kind, type=kind, text="disk") for kind in kinds))

    assert order(found) == ["runbook", "document", "changelog", "postmortem"]


def test_of_equals_the_fresher_comes_first_but_months_decide_and_not_hours() -> None:
    old, new = a_candidate("a", text="disk", updated=NOW - timedelta(days=200)), a_candidate("b", text="disk")
    earlier = a_candidate("a", text="disk", updated=NOW - timedelta(hours=5))

    assert order(ranked("disk", old, new)) == ["b", "a"]
    assert ranked("disk", earlier, new)[0].score == ranked("disk", earlier, new)[1].score


def test_a_label_that_is_the_service_or_the_folder_of_a_document_speaks_for_it() -> None:
    question = alert_question(an_alert(labels={"namespace": "Payments", "pod": "x-1"}))
    plain = a_candidate("a", text="node disk full")

    by_service = ranked(question, plain, a_candidate("b", text="node disk full", services=("payments",)))
    by_folder = ranked(question, plain, a_candidate("b", text="node disk full", path="teams/payments/disk.md"))

    assert order(by_service) == order(by_folder) == ["b", "a"]
    assert reasons(question, by_service[0], [])[0] == "service is payments, as the alert says"
    assert reasons(question, by_folder[0], [])[0] == "folder is payments, as the alert says"


def test_feedback_moves_a_document_up_or_down_and_never_far() -> None:
    one, other = a_candidate("a", text="disk"), a_candidate("b", text="disk")
    full = a_candidate("full", title="disk full", text="disk full inode")

    assert order(ranked("disk", one, other, feedback={"b": 0.5})) == ["b", "a"]
    assert order(ranked("disk", one, other, feedback={"a": -0.5})) == ["b", "a"]
    assert order(ranked("disk full inode", one, full, feedback={"a": 1e9, "full": -1e9})) == ["full", "a"]


def test_near_duplicates_are_folded_into_the_better_one() -> None:
    text = "Free some space on the disk, then restart the kubelet and look at the graph."
    twin = a_candidate("b", title="disk full", text=text + " Done.", source="mirror")

    found = ranked("disk full", a_candidate("a", title="Disk full", text=text), twin)

    assert order(found) == ["a"]
    assert [each.doc_id for each in found[0].also_at] == ["b"]


@pytest.mark.parametrize("changes", [{"title": "Disk is full"}, {"text": "Call the storage team and wait for them."}])
def test_documents_that_differ_in_title_or_text_stay_apart(changes: dict[str, str]) -> None:
    fields = {"title": "Disk full", "text": "Free some space on the disk and restart the kubelet."}

    found = ranked("disk full", a_candidate("a", **fields), a_candidate("b", **(fields | changes)))

    assert {*order(found)} == {"a", "b"}


def test_confidence_falls_when_words_are_missing_and_when_another_is_as_good() -> None:
    good = a_candidate("a", text="node disk full")
    rival = a_candidate("b", text="node disk full, and more")
    question = "node disk full inode"

    far = a_candidate("c", text="node")

    ahead, contested = ranked(question, good, far)[0], ranked(question, good, rival)[0]
    partly = ranked(f"{question} zebra lion tiger", good, far)[0]

    assert ahead.confidence > contested.confidence
    assert ahead.confidence > partly.confidence


def test_alone_is_ahead_of_nobody() -> None:
    good, far = a_candidate("a", text="node disk full"), a_candidate("b", text="node")

    assert ranked("node disk full inode", good)[0].confidence < ranked("node disk full inode", good, far)[0].confidence


def test_a_document_for_another_alert_is_less_likely_the_one() -> None:
    fields = {"text": "etcd members are down"}
    question = alert_question(an_alert("etcdMembersSlow", summary="etcd members are slow and lose heartbeats"))

    [neutral] = ranked(question, a_candidate(**fields))
    [of_another] = ranked(question, a_candidate(alert_names=("BrokerQueueFull",), **fields))

    assert of_another.confidence < neutral.confidence


def test_nothing_of_the_question_found_is_far_below_the_threshold() -> None:
    [found] = ranked("disk full", a_candidate(text="about something else", similarity=0.5))

    assert found.confidence < ATTACH_AT / 2


def test_a_question_without_words_and_an_answer_without_passages_are_nothing() -> None:
    assert ranked("disk") == []
    assert rank(Question((), "", ""), Candidates((a_candidate(similarity=0.6),)), NOW)[0].confidence < 0.5


WORDS = st.sampled_from(["disk", "full", "node", "pg", "postgres", "kube", "etcd", "Überlauf", "磁盘"])
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
PASSAGES = st.lists(
    st.builds(
        a_candidate,
        doc_id=st.sampled_from("abcd"),
        ordinal=st.integers(0, 3),
        rev=st.integers(1, 2),
        text=TEXTS,
        similarity=st.none() | st.floats(-1, 1),
    ),
    max_size=12,
)


@given(TEXTS, PASSAGES, st.randoms(use_true_random=False))
def test_any_passages_give_one_order_and_figures_between_nothing_and_one(
    question: str, passages: list[Candidate], random: Any
) -> None:
    distinct = list({(each.doc_id, each.ordinal): each for each in passages}.values())
    shuffled = random.sample(distinct, len(distinct))

    found, again = ranked(question, *distinct), ranked(question, *shuffled)

    assert [(d.doc_id, d.best, d.score) for d in found] == [(d.doc_id, d.best, d.score) for d in again]
    for document in found:
        features = document.features
        for part in (
            features.phrase,
            features.place,
            features.cover,
            features.name,
            features.meaning,
            document.confidence,
        ):
            assert 0 <= part <= 1 + 1e-9


def test_each_word_is_named_once_at_its_strongest_place() -> None:
    question = typed_question("full disk free df zebra")
    page = a_candidate(
        title="Disk full on a node",
        alert_names=("NodeDiskFull",),
        heading=("Disk full on a node", "Free space"),
        text="Run df to see which file system is full.",
    )

    [document] = ranked(question, page)

    said = reasons(question, document, matches(page.text, question.words))
    assert said == ("title matches Disk, full", "heading matches Free", "text matches df")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "Node disk full"}, "its title is exactly this"),
        ({"title": "Storage", "alert_names": ("NodeDiskFull",)}, "it names this alert"),
        ({"title": "Storage", "path": "x/node-disk-full.md"}, "its file is named exactly this"),
    ],
)
def test_an_exact_name_says_which_name_it_is(fields: dict[str, Any], said: str) -> None:
    question = typed_question("NodeDiskFull")

    [document] = ranked(question, a_candidate(**fields))

    assert reasons(question, document, [])[0] == said


def test_what_is_close_in_meaning_or_helped_before_is_said() -> None:
    question = typed_question("disk")
    near, far = a_candidate("near", text="x", similarity=0.7), a_candidate("far", text="x", similarity=0.45)

    found = {
        d.doc_id: reasons(question, d, []) for d in ranked(question, near, far, feedback={"far": -0.5, "near": 0.5})
    }

    assert found == {"near": ("close in meaning", "helped before"), "far": ("did not help before",)}
