"""Which names are suggested for what is typed, in which order, and what of them is marked."""

import pytest

from personal_pipeline.domain.suggestions import NamedDocument, Suggestion, suggestions, typed


def document(title: str, *alert_names: str, doc_id: str = "", kind: str = "runbook") -> NamedDocument:
    return NamedDocument(doc_id or title, title, kind, alert_names)


def suggested(text: str, *documents: NamedDocument, limit: int = 20) -> list[Suggestion]:
    wanted = typed(text)
    return suggestions(wanted, documents, limit) if wanted else []


def marked(text: str, title: str) -> list[str]:
    found = suggested(text, document(title))
    return [title[start:end] for start, end in found[0].matched] if found else []


def test_a_name_that_begins_so_goes_before_one_that_a_word_of_begins_so() -> None:
    names = [document("A disk is full"), document("Disk slow"), document("Disk full")]

    assert [each.text for each in suggested("disk", *names)] == ["Disk full", "Disk slow", "A disk is full"]
    assert [each.text for each in suggested("disk fu", *names)] == ["Disk full", "A disk is full"]


def test_runbooks_go_before_others_and_equals_by_name() -> None:
    names = [document("Disk a", kind="guide"), document("Disk c"), document("Disk b")]

    assert [each.text for each in suggested("di", *names)] == ["Disk b", "Disk c", "Disk a"]


def test_an_alert_name_leads_to_its_document() -> None:
    (found,) = suggested("KubePodC", document("Dying ones", "KubePodCrashLooping", "KubeNodeNotReady", doc_id="d"))

    assert found == Suggestion("d", "Dying ones", "alert", "KubePodCrashLooping", ((0, 8),))


def test_equal_names_are_told_once_and_a_title_rather_than_an_alert() -> None:
    names = [document("Guide", "DiskFull", doc_id="a"), document("Disk full", doc_id="c"), document("disk-full")]

    assert [(each.kind, each.doc_id) for each in suggested("disk", *names)] == [("title", "c")]


def test_no_more_are_told_than_were_asked_for() -> None:
    assert len(suggested("di", *(document(f"Disk {n}") for n in range(30)), limit=8)) == 8


@pytest.mark.parametrize(
    ("text", "title", "marks"),
    [
        ("disk", "Disk full", ["Disk"]),
        ("disk fu", "Disk full", ["Disk", "fu"]),
        ("full di", "Disk full", ["Di", "full"]),
        ("kubepod", "KubePodCrashLooping", ["KubePod"]),
        ("pod cra", "KubePodCrashLooping", ["PodCra"]),
        ("diskf", "Disk-full soon", ["Disk-full"]),
        ("disk disk", "Disk and disk", ["Disk", "disk"]),
        ("queri", "Slow queries", ["queri"]),
        ("queries sl", "A query is slow", ["query", "sl"]),
        ("STRASSE", "Große Straße", ["Straße"]),
        ("etcd", "ETCD", ["ETCD"]),
        ("isk", "Disk full", []),
        ("dis fu", "Disk full", []),
        ("disk x", "Disk full", []),
    ],
)
def test_what_answers_the_typed_words_is_marked(text: str, title: str, marks: list[str]) -> None:
    assert marked(text, title) == marks


@pytest.mark.parametrize("text", ["", "  ", "...", "-_-", "😀"])
def test_what_has_no_word_suggests_nothing(text: str) -> None:
    assert suggested(text, document("Disk full"), document("")) == []


def test_a_pasted_page_is_cut_to_its_last_words() -> None:
    wanted = typed("word " * 40 + "one two three four five six seven eight ni")

    assert wanted
    assert (len(wanted.words), wanted.words[-1], wanted.beginning) == (8, "eight", "ni")
