"""Which commands look, change and destroy, one table for each field. How a table is read: ``risk_rules``."""

# Containers, clusters and what deploys to them.
CONTAINERS = r"""
kubectl,oc,k,microk8s  read    .*--dry-run(?:=(?:client|server|true))?(?: |$)
                       destroy (?:delete|drain)\b
                       destroy adm drain\b
                       destroy replace .*--force
                       read    (?:get|describe|logs?|top|explain|version|cluster-info|api-resources|api-versions)\b
                       read    (?:diff|wait|events|port-forward|proxy|auth (?:can-i|whoami))\b
                       read    (?:rollout (?:status|history)|config (?:view|get|current-context))\b
                       read    (?:config get-\S+|whoami|projects|status|completion)\b
                       read    (?:kustomize|plugin|options)\b
                       read    (?:debug)\b
                       read    cp \S+:\S+\s
                       read    adm (?:top|inspect|must-gather|node-logs)
                       destroy adm prune
                       read    run .*--rm .*(?:nslookup|dig|curl|wget|ping|nc|host)\b
                       destroy patch .*\"?finalizers
                       change  scale .*--replicas=0
helm                   read    .*--dry-run
                       destroy (?:uninstall|delete|del)\b
                       read    (?:ls|list|status|history|get|show|search|template|lint|version|env|verify)\b
                       read    (?:repo (?:ls|list)|dependency list|diff)\b
docker,podman,nerdctl,crictl read    (?:ps|images?|image (?:ls|inspect|history)|logs|inspect|stats|top|info)\b
                       read    (?:version|history|port|diff|events|search)\b
                       read    (?:container|volume|network|node) (?:ls|list|inspect|ps|logs|df|info|events|use)\b
                       read    (?:service|stack|config|secret) (?:ls|list|inspect|ps|logs|df|info|events|use)\b
                       read    (?:system|context|buildx) (?:ls|list|inspect|ps|logs|df|info|events|use)\b
                       read    (?:compose )(?:ps|logs|config|top|images|ls|version)\b
                       destroy compose down .*(?:-v|--volumes)\b
                       destroy (?:rm|rmi|kill)\b
                       destroy (?:\w+ )?(?:prune|rm|remove)\b
                       read    (?:ls|list|get)\b
docker-compose         read    (?:ps|logs|config|top|images)\b
                       destroy down .*(?:-v|--volumes)
                       destroy rm\b
ctr                    destroy (?:\S+ ){0,4}(?:rm|remove|delete|prune)\b
                       read    (?:\S+ ){0,4}(?:ls|list|info|check)\b
nomad                  read    (?:status|job (?:status|plan|history|inspect|validate)|plan|node status)\b
                       read    (?:alloc (?:status|logs|fs)|logs|server members|monitor|operator raft list-peers)\b
                       read    (?:eval status|deployment (?:status|list)|ui)\b
                       destroy (?:stop .*-purge|job stop .*-purge|system gc|operator raft remove-peer)\b
                       destroy (?:namespace delete|volume delete|node purge)\b
velero                 read    (?:\S+ )?(?:get|describe|logs|version)\b
                       destroy \S* ?delete\b
                       read    backups? get\b
argocd                 read    app (?:list|get|diff|history|logs|manifests|wait)\b
                       destroy \w+ delete\b
                       destroy app sync .*--prune
                       read    (?:version|cluster list|repo list|proj list)\b
flux                   read    (?:get|logs|check|diff|tree|stats|events|version)\b
                       destroy (?:delete|uninstall)\b
istioctl               read    (?:proxy-\S+|pc|ps|analyze|version|describe|x describe|dashboard)\b
linkerd                read    (?:check|stat|top|tap|viz \w+|version)\b
cilium                 read    (?:status|monitor|endpoint (?:list|get)|\w+ list|\w+ get|version|connectivity)\b
calicoctl              read    (?:get|node status|version)\b
                       destroy delete\b
eksctl                 read    (?:get|version|utils describe\S*)\b
                       destroy (?:delete|drain)\b
kops                   read    (?:get|validate|version|export)\b
                       destroy (?:delete)\b
                       read    (?:update|rolling-update)(?!.*--yes)
cmctl                  read    (?:status|inspect|check)\b
crm                    read    (?:status|configure show)\b
pcs                    read    (?:status|\S+ (?:show|config))\b
virsh                  read    (?:list|dominfo|domstate|dumpxml|net-list|pool-list)\b
                       destroy (?:undefine|vol-delete|destroy)\b
openstack              read    .*\b(?:list|show)\b
                       destroy .*\bdelete\b
"""

# Clouds, code, secrets and HTTP.
CLOUD = r"""
curl                   read    (?:.* )?(?:-X ?|--request[ =])\"?'?(?:GET|HEAD|OPTIONS)\b
                       destroy (?:.* )?(?:-X ?|--request[ =])\"?'?DELETE\b
                       change  (?:.* )?(?:-X ?|--request[ =])
                       read    (?:.* )?-(?:G|-get)\b
                       change  (?:.* )?(?:-d|-F|-T|--data\S*|--form|--upload-file|--json)(?: |$|@|'|\")
                       read
wget                   destroy .*--method=DELETE
                       change  .*--(?:post|method|body)
                       read
http                   destroy (?:.* )?DELETE\b
                       change  (?:.* )?(?:POST|PUT|PATCH)\b
                       read
grpcurl                read    .*\b(?:list|describe)\b
aws                    read    .*--dry-?run\b
                       read    s3 (?:ls|presign)\b
                       read    s3 cp s3://\S+ (?!s3://)
                       destroy s3 sync .*--delete
                       destroy s3 (?:rm|rb|mv)\b
                       read    \S+ (?:describe|list|get|head|lookup|search|scan|query|wait|filter|test|batch-get)\S*
                       read    \S+ (?:select|simulate|tail)\S*
                       read    (?:sts|configure list|logs (?:tail|start-query))\b
                       destroy \S+ (?:delete|terminate|purge|remove|deregister|destroy|schedule-key-deletion)\S*
                       destroy \S+ (?:batch-delete|release)\S*
gcloud                 destroy (?:\S+ ){0,4}(?:delete\S*|destroy\S*|rm|rb|rmi|purge\S*|remove\S*|prune)\b
                       destroy (?:\S+ ){0,4}(?:terminate\S*|drop\S*|wipe\S*|truncate\S*|erase)\b
                       read    (?:\S+ ){0,4}(?:ls|list\S*|get\S*|describe\S*|show\S*|view|info|status|stat)\b
                       read    (?:\S+ ){0,4}(?:inspect|history|read|search\S*|diff|check|validate|version)\b
                       read    (?:\S+ ){0,4}(?:versions|help|top|tree|log|logs|lookup\S*|query|scan|head-\S+|wait)\b
                       read    (?:\S+ ){0,4}(?:tail|filter-log-events)\b
                       read    .*\b(?:list|describe|read|get-\S+)\b
                       change  config set\b
gsutil                 read    (?:-m )?(?:ls|cat|du|stat|hash)\b
                       destroy (?:-m )?(?:rm|rb|mv)\b
                       destroy (?:-m )?rsync .*-d\b
bq                     read    (?:ls|show|head)\b
                       destroy rm\b
az                     destroy .*\b(?:delete|purge|remove)\b
                       read    .*\b(?:list\S*|show\S*|query)\b
git                    read    (?:status|log|diff|show|blame|branch(?: -[avr]+)?$|remote(?: -v)?$|fetch|ls-\S+)
                       read    (?:rev-parse|describe|grep|reflog|shortlog|tag(?: -l.*)?$|config --get|bisect log)
                       destroy (?:reset .*--hard|clean .*-\w*f|push .*(?:--force\b|-f\b|--delete|-d\b)|branch .*-D)
                       destroy (?:stash (?:drop|clear)|filter-branch|reflog expire|gc --prune)
terraform              read    (?:plan|show|output|validate|version|graph|providers|console)\b
                       read    (?:state (?:list|show|pull)|workspace (?:list|show)|fmt .*-check)\b
                       destroy (?:destroy|apply .*-destroy|state rm|workspace delete)\b
tofu                   read    (?:plan|show|output|validate|state (?:list|show))\b
                       destroy (?:destroy|state rm)\b
terragrunt             read    (?:plan|show|output|validate)\b
                       destroy (?:destroy|run-all destroy)\b
pulumi                 read    (?:preview|stack (?:ls|output)|logs|whoami)\b
                       destroy destroy\b
consul                 read    (?:members|monitor|info|kv (?:get|export)|catalog|operator raft list-peers)\b
                       read    (?:validate|rtt|debug|watch|snapshot (?:save|inspect)|intention (?:check|list|get))\b
                       read    (?:acl \w+ (?:list|read))\b
                       destroy (?:kv delete|operator raft remove-peer|snapshot restore|acl \w+ delete)\b
                       destroy (?:intention delete|config delete)\b
vault                  read    (?:status|read|list|kv (?:get|list|metadata get)|token (?:lookup|capabilities))\b
                       read    (?:policy (?:list|read)|secrets list|auth list)\b
                       read    (?:operator (?:key-status|members|raft (?:list-peers|snapshot save))|audit list)\b
                       read    (?:debug|print|path-help)\b
                       destroy (?:delete|kv (?:delete|destroy|metadata delete)|secrets disable|auth disable)\b
                       destroy (?:policy delete|lease revoke|token revoke)\b
                       destroy (?:operator raft (?:remove-peer|snapshot restore))\b
pip                    read    (?:list|show|freeze|check)\b
npm                    read    (?:ls|list|view|outdated|audit$)\b
ansible-playbook       read    .*(?:--check|-C\b|--list-\S+|--syntax-check)
ansible                read    .*-m (?:ping|setup)\b
puppet                 read    .*--noop
certbot                read    certificates\b|.*--dry-run
                       destroy (?:delete|revoke)\b
gpg                    read    .*--(?:list|verify)
                       destroy .*--delete
mc                     read    (?:ls|stat|du|admin info|cat|find|diff)\b
                       destroy (?:rm|rb|mirror .*--remove)\b
rclone                 read    (?:ls\w*|size|check|cat)\b|.*--dry-run
                       destroy (?:delete|purge|sync|move|rmdir\w*)\b
restic                 read    (?:snapshots|ls|check|stats|diff|find)\b
                       destroy (?:forget|prune)\b
gh                     read    \w+ (?:list|view|status|diff|checks|watch)\b
                       destroy \w+ delete\b
make                   read    -n\b
                       destroy (?:clean|destroy)\b
flyctl                 destroy (?:\S+ ){0,4}(?:delete\S*|destroy\S*|rm|rb|rmi|purge\S*|remove\S*|prune)\b
                       destroy (?:\S+ ){0,4}(?:terminate\S*|drop\S*|wipe\S*|truncate\S*|erase)\b
                       read    (?:\S+ ){0,4}(?:ls|list\S*|get\S*|describe\S*|show\S*|view|info|status|stat)\b
                       read    (?:\S+ ){0,4}(?:inspect|history|read|search\S*|diff|check|validate|version)\b
                       read    (?:\S+ ){0,4}(?:versions|help|top|tree|log|logs|lookup\S*|query|scan|head-\S+|wait)\b
                       read    (?:\S+ ){0,4}(?:tail|filter-log-events)\b
heroku                 read    (?:ps|logs|config|releases|status|info)(?: |$)
                       destroy .*:(?:destroy|reset)\b
git-lfs                read    ls-files
keytool                read    .*-list
                       destroy .*-delete
gds                    read    govuk connect\b
cloud-init             read    (?:status|query|analyze)\b
                       destroy clean\b
"""

# Databases, queues, storage and the tools around them.
DATA = r"""
redis-cli              read    (?:.* )?--(?:scan|bigkeys|memkeys|hotkeys|stat|latency\S*|intrinsic-latency|rdb)\b
                       read    (?:.* )?--(?:memkeys-samples)\b
                       destroy (?i:(?:flushall|flushdb|del|unlink|ltrim|xtrim|spop|lpop|rpop|cluster reset))\b
                       destroy (?i:(?:getdel|hdel|srem|zrem|xdel))\b
                       read    (?i:(?:info|ping|keys|scan|get|mget|ttl|pttl|type|exists|llen|lrange|scard))\b
                       read    (?i:(?:smembers|zcard|zrange|hget|hgetall|hlen|xlen|xinfo|dbsize|monitor))\b
                       read    (?i:(?:memory (?:usage|stats|doctor)|client (?:list|info|getname)|config get))\b
                       read    (?i:(?:slowlog (?:get|len)|latency \w+))\b
                       read    (?i:(?:cluster (?:info|nodes|slots|shards|keyslot)|role|time|object \w+))\b
                       read    (?i:(?:acl (?:list|whoami|getuser)))\b
                       read    (?i:sentinel (?:master\w*|replicas|slaves|sentinels|ckquorum|get-master-addr\S*))\b
etcdctl                read    (?:get|member list|endpoint (?:health|status|hashkv)|alarm list)\b
                       read    (?:snapshot (?:status|save)|check|version|watch|auth status|user list|role list)\b
                       read    (?:lease list)\b
                       destroy (?:del|member remove|compact\w*|snapshot restore|lease revoke|user delete)\b
                       destroy (?:role delete)\b
ceph                   read    (?:-s|-w|status|health|df)
ceph                   read    osd (?:tree|df|status|stat|perf|dump|ls|find|metadata|pool (?:ls|get|stats))\b
                   read    osd crush (?:dump|tree|rule (?:ls|dump))\b
                       read    (?:pg (?:stat|dump\S*|ls\S*|map|\S+ query)|mon (?:stat|dump)|quorum_status|versions)
                       read    (?:mgr (?:dump|module ls|services)|fs (?:ls|status|dump)|auth (?:ls|list|get))
                       read    (?:config (?:dump|get|show|log)|log last|crash (?:ls|info)|device ls)
                       read    (?:orch (?:ps|ls|status|device ls|host ls)|tell \S+ (?:version|help)|report)
                       read    (?:time-sync-status|features|daemon \S+ (?:perf|config show|status|dump\S*|help))
                       destroy (?:osd (?:purge|destroy|rm|lost|pool (?:rm|delete))|fs rm|auth (?:del|rm))\b
                       destroy (?:mon (?:rm|remove)|orch (?:rm|osd rm|device zap)|config-key rm)\b
                       destroy (?:pg \S+ mark_unfound_lost|device zap)\b
rbd                    read    (?:ls|list|info|du|status|diff|showmapped|snap ls|perf)\b
                       destroy (?:rm|remove|snap (?:rm|purge|rollback)|trash (?:purge|rm))\b
rados                  read    (?:ls|lspools|df|stat|get|listomapkeys|list-inconsistent-\S+)\b
                       destroy (?:-p \S+ )?(?:rm|purge|cleanup)\b
kafka-topics           read    .*--(?:describe|list)\b
                       destroy .*--delete\b
kafka-consumer-groups  read    .*--(?:reset-offsets|delete-offsets)\b.*--dry-run
                       destroy .*--delete\b
                       destroy .*--reset-offsets .*--execute
                       read    .*--(?:describe|list)\b
kafka-configs          read    .*--describe\b
kafka-metadata-quorum  read    .*describe
kafka-reassign-partitions read    .*--(?:verify|generate|list)\b
kafka-acls             read    .*--list\b
                       destroy .*--remove\b
rabbitmqctl            read    (?:list_\S+|status|cluster_status|node_health_check|report|environment|ping|eval)\b
                       destroy (?:delete_\S+|purge_queue|reset|force_reset|forget_cluster_node|clear_\S+)\b
rabbitmqadmin          read    .*\b(?:list|show|get)\b
                       destroy .*\b(?:delete|purge)\b
patronictl             read    (?:list|topology|history|show-config|version|query|dsn)\b
                       destroy (?:reinit|remove)\b
pg_ctl                 read    status\b
pg_restore             read    (?:.* )?(?:-l|--list)\b
                       destroy .*--clean\b
pgbackrest             read    (?:.* )?(?:info|check|verify)(?: |$)
                       destroy (?:.* )?(?:expire|stanza-delete)\b
amtool                 read    (?:alert(?: query)?(?: |$)|silence(?: query)?(?: \S+=|$)|alert query)(?!add)
                       read    (?:silence query|config|check-config|cluster)(?!add)
nodetool               read    (?:status|info|tpstats|ring|describecluster|compactionstats|netstats|cfstats)\b
                       read    (?:tablestats|gossipinfo|getendpoints|proxyhistograms|version)\b
                       destroy (?:removenode|assassinate|decommission|clearsnapshot|truncatehints)\b
cockroach              read    (?:node status|node ls|version|debug)\b
influx                 read    .*\b(?:list|query|find)\b
                       destroy .*\bdelete\b
thanos                 read    tools bucket (?:ls|inspect|verify$|web)
mimirtool              read    .*\b(?:list|get|print|diff|verify|lint|check)\b
                       destroy .*\bdelete\b
lokitool               read    .*\b(?:list|get|print|diff|lint|check)\b
tempo-cli              read    (?:list|view|query|search|analyse)\b
dsconf                 read    (?:\S+ ){0,4}(?:ls|list\S*|get\S*|describe\S*|show\S*|view|info|status|stat)\b
                       read    (?:\S+ ){0,4}(?:inspect|history|read|search\S*|diff|check|validate|version)\b
                       read    (?:\S+ ){0,4}(?:versions|help|top|tree|log|logs|lookup\S*|query|scan|head-\S+|wait)\b
                       read    (?:\S+ ){0,4}(?:tail|filter-log-events)\b
wal-g                  read    (?:backup-list|wal-show|wal-verify)\b
                       destroy delete\b
barman                 read    (?:list-\S+|show-\S+|check|status)\b
                       destroy delete\b
gluster                read    .*\b(?:info|status|list)\b
                       destroy .*\b(?:delete|detach|remove-brick)\b
drbdadm                read    (?:status|cstate|dstate|role|dump)\b
                       destroy (?:invalidate|.*--discard-my-data)
wal-e                  read    backup-list\b
                       destroy delete\b
"""

# One machine: files, disks, services, packages, network.
HOSTS = r"""
systemctl              read    (?:status|is-\S+|list-\S+|show\S*|cat|help|get-default)\b
service                read    \S+ status\b
                       read    --status-all
rc-service             read    \S+ status\b
journalctl             destroy .*--(?:vacuum-\S+|rotate)
                       read
dd                     read    .*\bof=/dev/null
                       destroy .*\bof=
                       read
wipefs                 destroy .*(?:-a|--all)
                       read
fdisk                  read    (?:.* )?-l
                       destroy
parted                 read    .*\bprint\b
                       destroy .*\brm\b
sgdisk                 destroy .*(?:-Z|--zap|-d)
                       read    .*-p
zfs                    read    (?:list|get|diff)\b
                       destroy (?:destroy|rollback)\b
zpool                  read    (?:list|status|get|iostat|history)\b
                       destroy (?:destroy|labelclear)\b
mdadm                  read    .*--(?:detail|examine|query)
                       destroy .*--zero-superblock
find                   destroy .*-delete\b
                       destroy .*-exec(?:dir)? (?:sudo )?(?:rm|shred|unlink)\b
                       read    .*-exec(?:dir)? (?:ls|cat|grep|stat|du|file|head|wc|md5sum)\b
                       change  .*-exec
                       read
sed                    change  (?:.* )?(?:-i\S*|--in-place\S*)(?: |$)
                       read
perl                   change  (?:.* )?-\w*i
tee                    read    /dev/(?:null|stderr)$
tar                    read    -?\w*t\w*f?\b
unzip                  read    -[lt]\b
ip                     read    (?:-\S+ )*(?:\w+)(?: (?:show|list|get|ls)\b.*)?$
                       destroy (?:-\S+ )*\w+ (?:del|delete|flush)\b
ifconfig               read    (?:\S+|-a)?$
route                  read    (?:-n)?$
iptables               read    (?:.* )?(?:-L|-S|--list|--list-rules)
                       destroy (?:.* )?(?:-F|-X|--flush)\b
                       destroy (?:.* )?(?:-D|--delete)\b
nft                    read    list\b
                       destroy (?:flush|delete)\b
ufw                    read    status\b
                       destroy .*\bdelete\b
firewall-cmd           read    .*--(?:list|get|state|query)\S*
ethtool                read    (?:-[iSkg] )?\S+$
sysctl                 change  (?:.* )?-w\b|.*=
                       read
crontab                read    (?:.* )?-l\b
                       destroy (?:.* )?-r\b
mount                  read    (?:-l)?$
fsck                   read    (?:.* )?-[nN]\b
chronyc                read    (?:tracking|sources\w*|activity|clients)\b
                       read    -n sources
timedatectl            read    (?:status|show|list-timezones|timesync-status)?$
apt                    read    (?:list|show|search|policy)\b
                       destroy (?:remove|purge|autoremove)\b
apt-get                read    (?:.* )?(?:-s|--dry-run|--simulate)\b
                       destroy (?:-\S+ )*(?:remove|purge|autoremove)\b
dpkg                   read    -[lLsS]\b|--list
                       destroy -[rP]\b|--purge
rpm                    read    -q
                       destroy -e\b
yum,dnf                read    (?:list|info|search|history|repolist)\b
                       destroy (?:-y )?(?:remove|erase)\b
rsync                  read    (?:.* )?(?:-\w*n\w*|--dry-run)(?: |$)
                       destroy .*--delete\b
ssh                    read    \S+$
                       read    (?:-\S+ \S+ )*-N\b|.* -L\s
ssh-keygen             change  (?:.* )?-R\b
                       read    (?:.* )?-l
scp                    read    \S+:\S+ (?!\S+:)
multipath              read    -ll?
hdparm                 read    -[Iit]
postqueue              read    -p
postsuper              destroy .*-d\b
exim                   read    -bp
                       destroy -Mrm
kill                   read    -l$|-0\b
wg                     read    (?:show.*)?$
ipsec                  read    status\w*\b
swanctl                read    --(?:list|stats)\S*
birdc                  read    show\b
vtysh                  read    .*-c ['\"]show
perf                   read    (?:top|stat|record|report)\b
nvidia-smi             read    (?:-L|-q.*)?$
ipmitool               read    .*\b(?:list|status|print|elist|info)\b
vmware-toolbox-cmd     read    \S+ (?:status|list)\b
gitlab-rake            read    .*(?:check|info|status)\b
snapraid               read    (?:status|diff)\b
snap                   read    (?:list|info|find|changes)\b
                       destroy remove\b
launchctl              read    list\b
"""
