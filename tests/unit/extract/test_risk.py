"""What commands do, as a table to be reviewed: read-only, changes state, destructive."""

import pytest

from personal_pipeline.domain.extract.risk import risk_of, sql_risk
from personal_pipeline.domain.extract.risk_rules import rules
from personal_pipeline.domain.extract.structure import Risk

READ = """
kubectl get pods -n shop
kubectl -n shop describe pod web-0
kubectl --context prod -n shop logs deployment/api --tail=20 | grep -c error
kubectl top node
kubectl rollout status deployment/api
kubectl rollout history deployment/api
kubectl auth can-i delete pods
kubectl port-forward svc/db 5432:5432 &
kubectl wait --for=condition=Ready pod/web-0
kubectl apply -f x.yaml --dry-run=server
kubectl exec -it web-0 -- cat /etc/hosts
kubectl exec web-0 -- sh -c 'ps aux; df -h'
kubectl debug node/n1 -it --image=busybox -- chroot /host
kubectl cp shop/web-0:/tmp/dump.txt dump.txt
oc get routes
helm list -A
helm status api
helm upgrade api chart --dry-run
docker ps -a
docker logs --tail 50 api
docker inspect api | jq '.[0].State'
docker image ls
docker exec -it db psql -c 'select 1'
crictl ps
systemctl status nginx
systemctl list-units --failed
systemctl is-active kubelet
journalctl -u kubelet -n 50
service nginx status
df -h /var
du -xh --max-depth=2 / 2>/dev/null | sort -h | tail
find /var -name '*.log' -size +1G
sed -n '/a/,/b/p' file
awk '{print $1}' access.log | sort | uniq -c
ps aux | grep java
cat /etc/hosts > hosts.txt
cd /srv && ls -l
export NODE=n1
NODE=$(kubectl get nodes -o name | head -1)
for pod in a b; do kubectl get pod $pod; done
curl -sS https://example.org/health
curl -I https://example.org
curl -X GET https://example.org/a
curl -G --data-urlencode 'q=up' http://prometheus/api/v1/query
wget -qO- http://localhost/metrics
dig example.org
ssh db-1 uptime
ssh -L 9090:localhost:9090 monitor-1
ssh <node> 'systemctl is-active kubelet; journalctl -u kubelet -n 5'
sudo lsof -nP +L1
sudo -u postgres psql -c 'select count(*) from orders'
psql -c "\\copy (select * from t) to 'rows.csv'"
mysql -e 'show processlist'
redis-cli info memory
redis-cli -h cache-1 -p 6379 get key
redis-cli --scan --pattern 'a:*'
redis-cli config get maxmemory
kafka-topics.sh --bootstrap-server b:9092 --list
kafka-consumer-groups.sh --bootstrap-server b:9092 --describe --group g
kafka-consumer-groups --reset-offsets --to-latest --group g --topic t --dry-run
aws ec2 describe-instances --filters a
aws s3 ls s3://bucket/x/$(date +%Y)/
aws s3 cp s3://bucket/key file.txt
aws --region eu-west-1 logs tail group
gcloud compute instances list
az vm list -o table
git status
git log --oneline -5
git diff HEAD~1
terraform plan -out plan.bin
terraform state list
etcdctl member list
etcdctl --endpoints a:2379 endpoint health
ceph -s
ceph osd tree
ceph health detail
rbd ls pool
nomad job status api
consul members
consul kv get a/b
vault status
vault kv get secret/app
patronictl list orders
velero get backups
openssl s_client -connect example.org:443
tar tzf backup.tgz
rsync -an src/ dst/
ip addr show
iptables -L -n
apt list --upgradable
anything --help
"""
CHANGE = """
kubectl apply -f x.yaml
kubectl -n shop rollout restart deployment/api
kubectl rollout undo deployment/api
kubectl scale deployment/api --replicas=0
kubectl cordon n1
kubectl uncordon n1
kubectl set env deployment/api A=b
kubectl exec web-0 -- systemctl restart nginx
kubectl create configmap a --from-literal=x=y --dry-run=client -o yaml | kubectl apply -f -
helm upgrade --install api chart
docker restart api
docker compose up -d
systemctl restart nginx
sudo systemctl stop kubelet
service nginx restart
systemctl --user enable x
sed -i 's/a/b/' file
chmod 600 key
cp a b
mv a b
kill -HUP 123
xargs -n1 kill
reboot
curl -X POST https://example.org/a
curl -d '{"a": 1}' https://example.org/a
ssh db-1 'sudo systemctl restart postgresql'
psql -c "update t set a = 1"
redis-cli config set maxmemory 6gb
redis-cli client kill id 3
redis-cli --scan --pattern 'a:*' | xargs -I{} redis-cli expire {} 60
aws ec2 modify-volume --volume-id v --size 10
aws s3 cp file.txt s3://bucket/key
git pull
git push origin main
terraform apply
etcdctl put a b
etcdctl defrag
ceph osd set noout
nomad job run api.nomad
consul kv put a b
vault kv put secret/app a=b
kafka-topics --alter --topic t --partitions 6
patronictl switchover orders
growpart /dev/sda 1
resize2fs /dev/sda1
mount /dev/sdb /mnt
make deploy
an-unknown-program --flag
./scripts/rotate-keys.sh
ls && an-unknown-program
kubectl get pods && kubectl rollout restart deployment/api
"""
DESTROY = """
kubectl delete pod web-0
kubectl -n <namespace> delete pod <pod> --grace-period=0 --force
kubectl drain n1 --ignore-daemonsets --delete-emptydir-data
kubectl get pods -o yaml | kubectl delete -f -
kubectl get pods -o name | xargs kubectl delete
kubectl exec db-0 -- rm -rf /var/lib/data
kubectl exec db-0 -- sh -c 'psql -c "drop table t"'
helm uninstall api
docker system prune -af
docker rm -f api
docker volume rm data
docker compose down -v
crictl rmi --prune
rm -rf /var/log/old
sudo rm file
ls; rm -f a
find /tmp -mtime +7 -delete
find /tmp -name '*.tmp' -exec rm {} +
dd if=/dev/zero of=/dev/sdb bs=1M
mkfs.ext4 /dev/sdb1
journalctl --vacuum-size=500M
curl -X DELETE https://example.org/a
curl --request DELETE https://example.org/a
psql -c 'delete from t where a = 1'
mysql -e "drop database shop"
dropdb orders
redis-cli flushall
redis-cli -n 1 DEL key
kafka-topics.sh --delete --topic t
kafka-consumer-groups --group g --topic t --reset-offsets --to-latest --execute
aws s3 rm s3://bucket/x --recursive
aws ec2 terminate-instances --instance-ids i-1
gcloud compute instances delete vm-1
az group delete --name rg
git reset --hard origin/main
git push --force origin main
git clean -fdx
terraform destroy
terraform state rm a.b
etcdctl del a --prefix
etcdctl member remove 1
ceph osd purge 3
ceph osd pool delete a a
rbd rm pool/image
nomad job stop -purge api
consul kv delete a/b
vault kv delete secret/app
patronictl reinit orders orders-1
iptables -F
apt-get remove nginx
ssh node-1 'sudo rm -rf /srv/data'
refund-customers < list.csv
"""


def rows(text: str) -> list[str]:
    return [line for line in text.strip().split("\n") if line]


@pytest.mark.parametrize("command", rows(READ))
def test_a_command_that_only_looks_is_read_only(command: str) -> None:
    assert risk_of(command)[0] is Risk.READ_ONLY, risk_of(command)


@pytest.mark.parametrize("command", rows(CHANGE))
def test_a_command_that_changes_something_says_so(command: str) -> None:
    assert risk_of(command)[0] is Risk.CHANGES_STATE, risk_of(command)


@pytest.mark.parametrize("command", rows(DESTROY))
def test_a_command_that_deletes_is_destructive(command: str) -> None:
    assert risk_of(command)[0] is Risk.DESTRUCTIVE, risk_of(command)


@pytest.mark.parametrize(
    ("statement", "risk"),
    [
        ("select * from t", Risk.READ_ONLY),
        ("explain analyze select 1", Risk.READ_ONLY),
        ("show processlist", Risk.READ_ONLY),
        ("select pg_cancel_backend(12)", Risk.CHANGES_STATE),
        ("insert into t values (1)", Risk.CHANGES_STATE),
        ("vacuum t", Risk.CHANGES_STATE),
        ("with old as (select 1) delete from t", Risk.DESTRUCTIVE),
        ("select 1; drop table t;", Risk.DESTRUCTIVE),
        ("truncate t", Risk.DESTRUCTIVE),
        ("select pg_drop_replication_slot('a')", Risk.DESTRUCTIVE),
    ],
)
def test_the_most_dangerous_statement_decides(statement: str, risk: Risk) -> None:
    assert sql_risk(statement)[0] is risk


def test_a_verdict_names_the_rule_that_it_comes_from() -> None:
    assert risk_of("kubectl -n shop delete pod web-0") == (Risk.DESTRUCTIVE, "kubectl delete")


def test_the_table_is_large_enough_to_be_reviewed_and_every_row_can_be_read() -> None:
    assert len(rows(READ) + rows(CHANGE) + rows(DESTROY)) >= 120
    assert len(rules()) > 100
