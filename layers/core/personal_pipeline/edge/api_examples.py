"""What each route is asked and answers, by example: for whoever reads the OpenAPI document."""

from typing import Any

Example = dict[str, Any]

_SHOWN: Example = {
    "id": "nbxe6oyl45xusseg",
    "title": "Disk full on a node",
    "url": "",
    "source": "documents",
    "path": "platform/disk-full-on-a-node.md",
    "type": "runbook",
    "services": ["platform"],
    "severity": "critical",
}
_NAMED = {name: _SHOWN[name] for name in ("id", "title", "source", "path")}
PROBLEM: Example = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "the query is empty: write at least one word",
}
SEARCH: Example = {
    "answered_by": "index",
    "degraded": [],
    "took_ms": 7.31,
    "query": "disk full",
    "did_you_mean": None,
    "semantic": True,
    "hits": [
        _SHOWN
        | {
            "heading": [],
            "snippet": {"text": "A filesystem of a node is full or will be within hours.", "highlights": [[26, 30]]},
            "score": 18.1276,
            "confidence": 0.97,
            "reasons": ["title matches Disk, full", "close in meaning"],
            "also_at": [],
        }
    ],
    "next_cursor": None,
    "facets": {
        "service": [{"value": "platform", "count": 1}],
        "source": [{"value": "documents", "count": 1}],
        "type": [{"value": "runbook", "count": 1}],
    },
}
BATCH: Example = {"answers": [{"status": 200, "answer": SEARCH}, {"status": 400, "problem": PROBLEM}]}
SUGGEST: Example = {
    "suggestions": [
        {
            "id": "l4bivnbloiqz3bed",
            "title": "Broker is down",
            "kind": "alert",
            "text": "KafkaBrokerDown",
            "matched": [[0, 7]],
        }
    ]
}
DOCUMENT: Example = _SHOWN | {
    "owner": "team-platform",
    "contact": "platform on call: #platform-oncall, +1 555 0151",
    "alert_names": ["NodeFilesystemAlmostOutOfSpace"],
    "external_id": "",
    "rev": 3,
    "updated": "2026-11-02T09:30:00+00:00",
    "format": "markdown",
    "warnings": [],
    "outline": [
        {"id": "h2", "heading": ["Free space"], "kind": "procedure", "steps": 4, "start": 412, "end": 1630},
    ],
    "freshness": {"reviewed": None, "review_due": None, "state": "unknown", "span": None},
    "text": "# Disk full on a node\n\nA filesystem of a node is full or will be within hours.\n",
}
DOCUMENTS: Example = {
    "documents": [
        _SHOWN
        | {
            "rev": 3,
            "owner": "team-platform",
            "updated": "2026-11-02T09:30:00+00:00",
            "freshness": {"reviewed": "2025-09-01", "review_due": "2026-09-01", "state": "stale"},
            "not_known": [],
        }
    ],
    "next_cursor": "WyJkb2N1bWVudHMiLCJwbGF0Zm9ybS9kaXNrLWZ1bGwtb24tYS1ub2RlLm1kIl0",
    "unjudged": 0,
}
SOURCES: Example = {"sources": [{"name": "documents", "documents": 31}, {"name": "wiki/operations", "documents": 12}]}
COVERAGE: Example = {
    "documents": 43,
    "runbooks": 31,
    "services": 12,
    "without_review": 29,
    "services_without_runbook": {"count": 1, "first": ["session-cache"]},
    "alerts_without_runbook": {
        "count": 1,
        "first": [
            {
                "name": "QueueBacklog",
                "service": "checkout",
                "count": 4,
                "last_at": "2026-11-28T03:00:04+00:00",
            }
        ],
    },
    "stale": {"count": 1, "first": [_NAMED | {"owner": "team-platform", "review_due": "2026-09-01"}]},
    "dead_links": {"count": 1, "first": [_NAMED | {"alert": "", "link": "platform/node-is-gone.md"}]},
    "not_known": [],
}
ALERT: Example = {
    "id": "x7b2ellyeyh3ognb",
    "source": "alertmanager",
    "fingerprint": "bd7ab3f7de5c9a11",
    "name": "NodeFilesystemAlmostOutOfSpace",
    "service": "platform",
    "severity": "critical",
    "summary": "The root filesystem of a node is almost full.",
    "url": "https://prometheus.example.com/graph?g0.expr=up",
    "status": "firing",
    "started_at": "2026-11-29T03:00:04.120+00:00",
    "resolved_at": None,
    "fired": 1,
    "answer": {
        "decision": "attach",
        "matched_by": "alert",
        "confidence": 0.98,
        "reasons": ["it names this alert"],
        "runbook": {"id": "nbxe6oyl45xusseg", "title": "Disk full on a node", "url": ""},
    },
}
ALERTS: Example = {"alerts": [ALERT], "next_cursor": None}
STORY: Example = ALERT | {
    "timeline": [
        {"at": "2026-11-29T03:00:04.120+00:00", "what": "received", "why": ""},
        {"at": "2026-11-29T03:00:04.180+00:00", "what": "matched", "why": "alert: Disk full on a node"},
    ]
}
FEEDBACK: Example = {"status": "counted"}
HEALTH: Example = {"status": "ok", "version": "0.1.0", "checks": {"index": "ok", "cache": "ok"}}
ACCEPTED: Example = {"status": "queued"}
CHALLENGE: Example = {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}

QUESTION: Example = {"q": "psql: FATAL: sorry, too many clients already", "service": "orders-db", "limit": 3}
QUESTIONS: Example = {"queries": [{"q": "disk full"}, {"q": "replication lag", "service": "orders-db", "limit": 3}]}
VOTE: Example = {"alert": "VolumeFills", "service": "storage", "id": "l4bivnbloiqz3bed", "helpful": True}
