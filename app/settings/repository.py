"""Every statement over platform settings, their secrets and the encryption canary."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.db.lane import Lane
from app.kit.rows import Row
from app.settings.stored import NAMES, Rotation, Secret, Stored
from app.uow import UnitOfWork

# "do update" and not "do nothing": of two first starts the later one must see what the earlier one has stored.
_KEEP_CANARY = """
insert into encryption_canaries as kept (id, sealed, created_at) values (1, $1, $2)
on conflict (id) do update set id = kept.id returning kept.sealed
"""
# One statement: settings and secrets of one moment.
_STORED = """
select s.version, s.client_id, s.redirect_uri, s.default_connection_id, s.api_key_rotation, s.api_key_rotated_at,
       s.webhook_secret_rotation, s.webhook_secret_rotated_at, s.updated_at,
       p.id, p.name, p.slot, p.sealed, p.last_four, p.set_at
from platform_settings s left join platform_secrets p on p.settings_id = s.id
where s.id = 1 order by p.name, p.slot
"""
_FIRST = """
insert into platform_settings (id, version, client_id, redirect_uri, default_connection_id, api_key_rotation,
                               api_key_rotated_at, webhook_secret_rotation, webhook_secret_rotated_at, updated_at)
values (1, $1 + 1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do nothing returning version
"""
_NEXT = """
update platform_settings set version = version + 1, client_id = $2, redirect_uri = $3, default_connection_id = $4,
       api_key_rotation = $5, api_key_rotated_at = $6, webhook_secret_rotation = $7, webhook_secret_rotated_at = $8,
       updated_at = $9
where id = 1 and version = $1 returning version
"""
_DROP = "delete from platform_secrets where id = any ($1)"
_PROMOTE = "update platform_secrets set slot = 'current' where id = $1"
_ADD = "insert into platform_secrets (id, name, slot, sealed, last_four, set_at) values ($1, $2, $3, $4, $5, $6)"
# The blob it was made of is named: what a person has set meanwhile is not undone.
_RESEAL = "update platform_secrets set sealed = $3 where id = $1 and sealed = $2"


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

    async def stored(self) -> Stored:
        """Return what is stored, as far as this process's role may see it."""
        return to_stored(await self._lane.fetch(_STORED))

    async def first_canary(self, sealed: bytes, now: datetime) -> bytes:
        """Return the canary of the first start; this start's own when it is the first."""
        rows = await self._lane.fetch(_KEEP_CANARY, sealed, now)
        return bytes(rows[0]["sealed"])


class Changing:
    """The settings inside a unit of the platform."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def stored(self) -> Stored:
        """Return what is stored."""
        return to_stored(await fetch(self._uow.driver, _STORED))

    async def canary(self) -> bytes:
        """Return the canary; every process that has started since the first has made sure that there is one."""
        (row,) = await fetch(self._uow.driver, "select sealed from encryption_canaries where id = 1 for update")
        return bytes(row["sealed"])

    async def save(self, wanted: Stored, *, over: int) -> bool:
        """Write the row as the next version, if it still has the version `over` (0: there is none yet)."""
        turned = [rotation for name in NAMES for rotation in _columns(wanted.rotation(name))]
        row = await fetch_one(
            self._uow.driver,
            _NEXT if over else _FIRST,
            over,
            wanted.client_id,
            wanted.redirect_uri,
            wanted.default_connection_id,
            *turned,
            self._uow.now,
        )
        return row is not None

    async def put(self, *, dropped: Sequence[UUID], promoted: UUID | None, added: Sequence[Secret]) -> None:
        """Delete secrets, move one up to `current`, and insert others, in this order."""
        await fetch(self._uow.driver, _DROP, dropped)
        if promoted is not None:
            await fetch(self._uow.driver, _PROMOTE, promoted)
        for one in added:
            await fetch(self._uow.driver, _ADD, one.id, one.name, one.slot, one.sealed, one.last_four, one.set_at)

    async def reseal(self, secret: Secret, sealed: bytes) -> None:
        """Replace a secret's blob by another of the same secret."""
        await fetch(self._uow.driver, _RESEAL, secret.id, secret.sealed, sealed)


def to_stored(rows: Sequence[Row]) -> Stored:
    """Return what the rows of one look hold."""
    if not rows:
        return Stored()
    first = rows[0]
    return Stored(
        version=first["version"],
        client_id=first["client_id"],
        redirect_uri=first["redirect_uri"],
        default_connection_id=first["default_connection_id"],
        rotations=tuple(
            (name, Rotation(first[f"{name}_rotation"], first[f"{name}_rotated_at"]))
            for name in NAMES
            if first[f"{name}_rotation"]
        ),
        secrets=tuple(
            Secret(row["id"], row["name"], row["slot"], bytes(row["sealed"]), row["last_four"], row["set_at"])
            for row in rows
            if row["id"] is not None
        ),
        updated_at=first["updated_at"],
    )


def _columns(rotation: Rotation | None) -> tuple[object, object]:
    return (rotation.state, rotation.at) if rotation else (None, None)
