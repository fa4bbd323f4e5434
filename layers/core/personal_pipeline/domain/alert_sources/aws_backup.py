"""Jobs of AWS Backup, from EventBridge: of backup, of copies to another vault, of restores.

A failed job stays failed, and the next one has another id: the alert is about what was to be saved and where, and the
next completed job of that ends it. A restore says ``status`` where the others say ``state``. AWS gives no name and no
severity: the alert is called ``BackupFailed``, ``BackupCopyFailed`` or ``BackupRestoreFailed``, and one failed job is a
warning. Jobs that were created or run, and changes of plans and vaults, are no alert.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import fingerprint, first, strings, text, time
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

_KINDS = {"backup job": "Backup", "copy job": "BackupCopy", "restore job": "BackupRestore"}
_FIRING = frozenset({"failed", "aborted", "expired", "partial"})
_BY_NAME = frozenset({"RDS", "Aurora", "DynamoDB", "S3", "DocumentDB", "Neptune", "Redshift", "Timestream"})


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One job, or none. Raises InvalidAlertError when there is no detail."""
    detail = payload.get("detail")
    if not isinstance(detail, Mapping):
        raise InvalidAlertError("aws_backup: 'detail' is not an object: send the EventBridge event as it is")
    kind = _kind(payload, detail)
    state = first(detail.get("state"), detail.get("status")).casefold()
    if not kind or (state not in _FIRING and state != "completed"):
        return ReadAlerts(())
    return ReadAlerts((_alert(payload, detail, kind, state),))


def _kind(payload: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    """By the type of the event, or by the id that the job has."""
    said = text(payload.get("detail-type")).casefold().removesuffix(" state change")
    ids = {"backupJobId": "backup job", "copyJobId": "copy job", "restoreJobId": "restore job"}
    return _KINDS.get(said or next((job for name, job in ids.items() if detail.get(name)), ""), "")


def _alert(payload: Mapping[str, Any], detail: Mapping[str, Any], kind: str, state: str) -> Alert:
    resource, resource_type = text(detail.get("resourceArn")), text(detail.get("resourceType"))
    vault = first(
        detail.get("destinationBackupVaultArn"), detail.get("backupVaultArn"), detail.get("backupVaultName")
    ).rpartition(":")[2]  # fmt: skip
    resource_name = resource.replace("/", ":").rpartition(":")[2]
    message = text(detail.get("statusMessage"))
    job = first(detail.get("backupJobId"), detail.get("copyJobId"), detail.get("restoreJobId"))
    account, region = first(payload.get("account")), first(payload.get("region"))
    return Alert(
        source="aws_backup",
        name=f"{kind}Failed",
        status="resolved" if state == "completed" else "firing",
        fingerprint=fingerprint((account, region, kind, resource or resource_type or job, vault)),
        severity=Severity.WARNING,
        service=resource_name if resource_type in _BY_NAME else "",
        summary=" ".join(filter(None, (resource_type, kind.lower(), "job", state, "for", resource_name or vault))),
        description=message,
        runbook_url="",
        starts_at=None if state == "completed" else time(detail.get("creationDate")) or time(payload.get("time")),
        labels=strings({
            "account": account,
            "region": region,
            "job": job,
            "resource": resource_name,
            "resource_arn": resource,
            "vault": vault,
        }),
        annotations=strings({"state": state, "message": message}),
    )  # fmt: skip
