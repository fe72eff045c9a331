"""Verbs of platform settings: read, save, seal anew, the default connection, proving the encryption keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app import log
from app.audit import service as audit
from app.connections.models import Connection
from app.connections.repository import UnscopedConnections
from app.db.lane import Lane
from app.kit.sealing import Sealer
from app.organizations.models import Organization
from app.organizations.repository import UnscopedOrganizations
from app.settings.errors import DefaultConnectionNotUsable
from app.settings.judging import last_four
from app.settings.planning import Edit
from app.settings.repository import Changing, Settings, replace_canary
from app.settings.stored import Secret, Stored, opened, place
from app.uow import UnitOfWork

TARGET: Final = ("settings", "workos")
_logger = log.get("settings")


async def default_connection(lane: Lane) -> UUID | None:
    """Return our id of the connection that a sign-in without a selector uses, or None."""
    return await Settings(lane).default_connection()


async def read(uow: UnitOfWork) -> Stored:
    """Return what the platform has set."""
    return await Changing(uow).stored()


async def save(  # noqa: PLR0913 -- the edit, and what is recorded of it
    uow: UnitOfWork, sealer: Sealer, edit: Edit, *, over: int, action: str, told: dict[str, Any]
) -> bool:
    """Write an edit as the next version of the settings, and who did it.

    Args:
        uow: a unit of the platform.
        sealer: seals the secrets, each for its own row.
        edit: what to write.
        over: the version that it was made of.
        action: what the audit record calls it.
        told: what it says besides; never a secret, nor a part of one.

    Returns whether the settings still had that version; else nothing is written.
    """
    repository = Changing(uow)
    if not await repository.save(edit.row, over=over):
        return False
    added = [_sealed(uow, sealer, *one) for one in edit.added]
    await repository.put(dropped=edit.dropped, promoted=edit.promoted, added=added)
    await audit.record(uow, action, targets=[TARGET], version=over + 1, **told)
    _logger.info("settings.changed", action=action, version=over + 1)
    return True


def _sealed(uow: UnitOfWork, sealer: Sealer, name: Any, slot: Any, value: str) -> Secret:  # noqa: ANN401 -- of `Edit.added`
    identifier = uow.ids.uuid()
    sealed = sealer.seal(value.encode(), aad=place(identifier, name))
    return Secret(identifier, name, slot, sealed, last_four(value), uow.now)


async def usable_connection(uow: UnitOfWork, reference: str) -> tuple[Connection, Organization]:
    """Return the connection that our UUID or WorkOS's id names, and whose it is, if people may sign in over it.

    Args:
        uow: a unit that reads every tenant.
        reference: the id.

    Raises:
        DefaultConnectionNotUsable: it is not here, not active, or its organization is suspended.
    """
    found = await UnscopedConnections(uow).find(reference)
    if found is None:
        raise DefaultConnectionNotUsable("There is no such connection here.")
    if found.state != "active":
        raise DefaultConnectionNotUsable(f"The connection is {found.state}.")
    owner = await UnscopedOrganizations(uow.db).find(str(found.organization_id))
    if owner is None or owner.state != "active":
        raise DefaultConnectionNotUsable("The connection's organization is suspended.")
    return found, owner


async def connection_of(uow: UnitOfWork, identifier: UUID) -> tuple[str, str | None] | None:
    """Return WorkOS's ids of a connection and its organization; None where it is not here. `uow` reads every tenant."""
    found = await UnscopedConnections(uow).find(str(identifier))
    if found is None:
        return None
    owner = await UnscopedOrganizations(uow.db).find(str(found.organization_id))
    return found.workos_id, owner.workos_id if owner else None


async def prove_keys(lane: Lane, sealer: Sealer, now: datetime) -> None:
    """Make sure that these encryption keys are the ones this database was sealed with (threats.md F6).

    Raises:
        SealBroken: they are not; starting would make every sealed value unreadable.
    """
    sealer.require_canary(await Settings(lane).first_canary(sealer.canary(), now))


async def reseal(uow: UnitOfWork, sealer: Sealer) -> int:
    """Seal every secret anew with the newest encryption key; return how many changed. May be repeated.

    Raises:
        SealBroken: one does not open; it stays as it is.
    """
    changed: Sequence[Secret] = [one for one in (await read(uow)).secrets if sealer.needs_reseal(one.sealed)]
    for one in changed:
        sealed = sealer.seal(opened(one, sealer).encode(), aad=place(one.id, one.name))
        await Changing(uow).reseal(one, sealed)
    return len(changed)


async def reseal_canary(uow: UnitOfWork, sealer: Sealer) -> int:
    """Seal the canary with the newest encryption key, so that older ones can be given up; return whether it was not."""
    if not sealer.needs_reseal(await Changing(uow).canary()):
        return 0
    await replace_canary(uow, sealer.canary())
    await audit.record(uow, "encryption_key.changed", targets=[("encryption_key", sealer.newest_id)])
    return 1
