"""UnitOfWork: one transaction, one instant, one tenant; Begin opens one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.driver import Transaction
from app.kit.ids import Ids
from app.queue import outbox
from app.queue.outbox import Wish
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, and from where: what an audit row records."""

    type: str = "system"
    id: str = "gateway"
    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


SYSTEM = Actor()
_SET_TENANT = text("select set_config('app.org_id', :organization, true)")
PLATFORM = UUID(int=0)
"""The nil organization: units of work that belong to the platform itself."""


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """One transaction, one instant, one tenant. It has no network (house.md, rule 2).

    `organization` is the tenant whose rows this transaction sees; None sees no tenant's. `driver` is what
    `app.db.driver.fetch` takes, `db` the same as a session.
    """

    driver: Transaction
    now: datetime
    ids: Ids
    actor: Actor = field(default=SYSTEM)
    organization: UUID | None = None

    @property
    def db(self) -> AsyncSession:
        """The transaction as SQLAlchemy's session.

        Raises:
            TypeError: this unit was opened for driver-level statements only (`hot_beginner`).
        """
        if not isinstance(self.driver, AsyncSession):
            raise TypeError("this unit of work runs driver-level statements only")
        return self.driver

    @property
    def tenant(self) -> UUID:
        """The organization of this unit.

        Raises:
            LookupError: the unit has none; a verb that needs a tenant was called outside of one.
        """
        if self.organization is None:
            raise LookupError("this unit of work belongs to no organization")
        return self.organization

    async def enqueue(self, wishes: Sequence[Wish]) -> None:
        """Write down work that needs the network, in this transaction: it is done if this commits, and else never."""
        await outbox.enqueue(self, wishes, request_id=self.actor.request_id)


class Begin(Protocol):
    """Opens a unit of work; it commits when the block ends and rolls back when the block raises."""

    def __call__(
        self, organization: UUID | None = None, *, actor: Actor | None = None
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """Return a context manager that yields the unit."""
        ...


def beginner(runtime: Runtime, *, actor: Actor = SYSTEM, unscoped: bool = False) -> Begin:
    """Return a Begin over this process's sessions: one of the three places that commit (house.md, rule 3).

    Args:
        runtime: the process's tools.
        actor: who does what the units do, unless `begin` is told otherwise.
        unscoped: open units that read every tenant's rows and can write none (platform admins).
    """
    sessions = runtime.unscoped if unscoped else runtime.sessions
    default_actor = actor

    @asynccontextmanager
    async def begin(organization: UUID | None = None, *, actor: Actor | None = None) -> AsyncGenerator[UnitOfWork]:
        async with sessions(info={"organization": organization}) as db, db.begin():
            yield UnitOfWork(
                driver=db,
                now=runtime.clock.now(),
                ids=runtime.ids,
                actor=actor or default_actor,
                organization=organization,
            )

    return begin


@asynccontextmanager
async def attempt(uow: UnitOfWork) -> AsyncGenerator[UnitOfWork]:
    """Yield the unit inside a savepoint: what fails there is undone, and what the unit holds is kept.

    For the worker, which writes down why an event failed in the transaction that claimed it (house.md, rule 3).
    """
    async with uow.db.begin_nested():
        yield uow


@asynccontextmanager
async def undone(uow: UnitOfWork) -> AsyncGenerator[UnitOfWork]:
    """Yield the unit inside a savepoint that is undone in the end: what would happen is seen and does not happen."""
    async with uow.db.begin_nested() as savepoint:
        yield uow
        await savepoint.rollback()


async def enter(uow: UnitOfWork, organization: UUID) -> UnitOfWork:
    """Return the unit as this tenant's, until its transaction or savepoint ends.

    For the worker, which claims a row before it knows whose it is, and for a deed that concerns two tenants.
    """
    await uow.db.execute(_SET_TENANT, {"organization": str(organization)})
    return replace(uow, organization=organization)


def hot_beginner(runtime: Runtime, *, actor: Actor = SYSTEM) -> Begin:
    """Return a Begin whose units run driver-level statements only, for the sign-in (speed.md).

    SQLAlchemy's session costs about 0.4 ms of CPU per transaction, half of what all of a sign-in may cost.
    """
    default_actor = actor

    @asynccontextmanager
    async def begin(organization: UUID | None = None, *, actor: Actor | None = None) -> AsyncGenerator[UnitOfWork]:
        async with runtime.lane.transaction(organization) as transaction:
            yield UnitOfWork(
                driver=transaction,
                now=runtime.clock.now(),
                ids=runtime.ids,
                actor=actor or default_actor,
                organization=organization,
            )

    return begin
