"""Every statement over the pages that a run has read: kept as they came until the run is applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.driver import execute_many, fetch
from app.directories.told import GroupTold, PersonTold, columns
from app.uow import UnitOfWork

_STAGE = """
insert into directory_sync_pages (organization_id, run_id, number, kind, group_workos_id, row_ids, workos_ids, idp_ids,
                                  names, emails, folded, first_names, last_names, departments, job_titles, attributes,
                                  states, ats)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
"""


@dataclass(frozen=True, slots=True)
class StagedPage:
    """A page that was read: what of (`group`, `user`, `member`), of which group, WorkOS's ids, the other columns."""

    kind: str
    group: str | None
    ids: list[str]
    rest: Sequence[object]


def people_page(told: Sequence[PersonTold]) -> StagedPage:
    """Return a page of people."""
    ids, idp_ids, *rest = columns(told)
    return StagedPage("user", None, ids, (idp_ids, None, *rest))


def groups_page(told: Sequence[GroupTold]) -> StagedPage:
    """Return a page of groups."""
    ids, ats = [t.workos_id for t in told], [t.version.at for t in told]
    return StagedPage("group", None, ids, ([t.idp_id for t in told], [t.name for t in told], *(None,) * 8, ats))


def members_page(group: str, members: Sequence[str]) -> StagedPage:
    """Return a page of a group's members."""
    return StagedPage("member", group, list(members), (None,) * 11)


class Pages:
    """The staged pages of one run."""

    def __init__(self, uow: UnitOfWork, run: UUID) -> None:
        self._uow = uow
        self._run = run

    async def stage(self, before: int, pages: Sequence[StagedPage]) -> None:
        """Keep pages until the run is applied; `before`: how many the run has already."""
        rows = [self._row(number, page) for number, page in enumerate(pages, before + 1)]
        await execute_many(self._uow.driver, _STAGE, rows)

    def _row(self, number: int, page: StagedPage) -> tuple[object, ...]:
        row_ids = [] if page.kind == "member" else [self._uow.ids.uuid() for _ in page.ids]
        return (self._uow.tenant, self._run, number, page.kind, page.group, row_ids, page.ids, *page.rest)

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
