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
        (
            "If two pumps share a tank, the tank must be emptied first.",
            "If two pumps share a tank",
            "the tank must be emptied first",
        ),
        (
            "If the stock is low, a second order may be necessary.",
            "If the stock is low",
            "a second order may be necessary",
        ),
        ("If the crate is old, it can be removed.", "If the crate is old", "it can be removed"),
        ("If it rattles, it may be useful to weigh it.", "If it rattles", "it may be useful to weigh it"),
        ("If the seal is worn, gas escapes so close the valve.", "If the seal is worn", "close the valve"),
        (
            "If the seal is worn they will also need to change it.",
            "If the seal is worn",
            "they will also need to change it",
        ),
        ("Therefore, if the tank is empty, order more oil.", "if the tank is empty", "order more oil"),
        ("In an emergency, if the door is stuck, break the glass.", "if the door is stuck", "break the glass"),
        ("The shelf is often full - if it bends, take the top row off.", "if it bends", "take the top row off"),
        ("In the case when the lift stops, press the bell.", "In the case when the lift stops", "press the bell"),
        (
            "If there is a scratch, dent or hole, you should return it.",
            "If there is a scratch, dent or hole",
            "you should return it",
        ),
        ("Use this task only if nothing else is left.", "only if nothing else is left", "Use this task"),
        (
            "Change the belt if it is older than v2.1 of the plan.",
            "if it is older than v2.1 of the plan",
            "Change the belt",
        ),
        ("If the lamp flickers, take it out because it may burst.", "If the lamp flickers", "take it out"),
        ("If the bin is full, open the lid, otherwise it will tear.", "If the bin is full", "open the lid"),
        (
            "If the dial is at zero, it means that it is off. You can turn it on again.",
            "If the dial is at zero",
            "You can turn it on again",
        ),
        ("Sensor errors: Wipe the glass.", "Sensor errors", "Wipe the glass"),
        ("In extreme situations close the gate.", "In extreme situations", "close the gate"),
        ("If the label is torn, it should be replaced.", "If the label is torn", "it should be replaced"),
        (
            "If the guest is not known, letters should be sent home.",
            "If the guest is not known",
            "letters should be sent home",
        ),
        ("If all is green repeat steps 2 - 4.", "If all is green", "repeat steps 2 - 4"),
        ("If the bell fails check the wire.", "If the bell fails", "check the wire"),
        (
            "If the tank is new, a first step would be rinsing it.",
            "If the tank is new",
            "a first step would be rinsing it",
        ),
        ("Bells ring early: if the door has opened, then you can go in.", "if the door has opened", "you can go in"),
        ("Ask the porter if you need a hand.", "if you need a hand", "Ask the porter"),
        (
            "Look at the ropes and replace them if they are worn.",
            "if they are worn",
            "Look at the ropes and replace them",
        ),
        (
            "If letters came, and the box still holds them, the bell is broken. Ring it.",
            "If letters came, and the box still holds them",
            "Ring it",
        ),
        ("`stopped`: the belt does not move. Press the green knob.", "`stopped`", "Press the green knob"),
        (
            "If the lid is up, you probably need to close it with this: `lidctl close`",
            "If the lid is up",
            "you probably need to close it with this: `lidctl close`",
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
        "If he is already inside, he won't have to ring.",
        "If the tank is shared, no pump that must be stopped is in it.",
        "When the crane loads its plan, it must check the floor.",
        "Find if there is a leak.",
        "Ask the porter if the door is open.",
        "Treat it as if it were glass.",
        "Add the keys, if any are missing.",
        "If the plan worked, you should now have a key.",
        "If we see Lift Failed: Route53 call on the panel, it hangs.",
        "Write down what would help somebody if the light goes out.",
        "For example, you could open a window if you wanted to.",
        "If set to no, letters leave out the top, such as the date, return address and name.",
        "If both are in one room, the lamp finds them. To verify, open the lid.",
        "Colour: paste the name of the colour.",
        "`belt_speed_max`: the speed of the belt. Read it from the plate.",
        "It means that we agree on all (if not, tell us).",
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


def test_a_sentence_that_only_announces_after_a_consequence_leads_to_its_list() -> None:
    assert branches("If the bin is full, the belt stops. You should:\n\n- empty the bin\n- start the belt\n") == [
        ("If the bin is full", "empty the bin - start the belt")
    ]


def test_two_conditions_of_a_sentence_are_two_branches() -> None:
    assert branches("If a bottle broke, write down who saw it and if so, tell them.\n") == [
        ("If a bottle broke", "write down who saw it"),
        ("if so", "tell them"),
    ]


def test_a_step_in_a_heading_may_have_a_condition() -> None:
    assert branches("# Belt\n\n## 1. Change it if required\n\nThe oil is green.\n") == [("if required", "Change it")]


def test_the_fix_may_stand_in_the_next_paragraph() -> None:
    text = "If it hums at night, it means that the seal is worn.\n\n"

    assert branches(text + "To fix this, change the seal.\n") == [("If it hums at night", "change the seal")]
    assert branches(text + "To oil the hinge, open the lid.\n") == []
    assert branches(text) == []


def test_a_heading_that_asks_when_is_no_condition() -> None:
    assert branches("# Belt\n\n## When to oil it\n\nOil it in May.\n") == []
    assert branches("# Belt\n\n## When does it stop\n\nStop it at noon.\n") == []


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
