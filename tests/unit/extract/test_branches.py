"""Conditions and where they lead."""

import pytest

from personal_pipeline.domain.extract import mermaid, tree_of
from tests.unit.extract.reading import branches, read


@pytest.mark.parametrize(
    ("sentence", "condition", "action"),
    [
        ("If the queue grows, add a worker.", "If the queue grows", "add a worker"),
        ("Add a worker if needed.", "if needed", "Add a worker"),
        ("Otherwise, reboot it.", "Otherwise", "reboot it"),
        ("In rare cases restart the node.", "In rare cases", "restart the node"),
        ("Too early: raise the target.", "Too early", "raise the target"),
        ("If not → *Repair*.", "If not", "Repair"),
    ],
)
def test_a_sentence_with_a_condition_is_a_branch(sentence: str, condition: str, action: str) -> None:
    ((found, target),) = branches(sentence + "\n")

    assert found == condition
    assert target.strip("*") == action


@pytest.mark.parametrize(
    "sentence",
    [
        "If the disk is full, writes fail.",
        "Check if the disk is full.",
        "When the backup has finished, start the service.",
        "To see the labels, run `ls -l`.",
        "Expected: restart is done.",
        "Never restart it if it hangs.",
    ],
)
def test_facts_questions_and_orders_are_no_branches(sentence: str) -> None:
    assert branches(sentence + "\n") == []


def test_a_condition_before_a_list_leads_to_the_whole_list() -> None:
    assert branches("If the check fails:\n\n- Read the log\n- Restart it\n") == [
        ("If the check fails", "Read the log - Restart it")
    ]


def test_a_heading_with_a_condition_leads_to_its_section() -> None:
    assert branches("# Page\n\n## If the disk is full\n\nDelete old logs.\n\n## Else\n\nNothing.\n") == [
        ("If the disk is full", "Delete old logs.")
    ]


TABLES = {
    "md": "| Symptom | Cause | Action |\n|---|---|---|\n| red light | jam | Open the tray |\n",
    "adoc": "|===\n|Symptom |Cause |Action\n\n|red light |jam |Open the tray\n|===\n",
    "html": "<table><tr><th>Symptom</th><th>Cause</th><th>Action</th></tr>"
    "<tr><td>red light</td><td>jam</td><td>Open the tray</td></tr></table>",
    "rst": "=========  =====  =============\nSymptom    Cause  Action\n=========  =====  =============\n"
    "red light  jam    Open the tray\n=========  =====  =============\n",
}


@pytest.mark.parametrize("ending", TABLES)
def test_a_row_of_symptom_and_action_is_a_branch(ending: str) -> None:
    assert branches(TABLES[ending], ending) == [("red light", "Open the tray")]


def test_a_branch_knows_the_step_the_section_or_the_page_that_it_leads_to() -> None:
    found = read(
        "# Page\n\n1. Look at it. If it is red, go to step 2.\n2. Stop it.\n"
        "3. If it is blue, go to *Repair*.\n"
        "4. If it is green, follow [the other page](other.md).\n\n## Repair\n\nMend it.\n"
    )

    assert [(one.step, one.section, one.link) for one in found.branches] == [
        (1, None, ""),
        (None, 1, ""),
        (None, None, "other.md"),
    ]


def test_steps_and_branches_make_a_tree_that_can_be_drawn() -> None:
    drawn = mermaid(tree_of(read("1. Is it red?\n\n   If it is red, go to step 2.\n\n2. Stop [it].\n")))

    assert drawn.startswith("flowchart TD\n")
    assert '-->|"If it is red"| s' in drawn
    assert '["Stop it ."]' in drawn
