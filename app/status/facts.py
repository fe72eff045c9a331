"""Facts: what the indicators judge, read in a few statements for one tenant, for every tenant or for the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from app.audit.watching import OpenAlert
from app.kit.sightings import Sighting

REDIRECT_URI: Final = "workos.redirect_uri"
ENDPOINT: Final = "workos.webhook_endpoint"
"""Sightings of the worker's own questions; `app/workos/noticed.py` has the others."""


@dataclass(frozen=True, slots=True)
class Configured:
    """What is set, without the values of secrets."""

    missing: tuple[str, ...] = ()
    redirect_uri: str = ""
    webhook_url: str = ""
    webhook_secrets: int = 0
    webhook_secrets_broken: bool = False
    forwarding: bool = False


@dataclass(frozen=True, slots=True)
class Events:
    """The inbox, as far as it is about one tenant; for the platform, of all and of nobody.

    `unbrought`: events that WorkOS's list brought and no webhook did, although no webhook has come since either;
    `healed`: all of the last 24 hours that only the list brought, five minutes after they came.
    """

    dead: int = 0
    dead_since: datetime | None = None
    dead_why: str | None = None
    due: int = 0
    due_since: datetime | None = None
    webhook_at: datetime | None = None
    healed: int = 0
    unbrought: int = 0
    unbrought_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """How far WorkOS's list of events was read, and why not further."""

    read_to: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """One SSO connection. `default_connection_id`: the one that its tenant's policy names."""

    id: UUID
    workos_id: str
    organization_id: UUID
    name: str
    state: str
    certificate_expires_at: datetime | None
    last_login_at: datetime | None
    last_failure_at: datetime | None
    last_failure_code: str | None
    created_at: datetime
    updated_at: datetime
    default_connection_id: UUID | None


@dataclass(frozen=True, slots=True)
class DirectoryFacts:
    """One directory, and its last full sync that ended: `failing_since` is when the first of those in a row failed."""

    id: UUID
    workos_id: str
    organization_id: UUID
    name: str
    state: str
    last_synced_at: datetime | None
    created_at: datetime
    updated_at: datetime
    run_status: str | None
    run_error: str | None
    run_ended_at: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class ForwardingFacts:
    """A tenant's audit events that WorkOS has not yet: those on their way, and those that it has refused so far."""

    organization_id: UUID
    workos_id: str
    name: str
    waiting: int
    waiting_since: datetime | None
    refused: int
    refused_since: datetime | None
    refused_actions: Sequence[str]
    job_status: str | None
    job_error: str | None
    job_ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything there is to judge at an instant; `organization` is None for the platform."""

    at: datetime
    organization: UUID | None
    configured: Configured
    sightings: Mapping[str, Sighting] = field(default_factory=dict[str, Sighting])
    poll: Poll = Poll()
    events: Events = Events()
    connections: Sequence[ConnectionFacts] = ()
    directories: Sequence[DirectoryFacts] = ()
    alerts: Sequence[OpenAlert] = ()
    forwarding: Sequence[ForwardingFacts] = ()

    @property
    def is_platform(self) -> bool:
        """Whether this is about the platform and every tenant, and not about one."""
        return self.organization is None

    def sighting(self, name: str) -> Sighting:
        """Return what was noticed of a thing; an empty sighting where it never was."""
        return self.sightings.get(name) or Sighting(name)
