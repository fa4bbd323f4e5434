"""A benchmark of a few documents, made up here: three owners, so that there are folds; one alert has no runbook."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TOPICS = {
    "acme/runbooks": ("DiskFull", "DiskSlow", "CertificateExpired", "QueueBacklog"),
    "beta/docs": ("ReplicationLag", "LoginFailures", "CacheEvictions", "BackupMissing"),
    "gamma/wiki": ("PaymentRefused", "MailBounces", "SearchSlow", "NodeNotReady"),
}
TEXTS = {
    "DiskFull": "The volume has no space left. Delete old logs, then grow the disk.",
    "DiskSlow": "Writes to the volume take long. Look at the latency of the disk.",
    "CertificateExpired": "TLS handshakes fail. Renew the certificate.",
    "QueueBacklog": "Messages pile up. Add consumers to the queue.",
    "ReplicationLag": "The replica is behind its primary. Look for a long transaction.",
    "LoginFailures": "Users cannot sign in. Look at the identity provider.",
    "CacheEvictions": "Keys are evicted early. Give the cache more memory.",
    "BackupMissing": "No backup was written last night. Start one by hand.",
    "PaymentRefused": "The card processor refuses payments. Call the bank.",
    "MailBounces": "Mail comes back. Look at the reputation of the sender.",
    "SearchSlow": "Queries take seconds. Look for a shard that is overloaded.",
    "NodeNotReady": "The kubelet does not report. Drain the node and restart it.",
}


def path_of(topic: str) -> str:
    return f"alerts/page-{list(TEXTS).index(topic)}.md"


def document(source: str, topic: str, title: str = "") -> dict[str, Any]:
    text = f"# {title or f'What to do about {topic}'}\n\n{TEXTS[topic]}\n"
    return {"id": f"{source}:{path_of(topic)}", "source": source, "format": "markdown", "text": text}


def payload(query_id: str, name: str, summary: str) -> dict[str, Any]:
    alert = {"status": "firing", "labels": {"alertname": name}, "annotations": {"summary": summary}}
    return {"query_id": query_id, "version": "4", "alerts": [alert]}


def write_bench(folder: Path, *, judged: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [(source, topic) for source, topics in TOPICS.items() for topic in topics]
    named = {f"d{number:04}": pair for number, pair in enumerate(pairs, 1)}
    # a third of the pages is titled like its alert
    corpus = [document(source, topic, topic if n % 3 == 0 else "") for n, (source, topic) in enumerate(pairs)]
    twin = document("beta/docs", "DiskFull", "DiskFull")
    write(folder, "corpus", [*corpus, twin])
    write(folder, "alerts", [payload(f"{id_}.alert", topic, TEXTS[topic]) for id_, (_, topic) in named.items()])
    symptoms = [{"query_id": f"{id_}.symptom", "text": TEXTS[topic]} for id_, (_, topic) in named.items()]
    write(folder, "queries", symptoms)
    write(folder, "no_runbook", [payload("dn001.no_runbook", "VolcanoErupts", "lava is near")])
    if judged:
        write_judgements(folder, {id_: f"{source}:{path_of(topic)}" for id_, (source, topic) in named.items()})
    return folder


def write_judgements(folder: Path, right: Mapping[str, str] | None = None) -> None:
    pairs = {f"d{n:04}": pair for n, pair in enumerate(((s, t) for s, topics in TOPICS.items() for t in topics), 1)}
    right = right or {id_: f"{source}:{path_of(topic)}" for id_, (source, topic) in pairs.items()}
    kinds = ("alert", "symptom")
    lines = [f"{id_}.{kind}\t{doc_id}\t2\n" for id_, doc_id in right.items() for kind in kinds]
    (folder / "qrels.tsv").write_text("".join(lines))
    groups = ["named" if n % 3 == 0 else "unnamed" for n in range(len(right))]
    listed = [f"{id_}.{kind}\t{group}\n" for id_, group in zip(right, groups, strict=True) for kind in kinds]
    (folder / "groups.tsv").write_text("".join(listed))


def write(folder: Path, name: str, objects: Sequence[Mapping[str, Any]]) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in objects))
    return path
