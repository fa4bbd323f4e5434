"""Databases, queues, storage and the tools around them. How the table is read: ``risk_rules``."""

TABLE = r"""
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
