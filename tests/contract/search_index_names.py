"""What every search index promises about names that begin so. Each promise is given an empty, prepared index."""

from collections.abc import Callable

from personal_pipeline.domain.search import CallerScope
from personal_pipeline.domain.suggestions import MOST_PROPOSED, NamedDocument, suggestions, typed
from personal_pipeline.ports import SearchIndex
from tests.contract.indexes import dead, live


def proposed(index: SearchIndex, text: str, *groups: str) -> list[NamedDocument]:
    wanted = typed(text)
    assert wanted
    return index.named(wanted, CallerScope(groups or ("public",)))


def suggested(index: SearchIndex, text: str, *groups: str) -> list[str]:
    wanted = typed(text)
    assert wanted
    return [each.text for each in suggestions(wanted, proposed(index, text, *groups), 20)]


def a_document_is_proposed_once_with_its_names(index: SearchIndex) -> None:
    names = {"title": "Disk full", "alert_names": ("DiskWillFill", "NodeDisk"), "type": "guide"}
    index.apply([live("doc", n, text=f"passage {n}", **names) for n in range(3)])

    assert proposed(index, "disk") == [NamedDocument("doc", "Disk full", "guide", ("DiskWillFill", "NodeDisk"))]


def titles_and_alert_names_are_found_by_how_their_words_begin(index: SearchIndex) -> None:
    index.apply(
        [
            live("a", title="Kubernetes node is not ready", alert_names=("KubeNodeNotReady",)),
            live("b", title="Broker disk full", path="kafka/broker.md"),
        ]
    )

    assert suggested(index, "k") == ["KubeNodeNotReady", "Kubernetes node is not ready"]
    assert suggested(index, "kuberne") == ["Kubernetes node is not ready"]
    assert suggested(index, "not re") == ["KubeNodeNotReady", "Kubernetes node is not ready"]
    assert suggested(index, "KubeNodeN") == ["KubeNodeNotReady"]
    assert suggested(index, "kubenoden") == ["KubeNodeNotReady"]
    assert suggested(index, "disk br") == ["Broker disk full"]
    assert suggested(index, "dis bro") == []
    assert suggested(index, "isk") == []


def what_stemming_takes_from_a_word_may_be_typed(index: SearchIndex) -> None:
    titles = ["Certificates expire", "Queries run slowly", "Configuration is stopping", "Caching"]
    index.apply([live(title, title=title) for title in titles])

    for title in titles:
        first = title.split()[0]
        for end in range(1, len(first) + 1):
            assert title in suggested(index, first[:end].lower()), first[:end]
    assert suggested(index, "is stoppi") == ["Configuration is stopping"]


def words_of_a_path_and_of_the_text_are_no_names(index: SearchIndex) -> None:
    index.apply([live("a", title="Disk", path="storage/volumes.md", services=("ledger",), text="alpha")])

    assert [suggested(index, word) for word in ("stor", "ledg", "alpha", "dis")] == [[], [], [], ["Disk"]]


def names_of_another_group_stay_untold(index: SearchIndex) -> None:
    index.apply([live("secret", title="Payroll", groups=("finance",)), live("doc", title="Paging")])

    assert suggested(index, "pa") == ["Paging"]
    assert suggested(index, "pa", "finance", "public") == ["Paging", "Payroll"]
    assert index.named(typed("pa"), CallerScope(())) == []  # type: ignore[arg-type]


def names_of_deleted_documents_are_gone(index: SearchIndex) -> None:
    index.apply([live("a", title="Disk full"), live("b", title="Disk slow")])
    index.apply([dead("a", rev=2)])

    assert suggested(index, "disk") == ["Disk slow"]


def where_many_begin_so_titles_go_before_paths_and_runbooks_before_others(index: SearchIndex) -> None:
    crowd = [live(f"p{n}", title=f"Page {n}", path=f"disk/{n}.md") for n in range(MOST_PROPOSED)]
    guides = [live(f"g{n}", title=f"Disk {n}", type="guide") for n in range(MOST_PROPOSED)]
    index.apply([*crowd, *guides, live("z", title="Zoned disk")])

    found = proposed(index, "disk")

    assert len(found) == MOST_PROPOSED
    assert found[0].title == "Zoned disk"
    assert all(document.title.startswith("Disk") for document in found[1:])


def any_script_may_be_typed(index: SearchIndex) -> None:
    titles = ["Überlastung des Knotens", "磁盘已满", "Диск заполнен", "Straße voll"]
    index.apply([live(title, title=title) for title in titles])

    assert [suggested(index, text) for text in ("über", "磁盘", "ДИСК зап", "strasse v")] == [
        [title] for title in titles
    ]
    assert suggested(index, "🤷a.*[\\") == []


PROMISES: list[Callable[[SearchIndex], None]] = [
    a_document_is_proposed_once_with_its_names,
    titles_and_alert_names_are_found_by_how_their_words_begin,
    what_stemming_takes_from_a_word_may_be_typed,
    words_of_a_path_and_of_the_text_are_no_names,
    names_of_another_group_stay_untold,
    names_of_deleted_documents_are_gone,
    where_many_begin_so_titles_go_before_paths_and_runbooks_before_others,
    any_script_may_be_typed,
]
