"""Every statement over when certificates end: whom to ask, whom to warn, and that it was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.uow import UnitOfWork

_TAKE = "select organization_id, connection_id, workos_id from certificates_take($1, $2, $3)"
_DUE = "select organization_id, connection_id, workos_id, expires_at, days from certificates_due($1, $2)"
_WARN = """
insert into certificate_warnings (organization_id, connection_id, expires_at, days, warned_at)
values ($1, $2, $3, $4, $5) on conflict do nothing returning days
"""


@dataclass(frozen=True, slots=True)
class Saml:
    """A SAML connection of some tenant."""

    organization_id: UUID
    connection_id: UUID
    workos_id: str


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate that ends within so many days; 0: it has ended."""

    connection: Saml
    expires_at: datetime
    days: int


async def take(uow: UnitOfWork, *, every: timedelta, most: int) -> list[Saml]:
    """Return connections whose certificates WorkOS was not asked for lately, each to one caller.

    For a unit of no tenant.
    """
    rows = await fetch(uow.driver, _TAKE, uow.now, uow.now - every, most)
    return [Saml(row["organization_id"], row["connection_id"], row["workos_id"]) for row in rows]


async def due(uow: UnitOfWork, within: Sequence[int]) -> list[Ending]:
    """Return the certificates that end within one of these numbers of days, told of which is not yet; as `take`."""
    rows = await fetch(uow.driver, _DUE, uow.now, list(within))
    return [
        Ending(Saml(row["organization_id"], row["connection_id"], row["workos_id"]), row["expires_at"], row["days"])
        for row in rows
    ]


async def warn_once(uow: UnitOfWork, ending: Ending) -> bool:
    """Write down that the unit's tenant is warned of this; False where it was before."""
    values = (uow.tenant, ending.connection.connection_id, ending.expires_at, ending.days, uow.now)
    return await fetch_one(uow.driver, _WARN, *values) is not None
