"""The statements over news that comes after what happened later: what of it still counts."""

from collections.abc import Sequence
from uuid import UUID

from app.db.driver import fetch
from app.directories.told import GoneTold, PersonTold, Put
from app.kit.rows import Row
from app.uow import UnitOfWork

# Of a directory that is deleted: who was let in or not when it was. Nobody new is made of that.
_PUT_RELEASED = """
update directory_users d
set state = case when t.state = 'active' then 'unmanaged' when d.state = 'deleted' then 'deleted' else t.state end,
    at = t.at, event_id = t.event_id, touched_at = $3
from unnest($4::text[], $5::text[], $6::timestamptz[], $7::text[]) as t (workos_id, state, at, event_id)
where d.organization_id = $1 and d.directory_id = $2 and d.workos_id = t.workos_id
  and (d.at, d.event_id) < (t.at, t.event_id) and t.at <= d.gone_at
returning d.id, d.workos_id
"""
_PRESENT = """
select workos_id from directory_users
where organization_id = $1 and workos_id = any ($2) and state in ('active', 'inactive')
union all
select workos_id from directory_groups where organization_id = $1 and workos_id = any ($2) and state = 'active'
"""


class LateNews:
    """People of one tenant's directories, as they are told late."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def put_released(self, directory: UUID, told: Sequence[PersonTold | GoneTold]) -> list[Put]:
        """Write what was true of people when their directory was deleted; return whom that was news of."""
        rows = await self._run(
            _PUT_RELEASED,
            directory,
            self._uow.now,
            [t.workos_id for t in told],
            [t.state if isinstance(t, PersonTold) else "deleted" for t in told],
            [t.version.at for t in told],
            [t.version.event_id for t in told],
        )
        return _puts(rows)

    async def present(self, told: Sequence[str]) -> set[str]:
        """Return which of these people and groups (WorkOS's ids) are in their directory."""
        return {row["workos_id"] for row in await self._run(_PRESENT, list(told))}

    async def _run(self, statement: str, *values: object) -> Sequence[Row]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)


def _puts(rows: Sequence[Row]) -> list[Put]:
    return [Put(row["id"], row["workos_id"], created=False) for row in rows]
