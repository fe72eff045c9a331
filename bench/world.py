"""The data every target holds: the same tenants, people, sessions and service client, made from numbers."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

ORGANIZATIONS = 10
PEOPLE_EACH = 1_000
PAST_LOGINS = 20_000  # used states not yet purged: on an empty table the planner would choose plans that do not last
CLIENT_ID = "be9c4000-0000-7000-8000-000000000001"
CLIENT_SECRET = "bench-service-secret-0123456789abcdef"  # noqa: S105 -- made up; exists in bench databases only
CLIENT_SCOPES = ("tokens:introspect", "revocations:read")
WORKOS_CLIENT_ID = "client_memberpulse_bench"
WORKOS_API_KEY = "sk_test_memberpulse_bench"
SEALING_KEY = hashlib.sha256(b"bench sealing key").digest()
WEBHOOK_KEY = hashlib.sha256(b"bench webhook secret").hexdigest()
"""What deliveries are signed with."""
DOMAIN = "tenant{}.example"
IDLE_SECONDS = 8 * 3600
ABSOLUTE_SECONDS = 24 * 3600

_EPOCH_MS = 0x0197_0000_0000
_KINDS = {
    name: number
    for number, name in enumerate(
        [
            *("organization", "connection", "user", "identity", "session", "domain"),
            *("directory", "group", "directory_user", "member", "event"),
        ],
        start=1,
    )
}


@dataclass(frozen=True, slots=True)
class Tenant:
    """One organization with its connection and its verified domain."""

    number: int

    @property
    def id(self) -> UUID:
        """Our id of the organization."""
        return a_uuid("organization", self.number)

    @property
    def workos_id(self) -> str:
        """WorkOS's id of the organization."""
        return f"org_bench{self.number:04}"

    @property
    def connection_id(self) -> UUID:
        """Our id of its only connection."""
        return a_uuid("connection", self.number)

    @property
    def connection_workos_id(self) -> str:
        """WorkOS's id of its only connection."""
        return f"conn_bench{self.number:04}"

    @property
    def domain(self) -> str:
        """Its verified domain."""
        return DOMAIN.format(self.number)


@dataclass(frozen=True, slots=True)
class Person:
    """One person with an identity and a session."""

    number: int

    @property
    def tenant(self) -> Tenant:
        """The tenant; the people of tenant 0 are numbers 0 to 999."""
        return Tenant(self.number // PEOPLE_EACH)

    @property
    def id(self) -> UUID:
        """Our id, the `sub` of tokens."""
        return a_uuid("user", self.number)

    @property
    def session_id(self) -> UUID:
        """The id of the seeded session, the `sid` of tokens."""
        return a_uuid("session", self.number)

    @property
    def cookie(self) -> str:
        """The secret of the seeded session: 43 characters, as the product's own."""
        return urlsafe_b64encode(hashlib.sha256(f"session {self.number}".encode()).digest()).rstrip(b"=").decode()

    @property
    def cookie_hash(self) -> bytes:
        """What a database holds of the cookie."""
        return hashlib.sha256(self.cookie.encode()).digest()

    @property
    def idp_id(self) -> str:
        """The identity provider's id."""
        return f"idp-{self.number}"

    @property
    def profile_id(self) -> str:
        """WorkOS's id of the profile."""
        return f"prof_bench{self.number:06}"

    @property
    def email(self) -> str:
        """Address in the tenant's verified domain."""
        return f"person{self.number}@{self.tenant.domain}"

    @property
    def role(self) -> str:
        """One person in a hundred leads the tenant: somebody has to be allowed to read its directories."""
        return "ROLE_CLIENT_ADMIN" if self.number % 100 == 1 else "ROLE_MEMBER"

    @property
    def first_name(self) -> str:
        """Given name."""
        return f"First{self.number}"

    @property
    def last_name(self) -> str:
        """Family name."""
        return f"Last{self.number}"


def a_uuid(kind: str, number: int) -> UUID:
    """Return a UUID shaped like version 7, growing with `number`, so that indexes look as in production."""
    return UUID(int=(_EPOCH_MS + number) << 80 | 0x7 << 76 | 0x2 << 62 | _KINDS[kind] << 40 | number)


def tenants() -> list[Tenant]:
    """Return every tenant."""
    return [Tenant(number) for number in range(ORGANIZATIONS)]


def people() -> list[Person]:
    """Return everybody, tenant after tenant."""
    return [Person(number) for number in range(ORGANIZATIONS * PEOPLE_EACH)]


def sample(count: int) -> list[Person]:
    """Return `count` people spread evenly over all tenants: whose cookies and tokens the load carries."""
    step = max(1, ORGANIZATIONS * PEOPLE_EACH // count)
    return people()[::step][:count]


Row = tuple[object, ...]
Table = tuple[str, tuple[str, ...], list[Row]]
"""Its name, the columns given, the rows."""


def rows() -> Iterator[Table]:
    """Yield the tables in the order of the foreign keys. Gateway, floor and plain name all but the last alike."""
    now = datetime.now(UTC)
    everybody, everywhere = people(), tenants()
    yield (
        "organizations",
        ("id", "workos_id", "name", "slug", "created_at", "updated_at"),
        [(t.id, t.workos_id, f"Tenant {t.number}", f"tenant-{t.number}", now, now) for t in everywhere],
    )
    yield "organization_policies", ("organization_id",), [(t.id,) for t in everywhere]
    yield (
        "organization_domains",
        ("id", "organization_id", "domain", "state", "created_at", "updated_at"),
        [(a_uuid("domain", t.number), t.id, t.domain, "verified", now, now) for t in everywhere],
    )
    yield (
        "connections",
        (
            *("id", "organization_id", "workos_id", "type", "protocol", "name", "state", "domains"),
            *("created_at", "updated_at"),
        ),
        [
            (t.connection_id, t.id, t.connection_workos_id, "OktaSAML", "saml", "Okta", "active", [t.domain], now, now)
            for t in everywhere
        ],
    )
    yield (
        "users",
        (
            *("id", "organization_id", "email", "email_lower", "first_name", "last_name", "department", "job_title"),
            *("mapped_role", "created_at", "updated_at"),
        ),
        [
            (p.id, p.tenant.id, p.email, p.email, p.first_name, p.last_name, "Sales", "Clerk", p.role, now, now)
            for p in everybody
        ],
    )
    yield (
        "identities",
        ("id", "organization_id", "user_id", "connection_id", "idp_id", "profile_id", "created_at", "last_login_at"),
        [
            (a_uuid("identity", p.number), p.tenant.id, p.id, p.tenant.connection_id, p.idp_id, p.profile_id, now, now)
            for p in everybody
        ],
    )
    yield (
        "sessions",
        (
            *("id", "organization_id", "user_id", "secret_hash", "connection_id", "profile_id", "amr", "auth_time"),
            *("created_at", "last_seen_at", "idle_seconds", "expires_at"),
        ),
        [_session(p, now) for p in everybody],
    )
    yield (
        "login_flows",
        (
            *("state_hash", "cookie_hash", "kind", "organization_id", "connection_id", "verifier", "return_to"),
            *("created_at", "expires_at", "used_at"),
        ),
        [_past_login(number, now) for number in range(PAST_LOGINS)],
    )
    yield (
        "service_clients",
        ("id", "secret_hash", "scopes", "created_at"),
        [(CLIENT_ID, hashlib.sha256(CLIENT_SECRET.encode()).digest(), list(CLIENT_SCOPES), now)],
    )


def _session(person: Person, now: datetime) -> Row:
    tenant = person.tenant
    return (
        *(person.session_id, tenant.id, person.id, person.cookie_hash, tenant.connection_id, person.profile_id),
        *(["sso"], now, now, now, IDLE_SECONDS, now + timedelta(seconds=ABSOLUTE_SECONDS)),
    )


def _past_login(number: int, now: datetime) -> Row:
    tenant, mark = Tenant(number % ORGANIZATIONS), hashlib.sha256(f"login {number}".encode()).digest()
    began = now - timedelta(seconds=700 + number / 10)
    ends = began + timedelta(seconds=600)
    return (
        *(mark, mark[::-1], "login", tenant.id, tenant.connection_id, mark, "/"),
        *(began, ends, began + timedelta(seconds=9)),
    )
