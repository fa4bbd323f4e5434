"""What is a step and what is not."""

import pytest

from tests.unit.extract.reading import read, remarks, steps

NESTED = {
    "md": "1. Open the valve.\n   - Turn it left.\n2. Close it again.\n",
    "adoc": ". Open the valve.\n* Turn it left.\n. Close it again.\n",
    "rst": "1. Open the valve.\n\n   - Turn it left.\n\n2. Close it again.\n",
    "html": "<ol><li>Open the valve.<ul><li>Turn it left.</li></ul></li><li>Close it again.</li></ol>",
    "txt": "1. Open the valve.\n   - Turn it left.\n2. Close it again.\n",
}


@pytest.mark.parametrize("ending", NESTED)
def test_nested_steps_know_how_deep_they_are(ending: str) -> None:
    found = read(NESTED[ending], ending).steps

    assert [(step.text, step.depth, step.number) for step in found] == [
        ("Open the valve.", 1, "1"),
        ("Turn it left.", 2, ""),
        ("Close it again.", 1, "2"),
    ]
    assert [step.parent for step in found] == [None, 0, None]


def test_in_running_text_each_instructing_sentence_is_a_step() -> None:
    text = "The queue lives in Redis. Restart the worker. You can also add a second one. It drains slowly.\n"

    assert steps(text) == ["Restart the worker.", "You can also add a second one."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Never delete the journal.",
        "See [the manual](m.md) for more.",
        "Log levels are set in the chart.",
        "The backup is taken at night.",
        "What must be done by when:",
        "Access to the logs is limited.",
    ],
)
def test_warnings_pointers_and_facts_are_no_steps(sentence: str) -> None:
    assert steps(sentence) == []


@pytest.mark.parametrize("title", ["Meaning", "Impact", "Table of contents", "How it works"])
def test_background_has_no_steps(title: str) -> None:
    assert steps(f"# Page\n\n## {title}\n\n- Restart the pod\n") == []


def test_a_heading_that_leads_to_a_command_is_a_step() -> None:
    assert steps("# Page\n\n## Drain the node\n\n```sh\nkubectl drain n1\n```\n") == ["Drain the node"]


def test_a_heading_with_instructions_below_it_is_none() -> None:
    assert steps("# Page\n\n## Drain the node\n\nRun this:\n\n```sh\nkubectl drain n1\n```\n") == ["Run this:"]


def test_a_question_with_a_number_is_a_step_with_its_commands() -> None:
    found = read("1. Is it alive?\n\n   ```sh\n   systemctl status nginx\n   ```\n")

    assert [(step.text, step.number, step.commands) for step in found.steps] == [("Is it alive?", "1", (0,))]


def test_a_list_of_what_a_system_does_is_no_list_of_steps() -> None:
    assert steps("The operator will:\n\n- Create a monitor\n- Delete old pods\n") == []


def test_sections_say_what_must_be_there_first_how_to_check_and_the_way_back() -> None:
    text = (
        "# Page\n\n## Prerequisites\n\n- A key card\n\n## Fix\n\nStop it.\n\n## Verify\n\n- The light is green\n\n"
        "## Roll back\n\nStart it again.\n"
    )

    assert remarks(text) == [
        ("prerequisite", "A key card"),
        ("verification", "The light is green"),
        ("rollback", "Start it again."),
    ]


def test_what_should_be_seen_belongs_to_the_step_before_it() -> None:
    found = read("1. Restart it.\n\n   Expected: `ok` within a minute.\n")

    assert [one.text for one in found.expected] == ["Expected: `ok` within a minute."]
    assert found.steps[0].expected == (0,)


def test_what_is_not_there_is_absent() -> None:
    found = read("# Page\n\nThe service keeps the sessions of customers.\n")

    assert (found.steps, found.commands, found.branches, found.contacts, found.remarks) == ((), (), (), (), ())


@pytest.mark.parametrize(
    "sentence",
    [
        "If the lamp is dark then swap the fuse.",
        "In the upper drawer choose the red file.",
        "Once the paint has dried remove the tape.",
        "You can get the key from the porter.",
        "We recommend using gloves.",
        "The easiest way to do this is to lift the lid.",
        "It is worth checking the fuse box.",
        "It may be best to close the valve.",
        "The lock may stick, so you may need to push the door.",
        "The cause could be dust, inspect the fan.",
        "Quietly close the hatch.",
        "Note: please make sure the lid is shut.",
        "Check the meter logs for an explanation of the loss.",
        "Cleaning: If it is dusty, wipe the lens.",
        "Order one more crate.",
    ],
)
def test_an_instruction_in_other_words_is_a_step(sentence: str) -> None:
    assert steps(sentence + "\n") == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "This hatch will ensure that the heat stays in.",
        "The guard is there to make sure nobody falls.",
        "For more details, check the plan on the wall.",
        "You can also read the manual for more details.",
        "Follow these steps to mount the lamp:",
        "You need to know:",
        "A lever which you can use for lifting.",
        "There are two keys, so you can open both doors.",
        "Note 1: the lid is part of the box.",
        "It is worth noting that the belt is old.",
        "It will collect the dust, then blow it out.",
        "Order history is kept for a year.",
        "Bear in mind that the floor is wet.",
    ],
)
def test_facts_and_pointers_in_other_words_are_no_steps(sentence: str) -> None:
    assert steps(sentence + "\n") == []


def test_an_item_with_a_label_and_a_command_is_a_step() -> None:
    assert steps("- State of the pump: `systemctl status pump`\n- Query: `sum(rate(x[5m]))`\n") == [
        "State of the pump: `systemctl status pump`"
    ]


def test_of_a_list_of_causes_only_what_to_do_about_one_is_a_step() -> None:
    assert steps("Reasons for it include:\n\n- a worn belt - change it for a new one\n- dust in the fan\n") == [
        "change it for a new one"
    ]


def test_a_step_of_plain_text_holds_what_is_indented_under_it() -> None:
    text = "Step 1. Open the lid.\n\n            systemctl stop pump\n\n        Then take out the filter.\n"
    found = read(text, "txt")

    assert [step.text for step in found.steps] == ["Open the lid.", "Then take out the filter."]
    assert [command.text for command in found.commands] == ["systemctl stop pump"]


def test_a_title_of_plain_text_in_capitals_or_named_like_a_section_is_a_heading() -> None:
    text = "BELT STOPS\n\nPress the knob.\n\nWho helps\n  Belt crew    x4410\n"

    assert [section.title for section in read(text, "txt").sections] == ["BELT STOPS", "Who helps"]


def test_terms_of_restructured_text_need_no_empty_line_between_them() -> None:
    assert steps("*red*\n    Stop the belt.\n*green*\n    Open the gate.\n", "rst") == [
        "Stop the belt.",
        "Open the gate.",
    ]


def test_what_must_be_there_may_be_said_anywhere() -> None:
    assert remarks("Make sure you have a key.\n\nPumpkit 2.1 or later is required.\n") == [
        ("prerequisite", "Make sure you have a key."),
        ("prerequisite", "Pumpkit 2.1 or later is required."),
    ]
