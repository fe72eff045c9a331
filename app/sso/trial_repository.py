"""Every statement over connection tests."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.kit.rows import Row
from app.uow import UnitOfWork

_INSERT = """
insert into connection_tests (organization_id, id, connection_id, started_by, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6)
"""
_CLAIM = """
update connection_tests set status = 'running', claimed_at = $3
where organization_id = $1 and id = $2 and status = 'waiting'
returning connection_id
"""
_FINISH = """
update connection_tests
set status = $3, finished_at = $4, user_id = $5, address = case when $5::uuid is null then erased($6) end, result = $7
where organization_id = $1 and id = $2
"""
# Of the unit's tenant, or of any where an operator reads.
_FIND = """
select t.id, t.organization_id, t.connection_id, c.workos_id as connection_workos_id, t.started_by, t.status,
       t.created_at, t.expires_at, t.claimed_at, t.finished_at, t.result
from connection_tests t
join connections c on c.organization_id = t.organization_id and c.id = t.connection_id
where t.id = $2 and ($1::uuid is null or t.organization_id = $1)
"""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a test ended; `email` is folded, and kept only as its trace, where nobody is known by it."""

    status: str
    user_id: UUID | None
    email: str | None
    result: str


class Trials:
    """Connection tests of one tenant; of every tenant for `find` in an unscoped unit."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, test: UUID, connection: UUID, *, by: UUID, expires_at: datetime) -> None:
        """Insert a test that waits for its browser to come back."""
        await fetch(self._uow.driver, _INSERT, self._uow.tenant, test, connection, by, self._uow.now, expires_at)

    async def claim(self, test: UUID) -> UUID | None:
        """Let a test run, once ever; return its connection, None where there is none that waits."""
        row = await fetch_one(self._uow.driver, _CLAIM, self._uow.tenant, test, self._uow.now)
        return None if row is None else row["connection_id"]

    async def finish(self, test: UUID, how: Finished) -> None:
        """Write down how a test ended."""
        await fetch(
            self._uow.driver,
            _FINISH,
            self._uow.tenant,
            test,
            how.status,
            self._uow.now,
            how.user_id,
            how.email,
            how.result,
        )

    async def find(self, test: UUID) -> Row | None:
        """Return a test with its connection, as far as the unit sees."""
        return await fetch_one(self._uow.driver, _FIND, self._uow.organization, test)
