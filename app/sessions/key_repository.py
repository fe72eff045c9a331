"""Every statement over signing_keys."""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.db.driver import fetch, fetch_one
from app.db.lane import Lane
from app.sessions.rotation import KeyRow
from app.tokens.signing_key import SigningKey
from app.uow import UnitOfWork

_LOCK = 0x6D70_6B72  # "mpkr": one rotation at a time
_ROWS = "select kid, alg, status, created_at, activated_at, retiring_at from signing_keys order by created_at"
_SEALED = """
select kid, alg, status, public_jwk, private_sealed from signing_keys where status in ('next', 'active', 'retiring')
"""
_EVERY_SEALED = "select kid, alg, private_sealed from signing_keys order by kid for update"
_INSERT = """
insert into signing_keys (kid, alg, status, public_jwk, private_sealed, created_at, activated_at)
values ($1, $2, $3, $4, $5, $6, $7)
"""
_MOVE = {
    "active": "update signing_keys set status = 'active', activated_at = $2 where kid = $1 and status = 'next'",
    "retiring": "update signing_keys set status = 'retiring', retiring_at = $2 where kid = $1 and status = 'active'",
    "retired": "update signing_keys set status = 'retired', retired_at = $2 where kid = $1 and status <> 'compromised'",
    "compromised": "update signing_keys set status = 'compromised', retired_at = $2 where kid = $1",
}


class SigningKeys:
    """The platform's signing keys; they belong to no tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def lock(self) -> None:
        """Wait until no other process rotates; held until the transaction ends."""
        await fetch(self._uow.db, "select pg_advisory_xact_lock($1)", _LOCK)

    async def rows(self) -> list[KeyRow]:
        """Return every key's public facts, oldest first."""
        return [KeyRow(*row) for row in await fetch(self._uow.db, _ROWS)]

    async def insert(self, key: SigningKey, sealed: bytes) -> None:
        """Store a key, its private part sealed."""
        activated = self._uow.now if key.status == "active" else None
        await fetch(
            self._uow.db,
            _INSERT,
            key.kid,
            key.alg,
            key.status,
            msgspec.json.encode(dict(key.public_jwk)).decode(),
            sealed,
            self._uow.now,
            activated,
        )

    async def move(self, kid: str, status: str) -> bool:
        """Move a key on to `status`; return whether there was one to move."""
        row = await fetch_one(self._uow.db, _MOVE[status] + " returning kid", kid, self._uow.now)
        return row is not None

    async def sealed(self) -> Sequence[Any]:
        """Return every key with its sealed private part, locked for resealing (gw_app only)."""
        return await fetch(self._uow.db, _EVERY_SEALED)

    async def reseal(self, kid: str, sealed: bytes) -> None:
        """Replace a key's sealed private part."""
        await fetch(self._uow.db, "update signing_keys set private_sealed = $2 where kid = $1", kid, sealed)


async def published(lane: Lane) -> Sequence[Any]:
    """Return (kid, alg, status, public_jwk, private_sealed) of every published key."""
    return await lane.fetch(_SEALED)
