"""What commands do, as tables to be reviewed; the tables themselves are in ``risk_tables``.

A row is a program (or several), a class and a pattern for the words after the program; rows without a program go on
with the one above. The first row that fits decides. ``read`` looks, ``change`` changes something that can be changed
back, ``destroy`` deletes what does not come back by itself. A program without a row that fits, and one that is in no
table, is taken to change something.
"""

import re
from functools import cache

from personal_pipeline.domain.extract.risk_tables import CLOUD, CONTAINERS, DATA, HOSTS
from personal_pipeline.domain.extract.structure import Risk

READ, CHANGE, DESTROY = Risk.READ_ONLY, Risk.CHANGES_STATE, Risk.DESTRUCTIVE
_CLASSES = {"read": READ, "change": CHANGE, "destroy": DESTROY}
_ROW = re.compile(r"(\S*)[ ]+(read|change|destroy)[ ]*(.*)")

# Programs that only look, whatever they are told.
LOOKING = frozenset(
    """
    alias apt-cache arch atop awk base64 basename bat blkid bpftrace cat cd cksum cloc cmp column comm cut date df
    diff dig dirname dmesg dstat du echo egrep env export false fgrep file findmnt fold free getconf getenforce getent
    grep groups gzcat head hexdump history host hostname htop hubble id iftop iostat iotop iperf iperf3 jcmd jmap jobs
    jq jstack jstat k9s kafka-broker-api-versions kafka-console-consumer kafka-dump-log kafka-get-offsets
    kafka-log-dirs kcat kubectx kubens last lastlog ldapsearch ldd less locate logcli logname ls lsattr lsblk lscpu
    lsipc lsmod lsns lsof lspci lsusb lvdisplay lvs mailq man md5sum more mpstat mtr mysqldump nc ncat ncdu nethogs
    netstat ngrep nl nproc nslookup ntpq numfmt od openssl paste pg_dump pg_dumpall pg_isready pgbadger pgrep pidstat
    ping ping6 pmap pr printenv printf promtool ps pstree pt-query-digest pvdisplay pvs pwd rabbitmq-diagnostics read
    readlink realpath rev sar seq sestatus set sha1sum sha256sum shasum sleep smartctl smem sort source ss ssh-keyscan
    stat steampipe stern strace strings sum tac tail tcpdump telnet test time timeout top tr tracepath traceroute true
    tty type uname unexpand uniq until uptime users vgdisplay vgs vmstat w wait watch wc whatis whereis which while
    who whoami whois xmllint xxd yq zcat zgrep zless
    """.split()  # noqa: SIM905 - a list of names reads best as names
)

# Programs that delete, whatever they are told.
DELETING = frozenset(
    """
    dropdb dropuser elasticsearch-node kafka-delete-records ldapdelete lvremove mkfs mkswap pvremove rm rmdir shred
    truncate unlink userdel vgremove
    """.split()  # noqa: SIM905 - a list of names reads best as names
)

# Programs whose other words are a command of their own; the words with a value are skipped.
WRAPPERS = {
    "sudo": "-u -g -h -p -C -U",
    "doas": "-u",
    "nohup": "",
    "time": "-f -o",
    "timeout": "-k -s",
    "watch": "-n",
    "env": "-u",
    "nice": "-n",
    "ionice": "-c -n -p",
    "xargs": "-I -n -P -d -L -s -a",
    "stdbuf": "-o -i -e",
    "strace": "-p -e -o",
    "chroot": "",
    "command": "",
    "exec": "",
    "then": "",
    "do": "",
    "else": "",
    "if": "",
    "while": "",
    "until": "",
    "!": "",
    "{": "",
    "(": "",
    "parallel": "-j",
    "proxychains": "",
    "caffeinate": "",
    "unbuffer": "",
    "eval": "",
}

# Words between a program and what it does: flags that take a value.
FLAGS_WITH_VALUE = {
    "kubectl": "-n --namespace --context --cluster --kubeconfig -s --server --as --as-group --user --token -c -l -o -f"
    " --request-timeout --field-selector --selector",
    "oc": "-n --namespace --context --cluster --kubeconfig -s --server --as --user --token -c -l -o -f",
    "helm": "-n --namespace --kube-context --kubeconfig -f --values --version",
    "docker": "-H --host --context -c --config -f --file",
    "podman": "--url --connection -f",
    "aws": "--region --profile --output --query --endpoint-url --cli-input-json",
    "gcloud": "--project --account --format",
    "az": "--subscription -o --output --query",
    "git": "-C -c --git-dir --work-tree",
    "redis-cli": "-h -p -a -n -u --user --pass --pattern --memkeys-samples --cacert --cert --key --sni",
    "systemctl": "-H --host -M --machine -t --type",
    "etcdctl": "--endpoints --cacert --cert --key --user",
    "vault": "-address -namespace",
    "consul": "-http-addr -token",
    "nomad": "-address -namespace -region",
    "ceph": "--cluster -c -n --id --name -k --keyring --format -f",
    "terraform": "-chdir",
    "ansible": "-i -m -a",
    "velero": "-n --namespace",
    "argocd": "--server --auth-token",
    "patronictl": "-c -d --config-file --dcs-url",
    "amtool": "--alertmanager.url --config.file",
    "rabbitmqctl": "-n -p -t --node",
    "mongosh": "--host --port -u -p",
    "iptables": "-t",
    "nodetool": "-h -p -u -pw",
    "crictl": "-r --runtime-endpoint",
    "ssh": "-L -R -D -p -i -l -J -o -F",
    "curl": "",
    "journalctl": "-u -n",
}

HELP = re.compile(r"(?:.* )?(?:--help|--version|-h)$|help\b|version$")


@cache
def rules() -> dict[str, list[tuple[re.Pattern[str], Risk]]]:
    """Of each program its rows, in order."""
    found: dict[str, list[tuple[re.Pattern[str], Risk]]] = {}
    programs: list[str] = []
    for table in (CONTAINERS, CLOUD, DATA, HOSTS):
        for line in table.strip("\n").split("\n"):
            row = _ROW.fullmatch(line)
            if row is None:
                raise ValueError(f"no row of a risk table: {line!r}")
            programs = row[1].split(",") if row[1] else programs
            for program in programs:
                found.setdefault(program, []).append((re.compile(row[3]), _CLASSES[row[2]]))
    return found


# SQL and what is written like it: the first words of a statement.
SQL_RULES: list[tuple[str, Risk]] = [
    (r"select\b.*\b(?:pg_drop_replication_slot|lo_unlink)\s*\(", DESTROY),
    (
        r"(?:select\s+)?(?:pg_wal_replay_\w+|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|"
        r"pg_rotate_logfile|pg_switch_wal|pg_promote"
        r"|pg_create_\w+|pg_advisory_unlock\w*|pg_stat_reset\w*|setval|nextval|dblink_exec)\s*\(",
        CHANGE,
    ),
    (
        r"select\b.*\b(?:pg_wal_replay_\w+|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|"
        r"pg_switch_wal|pg_promote|pg_create_\w+"
        r"|pg_stat_reset\w*|setval|nextval)\s*\(",
        CHANGE,
    ),
    (r"(?:with\b.*\)\s*)?(?:delete\s+from|delete\b(?=\s+\w+\s+from))", DESTROY),
    (r"(?:drop|truncate|purge)\b", DESTROY),
    (r"alter\b.*\bdrop\s+(?:column|partition|constraint)\b", DESTROY),
    (r"reset\s+master\b|reset\s+slave\s+all\b", DESTROY),
    (r"(?:with\b.*\)\s*)?(?:insert|update|merge|replace)\s+(?:into\s+|low_priority\s+|ignore\s+)?\w", CHANGE),
    (r"explain\s+(?:\(?\s*analy[sz]e)[^;]*\b(?:delete|update|insert)\b", CHANGE),
    (r"select\b[^;]*\binto\s+(?:outfile|table)?", CHANGE),
    (
        r"(?:select|show|explain|describe|desc|with|values|table|pragma|\\[dlxtipqehc]|\\timing|\\watch|"
        r"use|begin|rollback;?$|fetch)",
        READ,
    ),
    (r"set\s+(?!global|persist|password)", READ),
]
SQL_CLIENTS = frozenset(
    [
        "psql",
        "mysql",
        "mariadb",
        "sqlite3",
        "sqlplus",
        "clickhouse-client",
        "cqlsh",
        "bq",
        "snowsql",
        "cockroach",
        "usql",
    ]
)
