"""Which language a block or a line is in, and whether it is to be run at all."""

import re

from personal_pipeline.domain.extract.risk_rules import DELETING, LOOKING, SQL_CLIENTS, rules

SHELL = frozenset(
    [
        "sh",
        "bash",
        "shell",
        "zsh",
        "fish",
        "console",
        "command",
        "commands",
        "terminal",
        "shell-session",
        "shellsession",
        "prompt",
        "powershell",
        "ps1",
        "cmd",
        "bat",
    ]
)
_LANGUAGES = {
    **dict.fromkeys(SHELL, "sh"),
    **dict.fromkeys(("sql", "psql", "mysql", "postgresql", "plpgsql", "pgsql"), "sql"),
    **dict.fromkeys(("promql", "logql", "traceql", "lucene", "kql"), ""),
    **dict.fromkeys(("ruby", "rb", "irb"), "ruby"),
    **dict.fromkeys(("cli", "ios", "junos", "eos", "routeros", "vtysh"), "cli"),
}
UNSAID = frozenset(["", "text", "txt", "plain", "plaintext", "none", "code", "output", "copy"])
PROMPT = re.compile(
    r"[ \t]*(?:\[?[\w.-]{1,30}@[\w.-]{1,60}[: ][^\s$#%>]{0,80}\]?|\[[\w.@~: -]{1,60}\](?=[$#])|"
    r"[a-z][\w.-]{0,30}(?=#[ ][a-z])|[\w.-]{1,30}:[~/][\w./~-]{0,60}(?=[$#][ ])|/[\w./-]{0,60}[ ]?(?=[#$][ "
    r"]))?(?:[$%❯]|\$(?=[a-z]{2,20} )|#(?=[ "
    r"]?(?:[a-z/.]))|PS [A-Z]:\\[^>]{0,80}>|(?:sql|mysql|postgres|redis|MariaDB [^>]{0,40})[=#>-]+|"
    r"[\w./:-]{1,40}>(?=[ ]\S)|>(?=[ ][a-z][\w.-]{1,30} \S))(?:[ \t]+|(?<=\$)(?=[a-z]))"
)
_SQL = re.compile(
    r"\s*(?:select|insert\s+into|update\s+\S+\s+set|delete\s+from|alter\s+\w+|create\s+(?:table|index|"
    r"user|role|database|view|unique)|drop\s+\w+|truncate|purge\s+binary|explain|vacuum|analyze|reindex|show\s+\w+|"
    r"grant\s|revoke\s|with\s+\w+\s+as|set\s+global|kill\s+\d|begin;|commit;|checkpoint;|pg_\w+\()",
    re.IGNORECASE,
)
QUERY = re.compile(
    r"\s*(?:(?:sum|avg|min|max|count|topk|bottomk|rate|irate|increase|histogram_quantile|absent|"
    r"absent_over_time|label_replace|quantile|stddev|delta|deriv|predict_linear|group|changes|"
    r"clamp_\w+|max_over_time|avg_over_time|sum_over_time|count_over_time|time)\s*(?:\b(?:by|"
    r"without)\s*\([^()]*\)\s*)?\(|\(?\s*[a-z_:][\w:]*\{[^{}]*\}|"
    r"\(?[a-z][a-z0-9]*(?:_[a-z0-9]+){2,}\s*(?:[-+/*<>]|[=!]=|\bunless\b|\band\b))"
)
LOG_QUERY = re.compile(r"\s*(?:(?:sum|rate|count_over_time|topk)\b.*(?<![\w}]))?\{[\w.]+\s*[=!]~?\s*[\"`]")
_RUBY = re.compile(
    r"(?:\w+ = )?[A-Z]\w*[a-z]\w*(?:::[A-Z]\w*)*\.(?:find\w*|where|count|all|first|last|pluck|new|"
    r"update\w*|delete\w*|destroy\w*|"
    r"create\w*|perform\w*|call|publish\w*)(?:[!?]?[(. ]|$)"
)
_LUCENE = re.compile(r"[\w.@]+:(?:\"[^\"]*\"|\S+)(?:\s+(?:AND|OR|NOT)\s+.+)$")
NAME = re.compile(r"[A-Za-z_./~][\w./+-]*$")
_TYPED = re.compile(r"[A-Za-z_]\w*=|[A-Za-z_./~][\w./+-]*(?:\s|$)")
_TOOL = re.compile(r"[a-z][\w-]*(?:ctl|-cli|adm|admin)$")  # what calls itself one
_CMDLET = re.compile(  # of PowerShell
    r"(?:Get|Set|New|Remove|Start|Stop|Restart|Test|Add|Clear|Invoke|Enable|Disable|Install|Uninstall|Import|"
    r"Export|Update|"
    r"Move|Copy|Rename|Select|Measure|Resolve|Show|Find|Wait|Suspend|Resume|Register|Mount|Dismount|Repair|"
    r"Enter)-[A-Z]\w+"
)
COMMENT = re.compile(r"[ \t]*(?:#(?!!)|//|--[ ]|::|REM\b)")
_PROGRAM = re.compile(
    r"^\s*(?:class|module|def|task|require|gem|namespace|source|end|include|describe|resources?)\b|"
    r"\bconfig[.:]|\bRake::Task",
    re.MULTILINE,
)
_KNOWN = (
    LOOKING
    | DELETING
    | frozenset(rules())
    | SQL_CLIENTS
    | frozenset(
        """
    adjtimex ansible ansible-playbook ansible-vault apachectl arping auditctl ausearch bash bootctl bosh brctl brew
    bridge btrfs bundle cat cephadm cf cfssl chcon check_mk chef-client chgrp chmod chown conntrack consul-template
    coredumpctl cp createdb createuser crontab cryptsetup dmsetup doas doctl doveadm dracut dsctl e2fsck ebtables
    envconsul eval exit export exportfs fab firebase fly gcloud gds go govuk_puppet gradle groupadd growpart
    grub-mkconfig halt haproxy hcloud hostnamectl hwclock ibmcloud influx init initdb insmod java jmap jstack k3s
    keytool kill killall kind kinit klist kn knife kubeadm kubectl kustomize ldapmodify ldconfig linode-cli ln
    localectl logger loginctl logrotate lvcreate lvextend machinectl mdatp minikube mkdir modprobe mongo mongosh mount
    mv mvn mysql neonctl net networkctl nfsstat nginx nmcli node npm npx nrpe ntpd ntpdate oc-mirror oci odo
    operator-sdk opm ovn-nbctl ovs-ofctl ovs-vsctl packer passwd pg_ctl pkill pm2 postconf postfix poweroff pscale
    psql puppet pvcreate python python3 radosgw-admin rake reboot reindexdb resize2fs resolvectl restorecon rook rosa
    rpcinfo ruby s2i salt samba-tool scp screen semanage sendmail setenforce sh showmount shutdown skaffold smbclient
    source squid ssh sshuttle step su sudo supervisorctl swaks swapoff swapon talosctl tc tctl telegraf tilt tkn tmux
    touch tsh tune2fs umount update-grub useradd usermod vacuumdb vagrant varnishadm velero vgextend visudo vultr-cli
    wbinfo xfs_growfs xfs_repair yarn zabbix_get
    """.split()  # noqa: SIM905 - a list of names reads best as names
    )
)


_WITH_OBJECT = frozenset(
    [
        "kubectl",
        "oc",
        "aws",
        "gh",
        "gcloud",
        "az",
        "helm",
        "docker",
        "service",
        "systemctl",
        "rook",
        "ceph",
        "velero",
        "step",
        "date",
        "node",
        "file",
        "time",
        "test",
        "host",
        "group",
        "groups",
        "users",
        "top",
        "sort",
        "source",
        "last",
        "jobs",
        "make",
        "go",
        "java",
        "ruby",
        "python",
        "net",
        "tilt",
        "kind",
        "mail",
        "salt",
        "chef",
        "fly",
        "cf",
        "flux",
    ]
)
_COMPLETE = frozenset(
    [
        "cluster-info",
        "ps",
        "list",
        "ls",
        "version",
        "status",
        "images",
        "info",
        "test",
        "build",
        "deploy",
        "install",
        "clean",
        "run",
        "update",
        "upgrade",
        "all",
        "login",
    ]
)


def language_of(info: str, body: str) -> str | None:
    """Of a block, by what it says it is, else by its first line; None for what is not to be run."""
    info = info.lower()
    if info in _LANGUAGES:
        if info in ("ruby", "rb") and _PROGRAM.search(body):
            return None
        return _LANGUAGES[info] or info
    if info not in UNSAID:
        return None
    for line in body.split("\n"):
        if line.strip() and not COMMENT.match(line):
            return language_of_line(line)
    return None


def language_of_line(line: str) -> str | None:
    """Of one line that says nothing about itself."""
    line = line.strip()
    if LOG_QUERY.match(line):
        return "logql"
    if QUERY.match(line):
        return "promql"
    if _SQL.match(line) and not re.match(r"update\s+\S+$", line):
        return "sql"
    if _RUBY.match(line):
        return "ruby"
    if _LUCENE.match(line):
        return "lucene"
    return "sh" if is_command(line) else None


def is_known(program: str) -> bool:
    return program in _KNOWN


def is_command(line: str) -> bool:
    """A program with something to do. A known name needs a word after it, an unknown one a flag or a path."""
    if prompt := PROMPT.match(line):
        return _TYPED.match(line, prompt.end()) is not None
    words = line.split()
    while words and re.match(r"[A-Za-z_]\w*=\S*$", words[0]) and len(words) > 1:
        words = words[1:]
    if not words:
        return False
    name = words[0].rpartition("/")[2]
    if re.match(r"(?:for|while|until)\b.{1,200}\bdo\b", line) or _CMDLET.match(line):
        return True
    if name in _WITH_OBJECT and len(words) == 2 and words[1] not in _COMPLETE and not words[1].startswith("-"):
        return False
    if name.removesuffix(".sh") in _KNOWN or _TOOL.match(name):
        second = words[1] if len(words) > 1 else ""
        return len(words) > 1 and not re.match(r"(?:is|are|was|the|and|or|to|a|an|of|fails?|error|in)\b|[=:]", second)
    if not re.match(r"(?:\./|/|~/)?[a-z][\w./-]*$", words[0]) or len(words) < 2 or words[1][:1] in "=:":
        return False
    return any(re.match(r"--?[a-zA-Z]", word) for word in words[1:]) and not line.endswith((".", ":"))
