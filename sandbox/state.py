"""World: everything the twin knows, in memory, and the look-ups over it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.event_book import Event, EventBook
from sandbox.ids import FIRST_INSTANT_MS, Ids
from sandbox.overrides import LoginError, ProfileOverride
from sandbox.records import (
    AuditEvent,
    AuditSchema,
    Code,
    Connection,
    Directory,
    Domain,
    Endpoint,
    Group,
    Organization,
    Person,
    PortalLink,
    Record,
    Token,
)
from sandbox.refusals import not_found

Named = TypeVar("Named", Connection, Directory)


@dataclass
class Credentials:
    """What a client of the twin must know: API keys (any is good), client id, and where answers may be sent."""

    api_keys: list[str]
    client_id: str
    redirect_uris: list[str]
    default_redirect_uri: str


@dataclass
class Switches:
    """Behaviour of the whole twin that a test may turn.

    `code_seconds`, `token_seconds` and `portal_seconds` (an Admin Portal link's) are lifetimes; `rate_limits` enforces
    4 requests per second and directory on `/directory_users`; `connections_api` opens `POST /connections`, which WorkOS
    hides behind a feature flag.

    `events_history_seconds` is how far back `GET /events` goes, `events_delay_seconds` how long it hides an event whose
    webhook has gone out already. A directory sync is at work for `sync_seconds`. Webhooks: `send_webhooks` lets the
    running twin post them, `webhook_concurrency` at a time; `webhook_retry_seconds` is the pause before the first retry
    and doubles; `resign_retries` gives each retry a timestamp of its own (whether WorkOS does is not known).
    """

    code_seconds: int = 600
    token_seconds: int = 600
    portal_seconds: int = 300
    rate_limits: bool = False
    connections_api: bool = False
    events_history_seconds: float = 90 * 86_400
    events_delay_seconds: float = 0
    sync_seconds: float = 0
    send_webhooks: bool = True
    webhook_concurrency: int = 8
    webhook_retry_seconds: float = 0.2
    resign_retries: bool = True


def _tell_nobody(_: Event) -> None:
    """A world that nobody listens to."""


@dataclass
class World:
    """The whole state. Kept as one object that is refilled on reset, so that everybody may hold on to it."""

    ids: Ids
    credentials: Credentials
    switches: Switches = field(default_factory=Switches)
    organizations: dict[str, Organization] = field(default_factory=dict[str, Organization])
    domains: dict[str, Domain] = field(default_factory=dict[str, Domain])
    connections: dict[str, Connection] = field(default_factory=dict[str, Connection])
    directories: dict[str, Directory] = field(default_factory=dict[str, Directory])
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    logout_tokens: dict[str, tuple[str, float]] = field(default_factory=dict[str, tuple[str, float]])
    portal_links: dict[str, PortalLink] = field(default_factory=dict[str, PortalLink])
    audit_events: list[AuditEvent] = field(default_factory=list[AuditEvent])
    audit_schemas: dict[str, list[AuditSchema]] = field(default_factory=dict[str, list[AuditSchema]])
    login_errors: list[LoginError] = field(default_factory=list[LoginError])
    overrides: list[ProfileOverride] = field(default_factory=list[ProfileOverride])
    serials: dict[str, int] = field(default_factory=dict[str, int])
    directory_reads: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    directory_syncs: dict[str, float] = field(default_factory=dict[str, float])
    endpoints: dict[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    events: EventBook = field(default_factory=EventBook)
    tell: Callable[[Event], None] = _tell_nobody
    clock_offset: float = 0.0
    planting: bool = False

    def now(self) -> float:
        """Return the twin's time in epoch seconds: the machine's, moved by what tests asked for."""
        return time.time() + self.clock_offset

    def birth(self, prefix: str, record_id: str | None = None) -> dict[str, Any]:
        """Return the fields every new record has; remembers the serial for ever, so that cursors outlive objects."""
        serial = len(self.serials) + 1
        chosen = record_id or self.ids.ulid(prefix)
        self.serials[chosen] = serial
        at = FIRST_INSTANT_MS / 1000 + serial if self.planting else self.now()
        return {"id": chosen, "serial": serial, "created_at": at, "updated_at": at}

    def touch(self, record: Record) -> None:
        """Move `updated_at` to now."""
        record.updated_at = self.now()

    def record(
        self,
        event: str,
        organization_id: str | None,
        data: dict[str, Any],
        context: dict[str, Any] | None = None,
    ) -> None:
        """Record what became of something the twin knows. What a seed plants is no event."""
        if not self.planting:
            self.happen(event, organization_id, data, context)

    def happen(
        self,
        event: str,
        organization_id: str | None,
        data: dict[str, Any],
        context: dict[str, Any] | None = None,
    ) -> Event:
        """Keep an event and tell whoever delivers webhooks."""
        made = Event(
            id=self.ids.ulid("event"),
            event=event,
            data=data,
            # Whole milliseconds, as the wire has them: an event must lie in a range that ends at its own instant.
            created_at=math.floor(self.now() * 1000) / 1000,
            context=context or {},
            organization_id=organization_id,
        )
        self.events.add(made)
        self.tell(made)
        return made

    def organization(self, organization_id: str) -> Organization:
        """Return an organization by id, external id or name; 404 when there is none."""
        found = self.organizations.get(organization_id)
        if found:
            return found
        for organization in self.organizations.values():
            if organization_id in (organization.external_id, organization.name):
                return organization
        raise not_found("Organization", organization_id)

    def connection(self, connection_id: str) -> Connection:
        """Return a connection by id or name; 404 when there is none."""
        return _by_id_or_name(self.connections, connection_id, "Connection")

    def directory(self, directory_id: str) -> Directory:
        """Return a directory by id or name; 404 when there is none."""
        return _by_id_or_name(self.directories, directory_id, "Directory")

    def domain(self, domain_id: str) -> Domain:
        """Return a domain by id or name; 404 when there is none."""
        found = self.domains.get(domain_id) or next((d for d in self.domains.values() if d.domain == domain_id), None)
        if not found:
            raise not_found("Organization Domain", domain_id)
        return found

    def group(self, group_id: str) -> Group:
        """Return a group by id; 404 when there is none."""
        found = self.groups.get(group_id)
        if not found:
            raise not_found("Directory Group", group_id)
        return found

    def person(self, person_id: str) -> Person:
        """Return a person by id or e-mail; 404 when there is none."""
        found = self.people.get(person_id)
        if found:
            return found
        for person in self.people.values():
            if person.email and person.email.lower() == person_id.lower():
                return person
        raise not_found("Directory User", person_id)

    def domains_of(self, organization_id: str | None) -> list[Domain]:
        """Return the domains of an organization in the order they were added."""
        return [domain for domain in self.domains.values() if domain.organization_id == organization_id]

    def groups_of(self, person: Person) -> list[Group]:
        """Return the groups a person is in, in the order they were made."""
        return [group for group in self.groups.values() if person.id in group.members]

    def people_of(self, connection: Connection) -> list[Person]:
        """Return who may sign in at a connection: the organization's people with `sso`, active or not."""
        return [p for p in self.people.values() if p.sso and p.organization_id == connection.organization_id]


def _by_id_or_name(records: dict[str, Named], key: str, kind: str) -> Named:
    """Tests name things as people do; ids win."""
    if key in records:
        return records[key]
    for record in records.values():
        if record.name == key:
            return record
    raise not_found(kind, key)
