"""Every statement over platform settings and the encryption canary."""

from datetime import datetime
from uuid import UUID

from app.db.driver import fetch
from app.db.lane import Lane
from app.uow import UnitOfWork

# "do update" and not "do nothing": of two first starts the later one must see what the earlier one has stored.
_KEEP_CANARY = """
insert into encryption_canaries as kept (id, sealed, created_at) values (1, $1, $2)
on conflict (id) do update set id = kept.id returning kept.sealed
"""


async def replace_canary(uow: UnitOfWork, sealed: bytes) -> None:
    """Replace the canary by one that the newest encryption key sealed."""
    await fetch(uow.driver, "update encryption_canaries set sealed = $1 where id = 1", sealed)


class Settings:
    """The platform's one row of settings, and the canary; they belong to no tenant."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def default_connection(self) -> UUID | None:
        """Return the Default Connection setting."""
        rows = await self._lane.fetch("select default_connection_id from platform_settings where id = 1")
        return rows[0]["default_connection_id"] if rows else None

    async def first_canary(self, sealed: bytes, now: datetime) -> bytes:
        """Return the canary of the first start; this start's own when it is the first."""
        rows = await self._lane.fetch(_KEEP_CANARY, sealed, now)
        return bytes(rows[0]["sealed"])
