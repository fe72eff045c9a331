"""Reading: what an indicator says at an instant; worst of several; spans of time in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from app.http.wire import wire

Status = Literal["ok", "warning", "failing", "unknown"]
SHOWN: Final = 20
"""Of the objects behind an indicator, the worst so many are shown."""
_WORSE: Final[dict[Status, int]] = {"unknown": 0, "ok": 1, "warning": 2, "failing": 3}
_SPANS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_ENOUGH: Final = 2  # of the smaller unit: "90 minutes" tells more than "1 hour"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one object stands: a directory, a connection, an alert with its `subject`. `since` as in `Reading`.

    `acknowledged`: of an alert, who has looked at it and when, as it is shown.
    """

    id: UUID
    workos_id: str | None
    name: str
    organization_id: UUID
    status: Status
    evidence: str
    since: datetime | None = None
    remedy: str | None = None
    subject: str | None = None
    subject_name: str | None = None
    count: int | None = None
    acknowledged: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an indicator says: its state, why in words with numbers, and what to do about it.

    `since`: since when it is so, where the data tell; else the instant at which it was first seen to be so counts.
    """

    status: Status
    evidence: str
    remedy: str | None = None
    since: datetime | None = None
    objects: Sequence[Finding] = field(default=())


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst; what is unknown counts only where nothing is known."""
    found: Status = "unknown"
    for status in statuses:
        if _WORSE[status] > _WORSE[found]:
            found = status
    return found


def of_objects(findings: Sequence[Finding], *, none: str, well: str) -> Reading:
    """Return what the objects of one kind say together: the worst of them, since the first of those was so.

    `none` is said where there are none; `well` where nothing is wrong, with their number for `{}`.
    """
    if not findings:
        return Reading("unknown", none)
    status = worst(one.status for one in findings)
    ranked = sorted(findings, key=lambda one: (-_WORSE[one.status], str(one.since), str(one.id)))
    those = [one for one in ranked if one.status == status]
    begun = [one.since for one in those if one.since]
    since = (max(begun) if status == "ok" else min(begun)) if begun else None
    if status in {"ok", "unknown"}:
        said = well.format(len(findings)) if status == "ok" else those[0].evidence
    else:
        others = len(those) - 1
        more = f" {counted(others, 'other is', 'others are')} {status}." if others else ""
        said = f"{len(those)} of {len(findings)}: {those[0].evidence}{more}"
    return Reading(status, said, those[0].remedy, since, tuple(ranked[:SHOWN]))


def span(length: timedelta) -> str:
    """Return a length of time in words, rounded down: `90 minutes`, `2 days`."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, word in _SPANS:
        if seconds >= unit * _ENOUGH or unit == 1:
            return f"{seconds // unit} {word}{'' if seconds // unit == 1 else 's'}"
    raise AssertionError  # the last unit takes everything


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number and what it counts: `1 event`, `3 events`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shown(finding: Finding) -> dict[str, Any]:
    """Return the members of an object that are shown beside an indicator."""
    return {
        "id": finding.id,
        "workos_id": finding.workos_id,
        "name": finding.name,
        "organization_id": finding.organization_id,
        "status": finding.status,
        "since": wire(finding.since),
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "subject": finding.subject,
        "subject_name": finding.subject_name,
        "count": finding.count,
        "acknowledged": finding.acknowledged,
    }
