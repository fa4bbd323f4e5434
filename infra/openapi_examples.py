"""The examples in the OpenAPI document: answers about one small runbook, made as every answer is."""

from datetime import UTC, datetime
from typing import Any

from personal_pipeline.domain.decision_trees import decision_tree
from personal_pipeline.domain.escalation import elapsed, escalation
from personal_pipeline.domain.extract import extract
from personal_pipeline.domain.outlines import section_text
from personal_pipeline.domain.parsing import parse_document, source_of
from personal_pipeline.domain.procedures import procedure

KEY = "runbooks/queue-grows.md"
RUNBOOK = """# Queue grows

## Fix

1. Look at the queue:

   ```sh
   kubectl -n <namespace> get pods
   ```

   If a worker is missing, go to step 2.

2. Restart the workers: `kubectl -n <namespace> rollout restart deployment/worker`.

## Escalation

1. Queue on call: `#queues`, +1 555 0100
2. After 15 minutes: incident lead, +1 555 0199
"""
_PATH = "/v1/documents/{id}/"


def examples() -> dict[str, dict[str, Any]]:
    """By path and content type."""
    body = RUNBOOK.encode()
    parsed = parse_document(KEY, body)
    text, markup = source_of(KEY, body, parsed)
    structure = extract(parsed, text, markup, "nbxe6oyl45xusseg", 3)
    document = {"id": structure.document, "title": "Queue grows", "url": "", "rev": structure.revision}
    since = elapsed("2026-11-29T03:10:00Z", datetime(2026, 11, 29, 3, 20, tzinfo=UTC))
    tree = decision_tree(structure)
    reached = {"owner": "", "contact": ""} | escalation(structure, "", since)
    return {
        f"{_PATH}procedure": {"application/json": document | procedure(structure, text, markup, step="s1")},
        f"{_PATH}decision-tree": {"application/json": document | tree, "text/vnd.mermaid": tree["mermaid"]},
        f"{_PATH}escalation": {"application/json": document | reached},
        f"{_PATH}text": {"text/markdown": section_text(structure, text, "Escalation")["text"]},
    }
