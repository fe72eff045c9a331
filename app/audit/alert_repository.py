"""Every statement over alerts, and the counts over the record that they are made of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from app.audit.alerts import Finding
from app.db.driver import fetch, fetch_one
from app.kit.rows import Row
from app.uow import UnitOfWork

_json = msgspec.json.Encoder().encode
# Each event with how many there were by then. What no worker was there to see is looked through hours later, all at
# once: the last of them alone would not tell of a burst before it.
_BURSTS = """
select ip, max(of_one) as of_one, max(of_all) as of_all
from (
    select coalesce(ip, '') as ip, occurred_at,
           count(*) over (partition by coalesce(ip, '') order by occurred_at
                          range between $5::interval preceding and current row) as of_one,
           count(*) over (order by occurred_at range between $5::interval preceding and current row) as of_all
    from audit_events
    where organization_id = $1 and occurred_at >= $2::timestamptz - $5::interval and occurred_at <= $3
      and action = any ($4)
) as happened
where occurred_at >= $2 group by ip
"""
# One alert is open for one thing: what happens again is counted there. Of a count within minutes the highest stays.
# Nobody has looked at what happens again: without that, one look would hide everything after it.
_RAISE = """
insert into alerts (id, organization_id, kind, subject, since, last_at, count, evidence)
values ($1, $2, $3, $4, $5, $5, $6, $7::text::jsonb)
on conflict (organization_id, kind, subject) where closed_at is null do update
set last_at = greatest(alerts.last_at, excluded.last_at), evidence = excluded.evidence,
    acknowledged_at = null, acknowledged_by = null,
    count = case when $8 then greatest(alerts.count, excluded.count) else alerts.count + excluded.count end
returning (xmax = 0) as raised
"""
# A subject that is a person is called by their name of today: the alert itself holds ids, as the record does. Each name
# is a look-up of its own by key: joined, they would have a planner that misjudges read every person.
_SHOWN = """
select a.id, a.organization_id, a.kind, a.subject, a.since, a.last_at, a.count, a.evidence::text as evidence,
       a.acknowledged_at, a.acknowledged_by,
       (select coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) from users u
        where u.organization_id = a.organization_id and u.id = case
            when a.kind = 'new_administrator' and a.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            then a.subject::uuid end) as subject_name,
       (select coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) from users u
        where u.id = a.acknowledged_by) as acknowledged_by_name
from alerts a
"""
_OPEN = f"""{_SHOWN}
where a.closed_at is null and ($1::uuid is null or a.organization_id = $1) order by a.since, a.id limit 1000
"""
_ONE = f"{_SHOWN} where a.id = $1 and ($2::uuid is null or a.organization_id = $2)"
_ACKNOWLEDGE = """
update alerts set acknowledged_at = $3, acknowledged_by = $4
where organization_id = $1 and id = $2 and closed_at is null and acknowledged_at is null and count <= $5 returning kind
"""
# Whoever made themselves an administrator would else put away the one sign of it.
_CONCERNS = """
select from alerts a
where a.organization_id = $1 and a.id = $2 and (
    a.subject = $3::text
    or exists (select from audit_events e where e.organization_id = a.organization_id
               and e.id = (a.evidence ->> 'event_id')::uuid and e.actor_id = $3::text))
"""


class Alerts:
    """Alerts of the unit's tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def bursts(
        self, actions: Sequence[str], *, since: datetime, until: datetime, within: timedelta
    ) -> tuple[int, dict[str, int]]:
        """Return how often these actions happened at most within so long, and by address; "" for those without one."""
        rows = await fetch(self._uow.driver, _BURSTS, self._uow.tenant, since, until, list(actions), within)
        return max((row["of_all"] for row in rows), default=0), {row["ip"]: row["of_one"] for row in rows}

    async def put(self, finding: Finding, *, highest: bool) -> bool:
        """Open an alert, or note that an open one has happened again; return whether it is new."""
        values = (self._uow.ids.uuid(), self._uow.tenant, finding.kind, finding.subject, finding.at, finding.count)
        (row,) = await fetch(self._uow.driver, _RAISE, *values, _json(finding.evidence).decode(), highest)
        return bool(row["raised"])

    async def acknowledge(self, alert: UUID, by: UUID, *, count: int) -> str | None:
        """Note who has looked at an open alert when it had happened so often; return its kind.

        None where it is over, somebody has looked at it already, or it has happened more often.
        """
        row = await fetch_one(self._uow.driver, _ACKNOWLEDGE, self._uow.tenant, alert, self._uow.now, by, count)
        return row["kind"] if row else None

    async def concerns(self, alert: UUID, person: UUID) -> bool:
        """Return whether an alert is about a person, or about one act of theirs."""
        return await fetch_one(self._uow.driver, _CONCERNS, self._uow.tenant, alert, str(person)) is not None


async def open_alerts(uow: UnitOfWork, organization: UUID | None) -> Sequence[Row]:
    """Return open alerts as far as the unit sees, of one organization or all, the oldest first (1,000 at most)."""
    return await fetch(uow.driver, _OPEN, uow.organization or organization)


async def find(uow: UnitOfWork, alert: UUID) -> Row | None:
    """Return an alert as far as the unit sees, be it open or over."""
    return await fetch_one(uow.driver, _ONE, alert, uow.organization)


async def close(uow: UnitOfWork, *, quiet_since: datetime) -> None:
    """Close every tenant's alerts that have not happened again since this instant."""
    await fetch(uow.driver, "select alerts_close($1, $2)", uow.now, quiet_since)
