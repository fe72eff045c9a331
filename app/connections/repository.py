"""Every statement over connections."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.connections.models import Connection
from app.db.driver import fetch
from app.db.repository import PageRequest, Slice, read_page
from app.uow import UnitOfWork

LOGIN_NOTED_EVERY = timedelta(seconds=10)
# A thousand people who sign in together must not queue for one row: whoever finds it locked leaves it to the other.
_NOTE_LOGIN = """
update connections set last_login_at = $3 where id in (
    select c.id from connections c where c.organization_id = $1 and c.id = $2 for no key update skip locked
)
"""


def _matching(reference: str) -> Any:  # noqa: ANN401 -- a SQL condition
    try:
        return Connection.id == UUID(reference)
    except ValueError:
        return Connection.workos_id == reference


class _Readable:
    def __init__(self, uow: UnitOfWork, scoped: Select[Connection]) -> None:
        self._uow = uow
        self._scoped = scoped

    async def find(self, reference: str) -> Connection | None:
        """Return the connection that our UUID or WorkOS's id names."""
        return await self._uow.db.scalar(self._scoped.where(_matching(reference)))

    async def page(
        self,
        page: PageRequest[UUID],
        *,
        organization: UUID | None = None,
        kind: str | None = None,
        state: str | None = None,
    ) -> Slice[Connection]:
        """Return a page, filtered."""
        scoped = self._scoped
        if organization is not None:
            scoped = scoped.where(Connection.organization_id == organization)
        if kind is not None:
            scoped = scoped.where(Connection.type == kind)
        if state is not None:
            scoped = scoped.where(Connection.state == state)
        return await read_page(self._uow.db, scoped, Connection.id, page)


class Connections(_Readable):
    """Connections of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        super().__init__(uow, select(Connection).where(Connection.organization_id == organization))
        self._organization = organization

    async def upsert(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert or update these connections by WorkOS's id."""
        if not rows:
            return
        incoming = insert(Connection).values(rows)
        changing = ("type", "protocol", "name", "state", "domains", "updated_at")
        await self._uow.db.execute(
            incoming.on_conflict_do_update(
                index_elements=["organization_id", "workos_id"],
                set_={name: incoming.excluded[name] for name in changing},
            )
        )

    async def insert_missing(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert those of these connections that are not known by WorkOS's id."""
        if rows:
            await self._uow.db.execute(insert(Connection).values(rows).on_conflict_do_nothing())

    async def change(self, workos_id: str, values: Mapping[str, Any]) -> bool:
        """Update the connection with this WorkOS id; return False when the tenant has none."""
        changed = await self._uow.db.scalar(
            update(Connection)
            .where(Connection.organization_id == self._organization, Connection.workos_id == workos_id)
            .values(**values)
            .returning(Connection.id)
        )
        return changed is not None

    async def alive(self, protocol: str) -> Sequence[Connection]:
        """Return the connections that speak this protocol and are not deleted, the oldest first."""
        mine = select(Connection).where(Connection.organization_id == self._organization)
        found = mine.where(Connection.protocol == protocol, Connection.state != "deleted").order_by(Connection.id)
        return (await self._uow.db.scalars(found)).all()

    async def workos_ids(self) -> Sequence[str]:
        """Return WorkOS's ids of all that the tenant has or had."""
        mine = Connection.organization_id == self._organization
        return (await self._uow.db.scalars(select(Connection.workos_id).where(mine))).all()

    async def mark_missing(self, present: Sequence[str]) -> None:
        """Mark connections that a complete listing no longer holds as deleted."""
        await self._uow.db.execute(
            update(Connection)
            .where(
                Connection.organization_id == self._organization,
                Connection.workos_id.not_in(present),
                Connection.state != "deleted",
            )
            .values(state="deleted", updated_at=self._uow.now)
        )

    async def note_login(self, connection: UUID) -> None:
        """Remember that somebody signed in through this connection, unless another sign-in is noting its own."""
        await fetch(self._uow.driver, _NOTE_LOGIN, self._organization, connection, self._uow.now)

    async def record_failure(self, connection: UUID, code: str) -> None:
        """Remember the last sign-in that failed through this connection."""
        await self._uow.db.execute(
            update(Connection)
            .where(Connection.organization_id == self._organization, Connection.id == connection)
            .values(last_failure_at=self._uow.now, last_failure_code=code)
        )

    async def note_test(self, connection: UUID, test: UUID, status: str) -> None:
        """Remember the last test of a connection that came to an end."""
        await self._uow.db.execute(
            update(Connection)
            .where(Connection.organization_id == self._organization, Connection.id == connection)
            .values(last_test_id=test, last_test_at=self._uow.now, last_test_status=status)
        )

    async def note_failure(self, workos_id: str, code: str, at: datetime) -> None:
        """Remember the same of the connection with this WorkOS id, as of this instant, unless a later one failed."""
        later = Connection.last_failure_at > at
        await self._uow.db.execute(
            update(Connection)
            .where(Connection.organization_id == self._organization, Connection.workos_id == workos_id)
            .where(~func.coalesce(later, false()))
            .values(last_failure_at=at, last_failure_code=code)
        )


class UnscopedConnections(_Readable):
    """Connections of every tenant, for platform admins; on a pool whose role may only read."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, select(Connection))


def readable(uow: UnitOfWork) -> _Readable:
    """Return what this unit may read: its tenant's connections, or every tenant's in an unscoped unit."""
    return UnscopedConnections(uow) if uow.organization is None else Connections(uow, uow.organization)
