"""Indicators of the audit record: what is unusual in it, and whether WorkOS has it."""

from datetime import datetime, timedelta
from typing import Final

from app.audit.shaping import acknowledgement
from app.audit.watching import OpenAlert
from app.status import remedies
from app.status.facts import Facts, ForwardingFacts
from app.status.reading import Finding, Reading, Status, counted, of_objects, span

FORWARDED_WARNING: Final = timedelta(minutes=5)
FORWARDED_FAILING: Final = timedelta(hours=1)


def alerts(facts: Facts) -> Reading:
    """Say what is unusual: each alert that is open. One that somebody has looked at is well until it happens again."""
    if not facts.alerts:
        return Reading("ok", "Nothing unusual has been noticed.")
    findings = [_of_alert(one, facts.at) for one in facts.alerts]
    return of_objects(findings, none="", well="Somebody has looked at everything unusual that was noticed: {}.")


def forwarding(facts: Facts) -> Reading:
    """Say whether each tenant's events reach its audit log at WorkOS."""
    if not facts.configured.forwarding:
        return Reading("unknown", "Audit events are not forwarded to WorkOS.", remedies.FORWARDING_OFF)
    if not facts.forwarding:
        return Reading("ok", "WorkOS has every audit event.")
    findings = [_of_forwarding(one, facts.at) for one in facts.forwarding]
    return of_objects(findings, none="", well="Audit events are on their way to WorkOS, of organizations: {}.")


def _of_alert(one: OpenAlert, at: datetime) -> Finding:
    past = f"{span(at - one.last_at)} ago"
    often = past if one.count == 1 else f"{counted(one.count, 'time')}, last {past}"
    return Finding(
        id=one.id,
        workos_id=None,
        name=one.kind,
        organization_id=one.organization_id,
        status="ok" if one.acknowledged_at else "failing" if one.grave else "warning",
        evidence=f"{one.title.removesuffix('.')} ({often}).",
        since=one.acknowledged_at or one.since,
        remedy=None if one.acknowledged_at else one.remedy,
        subject=one.subject or None,
        subject_name=one.subject_name,
        count=one.count,
        acknowledged=acknowledgement(one),
    )


def _of_forwarding(one: ForwardingFacts, at: datetime) -> Finding:
    status, said, since, remedy = _forwarded(one, at)
    return Finding(
        id=one.organization_id,
        workos_id=one.workos_id,
        name=one.name,
        organization_id=one.organization_id,
        status=status,
        evidence=f"{one.name}: {said}",
        since=since,
        remedy=remedy,
    )


def _forwarded(one: ForwardingFacts, at: datetime) -> tuple[Status, str, datetime | None, str | None]:
    waiting = f"{counted(one.waiting, 'event')} to be forwarded"
    why = f" {one.job_error}" if one.job_error else ""
    if one.job_status == "dead":
        return "failing", f"{waiting}, and it was given up.{why}", one.job_ended_at, remedies.FORWARDING_DEAD
    if one.refused_since is not None:
        actions = ", ".join(one.refused_actions)
        said = f"WorkOS refuses {counted(one.refused, 'event')} of {actions}, first {span(at - one.refused_since)} ago."
        return "failing", said, one.refused_since, remedies.FORWARDING_REFUSED
    lasting = at - one.waiting_since if one.waiting_since else timedelta()
    said = f"{waiting}, the oldest for {span(lasting)}.{why}"
    if one.waiting_since is None or lasting < FORWARDED_WARNING:
        return "ok", said, None, None
    if lasting < FORWARDED_FAILING:
        return "warning", said, one.waiting_since + FORWARDED_WARNING, remedies.FORWARDING_LATE
    return "failing", said, one.waiting_since + FORWARDED_FAILING, remedies.FORWARDING_LATE
