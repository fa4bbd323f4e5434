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
        ("If the lamp is dark then swap the fuse.", "If the lamp is dark", "swap the fuse"),
        ("If the lamp is dark you should swap the fuse.", "If the lamp is dark", "you should swap the fuse"),
        ("If two lamps are dark replace the whole strip.", "If two lamps are dark", "replace the whole strip"),
        ("When the belt does not move, press the green knob.", "When the belt does not move", "press the green knob"),
        ("When the room gets too warm, open the hatch.", "When the room gets too warm", "open the hatch"),
        (
            "If the valve leaks, and not only drips, call a plumber.",
            "If the valve leaks, and not only drips",
            "call a plumber",
        ),
        ("However, if the tank is empty, order more oil.", "if the tank is empty", "order more oil"),
        ("Pressure: If it drops, close the inlet.", "If it drops", "close the inlet"),
        ("Open the side door (if it is not locked).", "if it is not locked", "Open the side door"),
        ("Use the stairs when the lift does not answer.", "when the lift does not answer", "Use the stairs"),
        ("Hold the rail, or take the ramp if it rains.", "if it rains", "take the ramp"),
        (
            "In very hot weather situations it is better to stop the oven.",
            "In very hot weather situations",
            "it is better to stop the oven",
        ),
        ("Failing that, ring the bell.", "Failing that", "ring the bell"),
        ("Fewer than ten bottles? Order a new crate.", "Fewer than ten bottles", "Order a new crate"),
        ("Lamp still dark? Then the fuse is gone. Change it.", "Lamp still dark", "Change it"),
        ("More than nine means that it is nearly full — empty the tray.", "More than nine", "empty the tray"),
        ("Does it hum? Then lower the speed.", "Does it hum", "Then lower the speed"),
        (
            "If the count is low, somebody took some. It is not urgent. Order a new crate.",
            "If the count is low",
            "Order a new crate",
        ),
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
        "When you open the box, take out the manual.",
        "When cleaning the filter, wear gloves.",
        "In Event Planner, create a new entry.",
        "In other rooms, open the windows.",
        "If it is not set, `blue` will be used.",
        "Adjust the screws as needed.",
        "A leak on the roof? Look for wet spots.",
        "Is the pump up? `pumpctl status`",
    ],
)
def test_facts_questions_and_orders_are_no_branches(sentence: str) -> None:
    assert branches(sentence + "\n") == []


def test_a_condition_before_a_list_leads_to_the_whole_list() -> None:
    assert branches("If the check fails:\n\n- Read the log\n- Restart it\n") == [
        ("If the check fails", "Read the log - Restart it")
    ]


def test_a_main_clause_that_only_announces_leads_to_the_list_or_block_after_it() -> None:
    assert branches("If the lamp is dark, you can:\n\n- swap the fuse\n- wait for light\n") == [
        ("If the lamp is dark", "swap the fuse - wait for light")
    ]
    assert branches("If it has a shell you can also run:\n\n```sh\nsystemctl restart lamp\n```\n") == [
        ("If it has a shell", "systemctl restart lamp")
    ]


def test_what_is_shown_between_a_condition_and_what_to_do_is_passed_over() -> None:
    text = "If the panel says:\n\n```\nE4 overheated\n```\n\nthen open the hatch.\n"

    assert branches(text) == [("If the panel says", "then open the hatch")]


def test_an_arrow_leads_from_a_case_to_the_clause_that_says_what_to_do() -> None:
    assert branches("- one door → the reader itself, see page 4\n- all doors → the server, go on below\n") == [
        ("one door", "see page 4"),
        ("all doors", "go on below"),
    ]
    assert branches("- Menu → Tools → Keys\n") == []


def test_a_list_of_cases_is_no_target_of_what_introduces_it() -> None:
    assert branches("If the colour is:\n\n- red, stop the belt\n- green, go on\n") == []


def test_each_condition_of_a_sentence_has_its_own_target() -> None:
    assert branches("When the lights agree, open the gate; when they do not, wait.\n") == [
        ("When the lights agree", "open the gate"),
        ("when they do not", "wait"),
    ]
    assert branches("Lift it; but if it is too heavy, ask for help.\n") == [("if it is too heavy", "ask for help")]
    assert branches("Bottles break: wipe them up; if anybody bleeds, call a nurse.\n") == [
        ("Bottles break", "wipe them up"),
        ("if anybody bleeds", "call a nurse"),
    ]


def test_what_to_do_about_a_cause_in_a_list_is_a_branch() -> None:
    text = "Causes of the problem include:\n\n- a worn belt - change it for a new one\n- dust in the fan\n"

    assert branches(text) == [("a worn belt", "change it for a new one")]


def test_a_table_is_read_by_what_its_cells_say_where_its_columns_have_other_names() -> None:
    text = "| Light | So |\n|---|---|\n| red | stop the belt |\n| green | open the gate |\n| none | change the bulb |\n"

    assert branches(text)[0] == ("red", "stop the belt")
    assert branches(text.replace("| So |", "| Description |")) == []


def test_a_table_of_people_says_when_to_turn_to_them() -> None:
    text = "| Who | When | How |\n|---|---|---|\n| The porter | always | x4411 |\n| Ann Lee | no answer | x4412 |\n"

    assert branches(text) == [("no answer", "Ann Lee")]


def test_a_line_of_plain_text_with_a_condition_leads_to_what_is_indented_under_it() -> None:
    assert branches("If a roll is stuck\n    Do not pull. Open the lid.\n", "txt") == [
        ("If a roll is stuck", "Do not pull. Open the lid.")
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


def test_a_bar_in_a_cell_of_a_table_is_told_as_it_is_typed() -> None:
    text = "# Page\n\n| Symptom | Action |\n|---|---|\n| many files | count them: `ls \\| wc -l` |\n"

    assert [branch.action for branch in read(text).branches] == ["count them: `ls | wc -l`"]
