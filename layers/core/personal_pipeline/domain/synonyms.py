"""Words that mean the same in operations, as data: a line is one group, the commoner word first.

A query for one finds the others at ``SYNONYM_WEIGHT``; documents are indexed as they are written, so a changed
line needs no new index. Only what is the same thing belongs here: "slow" and "latency" are for the embeddings.
A word of several terms (``out-of-memory``) counts only as a whole.
"""

from collections.abc import Mapping
from functools import lru_cache

from personal_pipeline.domain.analysis import terms

SYNONYM_WEIGHT = 0.8

_GROUPS = """
application app
authentication authn auth
certificate cert
configuration config configure conf
connection conn conns tcpconns
daemonset ds
database db
deployment deploy
descriptor fd
directory dir
elasticsearch es
environment env
error err
filesystem fs
kubernetes k8s kube
loadbalancer lb
memory mem ram
message msg
mongo mongodb mongod
namespace ns
oom oomkilled oomkill out-of-memory
persistentvolume pv
persistentvolumeclaim pvc
postgres postgresql pg
process proc
production prod
rabbitmq rmq amqp
replicaset rs replset
request req
response resp
statefulset sts
utilisation utilization usage
"""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in _GROUPS.split("\n"):
        group = list(dict.fromkeys(terms(word)[0] for word in line.split()))
        for term in group:
            table[term] = tuple(other for other in group if other != term)
    return table


def synonyms(term: str) -> tuple[str, ...]:
    """The other terms of its group; none for most terms."""
    return _table().get(term, ())
