"""Links between pages: which are looked at, and which pages they may mean."""

import pytest

from personal_pipeline.domain.page_links import MAX_LINKS, may_mean, pages_linked


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("disk.md", "disk.md"),
        ("../a/disk.adoc#step-1", "../a/disk.adoc"),
        ("disk%20full.md?plain=1", "disk full.md"),
        ("../kubenodenotready/", "../kubenodenotready/"),
        ("disk", "disk"),
        ("..", ".."),
    ],
)
def test_a_link_to_a_page_is_kept_without_its_anchor(target: str, page: str) -> None:
    assert pages_linked([target]) == (page,)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "#step-1",
        "?page=2",
        "/runbooks/disk.md",
        "//host/disk.md",
        "https://example.com/disk.md",
        "mailto:me@example.com",
        "javascript:alert(1)",
        "disk.png",
        "script.sh",
        "{{ .Page }}.md",
        "<pod>.md",
        "x" * 201,
    ],
)
def test_what_leads_elsewhere_is_left_alone(target: str) -> None:
    assert pages_linked([target]) == ()


def test_each_link_is_kept_once_and_not_too_many() -> None:
    assert pages_linked(["a.md", "a.md#b", "b.md"]) == ("a.md", "b.md")
    assert len(pages_linked(f"{number}.md" for number in range(1000))) == MAX_LINKS


@pytest.mark.parametrize(
    ("path", "link", "pages"),
    [
        ("a/index.md", "disk.md", {"a/disk"}),
        ("a/b.md", "../disk.md", {"disk"}),
        ("a/b.md", "disk", {"a/disk", "a/b/disk"}),
        ("a/b.md", "../disk/", {"disk", "a/disk"}),
        ("b.md", "Disk.HTML", {"disk"}),
        ("b.md", "folder/README.md", {"folder"}),
        ("b.md", "../../disk.md", set()),
        ("b.md", "../disk", {"disk"}),
    ],
)
def test_a_link_may_mean_the_file_or_the_page_of_a_site(path: str, link: str, pages: set[str]) -> None:
    assert may_mean(path, link) == pages
