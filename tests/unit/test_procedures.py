"""What is answered of a procedure: each step with what belongs to it, and what comes next."""

import sys
from typing import Any

import pytest

from personal_pipeline.domain import procedures
from personal_pipeline.domain.decision_trees import decision_tree
from personal_pipeline.domain.errors import InvalidQueryError, PlaceMissingError
from personal_pipeline.domain.extract import from_json
from personal_pipeline.domain.extract.documents import with_structure
from personal_pipeline.domain.outlines import outline, section_text
from personal_pipeline.domain.parsing import parse_document
from personal_pipeline.domain.procedures import MAX_ACTION
from tests.unit.extract.reading import FORMATS, read


def procedure(text: str, step: str = "", section: str = "", ending: str = "md") -> dict[str, Any]:
    return procedures.procedure(read(text, ending), text, FORMATS[ending], step, section)


QUEUE = """# Queue grows

## Before you start

You need the name of the queue.

## Look

1. Look at the workers:

   ```sh
   kubectl -n <namespace> get pods
   ```

   Expected: three are ready.

2. Count the messages.

## Repair

1. Restart the workers: `kubectl rollout restart deployment/worker`.
2. If it goes on growing, go to [Purge](#purge).

## Purge

1. Empty it: `kubectl -n <namespace> delete pvc --all`.

## Verify

```sh
kubectl get pods
```

Expected: the queue is empty.

## Roll back

1. Undo the release: `kubectl rollout undo deployment/worker`.
2. Tell the team.

## Escalation

- Queue on call: `#queues`
"""


def test_all_of_a_procedure_starts_at_its_first_step_and_leads_from_one_to_the_next() -> None:
    found = procedure(QUEUE)

    walked, at = [], found["start"]
    by_id = {step["id"]: step for step in found["steps"]}
    while at:
        walked.append(by_id[at]["text"])
        at = by_id[at]["next"]
    assert walked == [
        "Look at the workers:",
        "Count the messages.",
        "Restart the workers: `kubectl rollout restart deployment/worker`.",
        "If it goes on growing, go to [Purge](#purge).",
        "Empty it: `kubectl -n <namespace> delete pvc --all`.",
    ]


def test_nobody_walks_into_a_way_back_but_its_own_steps_follow_one_another() -> None:
    steps = procedure(QUEUE)["steps"]

    undo, tell = (step for step in steps if step["text"].startswith(("Undo", "Tell")))

    assert undo["id"] not in {step["next"] for step in steps}
    assert undo["next"] == tell["id"]
    assert tell["next"] is None


def test_one_step_comes_with_its_commands_its_results_and_what_comes_next() -> None:
    found = procedure(QUEUE, step="s1")

    (command,) = found["step"]["commands"]
    assert (command["text"], command["risk"], command["placeholders"]) == (
        "kubectl -n <namespace> get pods",
        "read-only",
        ["<namespace>"],
    )
    assert [one["text"] for one in found["step"]["expected"]] == ["Expected: three are ready."]
    assert (found["previous"], found["next"]["id"], found["section"]["title"]) == (None, "s2", "Look")
    assert procedure(QUEUE, step="s2")["previous"]["id"] == "s1"


def test_a_branch_says_where_it_leads() -> None:
    (branch,) = procedure(QUEUE, step="2", section="Repair")["step"]["branches"]

    assert branch["condition"] == "If it goes on growing"
    assert branch["leads_to"] == {"kind": "section", "id": "h5", "text": "Purge", "start": "s5"}


def test_a_branch_whose_action_holds_steps_leads_to_the_first_of_them() -> None:
    (section,) = procedure("## If the disk is full\n\n1. Delete the logs.\n2. Restart it.\n")["sections"]

    assert [branch["leads_to"] for branch in section["branches"]] == [
        {"kind": "step", "id": "s1", "text": "Delete the logs."}
    ]


def test_a_branch_that_leads_to_a_page_names_its_link() -> None:
    (branch,) = procedure("1. Look at it. If it is red, see [the other page](other.md).\n")["steps"][0]["branches"]

    assert branch["leads_to"] == {"kind": "document", "link": "other.md"}


def test_what_a_branch_says_to_do_is_cut_where_it_is_long() -> None:
    (branch,) = procedure("1. Look. If it is red, restart " + "the very long name " * 40 + ".\n")["steps"][0][
        "branches"
    ]

    assert len(branch["action"]) == MAX_ACTION
    assert branch["action"].endswith("…")


def test_commands_that_belong_to_no_step_stand_in_their_section() -> None:
    sections = {section["title"]: section for section in procedure(QUEUE)["sections"]}

    assert [command["text"] for command in sections["Verify"]["commands"]] == ["kubectl get pods"]
    assert [one["text"] for one in sections["Verify"]["expected"]] == ["Expected: the queue is empty."]
    assert sections["Look"]["commands"] == []
    assert sections["Verify"]["kind"] == "verification"


def test_what_stands_before_the_first_heading_has_a_section_of_its_own() -> None:
    (first, *_) = procedure("Run `kubectl get pods`.\n\n## Fix\n\n1. Stop it.\n")["sections"]

    assert (first["id"], first["title"]) == ("h0", "")
    (section,) = procedure("1. Stop it.\n")["sections"]
    assert (section["id"], section["span"]) == ("h0", None)


def test_a_section_is_asked_for_by_its_id_or_its_title_and_comes_with_those_inside_it() -> None:
    text = "# Page\n\n## Repair\n\n1. Stop it.\n\n### Slow\n\n1. Wait.\n\n## Other\n\n1. Go.\n"

    for name in ("h2", "Repair", " repair "):
        assert [step["text"] for step in procedure(text, section=name)["steps"]] == ["Stop it.", "Wait."]
    assert [step["text"] for step in procedure(text, section="Slow")["steps"]] == ["Wait."]


@pytest.mark.parametrize(
    ("step", "section", "error", "says"),
    [
        ("9", "", PlaceMissingError, "s1 (1) Look at the workers:"),
        ("s99", "", PlaceMissingError, "s1 (1)"),
        ("s0", "", PlaceMissingError, "no step 's0'"),
        ("1", "", InvalidQueryError, "s1 in 'Look', s3 in 'Repair'"),
        ("", "Nowhere", PlaceMissingError, "h3 Look, h4 Repair"),
        ("", "h99", PlaceMissingError, "no section 'h99'"),
        ("3", "Repair", PlaceMissingError, "s3 (1) Restart"),
    ],
)
def test_a_step_or_section_that_is_not_there_is_refused_with_those_that_are(
    step: str, section: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=r"there are") as refused:
        procedure(QUEUE, step, section)

    assert says in str(refused.value)


def test_a_title_that_several_sections_have_is_refused_with_their_ids() -> None:
    with pytest.raises(InvalidQueryError, match=r"h2, h4"):
        procedure("# A\n\n## Fix\n\n# B\n\n## Fix\n", section="Fix")


def test_the_number_of_a_step_may_be_written_with_its_dot() -> None:
    assert procedure(QUEUE, step="1.", section="Purge")["step"]["text"].startswith("Empty it")


def test_a_document_without_steps_says_so_and_what_there_is() -> None:
    found = procedure("## Meaning\n\nIt is red.\n\n```sh\nkubectl get pods\nls -l\n```\n")

    assert found["note"] == "no steps were found in this document; it has 2 commands"
    assert (found["steps"], found["start"]) == ([], None)
    assert procedure("Nothing here.\n")["note"] == "no steps were found in this document; read its text"
    assert procedure(QUEUE)["note"] == ""


def test_remarks_are_told_apart() -> None:
    found = procedure(QUEUE)

    assert [one["text"] for one in found["prerequisites"]] == ["You need the name of the queue."]
    assert found["verification"]
    assert found["rollback"]
    assert found["rollback"][0]["section"] == "h7"


def test_every_item_says_in_which_revision_of_which_document_it_stands() -> None:
    found = procedure(QUEUE)

    span = found["steps"][0]["commands"][0]["span"]
    assert (span["document"], span["revision"]) == ("team/page", 3)
    assert QUEUE[span["start"] : span["end"]] == "kubectl -n <namespace> get pods"


def test_a_tree_says_so_where_nothing_is_decided() -> None:
    assert decision_tree(read("1. Stop it.\n"))["note"] == "no branches were found in this document; it has 1 step"
    tree = decision_tree(read(QUEUE))
    assert tree["note"] == ""
    (edge,) = (edge for edge in tree["edges"] if edge["condition"])
    assert (edge["from"], edge["to"]) == ("s4", "h5")
    assert tree["mermaid"].startswith("flowchart TD\n")


def test_a_heading_with_a_condition_leads_to_the_first_step_under_it() -> None:
    tree = decision_tree(read("## If the disk is full\n\n1. Delete the logs.\n2. Restart it.\n"))

    assert [(edge["from"], edge["to"]) for edge in tree["edges"] if edge["condition"]] == [("h1", "s1")]


def test_an_outline_leaves_the_title_out_of_the_paths_and_counts_steps() -> None:
    found = outline(read("# Page\n\n## Repair\n\n### Slow\n\n1. Wait.\n"), "Page")

    assert [(one["id"], one["heading"], one["steps"]) for one in found] == [
        ("h1", ["Page"], 0),
        ("h2", ["Repair"], 0),
        ("h3", ["Repair", "Slow"], 1),
    ]


def test_a_section_of_the_text_has_its_heading_and_what_stands_inside() -> None:
    text = "# Page\n\n## Repair\n\nStop it.\n\n### Slow\n\nWait.\n\n## Other\n"

    found = section_text(read(text), text, "Repair")

    assert found["text"] == "## Repair\n\nStop it.\n\n### Slow\n\nWait."
    assert text[found["span"]["start"] : found["span"]["end"]] == found["text"]
    assert section_text(read(text), text)["text"] == text


PAGES = {
    "html": "<h1>Page</h1><p>Why &lt;b&gt;.</p><h2 class='a'>Repair</h2>"
    "<ol><li>Look at <i>it</i>:<pre><code class='language-sh'>ls -l</code></pre></li><li>Stop it.</li></ol>"
    "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><h2>Other</h2><p>No.</p>",
    "adoc": "= Page\n\nWhy <b>.\n\n== Repair\n\n. Look at _it_:\n+\n[source,sh]\n----\nls -l\n----\n. Stop it.\n\n"
    "|===\n|a |b\n\n|1 |2\n|===\n\n== Other\n\nNo.\n",
    "rst": "Page\n====\n\nWhy <b>.\n\nRepair\n------\n\n1. Look at *it*:\n\n   .. code-block:: sh\n\n      ls -l\n\n"
    "2. Stop it.\n\n== ==\na  b\n== ==\n1  2\n== ==\n\nOther\n-----\n\nNo.\n",
}
REPAIR = "## Repair\n\n1. Look at it:\n\n```sh\nls -l\n```\n\n2. Stop it.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"


@pytest.mark.parametrize("ending", PAGES)
def test_other_markup_is_told_as_markdown_in_which_words_are_no_markup(ending: str) -> None:
    body = PAGES[ending].encode()
    structure = from_json(with_structure(f"a/b.{ending}", body, parse_document(f"a/b.{ending}", body)).structure)

    assert section_text(structure, PAGES[ending], "Repair")["text"] == REPAIR
    assert section_text(structure, PAGES[ending])["text"] == f"# Page\n\nWhy \\<b>.\n\n{REPAIR}\n## Other\n\nNo.\n"


DANGER = """---
title: Disk
---
# Disk full

**Impact:** writes fail.

## Before you start

- You need the mount point.
- Do not delete anything under `/var/lib/etcd`. If that is full, call the database team.

## Fix

It takes an hour.

1. Look: `df -h`.

   WARNING: it takes a minute.

2. Delete the logs.

## Never

Do not remove the limit.

## Meaning

The disk is full, says the alert.
"""


def test_what_a_page_says_besides_is_told_with_the_step_or_the_section_that_it_belongs_to() -> None:
    found = procedure(DANGER)

    sections = {section["title"]: [one["text"] for one in section["also"]] for section in found["sections"]}
    assert sections == {
        "Disk full": ["**Impact:** writes fail."],
        "Before you start": ["Do not delete anything under `/var/lib/etcd`."],
        "Fix": ["It takes an hour."],
        "Never": ["Do not remove the limit."],
    }
    steps = {step["text"]: [one["text"] for one in step["also"]] for step in found["steps"]}
    assert steps["Look: `df -h`."] == ["WARNING: it takes a minute."]
    assert steps["Delete the logs."] == []
    for holder in (*found["sections"], *found["steps"]):
        for one in holder["also"]:
            assert one["text"] in " ".join(DANGER[one["span"]["start"] : one["span"]["end"]].split())


@pytest.mark.parametrize(
    ("text", "ending", "also"),
    [
        ("<head><title>A b</title></head><p>Never try &lt;x&gt;</p><ol><li>Look.</ol>", "html", "Never try <x>"),
        ("= Page\n\nNOTE: Never stop it.\n\n[source,sh]\n----\nls\n----\n\n. Look.\n", "adoc", "NOTE: Never stop it."),
        ("====\nPage\n====\n\nNever stop it.\n\n.. code-block:: sh\n\n   ls -l\n\n1. Look.\n", "rst", "Never stop it."),
        ("Page\n====\n\nNever stop it.\n\n1. Look.\n", "txt", "Never stop it."),
        ("Page\n====\n\n| What it is | Do this |\n|---|---|\n\nNever stop it.\n\n1. Look.\n", "md", "Never stop it."),
    ],
)  # fmt: skip
def test_cautions_are_told_in_every_format_and_markup_is_none(text: str, ending: str, also: str) -> None:
    told = [one["text"] for section in procedure(text, ending=ending)["sections"] for one in section["also"]]

    assert told == [also]


def test_a_long_caution_is_cut() -> None:
    (section,) = procedure("## Fix\n\n" + "Never do that here. " * 60 + "\n")["sections"]

    assert len(section["also"][0]["text"]) == 600


def calls(text: str, ending: str) -> int:
    """Lines and calls while answers are made of it."""
    structure = read(text, ending)
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    sys.setprofile(count)
    try:
        procedures.procedure(structure, text, FORMATS[ending])
        decision_tree(structure)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize(
    ("ending", "piece"),
    [
        ("md", "1. Stop it. If so, go to step 1.\n"),
        ("md", "# If a\n\nNever stop it.\n\n- stop it\n"),
        ("md", "Never. `ls -l` "),
        ("adoc", ". Stop it\n+\nNever.\n"),
        ("html", "<li>Stop it. <p>Never try."),
        ("txt", "1. Stop it\n\n    ls -l\n\nNever try.\n"),
    ],
)
def test_twice_the_text_is_about_twice_the_work(ending: str, piece: str) -> None:
    size = 6_000 // len(piece)

    once, twice = calls(piece * size, ending), calls(piece * size * 2, ending)

    assert twice < 2.6 * once + 2000
