"""The steps that a notice shows: the first ones, with what is to be typed."""

import pytest

from personal_pipeline.domain.first_steps import MAX_COMMAND, MAX_TEXT, first_steps
from personal_pipeline.domain.notices import Step
from tests.unit.extract.reading import read

PAGES = {
    "md": "## Fix\n\n1. Look:\n\n   ```sh\n   df -h\n   df -i\n   ```\n\n2. Restart it.\n",
    "adoc": "== Fix\n\n. Look:\n+\n[source,sh]\n----\ndf -h\ndf -i\n----\n. Restart it.\n",
    "rst": "Fix\n===\n\n1. Look:\n\n   .. code-block:: sh\n\n      df -h\n      df -i\n\n2. Restart it.\n",
    "html": "<h2>Fix</h2><ol><li>Look:<pre><code class='sh'>df -h\ndf -i</code></pre></li><li>Restart it.</li></ol>",
    "txt": "Fix\n===\n\n1. Look:\n\n    df -h\n    df -i\n\n2. Restart it.\n",
}


@pytest.mark.parametrize("ending", PAGES)
def test_each_step_comes_with_its_commands_in_every_format(ending: str) -> None:
    assert first_steps(read(PAGES[ending], ending)) == (Step("Look:", "df -h\ndf -i", "sh"), Step("Restart it."))


def test_at_most_three_are_shown_and_those_with_a_number_first() -> None:
    text = "Mitigate first.\n\n1. Stop it.\n2. Look at it.\n3. Start it.\n4. Wait.\n"

    assert [step.text for step in first_steps(read(text))] == ["Stop it.", "Look at it.", "Start it."]
    assert [step.text for step in first_steps(read("- Stop it.\n- Start it.\n"))] == ["Stop it.", "Start it."]


def test_steps_before_and_after_the_repair_are_not_the_first() -> None:
    text = "## Prerequisites\n\n1. Log in.\n\n## Roll back\n\n1. Undo it.\n\n## Fix\n\n1. Stop it.\n"

    assert [step.text for step in first_steps(read(text))] == ["Stop it."]


def test_a_document_without_steps_shows_its_commands_and_prose_is_none() -> None:
    assert first_steps(read("## Look\n\nIt is red.\n\n```sh\ndf -h\n```\n")) == (Step("", "df -h", "sh"),)
    assert first_steps(read("It is red, and will be for hours.\n")) == ()


def test_what_the_words_show_already_is_not_shown_twice() -> None:
    assert first_steps(read("1. Run `df -h` and **wait**, see [here](a.md).\n")) == (
        Step("Run df -h and wait, see here."),
    )


def test_long_words_and_commands_are_cut_and_further_ones_left_out() -> None:
    long = f"1. Stop {'it ' * 200}now.\n\n   ```sh\n   df {'-h ' * 300}\n   df -i\n   ```\n"

    (step,) = first_steps(read(long))

    assert len(step.text) <= MAX_TEXT
    assert len(step.command) == MAX_COMMAND
