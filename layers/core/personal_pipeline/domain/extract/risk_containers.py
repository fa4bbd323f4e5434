"""Containers, clusters and what deploys to them. How the table is read: ``risk_rules``."""

TABLE = r"""
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
