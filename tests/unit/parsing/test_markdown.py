import pytest

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import parse_document
from tests.unit.parsing.reading import codes, missing_words, read, texts

RUNBOOK = """\
---
title: Disk full
service: storage
---

# Disk full on a node

Customers see `503` and [the dashboard](https://grafana.example.com/d/disk).

## Free space

1. Look for the **largest** folders:

   ```bash
   du -xh / | sort -h | tail
   ```

2. Remove what is old.
   - logs first
   - then images

| mount | limit |
| --- | --- |
| `/var` | 80 % |
"""


def test_blocks_come_in_reading_order_under_their_headings() -> None:
    parsed = read("disk.md", RUNBOOK)

    assert [(block.heading, block.kind, block.text) for block in parsed.blocks] == [
        (("Disk full on a node",), "text", "Customers see 503 and the dashboard (https://grafana.example.com/d/disk)."),
        (("Disk full on a node", "Free space"), "text", "1. Look for the largest folders:"),
        (("Disk full on a node", "Free space"), "code", "du -xh / | sort -h | tail"),
        (("Disk full on a node", "Free space"), "text", "2. Remove what is old."),
        (("Disk full on a node", "Free space"), "text", "  - logs first"),
        (("Disk full on a node", "Free space"), "text", "  - then images"),
        (("Disk full on a node", "Free space"), "table", "mount | limit\n/var | 80 %"),
    ]


def test_every_span_frames_the_words_of_its_block() -> None:
    for block in read("disk.md", RUNBOOK).blocks:
        assert not missing_words(block, RUNBOOK)
        assert RUNBOOK[block.start - 1] == "\n"


def test_the_front_matter_names_the_document_else_its_first_top_heading_does() -> None:
    assert read("a.md", RUNBOOK).title == "Disk full"
    assert read("a.md", "## Before\n\n# Disk full\n\ntext").title == "Disk full"


def test_one_heading_over_everything_names_a_document_that_has_no_top_heading() -> None:
    parsed = read("a.md", "### DiskFull\n\nText.\n\n#### Steps\n\nMore.")

    assert parsed.title == "DiskFull"
    assert [block.heading for block in parsed.blocks] == [(), ("Steps",)]
    assert read("a.md", "## One\n\ntext\n\n## Two\n\ntext").title == ""


def test_the_language_of_a_code_block_is_its_first_word() -> None:
    assert codes(read("a.md", "```yaml {linenos=true}\na: 1\n```\n\n    indented\n")) == [
        ("yaml", "a: 1"),
        ("", "indented"),
    ]


def test_numbers_are_those_that_a_reader_sees() -> None:
    assert texts(read("a.md", "1. one\n1. two\n1. three")) == ["1. one", "2. two", "3. three"]
    assert texts(read("a.md", "4. four\n5. five")) == ["4. four", "5. five"]


def test_a_step_that_is_only_a_command_keeps_its_number() -> None:
    assert texts(read("a.md", "1. ```sh\n   uptime\n   ```\n2. Wait.")) == ["1.", "uptime", "2. Wait."]


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("[text](../other.md)", "text"),
        ("[text](https://a.example/x)", "text (https://a.example/x)"),
        ("[https://a.example/x](https://a.example/x)", "https://a.example/x"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("[run](javascript:alert(1))", "[run](javascript:alert(1))"),
        ("![a graph](graph.png)", "a graph"),
        ("a<br>b", "a\nb"),
        ("delete <pod-name> <b>now</b>", "delete <pod-name> now"),
        ("{{% notice %}}Careful{{% /notice %}} with {{ $labels.pod }}", "Careful with {{ $labels.pod }}"),
        ('{{< tab name="Linux" >}}uptime', "Linuxuptime"),
        ("<%= title %> and more", "and more"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("hidden &#x202e;&#8203;word", "hidden word"),
        ("- [ ] not done", "- [ ] not done"),
    ],
)
def test_markup_goes_and_meaning_stays(markdown: str, shown: str) -> None:
    assert texts(read("a.md", markdown)) == [shown]


def test_an_admonition_is_read_as_text_with_its_commands() -> None:
    parsed = read("a.md", '!!! warning "Data loss"\n    Stop first.\n\n    ```sh\n    stop\n    ```\n\nAfter.')

    assert texts(parsed) == ["Data loss: Stop first.", "stop", "After."]
    assert codes(parsed) == [("sh", "stop")]


def test_an_admonition_inside_a_fence_is_left_alone() -> None:
    assert codes(read("a.md", "```\n!!! note\n    text\n```")) == [("", "!!! note\n    text")]


def test_html_inside_markdown_is_read_as_html() -> None:
    parsed = read(
        "a.md", "<details>\n<summary>More</summary>\n\ntext\n\n</details>\n\n<!-- hidden -->\n\n<h2>Low</h2>\n\nlast"
    )

    assert texts(parsed) == ["More", "text", "last"]
    assert parsed.blocks[-1].heading == ("Low",)


def test_a_heading_with_nothing_below_it_is_still_found() -> None:
    parsed = read("a.md", "# Title\n\ntext\n\n## Rollback\n\n## Escalation")

    assert [(block.heading, block.text) for block in parsed.blocks[1:]] == [
        (("Rollback",), "Rollback"),
        (("Escalation",), "Escalation"),
    ]


def test_a_fence_that_is_never_closed_runs_to_the_end() -> None:
    assert codes(read("a.md", "text\n\n```sh\nuptime\n")) == [("sh", "uptime")]


def test_nesting_beyond_reason_is_refused_rather_than_cut() -> None:
    with pytest.raises(InvalidDocumentError, match="nests more than 100 deep"):
        parse_document("runbooks/deep.md", b"> " * 5000 + b"deep")
