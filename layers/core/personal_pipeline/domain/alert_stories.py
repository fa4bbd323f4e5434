"""How alerts are answered over HTTP: each with its runbook and why, one alone with all that happened to it."""

from datetime import UTC, datetime
from typing import Any

from personal_pipeline.domain.episodes import AlertRecord, Answer, Moment


def alert_fields(record: AlertRecord) -> dict[str, Any]:
    return {
        "id": record.alert_id,
        "source": record.source,
        "fingerprint": record.fingerprint,
        "name": record.name,
        "service": record.service,
        "severity": record.severity.value,
        "summary": record.summary,
        "url": record.url,
        "status": record.status,
        "started_at": _time(record.started_at),
        "resolved_at": _time(record.resolved_at) if record.resolved_at is not None else None,
        "fired": record.fired,
        "answer": _answer(record.answer) if record.answer else None,
    }


def story_fields(record: AlertRecord) -> dict[str, Any]:
    timeline = [{"at": _time(moment.at), "what": moment.what, "why": _why(moment)} for moment in record.timeline]
    return alert_fields(record) | {"timeline": timeline}


def _why(moment: Moment) -> str:
    return f"{moment.why}: {moment.title}" if moment.title else moment.why


def _answer(answer: Answer) -> dict[str, Any]:
    runbook = {"id": answer.doc_id, "title": answer.title, "url": answer.url} if answer.doc_id else None
    return {
        "decision": answer.decision,
        "matched_by": answer.matched_by,
        "confidence": round(answer.confidence, 3),
        "reasons": list(answer.reasons),
        "runbook": runbook,
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
