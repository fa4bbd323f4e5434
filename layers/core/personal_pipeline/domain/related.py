"""Which other services' trouble belongs to a notice, and which of it is likely the cause."""

from collections.abc import Iterable
from datetime import UTC, datetime

from personal_pipeline.domain.incidents import WINDOW, Incident, NoticeState
from personal_pipeline.domain.lanes import key_of
from personal_pipeline.domain.notices import Related
from personal_pipeline.domain.service_map import ServiceMap

MOST_RELATED = 10


def related_to(
    notice: NoticeState, service: str, others: Iterable[Incident], services: ServiceMap
) -> tuple[Related, ...]:
    """The likeliest first cause first: the most upstream, of those the earliest. Then what may suffer from this one.

    An upstream service that fires counts however long it does; what is downstream only if it began after this, or
    within the window before. In a circle, where each is both, only what began earlier is upstream.
    """
    upstream = {key_of(found.name): found.depth for found in services.upstream(service)}
    downstream = {key_of(found.name): found.depth for found in services.downstream(service)}
    causes: list[tuple[int, float, Related]] = []
    effects: list[tuple[int, float, Related]] = []
    for other in others:
        firing = [one for one in other.notices if one.is_firing]
        key = key_of(other.service)
        if not firing or key == key_of(service):
            continue
        first = min(firing, key=lambda one: one.started_at)
        since, is_circle = first.started_at, key in upstream and key in downstream
        if key in upstream and not (is_circle and since > notice.started_at):
            causes.append((-upstream[key], since, _related(other, first, is_upstream=True)))
        elif key in downstream and since >= notice.started_at - WINDOW:
            effects.append((downstream[key], since, _related(other, first, is_upstream=False)))
    ordered = sorted(causes, key=lambda one: one[:2]) + sorted(effects, key=lambda one: one[:2])
    return tuple(related for *_, related in ordered[:MOST_RELATED])


def _related(other: Incident, first: NoticeState, *, is_upstream: bool) -> Related:
    section = next((one for one in first.sections if one.facts.runbook), first.sections[0])
    alert = section.examples[0].name if section.examples else ""
    since = datetime.fromtimestamp(first.started_at, UTC)
    return Related(other.service, other.incident_id, since, alert, is_upstream, section.facts.runbook)
