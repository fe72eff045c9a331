"""TenantSession: the tenant of a transaction, set for row-level security (threats.md section 4)."""

from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, SessionTransaction

_SET_TENANT = "select set_config('app.org_id', $1, true)"


class TenantSession(Session):
    """A session whose transactions all belong to `info["organization"]`, or to no tenant."""


@event.listens_for(TenantSession, "after_begin")
def _set_tenant(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]  # SQLAlchemy calls it
    """Runs again after every commit and rollback: a transaction-local setting dies with its transaction."""
    organization: UUID | None = session.info.get("organization")
    if organization is not None:
        connection.exec_driver_sql(_SET_TENANT, (str(organization),))


def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return a factory of tenant sessions; call it with `info={"organization": …}`."""
    return async_sessionmaker(engine, sync_session_class=TenantSession, expire_on_commit=False)
