"""Walking through a runbook: what is typed, and what is then on the screen."""

import io
from collections.abc import Callable

import pytest

from tests.unit.cli.conftest import COLOURS, Pp, Ran
from tests.unit.cli.pages import ID, has
from tests.unit.cli.stand_in import StandIn

QUEUE = """# Queue grows

## Before you start

- You need the name of the queue.
- Never purge it on Sundays.

## Fix

1. Look at the workers:

   ```sh
   kubectl -n <namespace> get pods
   ```

   Expected: three are ready.

2. Take the first line that fits.

   | Seen | Do |
   | --- | --- |
   | none is ready | `kubectl -n <namespace> rollout restart deployment/worker` |
   | one is ready | go to [Purge](#purge) |
   | a page says more | see [it](other.md) |
   | all is lost | see [Escalation](#escalation) |

3. Look again.

## Purge

1. Empty it: `kubectl delete pvc --all`.

## Verify

```sh
kubectl get queue
```

## Roll back

1. Fill it: `kubectl create pvc`.

## Escalation

1. Web on call: `#web`, +1 555 0100
"""
Walked = Callable[..., Ran]


@pytest.fixture
def walk(system: StandIn, pp: Pp, monkeypatch: pytest.MonkeyPatch) -> Walked:
    """Types these answers, then the input ends."""

    def run(*answers: str, text: str = QUEUE) -> Ran:
        has(system, text)
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))
        return pp("run-through", ID)

    return run


def headings(ran: Ran) -> list[str]:
    return [line.removeprefix("── ") for line in COLOURS.sub("", ran.out).splitlines() if line.startswith("── ")]


def test_enter_goes_from_step_to_step_to_the_end_and_not_into_the_way_back(walk: Walked) -> None:
    ran = walk("", "", "", "", "", "", "never read")

    assert headings(ran) == [
        "1 of 6 · Before you start",
        "2 of 6 · Fix",
        "3 of 6 · Fix",
        "4 of 6 · Fix",
        "5 of 6 · Purge",
        "6 of 6 · Verify",
    ]
    assert "the last step" in ran.out
    assert ran.out.count("Look at the workers:") == 2  # the step, and what was done
    assert ran.code == 0


def test_a_step_shows_what_to_type_what_to_see_and_what_to_mind(walk: Walked) -> None:
    ran = walk("", "q")

    assert "\nkubectl -n <namespace> get pods\n" in ran.out
    for said in (
        "first You need the name of the queue.",
        "also Never purge it on Sundays.",
        "1. Look at the workers:",
        "read-only · fill in <namespace>",
        "see Expected: three are ready.",
        "Done:",
    ):
        assert said in ran.text


def test_a_number_goes_where_its_condition_leads_and_back_comes_back(walk: Walked) -> None:
    ran = walk("", "", "2", "b", "q")

    assert headings(ran)[2:] == ["3 of 6 · Fix", "5 of 6 · Purge", "3 of 6 · Fix"]
    assert "2 one is ready → go to Purge (to Purge)" in ran.text


def test_a_condition_that_leads_nowhere_shows_its_command_with_its_risk(walk: Walked) -> None:
    ran = walk("", "", "1", "q")

    before, _, after = ran.out.partition("a page says more")
    assert "changes state" not in before
    assert "changes state · fill in <namespace>\nkubectl -n <namespace> rollout restart deployment/worker\n" in after


def test_conditions_that_lead_to_pages_and_contacts_show_those(walk: Walked) -> None:
    ran = walk("", "", "3", "4", "q")

    assert "That is another page: other.md" in ran.text
    assert "now Web on call #web +1 555 0100" in ran.text


def test_what_is_filled_in_stands_in_every_later_command(walk: Walked) -> None:
    ran = walk("", "f", " shop\x1b[2J ", "", "1", "q")

    assert "\nkubectl -n shop[2J get pods\n" in ran.out
    assert "\nkubectl -n shop[2J rollout restart deployment/worker\n" in ran.out
    assert "\x1b" not in COLOURS.sub("", ran.out)


def test_nothing_filled_in_leaves_the_placeholder(walk: Walked) -> None:
    ran = walk("f", "", "f", "", "q")

    assert "There is nothing to fill in here." in ran.text
    assert "kubectl -n <namespace> get pods" in ran.text


def test_what_is_skipped_is_not_done(walk: Walked) -> None:
    ran = walk("", "s", "", "q")

    summary = ran.out.rpartition("Done:")[2]
    assert "Before you start" in summary
    assert "Take the first line that fits" in summary
    assert "Look at the workers" not in summary


def test_quitting_at_once_says_that_nothing_was_done(walk: Walked) -> None:
    assert "Nothing was done." in walk("q").text


def test_the_list_says_what_is_done_and_where_one_is(walk: Walked) -> None:
    ran = walk("", "", "l", "q")

    assert "done Look at the workers: Fix here Take the first line that fits. Fix Look again. Fix" in ran.text


def test_the_way_back_and_the_contacts_are_a_key_away(walk: Walked) -> None:
    ran = walk("r", "b", "e", "q")

    assert headings(ran) == ["1 of 6 · Before you start", "way back, 1 of 1 · Roll back", "1 of 6 · Before you start"]
    assert "now Web on call" in ran.text


def test_a_page_without_a_way_back_says_so_and_back_at_the_start_too(walk: Walked) -> None:
    ran = walk("r", "b", "q", text="1. Stop it.\n2. Start it.\n")

    assert "It says nothing about a way back." in ran.text
    assert "This is where you began." in ran.text


@pytest.mark.parametrize("answer", ["x", "0", "9", "²", "\x1b[A", "-1"])
def test_what_is_no_answer_changes_nothing(walk: Walked, answer: str) -> None:
    ran = walk(answer, "q")

    assert headings(ran) == ["1 of 6 · Before you start"]
    assert "is no answer here" in ran.text
    assert "\x1b" not in COLOURS.sub("", ran.out)


def test_the_end_of_the_input_ends_the_walk_with_what_was_done(walk: Walked) -> None:
    ran = walk("")

    assert (ran.code, headings(ran)[-1]) == (0, "2 of 6 · Fix")
    assert "Before you start" in ran.out.rpartition("Done:")[2]


def test_a_heading_that_is_a_condition_is_not_asked_again_above_its_steps(walk: Walked) -> None:
    ran = walk("q", text="## If the disk is full\n\n1. Delete the logs.\n2. Restart it.\n")

    assert headings(ran) == ["1 of 2 · If the disk is full"]
    assert "→" not in ran.out


def test_a_page_with_nothing_to_walk_through_says_how_to_read_it(walk: Walked) -> None:
    ran = walk(text="")

    assert "no steps were found in this document; read its text" in ran.text
    assert f"pp show {ID}" in ran.text


def test_hostile_steps_are_walked_through_as_text(walk: Walked, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "\x1b]0;owned\x07[bold]x\u202e\U000e0041"
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = (
        f"# {evil}\n\nNever try {evil} it.\n\n1. Stop {evil}. If {evil} is red, stop {evil} now.\n\n"
        f"   ```sh\n   kubectl {evil} <{evil}>\n   ```\n\n2. Start {evil}.\n"
    )

    ran = walk("l", "f", evil, "1", "e", "", "", text=text)

    shown = COLOURS.sub("", ran.out + ran.err)
    assert "[bold]x" in shown
    assert all(char == "\n" or ord(char) >= 32 for char in shown)
    assert not {"\u202e", "\U000e0041"} & set(shown)
