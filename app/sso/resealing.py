"""Resealing: the verifiers of sign-ins under way get a new encryption key, while people go on signing in."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from app import log
from app import uow as units
from app.kit.rows import Row
from app.kit.sealing import SealBroken
from app.runtime import Runtime
from app.sso import repository
from app.sso.flow import place

_AT_ONCE: Final = 500
_logger = log.get("sso")


async def reseal(runtime: Runtime) -> int:
    """Seal anew what another key than the newest has sealed; return how many. Begun again, it goes on.

    Each tenant's flows of a batch are committed together. One that cannot be opened stays: its sign-in has failed.
    """
    changed, after = 0, b""
    while True:
        async with units.beginner(runtime, unscoped=True)() as uow:
            rows = await repository.sealed_before(uow, runtime.sealer.mark, after=after, limit=_AT_ONCE)
        if not rows:
            return changed
        after = bytes(rows[-1]["state_hash"])
        for tenant, flows in groupby(sorted(rows, key=itemgetter("organization_id")), itemgetter("organization_id")):
            async with units.beginner(runtime)(tenant) as uow:
                changed += await _reseal(runtime, uow, list(flows))


async def _reseal(runtime: Runtime, uow: units.UnitOfWork, flows: Sequence[Row]) -> int:
    changed = 0
    for flow in flows:
        state_hash, old = bytes(flow["state_hash"]), bytes(flow["verifier"])
        try:
            plain = runtime.sealer.open(old, aad=place(state_hash))
        except SealBroken as broken:
            _logger.warning("sso.flow.unreadable", why=str(broken))
            continue
        await repository.reseal(uow, state_hash, old, runtime.sealer.seal(plain, aad=place(state_hash)))
        changed += 1
    return changed
