"""Playbooks of tools that carry them out themselves, as pages for a person who does the same by hand.

Read tolerantly: what is not known is left out, and nothing is filled in or included. Values whose names say that they
are secret are never shown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from personal_pipeline.domain.parsing.structured import ROBUSTA_KEY
from personal_pipeline.domain.parsing.writing import Markdown, code, plain

MAX_NESTED = 10  # blocks in blocks
_PLAY_TASKS = ("pre_tasks", "tasks", "post_tasks")
_SHELLS = frozenset({"command", "shell", "raw", "script", "win_command", "win_shell"})
_TYPED = ("cmd", "_raw_params", "argv", "free_form")
# What every task may say beside its module: https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html
_KEYWORDS = frozenset(
    """
    action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode
    collections connection debugger delay delegate_facts delegate_to diff environment failed_when ignore_errors
    ignore_unreachable listen local_action loop loop_control module_defaults name no_log notify poll port register
    remote_user retries run_once tags throttle timeout until vars when block rescue always
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
_SECRET = re.compile(r"pass(?:word|wd|phrase)?$|secret|token|api_?key|private_?key|credential|_pass_", re.IGNORECASE)
_HIDDEN = "(not shown)"
_COMMAND_PARAMETERS = ("bash_command", "command", "cmd", "script")


def is_ansible(documents: Sequence[Any]) -> bool:
    """A list of plays: each has hosts or imports another playbook, and one has tasks or roles."""
    if len(documents) != 1 or not isinstance(documents[0], list) or not documents[0]:
        return False
    plays = documents[0]
    if not all(isinstance(play, dict) and ("hosts" in play or _imported(play)) for play in plays):
        return False
    return any(isinstance(play.get(part), list) for play in plays for part in (*_PLAY_TASKS, "handlers", "roles"))


def is_robusta(documents: Sequence[Any]) -> bool:
    """Values with playbooks and nothing else: each has triggers and actions."""
    if len(documents) != 1 or not isinstance(documents[0], dict) or set(documents[0]) != {ROBUSTA_KEY}:
        return False
    playbooks = documents[0][ROBUSTA_KEY]
    return (
        isinstance(playbooks, list)
        and bool(playbooks)
        and all(
            isinstance(one, dict) and _listed(one.get("triggers")) and _listed(one.get("actions")) for one in playbooks
        )
    )


def write_ansible(documents: Sequence[Any]) -> str:
    page = Markdown()
    plays = documents[0]
    for play in plays:
        name = _text(play.get("name")) or (f"Import {_imported(play)}" if _imported(play) else "Play")
        page.heading(1 if len(plays) == 1 else 2, plain(name))
        if hosts := _words(play.get("hosts")):
            page.paragraph(f"On {code(hosts)}" + (", as another user (become)." if play.get("become") is True else "."))
        if roles := [_text(role.get("role") or role.get("name")) if isinstance(role, dict) else _text(role)
                     for role in _listed(play.get("roles"))]:  # fmt: skip
            page.paragraph("Roles: " + ", ".join(code(role) for role in roles if role) + ".")
        tasks = [task for part in _PLAY_TASKS for task in _listed(play.get(part))]
        _tasks(page, tasks, 0)
        if handlers := _listed(play.get("handlers")):
            page.heading(3, "Handlers")
            _tasks(page, handlers, 0)
    return page.text


def write_robusta(values: Mapping[str, Any]) -> str:
    page = Markdown()
    playbooks = values[ROBUSTA_KEY]
    alerts = [
        alert
        for one in playbooks
        for trigger in one["triggers"]
        if isinstance(trigger, dict)
        for about in trigger.values()
        if isinstance(about, dict) and (alert := _text(about.get("alert_name")))
    ]
    if alerts:
        page.front_matter({"alerts": list(dict.fromkeys(alerts))[:100]})
    for one in playbooks:
        triggers = [_named(trigger) for trigger in one["triggers"]]
        named = [_text(about.get("alert_name")) for _, about in triggers]
        title = _text(one.get("name")) or ", ".join(filter(None, named)) or ", ".join(name for name, _ in triggers)
        page.heading(1 if len(playbooks) == 1 else 2, plain(title))
        for name, about in triggers:
            said = ", ".join(f"{plain(key)} {code(_words(value))}" for key, value in about.items() if _words(value))
            page.paragraph(f"Robusta starts this on {code(name)}" + (f" with {said}." if said else "."))
        for number, action in enumerate(one["actions"], start=1):
            _action(page, number, *_named(action))
    return page.text


def _tasks(page: Markdown, tasks: Iterable[Any], depth: int) -> None:
    number = 0
    for task in tasks:
        if not isinstance(task, dict):
            continue
        number += 1
        module, arguments = _module(task)
        name = plain(_text(task.get("name"))) or _instruction(module)
        condition = " and ".join(
            _words(each) for each in _listed(task.get("when")) or [task.get("when")] if _words(each)
        )
        said = f"{name} (only when {code(condition)})" if condition else name
        page.item(said if said.endswith((":", ".")) else f"{said}:", depth, number)
        _call(page, module, arguments, depth + 1, is_hidden=task.get("no_log") is True)
        for part, label in (("block", ""), ("rescue", "If that fails:"), ("always", "In any case:")):
            if (inner := _listed(task.get(part))) and depth < MAX_NESTED:
                page.paragraph(label, depth + 1)
                _tasks(page, inner, depth + 1)


def _instruction(module: str) -> str:
    """For a task without a name."""
    if not module:
        return "Do all of this:"
    return "Run:" if module.rpartition(".")[2] in _SHELLS else f"Use {code(module)}:"


def _module(task: Mapping[str, Any]) -> tuple[str, Any]:
    """The first key that is no keyword."""
    for old in ("action", "local_action"):
        if isinstance(task.get(old), str):
            module, _, arguments = task[old].partition(" ")
            return module, arguments
    found = next((name for name in task if name not in _KEYWORDS and not name.startswith("with_")), "")
    return found, task.get(found)


def _call(page: Markdown, module: str, arguments: Any, depth: int, *, is_hidden: bool) -> None:
    """What is typed in a shell as that, and any other module as it is written."""
    if not module or is_hidden:
        return
    if module.rpartition(".")[2] in _SHELLS:
        given = arguments if not isinstance(arguments, dict) else next(
            (arguments[name] for name in _TYPED if name in arguments), None
        )  # fmt: skip
        typed = " ".join(map(_text, given)) if isinstance(given, list) else _text(given)
        page.code(typed, "sh", depth)
    else:
        page.code(_dumped({module: _without_secrets(arguments)}), "yaml", depth)


def _action(page: Markdown, number: int, name: str, about: Mapping[str, Any]) -> None:
    page.item(f"Use {code(name)}" + (":" if about else "."), 0, number)
    others = dict(about)
    for parameter in _COMMAND_PARAMETERS:
        if isinstance(about.get(parameter), str):
            page.code(others.pop(parameter), "sh", 1)
    if others:
        page.code(_dumped(_without_secrets(others)), "yaml", 1)


def _named(value: Any) -> tuple[str, Mapping[str, Any]]:
    """``- logs_enricher: {}`` or ``- logs_enricher``."""
    if isinstance(value, dict) and value:
        name = next(iter(value))
        return name, value[name] if isinstance(value[name], dict) else {}
    return _text(value) or "?", {}


def _imported(play: Mapping[str, Any]) -> str:
    return next((_text(play[name]) for name in play if name.rpartition(".")[2] == "import_playbook"), "")


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _HIDDEN if _SECRET.search(name) else _without_secrets(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return value


def _dumped(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=False, sort_keys=False, allow_unicode=True, width=1000)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (
        " ".join(str(value).split())
        if isinstance(value, int | float)
        else value.strip()
        if isinstance(value, str)
        else ""
    )
