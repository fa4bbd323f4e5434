"""Commands in blocks to copy and in inline code: where each begins and ends, and what is output."""

import re

from personal_pipeline.domain.extract.risk import risk_of
from personal_pipeline.domain.extract.risk_rules import LOOKING, RULES, SQL_CLIENTS
from personal_pipeline.domain.extract.shell import is_open
from personal_pipeline.domain.extract.structure import Command, Span
from personal_pipeline.domain.extract.view import words_of

_SHELL = frozenset("sh bash shell zsh fish console command commands terminal shell-session shellsession prompt powershell ps1 cmd bat".split())
_LANGUAGES = {
    **dict.fromkeys(_SHELL, "sh"), **dict.fromkeys(("sql", "psql", "mysql", "postgresql", "plpgsql", "pgsql"), "sql"),
    **dict.fromkeys(("promql", "logql", "traceql", "lucene", "kql"), ""), **dict.fromkeys(("ruby", "rb", "irb"), "ruby"),
    **dict.fromkeys(("cli", "ios", "junos", "eos", "routeros", "vtysh"), "cli"),
}  # fmt: skip
_UNSAID = frozenset(["", "text", "txt", "plain", "plaintext", "none", "code", "output", "copy"])
_PROMPT = re.compile(r"[ \t]*(?:\[?[\w.-]{1,30}@[\w.-]{1,60}[: ][^\s$#%>]{0,80}\]?)?(?:[$%❯]|\$(?=[a-z]{2,20} )|#(?=[ ]?(?:[a-z/.]))|PS [A-Z]:\\[^>]{0,80}>|(?:sql|mysql|postgres|redis|MariaDB [^>]{0,40})[=#>-]+|[\w./:-]{1,40}>(?=[ ]\S)|>(?=[ ][a-z][\w.-]{1,30} \S))(?:[ \t]+|(?<=\$)(?=[a-z]))")
_ROOT_PROMPT = re.compile(r"[ \t]*#[ \t]*")
_SQL = re.compile(r"\s*(?:select|insert\s+into|update\s+\S+\s+set|delete\s+from|alter\s+\w+|create\s+(?:table|index|user|role|database|view|unique)|drop\s+\w+|truncate|explain|vacuum|analyze|reindex|show\s+\w+|grant\s|revoke\s|with\s+\w+\s+as|set\s+global|kill\s+\d|begin;|commit;|checkpoint;|pg_\w+\()", re.IGNORECASE)
_QUERY = re.compile(
    r"\s*(?:(?:sum|avg|min|max|count|topk|bottomk|rate|irate|increase|histogram_quantile|absent|absent_over_time|label_replace|quantile|stddev|delta|deriv|predict_linear|group|changes|clamp_\w+|max_over_time|avg_over_time|sum_over_time|count_over_time|time)\s*(?:\b(?:by|without)\s*\([^()]*\)\s*)?\(|\(?\s*[a-z_:][\w:]*\{[^{}]*\}|[a-z][a-z0-9]*(?:_[a-z0-9]+){2,}\s*(?:[-+/*<>=]|\bunless\b|\band\b))"
)
_LOG_QUERY = re.compile(r"\s*(?:(?:sum|rate|count_over_time|topk)\b.*(?<![\w}]))?\{[\w.]+\s*[=!]~?\s*[\"`]")
_LUCENE = re.compile(r"[\w.@]+:(?:\"[^\"]*\"|\S+)(?:\s+(?:AND|OR|NOT)\s+.+)$")
_NAME = re.compile(r"[A-Za-z_./~][\w./+-]*$")
_HEREDOC = re.compile(r"<<-?\s*\\?[\"']?([A-Za-z_]\w*)[\"']?")
_LOOP = re.compile(r"\s*(?:for|while|until|if|case)\b(?!.*\b(?:done|fi|esac)\b)")
_LOOP_BEGIN = re.compile(r"(?:^|[;(]|\bdo|\bthen)\s*(?:for|while|until|if|case)\b")
_LOOP_END = re.compile(r"(?:^|[;\s])(?:done|fi|esac)\b")
_OUTPUT_LINE = re.compile(r"\s*(?:[A-Z][A-Z0-9_%()/-]{1,30}(?:\s{2,}|\s+[A-Z]{2,})|[{}\[\]]|[A-Za-z][\w.-]*:(?:\s|$)|\S+\s{3,}\S+\s{3,}|\.\.\.|[-=+|]{3,}|\d{4}-\d\d-\d\d|total \d|Error\b|\w+: )")
_COMMENT = re.compile(r"[ \t]*(?:#(?!!)|//|--[ ]|::|REM\b)")
_TRAILING = re.compile(r"[ \t]+#[ \t]+[^'\"`]*$")
_SQL_TRAILING = re.compile(r"[ \t]+--[ \t]+[^'\"`]*$")
_CONTINUES = re.compile(r"(?:\\|&&|\|\||\||`|,|\()[ \t]*$")
_PLACES = re.compile(r"<(?![<(])[A-Za-z][\w .:/|-]{0,60}>|\$\{[A-Za-z_]\w{0,60}(?:[:?+=-][^{}]{0,60})?\}|\$[A-Za-z_]\w{0,60}|\{\{[^{}]{1,80}\}\}|%[A-Z][A-Z0-9_]{1,40}%|\b(?:YOUR|MY)_[A-Z_]{2,40}\b")
_PROGRAM = re.compile(r"^\s*(?:class|module|def|task|require|gem|namespace|source|end|include|describe|resources?)\b|\bconfig[.:]|\bRake::Task", re.MULTILINE)
_PROGRAM_NAME = re.compile(r"\(?(?:\./|/|~/|\$|\.)?[a-z_][\w./+-]*;?$")
_DONE = frozenset(["created", "deleted", "configured", "unchanged", "annotated", "labeled", "patched", "scaled", "restarted", "cordoned", "drained", "edited"])
_QUOTE = re.compile(r"[ \t]*>[ ]?")
_CALL = re.compile(r"pg_\w+\([^()]*\);?$")
_KNOWN = LOOKING | frozenset(RULES) | SQL_CLIENTS | frozenset(
    """
    kubectl sudo brew fab gds govuk_puppet velero python python3 ruby rake bundle node npm npx yarn go java mvn gradle bash sh ssh scp
    sshuttle chmod chown chgrp cp mv ln touch mkdir kill killall pkill reboot shutdown init poweroff halt exit export source eval crontab
    cat tmux screen ansible ansible-playbook ansible-vault salt knife chef-client puppet vagrant packer psql mysql mongo mongosh createdb createuser
    initdb pg_ctl vacuumdb reindexdb growpart resize2fs xfs_growfs swapoff swapon mount umount lvextend lvcreate pvcreate vgextend modprobe
    insmod ldconfig update-grub dracut grub-mkconfig nginx apachectl haproxy varnishadm squid supervisorctl pm2 tctl tsh kinit klist kustomize
    skaffold tilt kind minikube k3s kubeadm talosctl cfssl step keytool jstack jmap swaks sendmail postfix postconf doveadm dsctl ldapmodify
    wbinfo net samba-tool smbclient showmount exportfs nfsstat rpcinfo arping ebtables bridge brctl ovs-vsctl ovs-ofctl ovn-nbctl
    networkctl resolvectl nmcli hostnamectl localectl loginctl machinectl coredumpctl bootctl conntrack tc tune2fs e2fsck xfs_repair
    btrfs dmsetup cryptsetup cephadm radosgw-admin rook mdatp auditctl ausearch semanage setenforce restorecon chcon passwd useradd usermod
    groupadd visudo su doas logrotate logger hwclock ntpdate ntpd adjtimex zabbix_get nrpe check_mk telegraf influx consul-template envconsul
    oc-mirror operator-sdk opm tkn kn odo s2i rosa gcloud firebase doctl hcloud linode-cli vultr-cli oci ibmcloud cf bosh fly pscale neonctl
    """.split()  # noqa: SIM905 - a list of names reads best as names
)


_WITH_OBJECT = frozenset(["kubectl", "oc", "aws", "gh", "gcloud", "az", "helm", "docker", "service", "systemctl", "rook", "ceph", "velero", "step", "date", "node", "file", "time", "test", "host", "group", "groups", "users", "top", "sort", "source", "last", "jobs", "make", "go", "java", "ruby", "python", "net", "tilt", "kind", "mail", "salt", "chef", "fly", "cf", "flux"])
_COMPLETE = frozenset(["cluster-info", "ps", "list", "ls", "version", "status", "images", "info", "test", "build", "deploy", "install", "clean", "run", "update", "upgrade", "all", "login"])


def language_of(info: str, body: str) -> str | None:
    """Of a block, by what it says it is, else by its first line; None for what is not to be run."""
    info = info.lower()
    if info in _LANGUAGES:
        if info in ("ruby", "rb") and _PROGRAM.search(body):
            return None
        return _LANGUAGES[info] or info
    if info not in _UNSAID:
        return None
    for line in body.split("\n"):
        if line.strip() and not _COMMENT.match(line):
            return language_of_line(line)
    return None


def language_of_line(line: str) -> str | None:
    """Of one line that says nothing about itself."""
    line = line.strip()
    if _LOG_QUERY.match(line):
        return "logql"
    if _QUERY.match(line):
        return "promql"
    if _SQL.match(line) and not re.match(r"update\s+\S+$", line):
        return "sql"
    if _LUCENE.match(line):
        return "lucene"
    return "sh" if is_command(line) else None


def is_command(line: str) -> bool:
    """A program with something to do. A known name needs a word after it, an unknown one a flag or a path."""
    if prompt := _PROMPT.match(line):
        return _NAME.match(line[prompt.end() :].split(" ")[0]) is not None
    words = line.split()
    while words and re.match(r"[A-Za-z_]\w*=\S*$", words[0]) and len(words) > 1:
        words = words[1:]
    if not words:
        return False
    name = words[0].rpartition("/")[2]
    if re.match(r"(?:for|while|until)\b.{1,200}\bdo\b", line):
        return True
    if name in _WITH_OBJECT and len(words) == 2 and words[1] not in _COMPLETE and not words[1].startswith("-"):
        return False
    if name.removesuffix(".sh") in _KNOWN:
        second = words[1] if len(words) > 1 else ""
        return len(words) > 1 and not re.match(r"(?:is|are|was|the|and|or|to|a|an|of|fails?|error|in)\b|[=:]", second)
    if not re.match(r"(?:\./|/|~/)?[a-z][\w./-]*$", words[0]) or len(words) < 2 or words[1][:1] in "=:":
        return False
    return any(re.match(r"--?[a-zA-Z]", word) for word in words[1:]) and not line.endswith((".", ":"))


def in_block(source: str, unit_start: int, unit_end: int, info: str, markup: str, intro: str = "") -> tuple[list[Command], list[Span], str]:
    """Its commands, what they print, and the language that was found."""
    body = source[unit_start:unit_end]
    shown = words_kept(body, markup)
    language = language_of(info, shown)
    if language is None and info.lower() in _UNSAID:
        language = _introduced(intro, shown.strip())
        info = "sh" if language == "sh" else info
    if language is None:
        return [], [], ""
    lines = _lines(source, unit_start, unit_end)
    if language in ("sql", "promql", "logql", "lucene", "traceql", "kql", "ruby", "cli"):
        groups, output = _statements(source, lines, language), []
    else:
        groups, output = _shell(source, lines, explicit=info.lower() in _SHELL)
    return [command(source, span, language, markup) for span in groups], output, language


def _introduced(intro: str, shown: str) -> str | None:
    """Of one line that the words before it say is to be run."""
    if "\n" in shown:
        return None
    if re.search(r"\b(?:kibana|logit|lucene)\b", intro, re.IGNORECASE) and re.match(r"[\w.@]+:\S", shown):
        return "lucene"
    is_told = re.search(r"\b(?:run|running|runs|command|execute|shell|cli|terminal)\b", intro, re.IGNORECASE)
    return "sh" if is_told and re.fullmatch(r"[a-z][\w-]*(?: [\w./<>@=-]+){1,6}", shown) else None


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
        found = [found[0], *((begin + len(quote[0]), stop) for begin, stop in found[1:] if (quote := _QUOTE.match(source[begin:stop])))]
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
        is_note = _COMMENT.match(line) is not None and not (language != "sql" and line.lstrip().startswith("--"))
        if not line.strip() or (is_note and start is None):
            if start is not None and language != "sql":
                found.append(_span(source, start, last))
                start = None
            continue
        prompt = _PROMPT.match(line)
        start = begin + (prompt.end() if prompt else 0) if start is None else start
        trailing = (_SQL_TRAILING if language == "sql" else _TRAILING).search(line)
        last = begin + trailing.start() if trailing else end
        if source[begin:last].rstrip().endswith(";") or language in ("ruby", "cli") or re.match(r"\s*\\\w", line):
            found.append(_span(source, start, last))
            start = None
    if start is not None:
        found.append(_span(source, start, last))
    return [span for span in found if span.start < span.end]


def _shell(source: str, lines: list[tuple[int, int]], *, explicit: bool) -> tuple[list[Span], list[Span]]:
    texts = [source[begin:end] for begin, end in lines]
    has_prompts = any(_PROMPT.match(line) and not _COMMENT.match(line) for line in texts) or (
        any(re.match(r"[ \t]*\$ ", line) for line in texts)
    )
    of_root = not any(re.match(r"[ \t]*[$%❯] ", line) for line in texts)
    found: list[Span] = []
    output: list[Span] = []
    place, is_after_blank = 0, False
    while place < len(lines):
        begin, end = lines[place]
        line = texts[place]
        if not line.strip():
            is_after_blank = True
        elif _COMMENT.match(line) and not of_root:
            pass
        elif prompt := _PROMPT.match(line) if has_prompts else None:
            if not re.match(r"(?:[A-Za-z_]\w*=|[A-Za-z_./~(][\w./+-]*(?:[ ;)|]|$))", line[prompt.end() :]):
                place += 1
                continue
            place = _end_of_command(texts, place, line[prompt.end() :])
            found.append(_without_comment(source, begin + prompt.end(), lines[place][1]))
            is_after_blank = False
        elif _COMMENT.match(line) and not has_prompts:
            pass
        elif _COMMENT.match(line) and not output and not found:
            pass
        elif has_prompts or (found and _is_output(line, is_after_blank=is_after_blank)):
            stop = place
            while stop + 1 < len(lines) and not (has_prompts and _PROMPT.match(texts[stop + 1])):
                stop += 1
            span = _span(source, begin, lines[stop][1])
            if found and span.start < span.end:
                output.append(span)
            place = stop
        elif found and line.lstrip().startswith("-") and not is_after_blank and not has_prompts:
            found[-1] = _without_comment(source, found[-1].start, end)
        elif is_command(line) or _is_plausible(line, explicit=explicit):
            place = _end_of_command(texts, place, line)
            found.append(_without_comment(source, begin, lines[place][1]))
        place += 1
    return [span for span in found if span.start < span.end], output


def _is_output(line: str, *, is_after_blank: bool) -> bool:
    if is_command(line.strip()):
        return False
    return _OUTPUT_LINE.match(line) is not None or (is_after_blank and not _NAME.match(line.split()[0]))


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
    last = min(len(texts) - 1, place + 400)
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


def in_words(source: str, span: Span, markup: str) -> Command | None:
    """Of a piece of inline code: complete and to be run, or None when it only names something."""
    text = _said(source, span, markup)
    if len(text) < 3 or " " not in text and not _CALL.match(text) and not _QUERY.match(text) and not _LOG_QUERY.match(text):
        return None
    prompt = _PROMPT.match(text)
    inner = text[prompt.end() :] if prompt else text
    language = "sql" if _CALL.match(inner) else language_of_line(inner)
    if language is None or (language == "sh" and inner.endswith((":", "…", "..."))):
        return None
    return command(source, _span(source, span.start + (prompt.end() if prompt else 0), span.end), language, markup)
