"""How dangerous a command is: the most dangerous of its parts decides."""

import re
from functools import cache

from personal_pipeline.domain.extract.risk_rules import (
    DELETING,
    FLAGS_WITH_VALUE,
    HELP,
    LOOKING,
    SQL_CLIENTS,
    SQL_RULES,
    WRAPPERS,
    rules,
)
from personal_pipeline.domain.extract.shell import simple_commands
from personal_pipeline.domain.extract.structure import Risk

Verdict = tuple[Risk, str]
_ORDER = {Risk.READ_ONLY: 0, Risk.CHANGES_STATE: 1, Risk.DESTRUCTIVE: 2}
_QUERIES = frozenset({"promql", "logql", "lucene", "traceql", "kql"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_LONGEST = 4000  # characters of one command that rules look at
_DEEPEST = 4  # commands that hold commands: ssh host "kubectl exec … -- sh -c '…'"
_OUTPUT = re.compile(r"\d?>>?&?\d?$")
_LOOKING_CMDLET = re.compile(r"(?:Get|Test|Show|Find|Measure|Resolve|Select|Wait)-[A-Z]")
_SHELLS = frozenset(["sh", "bash", "zsh", "ash", "dash", "ksh"])
_OPENED = _SHELLS | frozenset(["psql", "mysql", "mariadb", "sqlite3", "mongosh", "cqlsh", "su", "irb"])
_KUBE = frozenset(["kubectl", "oc", "k", "microk8s"])
_DRY = re.compile(r"--dry-?run(?!=none|=false)|--check$|--noop$|--whatif$|--simulate$", re.IGNORECASE)
_BY_ITS_NAME = re.compile(r"\b(?:delete|destroy|drop|purge|wipe|refund|prune|erase|remove)\b", re.IGNORECASE)
_KEYWORDS = frozenset(
    ["for", "done", "fi", "case", "esac", "in", "}", ")", "[", "[[", "function", "local", "return", "break"]
)
_VERB_OF_SQL = re.compile(r"\s*(?:\\copy|copy)\b(.*)", re.IGNORECASE | re.DOTALL)


def risk_of(text: str, language: str = "sh") -> Verdict:
    """The class of a command and the rule it comes from, in words."""
    text = text[:_LONGEST]
    if language in _QUERIES:
        return Risk.READ_ONLY, "a query"
    if language == "sql":
        return sql_risk(text)
    if language == "ruby":
        return _ruby(text)
    return _worst([_simple(words, 0) for words in simple_commands(text)])


def sql_risk(text: str) -> Verdict:
    statements = [part for part in re.split(r";|\n\s*\n", re.sub(r"--[^\n]*", "", text)) if part.strip()]
    return _worst([_statement(part.strip()) for part in statements])


def _statement(text: str) -> Verdict:
    words = " ".join(text.lower().split())
    if copy := _VERB_OF_SQL.match(words):
        into = re.search(r"\bfrom\b(?![^()]*\))", copy[1])
        return (Risk.CHANGES_STATE, "copy from") if into else (Risk.READ_ONLY, "copy to")
    for pattern, risk in _sql_rules():
        if found := pattern.match(words):
            return risk, f"SQL: {' '.join(found[0].split()[:3])}"
    return Risk.CHANGES_STATE, "SQL that no rule knows"


def _ruby(text: str) -> Verdict:
    if re.search(r"\.(?:delete|destroy)(?:_all|!)?\b|\.drop\b", text):
        return Risk.DESTRUCTIVE, "deletes records"
    if re.search(r"\.(?:update|save|create|touch|perform|enqueue|toggle|increment)\w*!?|\.\w+!|[^=!<>]=[^=~>]", text):
        return Risk.CHANGES_STATE, "changes records"
    if re.search(r"\.(?:find\w*|where|count|first|last|all|pluck|inspect|size|exists\?|to_sql)\b", text):
        return Risk.READ_ONLY, "looks records up"
    return Risk.CHANGES_STATE, "Ruby that no rule knows"


def _worst(verdicts: list[Verdict]) -> Verdict:
    return max(verdicts, key=lambda verdict: _ORDER[verdict[0]], default=(Risk.CHANGES_STATE, "nothing that is known"))


def _simple(words: list[str], depth: int) -> Verdict:
    words = _unwrapped([word for word in words if word])
    words = [word for place, word in enumerate(words) if not _OUTPUT.match(word) and not _is_file(words, place)]
    if not words:
        return Risk.READ_ONLY, "only sets a variable or writes a file"
    program = words[0].rpartition("/")[2]
    program = program.removesuffix(".sh") if program.removesuffix(".sh") in rules() else program
    rest = words[1:]
    if program in _KEYWORDS:
        return Risk.READ_ONLY, "part of a loop"
    if depth < _DEEPEST and (inner := _inner(program, rest)):
        return _worst([_simple(found, depth + 1) for found in inner])
    if program in SQL_CLIENTS and (statement := _sql_of(rest)):
        return sql_risk(statement)
    if program in _OPENED and not any(word in ("-f", "--file") or word.endswith((".sql", ".sh")) for word in rest):
        return Risk.READ_ONLY, f"{program}: opens a prompt"
    if any(_DRY.match(word) for word in rest):
        return Risk.READ_ONLY, f"{program}: a dry run"
    return _by_table(program, _without_flags(program, rest))


def _is_file(words: list[str], place: int) -> bool:
    return place > 0 and bool(_OUTPUT.match(words[place - 1])) and not words[place - 1].endswith(("&1", "&2"))


def _unwrapped(words: list[str]) -> list[str]:
    """Without ``sudo -u x``, ``xargs -n1`` and variables that are set for the command."""
    while words:
        if _ASSIGNMENT.match(words[0]):
            words = words[1:]
            continue
        name = words[0].rpartition("/")[2]
        if name not in WRAPPERS or len(words) == 1:
            return words
        with_value = WRAPPERS[name].split()
        words = words[1:]
        while words and words[0].startswith("-"):
            skip = 2 if words[0] in with_value else 1
            words = words[skip:]
        if name in ("timeout", "chroot") and words and len(words) > 1:
            words = words[1:]
    return words


def _inner(program: str, rest: list[str]) -> list[list[str]]:
    """The command that this one runs elsewhere: in a pod, on another machine, in a shell."""
    if program in _SHELLS and "-c" in rest[:3] and len(rest) > rest.index("-c") + 1:
        return simple_commands(rest[rest.index("-c") + 1])
    if program in _KUBE | {"docker", "podman", "crictl", "nerdctl", "nomad"} and "--" in rest:
        before, after = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
        is_run = "exec" in before or "debug" in before or ("run" in before and "--rm" in before)
        return [after] if is_run and after and not (len(after) > 1 and after[0] == "chroot") else []
    if program in ("docker", "podman", "nerdctl") and rest[:1] == ["exec"]:
        place = 1
        while place < len(rest) and rest[place].startswith("-"):
            place += 2 if rest[place] in ("-e", "-u", "-w", "--env", "--user", "--workdir") else 1
        return [rest[place + 1 :]] if len(rest) > place + 1 else []
    if program == "ssh":
        place = 0
        while place < len(rest) and rest[place].startswith("-"):
            place += 2 if rest[place][1:] in ("p", "i", "l", "o", "F", "J", "L", "R", "D") else 1
        return simple_commands(" ".join(rest[place + 1 :]))
    return []


def _sql_of(rest: list[str]) -> str:
    for flag in ("-c", "-e", "--command", "--execute", "--query", "-q", "-Q"):
        for place, word in enumerate(rest):
            if word == flag and place + 1 < len(rest):
                return rest[place + 1]
            if word.startswith(f"{flag}=") and flag.startswith("--"):
                return word.partition("=")[2]
    return ""


def _without_flags(program: str, rest: list[str]) -> str:
    """The words with the subcommand first: flags before it are put after it."""
    with_value = FLAGS_WITH_VALUE.get(program, "").split()
    place = 0
    while place < len(rest) and rest[place].startswith("-") and with_value:
        place += 2 if rest[place] in with_value else 1
    return " ".join(rest[place:] + rest[:place]) if place < len(rest) else " ".join(rest)


def _by_table(program: str, words: str) -> Verdict:
    if program.startswith("mkfs."):
        program = "mkfs"
    if HELP.match(words):
        return Risk.READ_ONLY, f"{program}: asks for help"
    if program in DELETING:
        return Risk.DESTRUCTIVE, f"{program} deletes"
    if rows := rules().get(program):
        for pattern, risk in rows:
            if found := pattern.match(words):
                return risk, f"{program} {found[0].strip()[:60]}".strip()
        return Risk.CHANGES_STATE, f"{program}: no rule fits"
    if program in LOOKING or _LOOKING_CMDLET.match(program):
        return Risk.READ_ONLY, f"{program} only looks"
    if found_word := _BY_ITS_NAME.search(f"{program} {words}"[:300]):
        return Risk.DESTRUCTIVE, f"{program}: says {found_word[0]}"
    return Risk.CHANGES_STATE, f"{program} is not known"


@cache
def _sql_rules() -> list[tuple[re.Pattern[str], Risk]]:
    return [(re.compile(pattern), risk) for pattern, risk in SQL_RULES]
