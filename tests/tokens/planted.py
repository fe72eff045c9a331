"""Planted: signing keys of the tests' own in a gateway's database, so that bad tokens can carry good signatures."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from app.sessions.key_repository import SigningKeys
from app.sessions.repository import mark_stale
from app.tokens.signing_key import SigningKey
from tests.gateway import BASE, Browser, Stage
from tests.tokens.forge import ES256, claims, forge


@contextlib.asynccontextmanager
async def planted(stage: Stage, *keys: SigningKey) -> AsyncGenerator[None]:
    """Publish these keys, sealed as the gateway seals its own, until the block ends."""
    sealer = stage.assembly.runtime.sealer
    async with stage.unit() as uow:
        for key in keys:
            place = f"signing_keys|{key.kid}|{key.alg}"
            await SigningKeys(uow).insert(key.in_status("next"), sealer.seal(key.to_private_bytes(), aad=place))
            await mark_stale(uow, "kid", key.kid)
    await stage.assembly.live.look()
    try:
        yield
    finally:
        await stage.sql("delete from signing_keys where kid = any ($1)", [key.kid for key in keys])
        async with stage.unit() as uow:
            await mark_stale(uow, "kid", keys[0].kid)
        await stage.assembly.live.look()


@dataclass(slots=True)
class Forger:
    """Forges tokens of a session that really lives."""

    stage: Stage
    said: dict[str, Any]
    cookie: str

    def claims(self, **changes: object) -> dict[str, Any]:
        """Return the claims of a good token of this moment; a change to None leaves the claim out."""
        return claims(**{**self.said, **self.times(), **changes})

    def times(self, **shifts: int) -> dict[str, int]:
        """Return `iat`, `nbf` and `exp` (in five minutes), each shifted by so many seconds."""
        now = int(self.stage.clock.now().timestamp())
        return {name: now + shifts.get(name, 300 * (name == "exp")) for name in ("iat", "nbf", "exp")}

    def forge(self, *, key: SigningKey = ES256, **changes: object) -> str:
        """Return a token signed by a published key."""
        return forge(self.claims(**changes), key=key)


async def a_forger(stage: Stage, browser: Browser) -> Forger:
    """Return a forger for the session of this browser."""
    me = (await browser.api("GET", "/auth/session")).json()
    said = {
        "iss": BASE,
        "sub": me["user"]["id"],
        "org_id": me["organization"]["id"],
        "sid": me["session"]["id"],
        "roles": me["roles"],
    }
    return Forger(stage, said, browser.session_cookie or "")
