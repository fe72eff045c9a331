"""Certificates in time: WorkOS is asked until when they are good, and whoever is concerned is warned before they end.

A certificate is known by its connection and the instant it ends at: WorkOS's events and its API tell that alike.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from app import log
from app import uow as units
from app.audit import service as audit
from app.connections import service as connections
from app.http.wire import wire
from app.problems import Problem
from app.runtime import Runtime
from app.sso import certificate_repository as repository
from app.sso import certificates
from app.sso.certificate_repository import Ending, Saml
from app.sso.findings import Fault
from app.uow import Begin, UnitOfWork
from app.workos.connection_records import SigningCertificate
from app.workos.errors import ConnectionsApiClosed, UpstreamNotFound

EVERY: Final = timedelta(hours=6)
AGAIN_AFTER: Final = timedelta(minutes=10)
WARNINGS: Final = (30, 14, 7, 1, 0)
"""Days before its end at which a certificate is warned of; 0: it has ended."""
_AT_ONCE: Final = 10
_logger = log.get("sso")


async def check(runtime: Runtime, begin: Begin) -> bool:
    """Ask WorkOS for the certificates of the connections whose turn it is; return whether there were any.

    Where the account has no such API nothing is learnt, and the events of WorkOS are what is left.
    """
    async with begin() as uow:
        taken = await repository.take(uow, every=EVERY, most=_AT_ONCE)
    for connection in taken:
        await _check(runtime, begin, connection)
    return bool(taken)


async def _check(runtime: Runtime, begin: Begin, connection: Saml) -> None:
    try:
        found = await runtime.workos.list_connection_certificates(connection.workos_id)
    except (ConnectionsApiClosed, UpstreamNotFound):
        return  # its turn comes again; what is gone at WorkOS an event tells
    except Problem as problem:
        _logger.warning("sso.certificates.unread", problem=problem.code, connection_id=str(connection.connection_id))
        async with begin(connection.organization_id) as uow:
            await connections.check_certificate_at(uow, connection.workos_id, uow.now - EVERY + AGAIN_AFTER)
        return
    ends = last_end(found)
    if ends is not None:
        async with begin(connection.organization_id) as uow:
            await connections.note_certificate(uow, connection.workos_id, ends)


def last_end(found: Sequence[SigningCertificate]) -> datetime | None:
    """Return when the last of a connection's certificates ends: until then the provider may sign with one of them."""
    ends = [end for one in found if (end := one.not_after or _written_in(one.pem)) is not None]
    return max(ends, default=None)


def _written_in(pem: str) -> datetime | None:
    try:
        return certificates.read(pem, name="certificate").not_after
    except Fault:
        return None


async def warn(uow: UnitOfWork) -> None:
    """Write down and log, once each, which certificates of active connections end in 30, 14, 7 and 1 days, or have."""
    for ending in await repository.due(uow, WARNINGS):
        tenant = await units.enter(uow, ending.connection.organization_id)
        if await repository.warn_once(tenant, ending):
            await _tell(tenant, ending)


async def _tell(uow: UnitOfWork, ending: Ending) -> None:
    ended = ending.days == 0
    await audit.record(
        uow,
        "connection.certificate_expired" if ended else "connection.certificate_expiring",
        targets=[("connection", ending.connection.connection_id)],
        expires_at=wire(ending.expires_at),
        days=ending.days,
    )
    say = _logger.error if ended else _logger.warning
    say(
        "sso.certificate.expired" if ended else "sso.certificate.expiring",
        organization_id=str(uow.tenant),
        connection_id=str(ending.connection.connection_id),
        expires_at=wire(ending.expires_at),
        days=ending.days,
    )
