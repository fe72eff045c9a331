"""Controls over tenants: organizations, domains, connections, directories."""

from typing import Any

from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.records import Connection, Directory, Domain, Organization
from sandbox.refusals import bad_request, invalid
from sandbox.state import World

CONNECTION_STATES = frozenset({"requires_type", "draft", "active", "validating", "inactive", "deleting"})
DIRECTORY_STATES = frozenset({"linked", "validating", "invalid_credentials", "unlinked", "deleting"})
DOMAIN_STATES = frozenset({"pending", "verified", "failed", "legacy_verified", "unverified"})


class TenantControls:
    """Add, change and remove what belongs to a tenant; each verb returns the record it made or changed."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_organization(self, name: str, *, id: str | None = None, **fields: Any) -> Organization:  # noqa: A002, ANN401
        """Make an organization. Raises 400 when its external id is taken."""
        self._require_free(fields.get("external_id"))
        return _keep(self.world.organizations, Organization(name=name, **fields, **self.world.birth("org", id)))

    def change_organization(self, organization: str, **changes: Any) -> Organization:  # noqa: ANN401
        """Change name, external_id, metadata or allow_profiles_outside_organization."""
        allowed = {"name", "external_id", "metadata", "allow_profiles_outside_organization"}
        found = self.world.organization(organization)
        if changes.get("external_id") != found.external_id:
            self._require_free(changes.get("external_id"))
        return _change(self.world, found, changes, allowed)

    def _require_free(self, external_id: str | None) -> None:
        """External ids are unique at WorkOS, and the gateway finds organizations by them."""
        if external_id and any(o.external_id == external_id for o in self.world.organizations.values()):
            raise bad_request("external_id_already_used", "The external ID is already used by another organization.")

    def remove_organization(self, organization: str) -> None:
        """Remove an organization and everything that belongs to it."""
        found = self.world.organization(organization)
        del self.world.organizations[found.id]
        for records in (self.world.domains, self.world.connections, self.world.directories):
            _remove_of(records, found.id)
        _remove_of(self.world.groups, found.id)
        _remove_of(self.world.people, found.id)

    def add_domain(
        self,
        organization: str,
        domain: str,
        *,
        state: str = "verified",
        id: str | None = None,  # noqa: A002
    ) -> Domain:
        """Add a domain in a state. Raises 422 for a state WorkOS does not have."""
        _require(state, DOMAIN_STATES)
        owner = self.world.organization(organization)
        token = self.world.ids.token("verification")
        fields = self.world.birth("org_domain", id)
        kept = Domain(organization_id=owner.id, domain=domain.lower(), state=state, verification_token=token, **fields)
        return _keep(self.world.domains, kept)

    def change_domain(self, domain_id: str, **changes: Any) -> Domain:  # noqa: ANN401
        """Change a domain's `state` (pending, verified, failed …)."""
        _require(changes.get("state", "verified"), DOMAIN_STATES)
        return _change(self.world, self.world.domain(domain_id), changes, {"state"})

    def remove_domain(self, domain_id: str) -> None:
        """Remove a domain."""
        del self.world.domains[self.world.domain(domain_id).id]

    def add_connection(self, organization: str, name: str, *, id: str | None = None, **fields: Any) -> Connection:  # noqa: A002, ANN401
        """Make a connection: `type` (GenericSAML), `state` (active), `wire`, `sends_groups`, `idp_initiated`."""
        _require(fields.get("state", "active"), CONNECTION_STATES)
        owner = self.world.organization(organization)
        fields = {"type": "GenericSAML", **fields, **self.world.birth("conn", id)}
        return _keep(self.world.connections, Connection(organization_id=owner.id, name=name, **fields))

    def change_connection(self, connection: str, **changes: Any) -> Connection:  # noqa: ANN401
        """Change state, name, type, wire, sends_groups, idp_initiated or fail_with (a callback error, None to stop)."""
        _require(changes.get("state", "active"), CONNECTION_STATES)
        _require(changes.get("fail_with") or "server_error", CALLBACK_ERRORS)
        allowed = {"state", "name", "type", "wire", "sends_groups", "idp_initiated", "fail_with", "organization_id"}
        return _change(self.world, self.world.connection(connection), changes, allowed)

    def remove_connection(self, connection: str) -> None:
        """Remove a connection."""
        del self.world.connections[self.world.connection(connection).id]

    def add_directory(self, organization: str, name: str, *, id: str | None = None, **fields: Any) -> Directory:  # noqa: A002, ANN401
        """Make a directory: `type` (default generic scim v2.0), `state` (linked), `domain`, `wire`."""
        _require(fields.get("state", "linked"), DIRECTORY_STATES)
        owner = self.world.organization(organization)
        fields = {"type": "generic scim v2.0", **fields, **self.world.birth("directory", id)}
        key = self.world.ids.token("external_key")[:16]
        return _keep(self.world.directories, Directory(organization_id=owner.id, name=name, external_key=key, **fields))

    def change_directory(self, directory: str, **changes: Any) -> Directory:  # noqa: ANN401
        """Change state, name, type, domain or wire."""
        _require(changes.get("state", "linked"), DIRECTORY_STATES)
        allowed = {"state", "name", "type", "domain", "wire"}
        return _change(self.world, self.world.directory(directory), changes, allowed)

    def remove_directory(self, directory: str) -> None:
        """Remove a directory with its groups; its people stay, as people without a directory."""
        found = self.world.directory(directory)
        del self.world.directories[found.id]
        for group in [g for g in self.world.groups.values() if g.directory_id == found.id]:
            del self.world.groups[group.id]
        for person in self.world.people.values():
            if person.directory_id == found.id:
                person.directory_id = None


def _keep(records: dict[str, Any], record: Any) -> Any:  # noqa: ANN401
    records[record.id] = record
    return record


def _remove_of(records: dict[str, Any], organization_id: str) -> None:
    for record in [r for r in records.values() if r.organization_id == organization_id]:
        del records[record.id]


def _require(value: object, allowed: Any) -> None:  # noqa: ANN401
    if value not in allowed:
        raise invalid(f"'{value}' is not one of {', '.join(sorted(allowed))}.", value="invalid")


def _change(world: World, record: Any, changes: dict[str, Any], allowed: set[str]) -> Any:  # noqa: ANN401
    """Set the fields and move `updated_at`; a field that cannot be changed is refused, so that a typo is seen."""
    for name, value in changes.items():
        if name not in allowed:
            raise invalid(f"'{name}' cannot be changed here.", **{name: "unknown"})
        setattr(record, name, value)
    world.touch(record)
    return record
