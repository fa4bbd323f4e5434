"""What commands do, as a table to be reviewed: the first rule that fits a command decides.

A rule is the program, a pattern for the words after it, and the class. ``READ`` looks, ``CHANGE`` changes something
that can be changed back, ``DESTROY`` deletes what does not come back by itself. A program without a rule that fits, and
a program that is not in the table at all, is taken to change something.
"""

from personal_pipeline.domain.extract.structure import Risk

READ, CHANGE, DESTROY = Risk.READ_ONLY, Risk.CHANGES_STATE, Risk.DESTRUCTIVE

# Programs that only look, whatever they are told.
LOOKING = frozenset(
    """
    alias amixer arch atop awk basename bat cat cd cksum cloc cmp column comm cut date df diff dig dirname dmesg
    dstat du echo egrep env export false fgrep file fold free getconf getent grep groups gunzip-l gzcat head hexdump
    history host hostname htop id iftop iostat iotop jobs jq kcat kubectx kubens last lastlog ldd less locate logcli
    logname ls lsattr lsblk lscpu lsmod lsof lspci lsusb man md5sum more mpstat mtr netstat nl nproc nslookup numfmt od
    openssl paste pgrep pidstat ping ping6 pmap pr printenv printf promtool ps pstree pwd read readlink realpath rev sar
    seq set sha1sum sha256sum shasum sleep smem sort source ss stat strings sum tac tail tcpdump test time timeout top
    tr traceroute tracepath true tty type uname unexpand uniq until uptime users vmstat w wait watch wc whatis whereis
    which while who whoami whois xmllint xxd yq zcat zgrep zless
    ngrep nethogs blkid findmnt sestatus getenforce lsns lsipc pg_isready pg_dump pg_dumpall mysqldump pgbadger pt-query-digest
    stern k9s kubectl-top hubble crictl-ps steampipe nc ncat telnet smartctl ethtool-i iperf iperf3 fio-parse hdparm-I
    """.split()  # noqa: SIM905 - a list of names reads best as names
)

# Programs whose other words are a command of their own; the words with a value are skipped.
WRAPPERS = {
    "sudo": "-u -g -h -p -C -U", "doas": "-u", "nohup": "", "time": "-f -o", "timeout": "-k -s", "watch": "-n", "env": "-u",
    "nice": "-n", "ionice": "-c -n -p", "xargs": "-I -n -P -d -L -s -a", "stdbuf": "-o -i -e", "strace": "-p -e -o",
    "chroot": "", "command": "", "exec": "", "then": "", "do": "", "else": "", "if": "", "while": "", "until": "",
    "!": "", "{": "", "(": "", "parallel": "-j", "proxychains": "", "caffeinate": "", "unbuffer": "", "eval": "",
}  # fmt: skip

# Words between a program and what it does: flags that take a value.
FLAGS_WITH_VALUE = {
    "kubectl": "-n --namespace --context --cluster --kubeconfig -s --server --as --as-group --user --token -c -l -o -f"
    " --request-timeout --field-selector --selector",
    "oc": "-n --namespace --context --cluster --kubeconfig -s --server --as --user --token -c -l -o -f",
    "helm": "-n --namespace --kube-context --kubeconfig -f --values --version",
    "docker": "-H --host --context -c --config -f --file", "podman": "--url --connection -f",
    "aws": "--region --profile --output --query --endpoint-url --cli-input-json", "gcloud": "--project --account --format",
    "az": "--subscription -o --output --query", "git": "-C -c --git-dir --work-tree",
    "redis-cli": "-h -p -a -n -u --user --pass --pattern --memkeys-samples --cacert --cert --key --sni",
    "systemctl": "-H --host -M --machine -t --type", "etcdctl": "--endpoints --cacert --cert --key --user",
    "vault": "-address -namespace", "consul": "-http-addr -token", "nomad": "-address -namespace -region",
    "ceph": "--cluster -c -n --id --name -k --keyring --format -f", "terraform": "-chdir", "ansible": "-i -m -a",
    "velero": "-n --namespace", "argocd": "--server --auth-token", "patronictl": "-c -d --config-file --dcs-url",
    "amtool": "--alertmanager.url --config.file", "rabbitmqctl": "-n -p -t --node", "mongosh": "--host --port -u -p",
    "iptables": "-t", "nodetool": "-h -p -u -pw", "crictl": "-r --runtime-endpoint", "curl": "", "journalctl": "-u -n",
}  # fmt: skip

_KUBE_READ = (
    r"(?:get|describe|logs?|top|explain|version|cluster-info|api-resources|api-versions|diff|wait|events|port-forward"
    r"|proxy|auth (?:can-i|whoami)|rollout (?:status|history)|config (?:view|get|current-context|use-context)"
    r"|config get-\S+|config set-\S+|whoami|project|projects|status|completion|kustomize|plugin|options)\b"
)
_ANY_HELP = (r"(?:.* )?(?:--help|--version|-h)$|help\b|version$", READ)
_KUBE = [
    (r".*--dry-run(?:=(?:client|server|true))?(?: |$)", READ),
    (r"(?:delete|drain)\b", DESTROY), (r"adm drain\b", DESTROY), (r"replace .*--force", DESTROY), (_KUBE_READ, READ),
    (r"(?:debug)\b", READ), (r"cp \S+:\S+ ", READ), (r"adm (?:top|inspect|must-gather|node-logs)", READ), (r"adm prune", DESTROY),
    (r"run .*--rm .*(?:nslookup|dig|curl|wget|ping|nc|host)\b", READ), (r"patch .*\"?finalizers", DESTROY),
    (r"scale .*--replicas=0", CHANGE),
]  # fmt: skip
_CONTAINERS = [
    (r"(?:ps|images?|image (?:ls|inspect|history)|logs|inspect|stats|top|info|version|history|port|diff|events|search)\b", READ),
    (r"(?:container|volume|network|node|service|stack|config|secret|system|context|buildx) (?:ls|list|inspect|ps|logs|df|info|events|use)\b", READ),
    (r"(?:compose )(?:ps|logs|config|top|images|ls|version)\b", READ), (r"compose down .*(?:-v|--volumes)\b", DESTROY),
    (r"(?:rm|rmi|kill)\b", DESTROY), (r"(?:\w+ )?(?:prune|rm|remove)\b", DESTROY), (r"(?:ls|list|get)\b", READ),
]  # fmt: skip
_LISTING = (
    r"(?:\S+ ){0,4}(?:ls|list\S*|get\S*|describe\S*|show\S*|view|info|status|stat|inspect|history|read|search\S*|diff|"
    r"check|validate|version|versions|help|top|tree|log|logs|lookup\S*|query|scan|head-\S+|wait|tail|filter-log-events)\b"
)
_DELETING = r"(?:\S+ ){0,4}(?:delete\S*|destroy\S*|rm|rb|rmi|purge\S*|remove\S*|prune|terminate\S*|drop\S*|wipe\S*|truncate\S*|erase)\b"

RULES: dict[str, list[tuple[str, Risk]]] = {
    "kubectl": _KUBE, "oc": _KUBE, "k": _KUBE, "microk8s": _KUBE,
    "helm": [(r".*--dry-run", READ), (r"(?:uninstall|delete|del)\b", DESTROY),
             (r"(?:ls|list|status|history|get|show|search|template|lint|version|env|verify|repo (?:ls|list)|dependency list|diff)\b", READ)],
    "docker": _CONTAINERS, "podman": _CONTAINERS, "nerdctl": _CONTAINERS, "crictl": _CONTAINERS,
    "docker-compose": [(r"(?:ps|logs|config|top|images)\b", READ), (r"down .*(?:-v|--volumes)", DESTROY), (r"rm\b", DESTROY)],
    "ctr": [(r"(?:\S+ ){0,4}(?:rm|remove|delete|prune)\b", DESTROY), (r"(?:\S+ ){0,4}(?:ls|list|info|check)\b", READ)],
    "systemctl": [(r"(?:status|is-\S+|list-\S+|show\S*|cat|help|get-default)\b", READ)],
    "service": [(r"\S+ status\b", READ), (r"--status-all", READ)], "rc-service": [(r"\S+ status\b", READ)],
    "journalctl": [(r".*--(?:vacuum-\S+|rotate)", DESTROY), (r"", READ)],
    "rm": [(r"", DESTROY)], "rmdir": [(r"", DESTROY)], "dd": [(r".*\bof=/dev/null", READ), (r".*\bof=", DESTROY), (r"", READ)],
    "shred": [(r"", DESTROY)], "truncate": [(r"", DESTROY)], "wipefs": [(r".*(?:-a|--all)", DESTROY), (r"", READ)],
    "mkfs": [(r"", DESTROY)], "mkswap": [(r"", DESTROY)], "unlink": [(r"", DESTROY)], "userdel": [(r"", DESTROY)],
    "fdisk": [(r"(?:.* )?-l", READ), (r"", DESTROY)], "parted": [(r".*\bprint\b", READ), (r".*\brm\b", DESTROY)],
    "sgdisk": [(r".*(?:-Z|--zap|-d)", DESTROY), (r".*-p", READ)], "lvremove": [(r"", DESTROY)], "vgremove": [(r"", DESTROY)],
    "pvremove": [(r"", DESTROY)], "lvs": [(r"", READ)], "vgs": [(r"", READ)], "pvs": [(r"", READ)], "lvdisplay": [(r"", READ)],
    "vgdisplay": [(r"", READ)], "pvdisplay": [(r"", READ)],
    "zfs": [(r"(?:list|get|diff)\b", READ), (r"(?:destroy|rollback)\b", DESTROY)],
    "zpool": [(r"(?:list|status|get|iostat|history)\b", READ), (r"(?:destroy|labelclear)\b", DESTROY)],
    "mdadm": [(r".*--(?:detail|examine|query)", READ), (r".*--zero-superblock", DESTROY)],
    "find": [(r".*-delete\b", DESTROY), (r".*-exec(?:dir)? (?:sudo )?(?:rm|shred|unlink)\b", DESTROY),
             (r".*-exec(?:dir)? (?:ls|cat|grep|stat|du|file|head|wc|md5sum)\b", READ), (r".*-exec", CHANGE), (r"", READ)],
    "sed": [(r"(?:.* )?(?:-i\S*|--in-place\S*)(?: |$)", CHANGE), (r"", READ)], "perl": [(r"(?:.* )?-\w*i", CHANGE)],
    "tee": [(r"/dev/(?:null|stderr)$", READ)], "tar": [(r"-?\w*t\w*f?\b", READ)], "unzip": [(r"-[lt]\b", READ)],
    "curl": [(r"(?:.* )?(?:-X ?|--request[ =])\"?'?(?:GET|HEAD|OPTIONS)\b", READ), (r"(?:.* )?(?:-X ?|--request[ =])\"?'?DELETE\b", DESTROY),
             (r"(?:.* )?(?:-X ?|--request[ =])", CHANGE),
             (r"(?:.* )?-(?:G|-get)\b", READ), (r"(?:.* )?(?:-d|-F|-T|--data\S*|--form|--upload-file|--json)(?: |$|@|'|\")", CHANGE), (r"", READ)],
    "wget": [(r".*--method=DELETE", DESTROY), (r".*--(?:post|method|body)", CHANGE), (r"", READ)],
    "http": [(r"(?:.* )?DELETE\b", DESTROY), (r"(?:.* )?(?:POST|PUT|PATCH)\b", CHANGE), (r"", READ)],
    "grpcurl": [(r".*\b(?:list|describe)\b", READ)],
    "redis-cli": [
        (r"(?:.* )?--(?:scan|bigkeys|memkeys|hotkeys|stat|latency\S*|intrinsic-latency|rdb|memkeys-samples)\b", READ),
        (r"(?i:(?:flushall|flushdb|del|unlink|ltrim|xtrim|spop|lpop|rpop|cluster reset|getdel|hdel|srem|zrem|xdel))\b", DESTROY),
        (r"(?i:(?:info|ping|keys|scan|get|mget|ttl|pttl|type|exists|llen|lrange|scard|smembers|zcard|zrange|hget|hgetall|hlen"
         r"|xlen|xinfo|dbsize|monitor|memory (?:usage|stats|doctor)|client (?:list|info|getname)|config get|slowlog (?:get|len)"
         r"|latency \w+|cluster (?:info|nodes|slots|shards|keyslot)|role|time|object \w+|acl (?:list|whoami|getuser)"
         r"|sentinel (?:master\w*|replicas|slaves|sentinels|ckquorum|get-master-addr-by-name)))\b", READ)],
    "aws": [(r".*--dry-?run\b", READ), (r"s3 (?:ls|presign)\b", READ), (r"s3 cp s3://\S+ (?!s3://)", READ), (r"s3 sync .*--delete", DESTROY),
            (r"s3 (?:rm|rb|mv)\b", DESTROY), (r"\S+ (?:describe|list|get|head|lookup|search|scan|query|wait|filter|test|batch-get|select|simulate|tail)\S*", READ),
            (r"(?:sts|configure list|logs (?:tail|start-query))\b", READ),
            (r"\S+ (?:delete|terminate|purge|remove|deregister|destroy|schedule-key-deletion|batch-delete|release)\S*", DESTROY)],
    "gcloud": [(_DELETING, DESTROY), (_LISTING, READ), (r".*\b(?:list|describe|read|get-\S+)\b", READ), (r"config set\b", CHANGE)],
    "gsutil": [(r"(?:-m )?(?:ls|cat|du|stat|hash)\b", READ), (r"(?:-m )?(?:rm|rb|mv)\b", DESTROY), (r"(?:-m )?rsync .*-d\b", DESTROY)],
    "bq": [(r"(?:ls|show|head)\b", READ), (r"rm\b", DESTROY)],
    "az": [(r".*\b(?:delete|purge|remove)\b", DESTROY), (r".*\b(?:list\S*|show\S*|query)\b", READ)],
    "git": [(r"(?:status|log|diff|show|blame|branch(?: -[avr]+)?$|remote(?: -v)?$|fetch|ls-\S+|rev-parse|describe|grep|reflog|shortlog|tag(?: -l.*)?$|config --get|bisect log)", READ),
            (r"(?:reset .*--hard|clean .*-\w*f|push .*(?:--force\b|-f\b|--delete|-d\b)|branch .*-D|stash (?:drop|clear)|filter-branch|reflog expire|gc --prune)", DESTROY)],
    "terraform": [(r"(?:plan|show|output|validate|version|graph|providers|console|state (?:list|show|pull)|workspace (?:list|show)|fmt .*-check)\b", READ),
                  (r"(?:destroy|apply .*-destroy|state rm|workspace delete)\b", DESTROY)],
    "tofu": [(r"(?:plan|show|output|validate|state (?:list|show))\b", READ), (r"(?:destroy|state rm)\b", DESTROY)],
    "terragrunt": [(r"(?:plan|show|output|validate)\b", READ), (r"(?:destroy|run-all destroy)\b", DESTROY)],
    "pulumi": [(r"(?:preview|stack (?:ls|output)|logs|whoami)\b", READ), (r"destroy\b", DESTROY)],
    "etcdctl": [(r"(?:get|member list|endpoint (?:health|status|hashkv)|alarm list|snapshot (?:status|save)|check|version|watch|auth status|user list|role list|lease list)\b", READ),
                (r"(?:del|member remove|compact\w*|snapshot restore|lease revoke|user delete|role delete)\b", DESTROY)],
    "ceph": [(r"(?:-s|-w|status|health|df|osd (?:tree|df|status|stat|perf|dump|ls|find|metadata|pool (?:ls|get|stats)|crush (?:dump|tree|rule (?:ls|dump)))|pg (?:stat|dump\S*|ls\S*|map|\S+ query)"
              r"|mon (?:stat|dump)|quorum_status|versions|mgr (?:dump|module ls|services)|fs (?:ls|status|dump)|auth (?:ls|list|get)|config (?:dump|get|show|log)|log last|crash (?:ls|info)|device ls|orch (?:ps|ls|status|device ls|host ls)|tell \S+ (?:version|help)|report|time-sync-status|features|daemon \S+ (?:perf|config show|status|dump\S*|help))", READ),
             (r"(?:osd (?:purge|destroy|rm|lost|pool (?:rm|delete))|fs rm|auth (?:del|rm)|mon (?:rm|remove)|orch (?:rm|osd rm|device zap)|config-key rm|pg \S+ mark_unfound_lost|device zap)\b", DESTROY)],
    "rbd": [(r"(?:ls|list|info|du|status|diff|showmapped|snap ls|perf)\b", READ), (r"(?:rm|remove|snap (?:rm|purge|rollback)|trash (?:purge|rm))\b", DESTROY)],
    "rados": [(r"(?:ls|lspools|df|stat|get|listomapkeys|list-inconsistent-\S+)\b", READ), (r"(?:-p \S+ )?(?:rm|purge|cleanup)\b", DESTROY)],
    "nomad": [(r"(?:status|job (?:status|plan|history|inspect|validate)|plan|node status|alloc (?:status|logs|fs)|logs|server members|monitor|operator raft list-peers|eval status|deployment (?:status|list)|ui)\b", READ),
              (r"(?:stop .*-purge|job stop .*-purge|system gc|operator raft remove-peer|namespace delete|volume delete|node purge)\b", DESTROY)],
    "consul": [(r"(?:members|monitor|info|kv (?:get|export)|catalog|operator raft list-peers|validate|rtt|debug|watch|snapshot (?:save|inspect)|intention (?:check|list|get)|acl \w+ (?:list|read))\b", READ),
               (r"(?:kv delete|operator raft remove-peer|snapshot restore|acl \w+ delete|intention delete|config delete)\b", DESTROY)],
    "vault": [(r"(?:status|read|list|kv (?:get|list|metadata get)|token (?:lookup|capabilities)|policy (?:list|read)|secrets list|auth list|operator (?:key-status|members|raft (?:list-peers|snapshot save))|audit list|debug|print|path-help)\b", READ),
              (r"(?:delete|kv (?:delete|destroy|metadata delete)|secrets disable|auth disable|policy delete|lease revoke|token revoke|operator raft (?:remove-peer|snapshot restore))\b", DESTROY)],
    "kafka-topics": [(r".*--(?:describe|list)\b", READ), (r".*--delete\b", DESTROY)],
    "kafka-consumer-groups": [(r".*--(?:reset-offsets|delete-offsets)\b.*--dry-run", READ), (r".*--delete\b", DESTROY), (r".*--reset-offsets .*--execute", DESTROY), (r".*--(?:describe|list)\b", READ)],
    "kafka-configs": [(r".*--describe\b", READ)], "kafka-console-consumer": [(r"", READ)], "kafka-log-dirs": [(r"", READ)],
    "kafka-broker-api-versions": [(r"", READ)], "kafka-get-offsets": [(r"", READ)], "kafka-dump-log": [(r"", READ)],
    "kafka-metadata-quorum": [(r".*describe", READ)], "kafka-reassign-partitions": [(r".*--(?:verify|generate|list)\b", READ)],
    "kafka-delete-records": [(r"", DESTROY)], "kafka-acls": [(r".*--list\b", READ), (r".*--remove\b", DESTROY)],
    "rabbitmqctl": [(r"(?:list_\S+|status|cluster_status|node_health_check|report|environment|ping|eval)\b", READ), (r"(?:delete_\S+|purge_queue|reset|force_reset|forget_cluster_node|clear_\S+)\b", DESTROY)],
    "rabbitmq-diagnostics": [(r"", READ)], "rabbitmqadmin": [(r".*\b(?:list|show|get)\b", READ), (r".*\b(?:delete|purge)\b", DESTROY)],
    "patronictl": [(r"(?:list|topology|history|show-config|version|query|dsn)\b", READ), (r"(?:reinit|remove)\b", DESTROY)],
    "pg_ctl": [(r"status\b", READ)], "pg_restore": [(r"(?:.* )?(?:-l|--list)\b", READ), (r".*--clean\b", DESTROY)], "dropdb": [(r"", DESTROY)],
    "pgbackrest": [(r"(?:.* )?(?:info|check|verify)(?: |$)", READ), (r"(?:.* )?(?:expire|stanza-delete)\b", DESTROY)],
    "dropuser": [(r"", DESTROY)], "pgbench": [(r"", CHANGE)], "amtool": [(r"(?:alert(?: query)?(?: |$)|silence(?: query)?(?: \S+=|$)|alert query|silence query|config|check-config|cluster)(?!add)", READ)],
    "nodetool": [(r"(?:status|info|tpstats|ring|describecluster|compactionstats|netstats|cfstats|tablestats|gossipinfo|getendpoints|proxyhistograms|version)\b", READ), (r"(?:removenode|assassinate|decommission|clearsnapshot|truncatehints)\b", DESTROY)],
    "velero": [(r"(?:\S+ )?(?:get|describe|logs|version)\b", READ), (r"\S* ?delete\b", DESTROY), (r"backups? get\b", READ)],
    "argocd": [(r"app (?:list|get|diff|history|logs|manifests|wait)\b", READ), (r"\w+ delete\b", DESTROY), (r"app sync .*--prune", DESTROY), (r"(?:version|cluster list|repo list|proj list)\b", READ)],
    "flux": [(r"(?:get|logs|check|diff|tree|stats|events|version)\b", READ), (r"(?:delete|uninstall)\b", DESTROY)],
    "istioctl": [(r"(?:proxy-\S+|pc|ps|analyze|version|describe|x describe|dashboard)\b", READ)], "linkerd": [(r"(?:check|stat|top|tap|viz \w+|version)\b", READ)],
    "cilium": [(r"(?:status|monitor|endpoint (?:list|get)|\w+ list|\w+ get|version|connectivity)\b", READ)], "calicoctl": [(r"(?:get|node status|version)\b", READ), (r"delete\b", DESTROY)],
    "eksctl": [(r"(?:get|version|utils describe\S*)\b", READ), (r"(?:delete|drain)\b", DESTROY)], "kops": [(r"(?:get|validate|version|export)\b", READ), (r"(?:delete)\b", DESTROY), (r"(?:update|rolling-update)(?!.*--yes)", READ)],
    "ip": [(r"(?:-\S+ )*(?:\w+)(?: (?:show|list|get|ls)\b.*)?$", READ), (r"(?:-\S+ )*\w+ (?:del|delete|flush)\b", DESTROY)], "ifconfig": [(r"(?:\S+|-a)?$", READ)], "route": [(r"(?:-n)?$", READ)],
    "iptables": [(r"(?:.* )?(?:-L|-S|--list|--list-rules)", READ), (r"(?:.* )?(?:-F|-X|--flush)\b", DESTROY), (r"(?:.* )?(?:-D|--delete)\b", DESTROY)], "nft": [(r"list\b", READ), (r"(?:flush|delete)\b", DESTROY)],
    "ufw": [(r"status\b", READ), (r".*\bdelete\b", DESTROY)], "firewall-cmd": [(r".*--(?:list|get|state|query)\S*", READ)],
    "ethtool": [(r"(?:-[iSkg] )?\S+$", READ)], "sysctl": [(r"(?:.* )?-w\b|.*=", CHANGE), (r"", READ)], "crontab": [(r"(?:.* )?-l\b", READ), (r"(?:.* )?-r\b", DESTROY)],
    "mount": [(r"(?:-l)?$", READ)], "umount": [(r"", CHANGE)], "lvextend": [(r"", CHANGE)], "resize2fs": [(r"", CHANGE)], "fsck": [(r"(?:.* )?-[nN]\b", READ)],
    "ntpq": [(r"", READ)], "chronyc": [(r"(?:tracking|sources\w*|activity|clients)\b", READ), (r"-n sources", READ)], "timedatectl": [(r"(?:status|show|list-timezones|timesync-status)?$", READ)],
    "apt": [(r"(?:list|show|search|policy)\b", READ), (r"(?:remove|purge|autoremove)\b", DESTROY)], "apt-get": [(r"(?:.* )?(?:-s|--dry-run|--simulate)\b", READ), (r"(?:-\S+ )*(?:remove|purge|autoremove)\b", DESTROY)],
    "apt-cache": [(r"", READ)], "dpkg": [(r"-[lLsS]\b|--list", READ), (r"-[rP]\b|--purge", DESTROY)], "rpm": [(r"-q", READ), (r"-e\b", DESTROY)],
    "yum": [(r"(?:list|info|search|history|repolist)\b", READ), (r"(?:-y )?(?:remove|erase)\b", DESTROY)], "dnf": [(r"(?:list|info|search|history|repolist)\b", READ), (r"(?:-y )?(?:remove|erase)\b", DESTROY)],
    "pip": [(r"(?:list|show|freeze|check)\b", READ)], "npm": [(r"(?:ls|list|view|outdated|audit$)\b", READ)], "rsync": [(r"(?:.* )?(?:-\w*n\w*|--dry-run)(?: |$)", READ), (r".*--delete\b", DESTROY)],
    "ssh": [(r"\S+$", READ), (r"(?:-\S+ \S+ )*-N\b|.* -L ", READ)], "ssh-keyscan": [(r"", READ)], "ssh-keygen": [(r"(?:.* )?-R\b", CHANGE), (r"(?:.* )?-l", READ)], "scp": [(r"\S+:\S+ (?!\S+:)", READ)],
    "ansible-playbook": [(r".*(?:--check|-C\b|--list-\S+|--syntax-check)", READ)], "ansible": [(r".*-m (?:ping|setup)\b", READ)], "puppet": [(r".*--noop", READ)],
    "openssl": [(r"", READ)], "certbot": [(r"certificates\b|.*--dry-run", READ), (r"(?:delete|revoke)\b", DESTROY)], "cmctl": [(r"(?:status|inspect|check)\b", READ)],
    "gpg": [(r".*--(?:list|verify)", READ), (r".*--delete", DESTROY)], "mc": [(r"(?:ls|stat|du|admin info|cat|find|diff)\b", READ), (r"(?:rm|rb|mirror .*--remove)\b", DESTROY)],
    "rclone": [(r"(?:ls\w*|size|check|cat)\b|.*--dry-run", READ), (r"(?:delete|purge|sync|move|rmdir\w*)\b", DESTROY)], "restic": [(r"(?:snapshots|ls|check|stats|diff|find)\b", READ), (r"(?:forget|prune)\b", DESTROY)],
    "gh": [(r"\w+ (?:list|view|status|diff|checks|watch)\b", READ), (r"\w+ delete\b", DESTROY)], "make": [(r"-n\b", READ), (r"(?:clean|destroy)\b", DESTROY)],
    "flyctl": [(_DELETING, DESTROY), (_LISTING, READ)], "heroku": [(r"(?:ps|logs|config|releases|status|info)(?: |$)", READ), (r".*:(?:destroy|reset)\b", DESTROY)],
    "cockroach": [(r"(?:node status|node ls|version|debug)\b", READ)], "influx": [(r".*\b(?:list|query|find)\b", READ), (r".*\bdelete\b", DESTROY)], "thanos": [(r"tools bucket (?:ls|inspect|verify$|web)", READ)],
    "mimirtool": [(r".*\b(?:list|get|print|diff|verify|lint|check)\b", READ), (r".*\bdelete\b", DESTROY)], "lokitool": [(r".*\b(?:list|get|print|diff|lint|check)\b", READ)], "tempo-cli": [(r"(?:list|view|query|search|analyse)\b", READ)],
    "crm": [(r"(?:status|configure show)\b", READ)], "pcs": [(r"(?:status|\S+ (?:show|config))\b", READ)], "multipath": [(r"-ll?", READ)], "hdparm": [(r"-[Iit]", READ)], "git-lfs": [(r"ls-files", READ)],
    "keytool": [(r".*-list", READ), (r".*-delete", DESTROY)], "ldapsearch": [(r"", READ)], "ldapdelete": [(r"", DESTROY)], "dsconf": [(_LISTING, READ)], "postqueue": [(r"-p", READ)], "mailq": [(r"", READ)],
    "postsuper": [(r".*-d\b", DESTROY)], "exim": [(r"-bp", READ), (r"-Mrm", DESTROY)], "kill": [(r"-l$|-0\b", READ)], "wg": [(r"(?:show.*)?$", READ)], "ipsec": [(r"status\w*\b", READ)], "swanctl": [(r"--(?:list|stats)\S*", READ)],
    "birdc": [(r"show\b", READ)], "vtysh": [(r".*-c ['\"]show", READ)], "gds": [(r"govuk connect\b", READ)], "ncdu": [(r"", READ)], "perf": [(r"(?:top|stat|record|report)\b", READ)], "strace": [(r"", READ)], "jstack": [(r"", READ)],
    "jmap": [(r"", READ)], "jcmd": [(r"", READ)], "jstat": [(r"", READ)], "gdb": [(r"", CHANGE)], "bpftrace": [(r"", READ)], "nvidia-smi": [(r"(?:-L|-q.*)?$", READ)], "ipmitool": [(r".*\b(?:list|status|print|elist|info)\b", READ)],
    "vmware-toolbox-cmd": [(r"\S+ (?:status|list)\b", READ)], "gitlab-rake": [(r".*(?:check|info|status)\b", READ)], "wal-g": [(r"(?:backup-list|wal-show|wal-verify)\b", READ), (r"delete\b", DESTROY)], "barman": [(r"(?:list-\S+|show-\S+|check|status)\b", READ), (r"delete\b", DESTROY)],
    "elasticsearch-node": [(r"", DESTROY)], "clickhouse-client": [], "snapraid": [(r"(?:status|diff)\b", READ)], "virsh": [(r"(?:list|dominfo|domstate|dumpxml|net-list|pool-list)\b", READ), (r"(?:undefine|vol-delete|destroy)\b", DESTROY)],
    "openstack": [(r".*\b(?:list|show)\b", READ), (r".*\bdelete\b", DESTROY)], "gluster": [(r".*\b(?:info|status|list)\b", READ), (r".*\b(?:delete|detach|remove-brick)\b", DESTROY)], "drbdadm": [(r"(?:status|cstate|dstate|role|dump)\b", READ), (r"(?:invalidate|.*--discard-my-data)", DESTROY)],
    "cloud-init": [(r"(?:status|query|analyze)\b", READ), (r"clean\b", DESTROY)], "snap": [(r"(?:list|info|find|changes)\b", READ), (r"remove\b", DESTROY)], "launchctl": [(r"list\b", READ)], "sqlite3": [], "mkdir": [(r"", CHANGE)], "wal-e": [(r"backup-list\b", READ), (r"delete\b", DESTROY)],
}  # fmt: skip

HELP = _ANY_HELP

# SQL and what is written like it: the first words of a statement.
SQL_RULES: list[tuple[str, Risk]] = [
    (r"select\b.*\b(?:pg_drop_replication_slot|lo_unlink)\s*\(", DESTROY),
    (r"(?:select\s+)?(?:pg_wal_replay_\w+|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_rotate_logfile|pg_switch_wal|pg_promote"
     r"|pg_create_\w+|pg_advisory_unlock\w*|pg_stat_reset\w*|setval|nextval|dblink_exec)\s*\(", CHANGE),
    (r"select\b.*\b(?:pg_wal_replay_\w+|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_switch_wal|pg_promote|pg_create_\w+"
     r"|pg_stat_reset\w*|setval|nextval)\s*\(", CHANGE),
    (r"(?:with\b.*\)\s*)?(?:delete\s+from|delete\b(?=\s+\w+\s+from))", DESTROY), (r"(?:drop|truncate|purge)\b", DESTROY),
    (r"alter\b.*\bdrop\s+(?:column|partition|constraint)\b", DESTROY), (r"reset\s+master\b|reset\s+slave\s+all\b", DESTROY),
    (r"(?:with\b.*\)\s*)?(?:insert|update|merge|replace)\s+(?:into\s+|low_priority\s+|ignore\s+)?\w", CHANGE),
    (r"explain\s+(?:\(?\s*analy[sz]e)[^;]*\b(?:delete|update|insert)\b", CHANGE), (r"select\b[^;]*\binto\s+(?:outfile|table)?", CHANGE),
    (r"(?:select|show|explain|describe|desc|with|values|table|pragma|\\[dlxtipqehc]|\\timing|\\watch|use|begin|rollback;?$|fetch)", READ),
    (r"set\s+(?!global|persist|password)", READ),
]  # fmt: skip
SQL_CLIENTS = frozenset(
    ["psql", "mysql", "mariadb", "sqlite3", "sqlplus", "clickhouse-client", "cqlsh", "bq", "snowsql", "cockroach", "usql"]
)
