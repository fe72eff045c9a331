"""Job name -> handler, in one visible dict; periodic jobs with their interval; what a new encryption key seals anew."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

from app import uow as units
from app.audit import jobs as audit
from app.audit.forwarding import FORWARD
from app.bootstrap import WrongEncryptionKeys
from app.directories import jobs as directories
from app.kit.sealing import SealBroken
from app.portal import jobs as portal
from app.portal.service import REVOKE
from app.queue import outbox
from app.queue.outbox_runner import Handler
from app.queue.periodic import Periodic
from app.runtime import Runtime
from app.sessions import jobs as sessions
from app.sessions import keys as signing_keys
from app.settings import service as settings
from app.sso import certificate_flow as certificates
from app.sso import jobs as sso
from app.sso import resealing as flows
from app.status import watching as status
from app.uow import Begin, UnitOfWork
from app.webhooks import jobs as webhooks


def periodic(runtime: Runtime) -> dict[str, Periodic[UnitOfWork]]:
    """Return the periodic jobs; each gets a unit of the nil organization and commits with it."""

    async def rotate_keys(uow: UnitOfWork) -> None:
        await sessions.rotate_keys(uow, runtime.sealer)

    async def settle(uow: UnitOfWork) -> None:
        await status.settle(uow, runtime)

    forwarding = {"audit.forward": Periodic(timedelta(seconds=5), audit.queue_forwarding)}
    return {
        "sessions.rotate_keys": Periodic(timedelta(minutes=5), rotate_keys),
        "sessions.purge": Periodic(timedelta(minutes=10), sessions.purge),
        "directories.queue_due": Periodic(timedelta(seconds=30), directories.queue_due),
        "directories.show": Periodic(timedelta(seconds=5), directories.show),
        "directories.purge": Periodic(timedelta(minutes=10), directories.purge),
        "audit.seal": Periodic(timedelta(seconds=5), audit.seal),
        "audit.watch": Periodic(timedelta(seconds=10), audit.watch),
        "portal.purge": Periodic(timedelta(minutes=10), portal.purge),
        "outbox.purge": Periodic(timedelta(minutes=10), outbox.purge),
        "webhooks.tidy": Periodic(timedelta(minutes=1), webhooks.tidy),
        "status.settle": Periodic(timedelta(seconds=15), settle),
        "sso.purge_flows": Periodic(timedelta(seconds=30), sso.purge),
        "sso.purge_traces": Periodic(timedelta(minutes=10), sso.purge_traces),
        "sso.warn_of_certificates": Periodic(timedelta(minutes=15), certificates.warn),
        **(forwarding if runtime.config.audit_forwarding == "on" else {}),
    }


async def _signing_keys(runtime: Runtime) -> int:
    async with units.beginner(runtime)(units.PLATFORM) as uow:
        return await signing_keys.reseal(uow, runtime.sealer)


async def _secrets(runtime: Runtime) -> int:
    async with units.beginner(runtime)(units.PLATFORM) as uow:
        return await settings.reseal(uow, runtime.sealer)


async def _canary(runtime: Runtime) -> int:
    async with units.beginner(runtime)(units.PLATFORM) as uow:
        return await settings.reseal_canary(uow, runtime.sealer)


RESEALED: Final[dict[str, Callable[[Runtime], Awaitable[int]]]] = {
    "signing_keys.private_sealed": _signing_keys,
    "platform_secrets.sealed": _secrets,
    "login_flows.verifier": flows.reseal,
    # Last: it is what a process proves its keys by, so it must not be the newest key's while other rows are not.
    "encryption_canaries.sealed": _canary,
}
"""Every column that is sealed, and what seals it anew with the newest encryption key; each may be begun again."""


async def reseal(runtime: Runtime) -> dict[str, int]:
    """Seal everything anew with the newest encryption key; return how many values changed, by column.

    Killed half-way and begun again it goes on: each step is committed by itself and skips what is done (threats.md F5).

    Raises:
        WrongEncryptionKeys: a value opens with none of the keys; what came before it is done.
    """
    changed: dict[str, int] = {}
    for column, step in RESEALED.items():
        try:
            changed[column] = await step(runtime)
        except SealBroken as broken:
            raise WrongEncryptionKeys(f"A value of {column} opens with none of ENCRYPTION_KEYS: {broken}.") from broken
    return changed


def handlers(runtime: Runtime, begin: Begin) -> dict[str, Handler]:
    """Return what does the outbox's work, by the job's name. Each may be done twice; none is in a transaction."""
    return {REVOKE: partial(portal.revoke_links, runtime, begin)}


def senders(runtime: Runtime, begin: Begin) -> dict[str, Handler]:
    """Return what does the outbox's long work, for which nothing else may wait; none where forwarding is off."""
    if runtime.config.audit_forwarding == "off":
        return {}
    return {FORWARD: partial(audit.forward, runtime, begin)}
