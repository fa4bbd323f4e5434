"""What every client asks, and what it must be answered: the transcript, the same for all of them.

``python -m tests.agents.scenario`` prints where it stands; a change of it is looked through like any other change.
"""

import json
import re
from pathlib import Path
from typing import Any

from personal_pipeline.domain.ids import doc_id_of

ROOT = Path(__file__).parents[2]
TRANSCRIPT = Path(__file__).with_name("transcript.json")
SAMPLES = ROOT / "events" / "documents"
TEMPLATE = "runbook://{id}/steps/{step}"
DISK = doc_id_of("documents/platform/disk-full-on-a-node.md")
FIRING = json.loads((ROOT / "events" / "alerts" / "alertmanager" / "firing.json").read_text())
_MARK = re.compile(r"\[\[[0-9a-f]{16} ")

Step = list[Any]
STEPS: list[Step] = [
    ["list_tools"],
    ["call_tool", "search_runbooks", {"query": "disk full", "limit": 2}],
    ["call_tool", "search_knowledge_base", {"query": "how are runbooks changed", "limit": 2}],
    ["call_tool", "get_runbook", {"id": DISK, "section": "Diagnose"}],
    ["call_tool", "list_sources", {}],
    ["call_tool", "match_alert", {"source": "alertmanager", "payload": FIRING}],
    ["call_tool", "match_alert", {"name": "TapeDriveJammed", "service": "checkout"}],
    ["call_tool", "get_runbook", {"id": "nö such id"}],
    ["call_tool", "search_runbooks", {"query": "disk full", "max_tokens": 1}],
    ["call_tool", "get_procedure", {"id": DISK, "section": "Free space"}],
    ["call_tool", "get_procedure", {"id": DISK, "step": "s2"}],
    ["call_tool", "get_procedure", {"id": DISK, "step": "s99"}],
    ["call_tool", "get_decision_tree", {"id": DISK, "max_tokens": 700}],
    ["call_tool", "get_escalation_path", {"id": DISK, "severity": "critical", "at": "20"}],
    ["list_templates"],
    ["list_resources"],
    ["read_resource", f"runbook://{DISK}?max_tokens=600"],
    ["read_resource", f"runbook://{DISK}/steps/s3"],
    ["list_prompts"],
    ["get_prompt", "work_this_alert", {"alert": "LoginsDropped", "service": "cache"}],
    ["get_prompt", "hand_over", {"alert": "LoginsDropped", "done": "Restarted it.\u200b\nWaited."}],
    ["get_prompt", "sing", {}],
    ["complete", {"type": "ref/prompt", "name": "work_this_alert"}, "service", "che"],
    ["complete", {"type": "ref/prompt", "name": "work_this_alert"}, "alert", "node"],
    ["complete", {"type": "ref/resource", "uri": TEMPLATE}, "id", "disk f"],
    ["call_tool", "drop_tables", {}],
    ["call_tool", "record_resolution_feedback", {"alert": "TapeDriveJammed", "id": DISK, "helpful": False}],
]


def normal(answer: Any) -> Any:
    """Without what is new in every run: marks of quotations, the time of ingest."""
    text = json.dumps(answer, sort_keys=True, ensure_ascii=False)
    said = json.loads(_MARK.sub("[[MARK ", text))
    return _without_times(said)


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: "TIME" if name in {"updated", "lastModified"} else _without_times(each)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_without_times(each) for each in value]
    if isinstance(value, str):
        return re.sub(r"updated \d{4}-\d\d-\d\d", "updated TIME", value)
    return value


def transcript(answers: list[Any]) -> list[dict[str, Any]]:
    return [{"asked": step, "answered": normal(answer)} for step, answer in zip(STEPS, answers, strict=True)]


def recorded() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(TRANSCRIPT.read_text(encoding="utf-8"))
    return found
