"""Commands in blocks to copy and in inline code: where each begins and ends, and what is output."""

import re
from collections.abc import Collection

from personal_pipeline.domain.extract.languages import (
    COMMENT,
    LOG_QUERY,
    NAME,
    PROMPT,
    QUERY,
    SHELL,
    UNSAID,
    is_command,
    is_known,
    language_of,
    language_of_line,
)
from personal_pipeline.domain.extract.risk import risk_of
from personal_pipeline.domain.extract.sentences import instructs, sentences
from personal_pipeline.domain.extract.shell import is_open
from personal_pipeline.domain.extract.structure import Command, Span
from personal_pipeline.domain.extract.view import words_of

_HEREDOC = re.compile(r"<<-?\s*\\?[\"']?([A-Za-z_]\w*)[\"']?")
_LOOP = re.compile(r"\s*(?:for|while|until|if|case)\b(?!.*\b(?:done|fi|esac)\b)")
_LOOP_BEGIN = re.compile(r"(?:^|[;(]|\bdo|\bthen)\s*(?:for|while|until|if|case)\b")
_LOOP_END = re.compile(r"(?:^|[;\s])(?:done|fi|esac)\b")
_OUTPUT_LINE = re.compile(
    r"\s*(?:[A-Z][A-Z0-9_%()/-]{1,30}(?:\s{2,}|\s+[A-Z]{2,})|[{}\[\]]|[A-Za-z][\w.-]*:(?:\s|$)|"
    r"\S+\s{3,}\S+\s{3,}|\.\.\.|[-=+|]{3,}|\d{4}-\d\d-\d\d|total \d|Error\b|\w+: )"
)
_TRAILING = re.compile(r"[ \t]+(?:#[ \t]+[^'\"]*|\((?:to|for|if|optional|e\.g\.|i\.e\.)\b[^'\"()]*\))$")
_SQL_TRAILING = re.compile(r"[ \t]+--[ \t]+[^'\"`]*$")
_CONTINUES = re.compile(r"(?:\\|&&|\|\||\||(?<=[ \t])`|,|\()[ \t]*$")
_PLACES = re.compile(
    r"<(?![<(])[A-Za-z][\w .:/|-]{0,60}>|\$\{[A-Za-z_]\w{0,60}(?:[:?+=-][^{}]{0,60})?\}|"
    r"\$[A-Za-z_]\w{0,60}|\{\{[^{}]{1,80}\}\}|%[A-Z][A-Z0-9_]{1,40}%|\b(?:YOUR|MY)_[A-Z_]{2,40}\b"
)
_PROGRAM_NAME = re.compile(r"\(?(?:\./|/|~/|\$|\.)?[a-z_][\w./+-]*;?$")
_DONE = frozenset(
    [
        "created",
        "deleted",
        "configured",
        "unchanged",
        "annotated",
        "labeled",
        "patched",
        "scaled",
        "restarted",
        "cordoned",
        "drained",
        "edited",
    ]
)
_PLAIN = re.compile(
    r"(?:sudo )?[a-z][\w-]*(?: (?!(?:is|are|was|the|an?|to|of|and|or|in|not|"
    r"on)\b)[\w./<>@=:{}$%*,\"'\[\]~+-]+){1,9}(?<![.:,])"
)
_PIPED = re.compile(r"\s*(?:sudo )?(?:kubectl|oc|cat|tee|psql|bash|ssh)\b[^\n]{0,200}<<-?\s*[\"']?[A-Z_]+")
_WRITTEN = re.compile(
    r"\b(?:outputs?|errors?|messages?|logs?|looks?|paths?|urls?|files?|director(?:y|ies)|folders?|similar|contains?|"
    r"text|names?|fields?|branch|response|page|yaml|config\w*|settings?|values?|variables?|labels?|annotations?|add)\b",
    re.IGNORECASE,
)
_LONGEST_RUBY = 2000  # characters of a statement that is read to its closing bracket
_TOLD = re.compile(r"\b(?:runn?(?:ing)?|execut(?:e|ing)|typ(?:e|ing)|command)(?: the command)?:?\s*$", re.IGNORECASE)
_BY = re.compile(r"\b(?:with|using|via|use|check)\s*$", re.IGNORECASE)
_ALONE = frozenset(
    """
    arp blkid df dmesg free htop ifconfig iostat ipconfig k9s lsblk lscpu lsmod lspci lsusb mailq mount nproc ntpq top
    uptime vmstat
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
_QUOTE = re.compile(r"[ \t]*>[ ]?")
_CALL = re.compile(r"pg_\w+\([^()]*\);?$")


def in_block(
    source: str, unit_start: int, unit_end: int, info: str, markup: str, intro: str = ""
) -> tuple[list[Command], list[Span], str]:
    """Its commands, what they print, and the language that was found."""
    body = source[unit_start:unit_end]
    shown = words_kept(body, markup)
    if shown.lstrip().startswith("#!"):  # a script to be saved
        return [], [], ""
    language = language_of(info, shown)
    if language is None and _PIPED.match(shown):
        language = info = "sh"
    if language is None and info.lower() in UNSAID:
        language = _introduced(intro, shown.strip())
        info = "sh" if language == "sh" else info
    if language is None:
        return [], [], ""
    lines = _lines(source, unit_start, unit_end)
    if language in ("sql", "promql", "logql", "lucene", "traceql", "kql", "ruby", "cli"):
        groups = _statements(source, lines, language)
        output: list[Span] = []
    else:
        groups, output = _shell(source, lines, explicit=info.lower() in SHELL)
    return [command(source, span, language, markup) for span in groups], output, language


def _introduced(intro: str, shown: str) -> str | None:
    """Of lines of which the words before them say that they are to be run."""
    if "\n" in shown:
        return "sh" if _is_told(intro) and all(map(_PLAIN.fullmatch, shown.split("\n"))) else None
    if re.search(r"\b(?:kibana|logit|lucene)\b", intro, re.IGNORECASE) and re.match(r"[\w.@]+:\S", shown):
        return "lucene"
    is_run = re.search(r"\b(?:run|running|runs|command|execute|shell|cli|terminal)\b", intro, re.IGNORECASE)
    return "sh" if (is_run or _is_told(intro)) and _PLAIN.fullmatch(shown) else None


def _is_told(intro: str) -> bool:
    """Whether the last sentence before a block, or the heading of it, tells to do something that is no writing."""
    last = [intro[slice(*part)] for part in sentences(intro)][-1:]
    return any(instructs(said) and not _WRITTEN.search(said) for said in last)


def words_kept(body: str, markup: str) -> str:
    """With its lines, unlike ``words_of``."""
    return "\n".join(words_of(line, Span(0, len(line)), markup) for line in body.split("\n")[:5])


def command(source: str, span: Span, language: str, markup: str) -> Command:
    text = _said(source, span, markup)
    places = tuple(dict.fromkeys(found[0] for found in _PLACES.finditer(text)))
    risk, why = risk_of(text, language)
    return Command(span, text, language, places, risk, why)


def _said(source: str, span: Span, markup: str) -> str:
    """As it is to be typed: line breaks are kept, markup is not."""
    lines = source[span.start : span.end].split("\n")
    if markup == "html":
        lines = [words_of(line, Span(0, len(line)), markup) for line in lines]
    text = "\n".join([lines[0].strip(), *(line.rstrip() for line in lines[1:])])
    return text.replace("\\|", "|") if markup == "markdown" and "\\|" in text else text


def _lines(source: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    at = start
    while at <= end:
        stop = source.find("\n", at, end)
        stop = end if stop < 0 else stop
        found.append((at, stop))
        at = stop + 1
    if all(source[begin:stop].lstrip().startswith(">") for begin, stop in found[1:]) and len(found) > 1:
        found = [
            found[0],
            *(
                (begin + len(quote[0]), stop)
                for begin, stop in found[1:]
                if (quote := _QUOTE.match(source[begin:stop]))
            ),
        ]
    return found


def _span(source: str, start: int, end: int) -> Span:
    while start < end and source[start].isspace():
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _statements(source: str, lines: list[tuple[int, int]], language: str) -> list[Span]:
    """SQL ends with a semicolon, a query with an empty line, what is typed at a prompt with its line."""
    found: list[Span] = []
    start: int | None = None
    last = 0
    for begin, end in lines:
        line = source[begin:end]
        is_note = COMMENT.match(line) is not None and not (language != "sql" and line.lstrip().startswith("--"))
        if not line.strip() or (is_note and start is None):
            if start is not None and language != "sql":
                found.append(_span(source, start, last))
                start = None
            continue
        prompt = PROMPT.match(line)
        start = begin + (prompt.end() if prompt else 0) if start is None else start
        trailing = (_SQL_TRAILING if language == "sql" else _TRAILING).search(line)
        last = begin + trailing.start() if trailing else end
        is_whole = language == "cli" or (language == "ruby" and not _is_open_ruby(source[start:last]))
        if source[begin:last].rstrip().endswith(";") or is_whole or re.match(r"\s*\\\w", line):
            found.append(_span(source, start, last))
            start = None
    if start is not None:
        found.append(_span(source, start, last))
    return [span for span in found if span.start < span.end]


def _is_open_ruby(text: str) -> bool:
    """Whether a bracket or a block is still open, as far as counting tells, in what is short enough to count."""
    if len(text) > _LONGEST_RUBY:
        return False
    opened = sum(text.count(sign) for sign in "([{") + len(re.findall(r"\bdo(?= \||$)", text, re.MULTILINE))
    return opened > sum(text.count(sign) for sign in ")]}") + len(re.findall(r"^\s*end\b", text, re.MULTILINE))


def _shell(source: str, lines: list[tuple[int, int]], *, explicit: bool) -> tuple[list[Span], list[Span]]:
    texts = [source[begin:end] for begin, end in lines]
    has_prompts = any(PROMPT.match(line) and not COMMENT.match(line) for line in texts) or (
        any(re.match(r"[ \t]*\$ ", line) for line in texts)
    )
    of_root = not any(re.match(r"[ \t]*[$%❯] ", line) for line in texts)
    has_prompts = (has_prompts and not _are_all_typed(texts)) or (of_root and _is_typed_by_root(texts))
    found: list[Span] = []
    output: list[Span] = []
    place, is_after_blank = 0, False
    while place < len(lines):
        begin, end = lines[place]
        line = texts[place]
        if not line.strip():
            is_after_blank = True
        elif COMMENT.match(line) and not of_root:
            pass
        elif prompt := PROMPT.match(line) if has_prompts else None:
            if not re.match(r"(?:[A-Za-z_]\w*=|[A-Za-z_./~(][\w./+-]*(?:[ ;)|]|$))", line[prompt.end() :]):
                place += 1
                continue
            place = _end_of_command(texts, place, line[prompt.end() :])
            found.append(_without_comment(source, begin + prompt.end(), lines[place][1]))
            is_after_blank = False
        elif (COMMENT.match(line) and not has_prompts) or (COMMENT.match(line) and not output and not found):
            pass
        elif has_prompts or (found and _is_output(line, is_after_blank=is_after_blank)):
            stop = place
            while stop + 1 < len(lines) and not (has_prompts and PROMPT.match(texts[stop + 1])):
                stop += 1
            span = _span(source, begin, lines[stop][1])
            if found and span.start < span.end:
                output.append(span)
            place = stop
        elif found and line.lstrip().startswith("-") and not is_after_blank and not has_prompts:
            found[-1] = _without_comment(source, found[-1].start, end)
        elif is_command(line) or _is_plausible(line, explicit=explicit or (bool(found) and "-" in line.split()[0])):
            typed = PROMPT.match(line)
            place = _end_of_command(texts, place, line)
            found.append(_without_comment(source, begin + (typed.end() if typed else 0), lines[place][1]))
        place += 1
    return [span for span in found if span.start < span.end], output


def _is_typed_by_root(texts: list[str]) -> bool:
    """Whether ``# `` is a prompt: what follows it is a command each time, and no command stands without it."""
    marked = [line.lstrip()[1:] for line in texts if line.lstrip().startswith("#")]
    bare = [line for line in texts if line.strip() and not line.lstrip().startswith("#")]
    return bool(marked) and all(map(is_command, marked)) and not any(map(is_command, bare))


def _are_all_typed(texts: list[str]) -> bool:
    """Whether a prompt stands only before some of the commands, and no line is output."""
    bare = [line for line in texts if line.strip() and not PROMPT.match(line) and not COMMENT.match(line)]
    return bool(bare) and all(is_command(line.strip()) and line.split()[-1] not in _DONE for line in bare)


def _is_output(line: str, *, is_after_blank: bool) -> bool:
    if is_command(line.strip()):
        return False
    return _OUTPUT_LINE.match(line) is not None or (is_after_blank and not NAME.match(line.split()[0]))


def _is_plausible(line: str, *, explicit: bool) -> bool:
    """For a line of a block of commands whose program is not known."""
    words = line.split()
    if re.match(r"\w+=", words[0]) and not re.match(r"(?:level|ts|time|msg|caller)=", words[0]):
        return explicit or words[0][0].isupper()
    if not _PROGRAM_NAME.match(words[0]) or line.rstrip().endswith(":") or not explicit:
        return False
    has_flag = any(word.startswith("-") for word in words[1:])
    if len(words) > 1 and (words[1] in ("=", ":", "-", "--") or words[-1] in _DONE or words[1].startswith("=")):
        return False
    return has_flag or not re.search(r"\S {2,}\S", line.strip())


def _end_of_command(texts: list[str], place: int, line: str) -> int:
    """The last line that belongs to it: continued, a here-document, a loop, an open quote."""
    last = min(len(texts) - 1, place + 80)
    if here := _HEREDOC.search(line):
        for at in range(place + 1, last + 1):
            if texts[at].strip() == here[1]:
                return at
    if _LOOP.match(line):
        depth = 0
        for at in range(place, last + 1):
            depth += len(_LOOP_BEGIN.findall(texts[at])) - len(_LOOP_END.findall(texts[at]))
            if depth <= 0:
                return at
    while place < last and _CONTINUES.search(line) and texts[place + 1].strip():
        place += 1
        line = texts[place]
        if here := _HEREDOC.search(line):
            return _end_of_command(texts, place, line)
    whole = texts[place]
    if is_open(whole):
        for at in range(place + 1, min(last, place + 60) + 1):
            whole += "\n" + texts[at]
            if not is_open(whole):
                return at
    return place


def _without_comment(source: str, start: int, end: int) -> Span:
    line = source.rfind("\n", start, end) + 1 or start
    trailing = _TRAILING.search(source, line, end)
    return _span(source, start, trailing.start() if trailing else end)


def program_of(text: str) -> str:
    """The first word of a command, without ``sudo`` and the like."""
    words = text.split()
    return next((word for word in words if word != "sudo" and "=" not in word), "")


def in_words(source: str, span: Span, markup: str, before: str, programs: Collection[str]) -> Command | None:
    """Of a piece of inline code: complete and to be run, or None when it only names something.

    ``programs`` are those that the blocks of the document run.
    """
    text = _said(source, span, markup)
    is_told = _TOLD.search(before) is not None or (program_of(text) in programs and not is_known(program_of(text)))
    if (text in _ALONE and (is_told or _BY.search(before))) or (is_told and _PLAIN.fullmatch(text)):
        return command(source, span, "sh", markup)
    if len(text) < 3 or (
        " " not in text and not _CALL.match(text) and not QUERY.match(text) and not LOG_QUERY.match(text)
    ):
        return None
    prompt = PROMPT.match(text)
    inner = text[prompt.end() :] if prompt else text
    language = "sql" if _CALL.match(inner) else language_of_line(inner)
    if language is None or (language == "sh" and inner.endswith((":", "…", "..."))):
        return None
    return command(source, _span(source, span.start + (prompt.end() if prompt else 0), span.end), language, markup)
