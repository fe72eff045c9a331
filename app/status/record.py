"""Indicators of the audit record: what is unusual in it."""

from datetime import datetime

from app.audit.watching import OpenAlert
from app.status.facts import Facts
from app.status.reading import Finding, Reading, counted, of_objects, span


def alerts(facts: Facts) -> Reading:
    """Say what is unusual: each alert that is open."""
    if not facts.alerts:
        return Reading("ok", "Nothing unusual has been noticed.")
    return of_objects([_of_alert(one, facts.at) for one in facts.alerts], none="", well="")


def _of_alert(one: OpenAlert, at: datetime) -> Finding:
    often = f"{counted(one.count, 'time')}, last {span(at - one.last_at)} ago"
    return Finding(
        id=one.id,
        workos_id=None,
        name=one.kind,
        organization_id=one.organization_id,
        status="failing" if one.grave else "warning",
        evidence=f"{one.kind}: {one.title.removesuffix('.')} ({often}).",
        since=one.since,
        remedy=one.remedy,
    )
