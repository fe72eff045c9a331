"""The shapes of tenants on the wire: organization, domain, connection, directory, endpoint (WorkOS's OpenAPI)."""

from datetime import UTC, datetime
from typing import Any

from sandbox.records import Connection, Directory, Domain, Endpoint, Organization
from sandbox.state import World

Json = dict[str, Any]


def instant(at: float) -> str:
    """Return an instant as WorkOS writes it: `2026-01-05T09:00:01.000Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def organization(world: World, record: Organization) -> Json:
    """Return an Organization object with its domains."""
    return {
        "object": "organization",
        "id": record.id,
        "name": record.name,
        "allow_profiles_outside_organization": record.allow_profiles_outside_organization,
        "domains": [domain(each) for each in world.domains_of(record.id)],
        "stripe_customer_id": None,
        "external_id": record.external_id,
        "metadata": record.metadata,
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
    }


def domain(record: Domain) -> Json:
    """Return an OrganizationDomain object."""
    return {
        "object": "organization_domain",
        "id": record.id,
        "organization_id": record.organization_id,
        "domain": record.domain,
        "state": record.state,
        "verification_prefix": "workos-domain-verification",
        "verification_token": record.verification_token,
        "verification_strategy": record.verification_strategy,
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
    }


def connection(world: World, record: Connection) -> Json:
    """Return a Connection object; no certificates and no ACS URL, as WorkOS tells none here."""
    return {
        "object": "connection",
        "id": record.id,
        "organization_id": record.organization_id,
        "connection_type": record.type,
        "name": record.name,
        "state": record.state,
        "status": "linked" if record.state == "active" else "unlinked",
        "domains": [
            {"object": "connection_domain", "id": each.id.replace("org_domain", "conn_domain"), "domain": each.domain}
            for each in world.domains_of(record.organization_id)
        ],
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
    }


def directory(world: World, record: Directory) -> Json:
    """Return a Directory object with the counts of its users and groups."""
    users = [p.state == "active" for p in world.people.values() if p.directory_id == record.id]
    groups = sum(g.directory_id == record.id for g in world.groups.values())
    return {
        "object": "directory",
        "id": record.id,
        "organization_id": record.organization_id,
        "external_key": record.external_key,
        "type": record.type,
        "state": record.state,
        "name": record.name,
        "domain": record.domain,
        "metadata": {"users": {"active": sum(users), "inactive": len(users) - sum(users)}, "groups": groups},
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
    }


def endpoint(record: Endpoint) -> Json:
    """Return a WebhookEndpoint object."""
    return {
        "object": "webhook_endpoint",
        "id": record.id,
        "endpoint_url": record.endpoint_url,
        "secret": record.secret,
        "status": record.status,
        "events": record.events,
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
    }
