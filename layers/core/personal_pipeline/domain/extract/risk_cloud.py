"""Clouds, code, secrets and HTTP. How the table is read: ``risk_rules``."""

TABLE = r"""
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
