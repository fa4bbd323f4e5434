import pytest

from tests.unit.parsing.reading import codes, missing_words, read, texts

RUNBOOK = """\
Consumers fall behind
=====================

.. note:: Nothing is lost.

See ``lag`` on `the graph <https://grafana.example.com/d/2>`_ and :ref:`the other page <other>`.

Diagnose
--------

1. Which group?

   .. code-block:: bash
      :caption: On the broker
      :emphasize-lines: 1

      kafka-consumer-groups --list

2. Wait.

   - a minute
   - an hour

.. list-table::
   :header-rows: 1

   * - Lag
     - Do
   * - small
     - wait

topic
   where messages lie
"""


def test_blocks_come_in_reading_order_under_their_headings() -> None:
    parsed = read("lag.rst", RUNBOOK)

    assert parsed.title == "Consumers fall behind"
    assert [(block.heading, block.kind, block.text) for block in parsed.blocks] == [
        ((), "text", "Note: Nothing is lost."),
        ((), "text", "See lag on the graph (https://grafana.example.com/d/2) and the other page."),
        (("Diagnose",), "text", "1. Which group?"),
        (("Diagnose",), "code", "kafka-consumer-groups --list"),
        (("Diagnose",), "text", "2. Wait."),
        (("Diagnose",), "text", "  - a minute"),
        (("Diagnose",), "text", "  - an hour"),
        (("Diagnose",), "table", "Lag | Do\nsmall | wait"),
        (("Diagnose",), "text", "topic: where messages lie"),
    ]
    assert codes(parsed) == [("bash", "kafka-consumer-groups --list")]


def test_every_span_frames_the_words_of_its_block() -> None:
    for block in read("lag.rst", RUNBOOK).blocks:
        assert not missing_words(block, RUNBOOK)


@pytest.mark.parametrize(
    ("rst", "shown"),
    [
        (".. grid-item-card:: A title\n   :link: x\n\n   The *content*.", ["A title", "The content."]),
        (".. tab-set::\n\n   .. tab-item:: Linux\n\n      Run it.", ["Linux", "Run it."]),
        (":octicon:`mark-github;1em;` Read :file:`/etc/hosts` or :py:func:`open`", ["Read /etc/hosts or open"]),
        ("Use |product| now.\n\n.. |product| replace:: Kafka", ["Use Kafka now."]),
        ("See docs_.\n\n.. _docs: https://a.example/docs", ["See docs (https://a.example/docs)."]),
        (".. toctree::\n   :maxdepth: 1\n\n   one\n   two\n\ntext", ["text"]),
        (".. raw:: html\n\n   <b>Stuck</b> here?<script>alert(1)</script>", ["Stuck here? alert(1)"]),
        ("| one\n| two", ["one\ntwo"]),
        (".. robusta-code:: bash\n\n   if [ x ]; then\n     run\n   fi", ["if [ x ]; then\n  run\nfi"]),
        (":Owner: team-data", ["Owner: team-data"]),
    ],
)
def test_what_docutils_does_not_know_keeps_its_words(rst: str, shown: list[str]) -> None:
    assert texts(read("a.rst", rst)) == shown


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: /etc/passwd",
        ".. literalinclude:: /etc/passwd",
        ".. csv-table:: users\n   :file: /etc/passwd",
        ".. csv-table:: users\n   :url: file:///etc/passwd",
        ".. raw:: html\n   :file: /etc/passwd",
        ".. code:: text\n   :file: /etc/passwd",
        ".. image:: /etc/passwd",
    ],
)
def test_no_file_is_ever_read(directive: str) -> None:
    parsed = read("a.rst", f"Before.\n\n{directive}\n\nAfter.")

    assert texts(parsed)[0] == "Before."
    assert texts(parsed)[-1] == "After."
    assert not any("root:" in text for text in texts(parsed))


def test_broken_markup_is_kept_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    parsed = read("a.rst", "Title\n==\n\n*open ``open `open |open\n\n.. figure::\n\n- a\n b\n\n====\nX\n===\n\nlast")

    assert "last" in texts(parsed)[-1]
    assert any("open" in text for text in texts(parsed))
    assert capfd.readouterr() == ("", "")


def test_a_role_that_a_document_makes_does_not_reach_the_next_one() -> None:
    read("a.rst", ".. role:: shout(strong)\n\n.. default-role:: shout\n\n:shout:`a` `b`")

    from docutils.parsers.rst import roles

    assert not {"", "shout"} & roles._roles.keys()


def test_a_line_that_docutils_refuses_is_read_as_plain_text() -> None:
    parsed = read("a.rst", "Title\n=====\n\n" + "word " * 3000)

    assert parsed.warnings == ("read as plain text because of a line of more than 10,000 characters",)
    assert texts(parsed)[1].startswith("word word")


def test_nesting_that_docutils_cannot_follow_is_read_as_plain_text() -> None:
    parsed = read("a.rst", "".join(" " * 2 * depth + "* a\n\n" for depth in range(400)))

    assert parsed.warnings == ("read as plain text because of docutils failed with RecursionError",)
    assert len(parsed.blocks) == 400
