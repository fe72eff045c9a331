"""Controls over tenants: organizations, domains, connections, directories."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sandbox import wire, wire_events
from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.records import Connection, Directory, Domain, Organization
from sandbox.refusals import bad_request, invalid
from sandbox.state import World

CONNECTION_STATES = frozenset({"requires_type", "draft", "active", "validating", "inactive", "deleting"})
DIRECTORY_STATES = frozenset({"linked", "validating", "invalid_credentials", "unlinked", "deleting"})
# What became of a domain, by its new state; every other change is `updated`.
DOMAIN_EVENTS = {"verified": "verified", "failed": "verification_failed"}
DOMAIN_STATES = frozenset({"pending", "verified", "failed", "legacy_verified", "unverified"})

Kind = TypeVar("Kind", Domain, Connection, Directory, Any)


class TenantControls:
    """Add, change and remove what belongs to a tenant; each verb returns the record it made or changed.

    `source` is who acts, as the events' context says it: `dashboard`, or `api` for the WorkOS routes.
    """

    def __init__(self, world: World, source: str = "dashboard") -> None:
        self.world = world
        self.source = source

    def _record(self, event: str, organization_id: str | None, data: wire.Json, **context: Any) -> None:  # noqa: ANN401
        actor = {"id": f"sandbox_{self.source}", "source": self.source, "name": "Sandbox"}
        self.world.record(event, organization_id, data, {"actor": actor, **context})

    def add_organization(
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002
        domains: Sequence[tuple[str, str]] = (),
        **fields: Any,  # noqa: ANN401
    ) -> Organization:
        """Make an organization with domains (name and state). Raises 400 when its external id is taken."""
        self._require_free(fields.get("external_id"))
        made = _keep(self.world.organizations, Organization(name=name, **fields, **self.world.birth("org", id)))
        born = [self._make_domain(made, domain, state) for domain, state in domains]
        self._record("organization.created", made.id, wire.organization(self.world, made))
        for each in born:
            self._record("organization_domain.created", made.id, wire.domain(each))
        return made

    def change_organization(self, organization: str, **changes: Any) -> Organization:  # noqa: ANN401
        """Change name, external_id, metadata or allow_profiles_outside_organization."""
        allowed = {"name", "external_id", "metadata", "allow_profiles_outside_organization"}
        found = self.world.organization(organization)
        if changes.get("external_id") != found.external_id:
            self._require_free(changes.get("external_id"))
        before = wire.organization(self.world, found)
        if _change(self.world, found, changes, allowed):
            after = wire.organization(self.world, found)
            previous = wire_events.previous(before, after)
            self._record("organization.updated", found.id, after, previous_attributes=previous)
        return found

    def _require_free(self, external_id: str | None) -> None:
        """External ids are unique at WorkOS, and the gateway finds organizations by them."""
        if external_id and any(o.external_id == external_id for o in self.world.organizations.values()):
            raise bad_request("external_id_already_used", "The external ID is already used by another organization.")

    def remove_organization(self, organization: str) -> None:
        """Remove an organization and everything that belongs to it: directories, connections, domains, then itself."""
        found = self.world.organization(organization)
        told = wire.organization(self.world, found)
        for directory in _of(self.world.directories, found.id):
            self.remove_directory(directory.id)
        for connection in _of(self.world.connections, found.id):
            self.remove_connection(connection.id)
        for domain in _of(self.world.domains, found.id):
            self.remove_domain(domain.id)
        del self.world.organizations[found.id]
        self._record("organization.deleted", found.id, told)
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
        made = self._make_domain(self.world.organization(organization), domain, state, id)
        self._record("organization_domain.created", made.organization_id, wire.domain(made))
        return made

    def _make_domain(self, owner: Organization, domain: str, state: str, record_id: str | None = None) -> Domain:
        token = self.world.ids.token("verification")
        fields = self.world.birth("org_domain", record_id)
        kept = Domain(organization_id=owner.id, domain=domain.lower(), state=state, verification_token=token, **fields)
        return _keep(self.world.domains, kept)

    def change_domain(self, domain_id: str, **changes: Any) -> Domain:  # noqa: ANN401
        """Change a domain's `state` (pending, verified, failed …)."""
        _require(changes.get("state", "verified"), DOMAIN_STATES)
        found = self.world.domain(domain_id)
        before = wire.domain(found)
        if _change(self.world, found, changes, {"state"}):
            verb, data = DOMAIN_EVENTS.get(found.state, "updated"), wire.domain(found)
            if verb == "verification_failed":
                data = {"reason": "domain_verification_period_expired", "organization_domain": data}
            previous = {"state": before["state"]}
            self._record(f"organization_domain.{verb}", found.organization_id, data, previous_attributes=previous)
        return found

    def remove_domain(self, domain_id: str) -> None:
        """Remove a domain."""
        found = self.world.domain(domain_id)
        del self.world.domains[found.id]
        self._record("organization_domain.deleted", found.organization_id, wire.domain(found))

    def add_connection(self, organization: str, name: str, *, id: str | None = None, **fields: Any) -> Connection:  # noqa: A002, ANN401
        """Make a connection: `type` (GenericSAML), `state` (active), `wire`, `sends_groups`, `idp_initiated`."""
        _require(fields.get("state", "active"), CONNECTION_STATES)
        owner = self.world.organization(organization)
        fields = {"type": "GenericSAML", **fields, **self.world.birth("conn", id)}
        made = _keep(self.world.connections, Connection(organization_id=owner.id, name=name, **fields))
        self._tell_activity(made, active=False)
        return made

    def change_connection(self, connection: str, **changes: Any) -> Connection:  # noqa: ANN401
        """Change state, name, type, wire, sends_groups, idp_initiated or fail_with (a callback error, None to stop)."""
        _require(changes.get("state", "active"), CONNECTION_STATES)
        _require(changes.get("fail_with") or "server_error", CALLBACK_ERRORS)
        allowed = {
            "state",
            "name",
            "type",
            "wire",
            "sends_groups",
            "idp_initiated",
            "fail_with",
            "organization_id",
            "options",
        }
        found = self.world.connection(connection)
        active = found.state == "active"
        _change(self.world, found, changes, allowed)
        self._tell_activity(found, active=active)
        return found

    def _tell_activity(self, connection: Connection, *, active: bool) -> None:
        """WorkOS tells of a connection only that it became active, or that it no longer is."""
        if (connection.state == "active") != active:
            event = "connection.deactivated" if active else "connection.activated"
            self._record(event, connection.organization_id, wire_events.connection(self.world, connection))

    def remove_connection(self, connection: str) -> None:
        """Remove a connection."""
        found = self.world.connection(connection)
        told = wire_events.connection_gone(self.world, found)
        del self.world.connections[found.id]
        self._record("connection.deleted", found.organization_id, told)

    def add_directory(self, organization: str, name: str, *, id: str | None = None, **fields: Any) -> Directory:  # noqa: A002, ANN401
        """Make a directory: `type` (default generic scim v2.0), `state` (linked), `domain`, `wire`."""
        _require(fields.get("state", "linked"), DIRECTORY_STATES)
        owner = self.world.organization(organization)
        fields = {"type": "generic scim v2.0", **fields, **self.world.birth("directory", id)}
        key = self.world.ids.token("external_key")[:16]
        made = Directory(organization_id=owner.id, name=name, external_key=key, **fields)
        _keep(self.world.directories, made)
        if made.state == "linked":
            self._record("dsync.activated", owner.id, wire_events.directory(self.world, made))
        return made

    def change_directory(self, directory: str, **changes: Any) -> Directory:  # noqa: ANN401
        """Change state, name, type, domain or wire."""
        _require(changes.get("state", "linked"), DIRECTORY_STATES)
        allowed = {"state", "name", "type", "domain", "wire"}
        found = self.world.directory(directory)
        before = found.state
        _change(self.world, found, changes, allowed)
        # There is no event for a directory that stops: WorkOS has neither dsync.deactivated nor dsync.updated.
        if found.state == "linked" != before:
            self._record("dsync.activated", found.organization_id, wire_events.directory(self.world, found))
        return found

    def remove_directory(self, directory: str) -> None:
        """Remove a directory with its groups; its people stay, as people without a directory. One event tells all."""
        found = self.world.directory(directory)
        del self.world.directories[found.id]
        for group in [g for g in self.world.groups.values() if g.directory_id == found.id]:
            del self.world.groups[group.id]
        for person in self.world.people.values():
            if person.directory_id == found.id:
                person.directory_id = None
        self._record("dsync.deleted", found.organization_id, wire_events.directory_gone(found))


def _keep(records: dict[str, Any], record: Any) -> Any:  # noqa: ANN401
    records[record.id] = record
    return record


def _of(records: dict[str, Kind], organization_id: str) -> list[Kind]:
    return [record for record in records.values() if record.organization_id == organization_id]


def _remove_of(records: dict[str, Any], organization_id: str) -> None:
    for record in _of(records, organization_id):
        del records[record.id]


def _require(value: object, allowed: Any) -> None:  # noqa: ANN401
    if value not in allowed:
        raise invalid(f"'{value}' is not one of {', '.join(sorted(allowed))}.", value="invalid")


def _change(world: World, record: Any, changes: dict[str, Any], allowed: set[str]) -> bool:  # noqa: ANN401
    """Set the fields; move `updated_at` and tell so when any differs. Refuses a field that cannot be changed."""
    for name in changes:
        if name not in allowed:
            raise invalid(f"'{name}' cannot be changed here.", **{name: "unknown"})
    differing = {name: value for name, value in changes.items() if getattr(record, name) != value}
    for name, value in differing.items():
        setattr(record, name, value)
    if differing:
        world.touch(record)
    return bool(differing)
