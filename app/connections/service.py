"""Verbs of connections: import what WorkOS lists, follow what its events tell."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.audit import service as audit
from app.connections.repository import Connections
from app.uow import UnitOfWork
from app.workos import records

_LONGEST_NAME = 256
_STATES = {
    "active": "active",
    "validating": "validating",
    "draft": "draft",
    "requires_type": "draft",
    "inactive": "inactive",
    "deleting": "deleted",
}


async def import_all(
    uow: UnitOfWork, connections: Collection[records.Connection], *, newer: Collection[str] = ()
) -> Sequence[str]:
    """Make the tenant's connections exactly what a complete listing of WorkOS holds; return the ids of all.

    Those in `newer` are left as they are: something later than the listing is known of them.
    """
    rows = [_row(uow, found) for found in connections if found.id not in newer]
    repository = Connections(uow, uow.tenant)
    await repository.upsert(rows)
    # An event told only that it is off, before we knew it: it is known now, and stays off.
    unseen = [{**_row(uow, found), "state": "inactive"} for found in connections if found.id in newer]
    await repository.insert_missing(unseen)
    await repository.mark_missing([*(str(row["workos_id"]) for row in rows), *newer])
    return await repository.workos_ids()


async def follow(uow: UnitOfWork, told: records.Connection) -> None:
    """Make the tenant's connection what an event tells, new here or not."""
    row = _row(uow, told)
    await Connections(uow, uow.tenant).upsert([row])
    await _record(uow, told.id, str(row["state"]))


async def set_state(uow: UnitOfWork, connection: str, state: str) -> bool:
    """Give the connection with this WorkOS id a state, in WorkOS's word; return False when it is not known here."""
    ours = _STATES.get(state, "inactive")
    if not await Connections(uow, uow.tenant).change(connection, {"state": ours, "updated_at": uow.now}):
        return False
    await _record(uow, connection, ours)
    return True


async def note_certificate(uow: UnitOfWork, connection: str, expires_at: datetime) -> bool:
    """Remember until when the identity provider's certificate is good; False when the connection is not known here."""
    return await Connections(uow, uow.tenant).change(connection, {"certificate_expires_at": expires_at})


async def check_certificate_at(uow: UnitOfWork, connection: str, checked_at: datetime | None) -> None:
    """Say when WorkOS was last asked for a connection's certificates; None: it is to be asked now."""
    await Connections(uow, uow.tenant).change(connection, {"certificate_checked_at": checked_at})


async def note_failure(uow: UnitOfWork, connection: str, code: str, *, at: datetime) -> None:
    """Remember that a sign-in failed at this instant, before it came back to us, unless a later one did."""
    await Connections(uow, uow.tenant).note_failure(connection, code, at)


async def _record(uow: UnitOfWork, connection: str, state: str) -> None:
    await audit.record(uow, "connection.changed", targets=[("connection", connection)], state=state)


def _row(uow: UnitOfWork, found: records.Connection) -> dict[str, Any]:
    return {
        "id": uow.ids.uuid(),
        "organization_id": uow.tenant,
        "workos_id": found.id,
        "type": found.type,
        "protocol": protocol_of(found),
        "name": found.name[:_LONGEST_NAME],
        "state": _STATES.get(found.state, "inactive"),
        "domains": list(found.domains),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }


def protocol_of(connection: records.Connection) -> str:
    """Return `saml` or `oidc`; WorkOS's OAuth types speak OIDC here, its test provider speaks SAML."""
    if connection.protocol != "other":
        return connection.protocol
    return "oidc" if "OAUTH" in connection.type.upper() else "saml"
