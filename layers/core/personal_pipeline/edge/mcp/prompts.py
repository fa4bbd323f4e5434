"""What a person picks from a menu of their client: to work an alert, to hand one over. Both lead the agent to tools."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from personal_pipeline.domain.safe_text import visible, visible_lines
from personal_pipeline.edge.mcp.quoting import NOTICE, quoted

MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    description: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """``write`` gets what was given, cleaned, and returns what the person is taken to have said."""

    name: str
    title: str
    description: str
    arguments: tuple[Argument, ...]
    write: Callable[[Mapping[str, str]], str]


class InvalidPromptError(Exception):
    """The message says what to give instead."""


def written(name: str, given: Mapping[str, str]) -> str:
    """Raises InvalidPromptError."""
    prompt = BY_NAME.get(name)
    if prompt is None:
        raise InvalidPromptError(f"no prompt {visible(name, 80)!r}: there are {', '.join(BY_NAME)}")
    known = {argument.name for argument in prompt.arguments}
    if unknown := sorted(given.keys() - known):
        raise InvalidPromptError(
            f"{name} has no argument {visible(unknown[0], 80)!r}: it takes {', '.join(sorted(known))}"
        )
    for argument in prompt.arguments:
        if argument.is_required and not given.get(argument.name, "").strip():
            raise InvalidPromptError(f"{name} needs {argument.name}: {argument.description}")
        if len(given.get(argument.name, "")) > MOST_CHARACTERS:
            raise InvalidPromptError(f"{argument.name} has more than {MOST_CHARACTERS} characters: give one alert")
    return prompt.write({argument: visible_lines(text, MOST_CHARACTERS) for argument, text in given.items()})


def _alert(given: Mapping[str, str]) -> str:
    named = [f"{name}: {given[name]}" for name in ("source", "service") if given.get(name)]
    return f"{NOTICE}\n" + quoted("alert", "\n".join([*named, given["alert"]]))


def _work(given: Mapping[str, str]) -> str:
    return f"""\
Work this alert with me.

{_alert(given)}

1. Find its runbook with match_alert: as payload with its source if it is what a source sent, else by name and \
service. Tell me which runbook it is, why, and how sure that is. If there is none, say so, name the owner, and look \
with search_knowledge_base.
2. Go through get_procedure step by step. Before each command say what it does and how risky it is. Fill in \
placeholders only with what I or the alert say. Run nothing that changes state without my yes.
3. After each step compare with the expected result. Where it branches, ask or check, then follow that branch; \
get_decision_tree has all of them.
4. If we get stuck, or the time for it has come, get_escalation_path says whom to call.
5. When it is resolved, ask me whether the runbook helped and record it with record_resolution_feedback."""


def _hand_over(given: Mapping[str, str]) -> str:
    done = f"\n\nWhat was done so far:\n{quoted('notes', given['done'])}" if given.get("done") else ""
    return f"""\
Write the hand-over of this alert for whoever takes it next.

{_alert(given)}{done}

Look up its runbook with match_alert, the steps with get_procedure, and whom to call with get_escalation_path. Then \
write, shortly and in this order: what is wrong and since when; what was done and seen; which step comes next, with \
its command; who was told and who is to be called next, and when. Say what you do not know, and invent nothing."""


_ALERT = Argument("alert", "The alert: its name, or what its source sent", is_required=True)
_SERVICE = Argument("service", "The service that it is of")
_SOURCE = Argument("source", "Where it comes from, if it is what a source sent: alertmanager, pagerduty, ...")
PROMPTS: Sequence[Prompt] = (
    Prompt(
        "work_this_alert",
        "Work this alert",
        "Find the runbook of an alert and go through it together, step by step",
        (_ALERT, _SOURCE, _SERVICE),
        _work,
    ),
    Prompt(
        "hand_over",
        "Hand over",
        "Write what the next person on call has to know",
        (_ALERT, _SOURCE, _SERVICE, Argument("done", "What was done and seen so far")),
        _hand_over,
    ),
)
BY_NAME = {prompt.name: prompt for prompt in PROMPTS}
