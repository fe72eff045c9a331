"""Every statement over the pages that a run has read: kept as they came until the run is applied."""

from collections.abc import Sequence
from uuid import UUID

from app.db.driver import fetch
from app.directories.told import GroupTold, PersonTold, columns
from app.uow import UnitOfWork

_STAGE = """
insert into directory_sync_pages (organization_id, run_id, number, kind, group_workos_id, row_ids, workos_ids, idp_ids,
                                  names, emails, folded, first_names, last_names, departments, job_titles, attributes,
                                  states, ats)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
"""


class Pages:
    """The pages of one run. `number` is that of the page, as the run counts them."""

    def __init__(self, uow: UnitOfWork, run: UUID) -> None:
        self._uow = uow
        self._run = run

    async def people(self, number: int, told: Sequence[PersonTold]) -> None:
        """Keep a page of people until the run is applied."""
        ids, idp_ids, *rest = columns(told)
        await self._stage(number, "user", None, ids, idp_ids, None, *rest)

    async def groups(self, number: int, told: Sequence[GroupTold]) -> None:
        """Keep a page of groups."""
        nothing = (None,) * 8
        ids, ats = [t.workos_id for t in told], [t.version.at for t in told]
        await self._stage(number, "group", None, ids, [t.idp_id for t in told], [t.name for t in told], *nothing, ats)

    async def members(self, number: int, group: str, members: Sequence[str]) -> None:
        """Keep a page of a group's members."""
        await self._stage(number, "member", group, list(members), *(None,) * 11)

    async def listed_groups(self, after: str | None) -> list[str]:
        """Return WorkOS's ids of the groups that the run has listed, those after `after`, in their order."""
        statement = """
            select distinct g from directory_sync_pages p, unnest(p.workos_ids) as g
            where p.organization_id = $1 and p.run_id = $2 and p.kind = 'group' and ($3::text is null or g > $3)
            order by g
        """
        return [row["g"] for row in await fetch(self._uow.driver, statement, self._uow.tenant, self._run, after)]

    async def listed_active(self) -> int:
        """Return how many active people the run has listed."""
        statement = """
            select count(distinct t.id) as n
            from directory_sync_pages p, unnest(p.workos_ids, p.states) as t (id, state)
            where p.organization_id = $1 and p.run_id = $2 and p.kind = 'user' and t.state = 'active'
        """
        rows = await fetch(self._uow.driver, statement, self._uow.tenant, self._run)
        return int(rows[0]["n"])

    async def _stage(self, number: int, kind: str, group: str | None, ids: list[str], *rest: object) -> None:
        row_ids = [self._uow.ids.uuid() for _ in ids]
        await fetch(self._uow.driver, _STAGE, self._uow.tenant, self._run, number, kind, group, row_ids, ids, *rest)
