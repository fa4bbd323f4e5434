import pytest

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import parse_document
from tests.unit.parsing.reading import codes, missing_words, read, texts

PAGE = """\
<!DOCTYPE html>
<html><head><title>DNS lookups fail</title><style>p { color: red }</style>
<script>var x = "<p>never shown</p>";</script></head>
<body>
<nav><a href="/">Home</a> <ul><li>Runbooks</ul></nav>
<h1>DNS lookups fail</h1>
<p>Names are <b>not</b> found, see
   <a href="https://grafana.example.com/d/3">the graph</a>.</p>
<!-- <p>old advice</p> -->
<h2>Diagnose</h2>
<ol start="3"><li>Look at the pods:
<pre><code class="language-sh">kubectl get pods
kubectl logs &lt;pod&gt;</code></pre></li>
<li>Wait.<ul><li>a minute</li></ul></li></ol>
<table><tr><th>Code<th>Means<tr><td>NXDOMAIN<td>no <i>such</i> name</table>
</body></html>
"""


def test_blocks_come_in_reading_order_under_their_headings() -> None:
    parsed = read("dns.html", PAGE)

    assert parsed.title == "DNS lookups fail"
    assert [(block.heading, block.kind, block.text) for block in parsed.blocks] == [
        ((), "text", "Names are not found, see the graph (https://grafana.example.com/d/3)."),
        (("Diagnose",), "text", "3. Look at the pods:"),
        (("Diagnose",), "code", "kubectl get pods\nkubectl logs <pod>"),
        (("Diagnose",), "text", "4. Wait."),
        (("Diagnose",), "text", "  - a minute"),
        (("Diagnose",), "table", "Code | Means\nNXDOMAIN | no such name"),
    ]
    assert codes(parsed) == [("sh", "kubectl get pods\nkubectl logs <pod>")]


def test_every_span_frames_the_words_of_its_block() -> None:
    for block in read("dns.html", PAGE).blocks:
        assert not missing_words(block, PAGE)


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("one<p>two<div>three</div>four", ["one", "two", "three", "four"]),
        ("a<br>b<br/>c", ["a\nb\nc"]),
        ("<a href='javascript:alert(1)'>x</a>", ["x"]),
        ("<a href='/local'>x</a>", ["x"]),
        ("<img src=x onerror=alert(1) alt='A graph'>", ["A graph"]),
        ("a &amp; b &#x202e;&lt;c&gt;", ["a & b <c>"]),
        ("before<script>alert(1)", ["before"]),
        ("before<!-- never closed", ["before"]),
        ("1 < 2 and 3 > 2", ["1 < 2 and 3 > 2"]),
        ("<svg><title>no</title><text>no</text></svg>yes", ["yes"]),
        ("<ScRiPt >no</sCrIpT >yes", ["yes"]),
        ("<td>a cell without a table", ["a cell without a table"]),
        ("text <b", ["text <b"]),
    ],
)
def test_only_what_a_reader_sees_is_kept(markup: str, shown: list[str]) -> None:
    assert texts(read("a.html", markup)) == shown


def test_a_step_that_is_only_a_command_keeps_its_number() -> None:
    markup = "<ol><li><pre>uptime</pre></li><li>Wait.</li></ol>"

    assert texts(read("a.html", markup)) == ["1.", "uptime", "2. Wait."]


def test_a_heading_names_a_page_better_than_the_browsers_title() -> None:
    assert read("a.html", "<title>Disk full - Wiki</title><h1>Disk full</h1>text").title == "Disk full"
    assert read("a.html", "<title>Disk full</title><p>text").title == "Disk full"


def test_a_table_inside_a_table_is_the_words_of_its_cell() -> None:
    parsed = read("a.html", "<table><tr><td>a<table><tr><td>b</table><td>c</table>after")

    assert texts(parsed) == ["a b | c", "after"]


def test_a_page_of_scripts_has_no_text() -> None:
    with pytest.raises(InvalidDocumentError, match="has no text"):
        parse_document("runbooks/app.html", b"<script>start()</script><nav>Home</nav>")


def test_a_page_may_nest_as_deep_as_it_likes() -> None:
    assert texts(read("a.html", "<div>" * 50_000 + "deep" + "</div>" * 50_000)) == ["deep"]


def test_lists_that_nest_without_end_do_not_indent_without_end() -> None:
    assert max(map(len, texts(read("a.html", "<ul><li>a" * 5_000)))) < 40
