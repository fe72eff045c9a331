"""Verbs of watching: look through what was sealed for the unusual, and tell what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app import log
from app import uow as units
from app.audit import alerts
from app.audit import service as audit
from app.audit.alert_repository import Alerts, close, open_alerts
from app.audit.alert_repository import find as find_alert
from app.audit.alerts import QUIET, WORDS, Finding, Kind
from app.audit.errors import AlertHappenedAgain, OwnAlert
from app.audit.following_repository import Following, begun, behind
from app.kit.rows import Row
from app.problems import NotFound
from app.uow import UnitOfWork

READER: Final = "alerts"
_OWNERS: Final = 200
_AT_ONCE: Final = 5_000
_COUNTED: Final = frozenset({"failed_sign_ins", "failed_sign_ins_from_address", "mass_change"})
_logger = log.get("audit")


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is open, in words: since when, how often or how many, what it rests on, what to do, how soon.

    `subject`: of whom or what, empty where the kind says it all. Acknowledged: somebody has looked at it, and it has
    not happened again since. Names are those of today, None for who is gone or not the reader's to see.
    """

    id: UUID
    organization_id: UUID
    kind: Kind
    subject: str
    title: str
    since: datetime
    last_at: datetime
    count: int
    evidence: dict[str, Any]
    remedy: str
    grave: bool
    subject_name: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None
    acknowledged_by_name: str | None = None


async def watch(uow: UnitOfWork) -> None:
    """Look through what every tenant's record has grown by since the last time; close what is long over."""
    await close(uow, quiet_since=uow.now - QUIET)
    start = await begun(uow, READER)
    for owner in await behind(uow, READER, most=_OWNERS):
        tenant = await units.enter(uow, owner)
        following = Following(tenant, READER)
        position = await following.open(start)
        rows = await following.next(position, _AT_ONCE)
        for finding in await _findings(tenant, rows):
            if await Alerts(tenant).put(finding, highest=finding.kind in _COUNTED):
                told = dict(finding.evidence)
                _logger.warning("audit.alert.raised", kind=finding.kind, organization_id=str(owner), evidence=told)
        await following.move(rows[-1]["position"] if rows else await following.end())


async def list_open(uow: UnitOfWork, organization: UUID | None = None) -> Sequence[OpenAlert]:
    """Return the alerts that are open, the oldest first: the unit's tenant's, or every tenant's in an unscoped unit.

    `organization`: of this one only.
    """
    return [_alert(row) for row in await open_alerts(uow, organization)]


async def find(uow: UnitOfWork, alert: UUID) -> OpenAlert:
    """Return an alert that the unit sees, be it open or over; raises NotFound."""
    row = await find_alert(uow, alert)
    if row is None:
        raise NotFound
    return _alert(row)


async def acknowledge(uow: UnitOfWork, alert: UUID, by: UUID, *, count: int) -> None:
    """Note that a person has looked at the tenant's alert, of which they saw that it had happened so often.

    One that is over or was looked at stays as it is.

    Raises:
        OwnAlert: it is about this person, or about an act of theirs.
        AlertHappenedAgain: more of it than they saw.
    """
    if await Alerts(uow).concerns(alert, by):
        raise OwnAlert
    if (await find(uow, alert)).count > count:
        raise AlertHappenedAgain
    kind = await Alerts(uow).acknowledge(alert, by, count=count)
    if kind is not None:
        await audit.record(uow, "alert.acknowledged", targets=[("alert", alert)], kind=kind)


def _alert(row: Row) -> OpenAlert:
    words = WORDS[row["kind"]]
    return OpenAlert(
        id=row["id"],
        organization_id=row["organization_id"],
        kind=row["kind"],
        subject=row["subject"],
        title=words.title,
        since=row["since"],
        last_at=row["last_at"],
        count=row["count"],
        evidence=msgspec.json.decode(row["evidence"]),
        remedy=words.remedy,
        grave=words.grave,
        subject_name=row["subject_name"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        acknowledged_by_name=row["acknowledged_by_name"],
    )


async def _findings(uow: UnitOfWork, rows: Sequence[Row]) -> list[Finding]:
    found, bursts = alerts.single(rows), Alerts(uow).bursts
    if ends := alerts.ends(rows, [alerts.FAILED]):
        since, at = ends
        of_all, by_address = await bursts([alerts.FAILED], since=since, until=at, within=alerts.FAILURES_WITHIN)
        found += alerts.bursts(at, of_all, {ip: n for ip, n in by_address.items() if ip})
    if ends := alerts.ends(rows, alerts.CHANGES):
        since, at = ends
        most, _ = await bursts(alerts.CHANGES, since=since, until=at, within=alerts.CHANGES_WITHIN)
        found += alerts.mass(at, most)
    return found
