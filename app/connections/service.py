"""Verbs of connections: import what WorkOS lists."""

from collections.abc import Iterable

from app.connections.repository import Connections
from app.uow import UnitOfWork
from app.workos import records

_STATES = {
    "active": "active",
    "validating": "validating",
    "draft": "draft",
    "requires_type": "draft",
    "inactive": "inactive",
    "deleting": "deleted",
}


async def import_all(uow: UnitOfWork, connections: Iterable[records.Connection]) -> int:
    """Make the tenant's connections exactly what a complete listing of WorkOS holds; return how many."""
    rows = [
        {
            "id": uow.ids.uuid(),
            "organization_id": uow.tenant,
            "workos_id": found.id,
            "type": found.type,
            "protocol": protocol_of(found),
            "name": found.name,
            "state": _STATES.get(found.state, "inactive"),
            "domains": list(found.domains),
            "created_at": found.created_at,
            "updated_at": found.updated_at,
        }
        for found in connections
    ]
    repository = Connections(uow, uow.tenant)
    await repository.upsert(rows)
    await repository.mark_missing([str(row["workos_id"]) for row in rows])
    return len(rows)


def protocol_of(connection: records.Connection) -> str:
    """Return `saml` or `oidc`; WorkOS's OAuth types speak OIDC here, its test provider speaks SAML."""
    if connection.protocol != "other":
        return connection.protocol
    return "oidc" if "OAUTH" in connection.type.upper() else "saml"
