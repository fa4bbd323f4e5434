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
