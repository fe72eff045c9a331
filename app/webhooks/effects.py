"""Effects: kind of event -> what it changes here, inside the unit of the tenant it is about; in one visible dict."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.connections import service as connections
from app.directories import service as directories
from app.organizations import service as organizations
from app.portal import service as portal
from app.sessions import service as sessions
from app.sso import recording as sign_ins
from app.uow import UnitOfWork
from app.webhooks.judging import MIRROR_WAIT
from app.webhooks.repository import Inbox, Subject
from app.workos import payloads
from app.workos.payloads import Payload


@dataclass(frozen=True, slots=True)
class Effect:
    """`about` says by which of our objects the tenant is found, `versioned` of which one versions are compared.

    `listed`: listings tell of it too, so it is older news than a listing of after it.
    """

    about: Callable[[Any], Subject]
    versioned: Callable[[Any], str]
    verb: Callable[[UnitOfWork, Any, datetime], Awaitable[None]]
    listed: bool = True


class Parked(Exception):  # noqa: N818 -- named for what happened
    """The event cannot be applied before `waits_for` (WorkOS's id of an object) is known here."""

    def __init__(self, waits_for: str, reason: str) -> None:
        super().__init__(reason)
        self.waits_for = waits_for


def effect_of(change: Payload) -> Effect | None:
    """Return what an event changes here; None for one that changes nothing."""
    if isinstance(change, payloads.SsoFailed) and change.connection_id is None:
        return None
    return EFFECTS.get(type(change))


async def apply(uow: UnitOfWork, effect: Effect, change: Payload, *, at: datetime, event_id: str) -> bool:
    """Make the unit's tenant follow an event of this instant; False where a newer one was applied before.

    Raises:
        Parked: what it is about is not known here yet.
    """
    inbox = Inbox(uow)
    await directories.lock_mirror(uow, wait=MIRROR_WAIT)
    if not await inbox.advance(effect.versioned(change), at, event_id, listed=effect.listed):
        return False
    await effect.verb(uow, change, at)
    await inbox.release([effect.about(change).object_id])
    return True


async def _connection_changed(uow: UnitOfWork, change: payloads.ConnectionChanged, _at: datetime) -> None:
    if change.connection is not None:
        await connections.follow(uow, change.connection)
    elif not await connections.set_state(uow, change.connection_id, change.state) and change.state == "active":
        # One that is switched off and unknown needs no row: its version alone keeps older news out.
        raise Parked(change.connection_id, "The connection is not known here, and the event tells too little of it.")
    await sessions.connections_changed(uow)


async def _connection_removed(uow: UnitOfWork, change: payloads.ConnectionRemoved, _at: datetime) -> None:
    await connections.set_state(uow, change.connection_id, "deleting")
    await sessions.connections_changed(uow)


async def _certificate(
    uow: UnitOfWork, change: payloads.CertificateExpiring | payloads.CertificateRenewed, _at: datetime
) -> None:
    # The one that the identity provider signs with is what stops sign-ins when it expires.
    if change.certificate_type != "ResponseSigning":
        return
    if not await connections.note_certificate(uow, change.connection_id, change.expires_at):
        raise Parked(change.connection_id, "The connection is not known here yet.")


async def _sign_in_failed(uow: UnitOfWork, change: payloads.SsoFailed, at: datetime) -> None:
    connection = str(change.connection_id)
    await connections.note_failure(uow, connection, change.code or change.outcome, at=at)
    await sign_ins.told(uow, connection, outcome=change.outcome, code=change.code, email=change.email, at=at)


async def _directory_changed(uow: UnitOfWork, change: payloads.DirectoryChanged, _at: datetime) -> None:
    await directories.follow(uow, change.directory)


async def _directory_removed(uow: UnitOfWork, change: payloads.DirectoryRemoved, at: datetime) -> None:
    await directories.remove(uow, change.directory_id, at=at)


async def _organization_removed(uow: UnitOfWork, _change: payloads.OrganizationRemoved, _at: datetime) -> None:
    await organizations.suspend(uow)
    await sessions.organization_changed(uow, suspended=True)
    await portal.revoke_all(uow)


async def _domain_changed(uow: UnitOfWork, change: payloads.DomainChanged, at: datetime) -> None:
    await organizations.follow_domain(uow, change.domain, at=at)


async def _domain_removed(uow: UnitOfWork, change: payloads.DomainRemoved, _at: datetime) -> None:
    await organizations.remove_domain(uow, change.domain_id)


def _connection(change: Any) -> Subject:  # noqa: ANN401 -- every payload with a connection
    return Subject("connection", change.connection_id, change.organization_id)


def _directory(change: Any) -> Subject:  # noqa: ANN401 -- every payload with a directory
    return Subject("directory", change.directory_id, change.organization_id)


def _certificate_key(change: Any) -> str:  # noqa: ANN401 -- both payloads of certificates
    return f"{change.connection_id}|{change.certificate_type}"


EFFECTS: Final[Mapping[type[Any], Effect]] = {
    payloads.ConnectionChanged: Effect(_connection, lambda c: c.connection_id, _connection_changed),
    payloads.ConnectionRemoved: Effect(_connection, lambda c: c.connection_id, _connection_removed),
    payloads.CertificateExpiring: Effect(_connection, _certificate_key, _certificate, listed=False),
    payloads.CertificateRenewed: Effect(_connection, _certificate_key, _certificate, listed=False),
    # Each is news of its own: somebody's failure is no older version of somebody else's.
    payloads.SsoFailed: Effect(
        _connection, lambda c: f"{c.connection_id}|failure|{c.session_id or ''}", _sign_in_failed, listed=False
    ),
    payloads.DirectoryChanged: Effect(
        lambda c: Subject("directory", c.directory.id, c.directory.organization_id),
        lambda c: c.directory.id,
        _directory_changed,
    ),
    payloads.DirectoryRemoved: Effect(_directory, lambda c: c.directory_id, _directory_removed),
    payloads.OrganizationRemoved: Effect(
        lambda c: Subject("organization", c.organization_id, c.organization_id),
        lambda c: c.organization_id,
        _organization_removed,
    ),
    payloads.DomainChanged: Effect(
        lambda c: Subject("domain", c.domain.id, c.organization_id), lambda c: c.domain.id, _domain_changed
    ),
    payloads.DomainRemoved: Effect(
        lambda c: Subject("domain", c.domain_id, c.organization_id), lambda c: c.domain_id, _domain_removed
    ),
}
"""What is not here is skipped (an organization's name, sign-ins that succeeded, SCIM tokens, unknown types), but for
people and groups: `people.py`.
"""
