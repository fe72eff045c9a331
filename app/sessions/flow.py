"""The session that a browser had before: it ends when another one begins."""

from app import uow as units
from app.kit.ids import fingerprint
from app.runtime import Runtime
from app.sessions import service
from app.sessions.repository import SessionLookups
from app.uow import Actor


async def end_replaced(runtime: Runtime, token: str, *, actor: Actor) -> None:
    """End the session of this cookie, of whatever tenant (ASVS 7.2.4): nobody may keep a key to the same browser."""
    lookups = SessionLookups(runtime.lane, platform=runtime.config.platform_organization)
    found = await lookups.touch([fingerprint(token)], runtime.clock.now())
    for state in found.values():
        async with units.hot_beginner(runtime, actor=actor)(state.home_organization_id) as uow:
            await service.end(uow, [state.sid], "signed_in_again")
