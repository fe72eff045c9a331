"""The capability matrix of contract.md, as one table."""

from typing import Final, Literal

from app.access.roles import CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN, SERVICE

Reach = Literal["all", "own"]

MATRIX: Final[dict[str, dict[str, Reach]]] = {
    "session:own": {PLATFORM_ADMIN: "own", CLIENT_ADMIN: "own", CLIENT_USER: "own", MEMBER: "own"},
    "settings:read": {PLATFORM_ADMIN: "all"},
    "settings:write": {PLATFORM_ADMIN: "all"},
    "organizations:manage": {PLATFORM_ADMIN: "all"},
    "organizations:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own", CLIENT_USER: "own"},
    "sso:configure": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "connections:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "directories:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own", CLIENT_USER: "own"},
    "directories:sync": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "roles:map": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "portal:link": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "webhooks:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "webhooks:replay": {PLATFORM_ADMIN: "all"},
    "audit:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "audit:export": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "alerts:acknowledge": {PLATFORM_ADMIN: "all"},
    "status:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "users:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "users:manage": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "diagnostics:read": {PLATFORM_ADMIN: "all", CLIENT_ADMIN: "own"},
    "clients:manage": {PLATFORM_ADMIN: "all"},
    "tokens:introspect": {SERVICE: "all"},
    "revocations:read": {SERVICE: "all"},
}

# What each served route needs; None is open to anyone. tests/house/test_rules.py fails for a route that is missing.
ROUTES: Final[dict[tuple[str, str], str | None]] = {
    ("GET", "/auth/sso"): None,
    ("POST", "/auth/sso/continue"): None,
    ("POST", "/auth/discover"): None,
    ("GET", "/auth/callback/workos"): None,
    ("POST", "/auth/token"): None,
    ("POST", "/auth/logout"): None,
    ("POST", "/auth/break-glass"): None,
    ("GET", "/auth/session"): "session:own",
    ("GET", "/auth/sessions"): "session:own",
    ("DELETE", "/auth/sessions"): "session:own",
    ("DELETE", "/auth/sessions/{session_id}"): "session:own",
    ("POST", "/auth/introspect"): "tokens:introspect",
    ("POST", "/auth/revoke"): "tokens:introspect",
    ("GET", "/auth/revocations"): "revocations:read",
    ("GET", "/.well-known/jwks.json"): None,
    ("GET", "/.well-known/oauth-authorization-server"): None,
    ("GET", "/api/providers"): "session:own",
    ("GET", "/api/auth/sso/connections"): "connections:read",
    ("POST", "/api/auth/sso/connections"): "connections:read",
    ("GET", "/api/auth/sso/connections/{connection_id}"): "connections:read",
    ("POST", "/api/auth/sso/connections/{connection_id}"): "connections:read",
    ("GET", "/api/settings/workos"): "settings:read",
    ("PATCH", "/api/settings/workos"): "settings:write",
    ("POST", "/api/settings/workos/verify"): "settings:write",
    ("POST", "/api/settings/workos/rotate"): "settings:write",
    ("POST", "/api/auth/sso/connections/{connection_id}/test"): "sso:configure",
    ("GET", "/api/auth/sso/tests/{test_id}"): "sso:configure",
    ("GET", "/api/diagnostics/sign-in"): "diagnostics:read",
    ("GET", "/api/organizations"): "organizations:read",
    ("POST", "/api/organizations"): "organizations:manage",
    ("GET", "/api/organizations/{organization_id}"): "organizations:read",
    ("PATCH", "/api/organizations/{organization_id}"): "organizations:manage",
    ("POST", "/api/portal/links"): "portal:link",
    ("GET", "/api/users"): "users:read",
    ("GET", "/api/users/{person_id}"): "users:read",
    ("PATCH", "/api/users/{person_id}"): "users:manage",
    ("PUT", "/api/users/{person_id}/roles"): "users:manage",
    ("GET", "/api/users/{person_id}/roles/explain"): "users:read",
    ("GET", "/api/users/{person_id}/sessions"): "users:read",
    ("DELETE", "/api/users/{person_id}/sessions"): "users:manage",
    ("DELETE", "/api/users/{person_id}/sessions/{session_id}"): "users:manage",
    ("GET", "/api/directories"): "directories:read",
    ("POST", "/api/directories"): "portal:link",
    ("GET", "/api/directories/{directory_id}"): "directories:read",
    ("GET", "/api/directories/{directory_id}/users"): "directories:read",
    ("GET", "/api/directories/{directory_id}/users/{user_id}"): "directories:read",
    ("GET", "/api/directories/{directory_id}/groups"): "directories:read",
    ("GET", "/api/directories/{directory_id}/groups/{group_id}/users"): "directories:read",
    ("POST", "/api/directories/{directory_id}/sync"): "directories:sync",
    ("GET", "/api/directories/{directory_id}/syncs"): "directories:read",
    ("GET", "/api/directories/{directory_id}/syncs/{run_id}"): "directories:sync",
    ("POST", "/api/directories/{directory_id}/syncs/{run_id}/confirm"): "directories:sync",
    ("POST", "/api/directories/{directory_id}/syncs/{run_id}/cancel"): "directories:sync",
    ("GET", "/api/organizations/{organization_id}/role-mappings"): "roles:map",
    ("PUT", "/api/organizations/{organization_id}/role-mappings"): "roles:map",
    ("POST", "/api/organizations/{organization_id}/role-mappings/preview"): "roles:map",
    ("GET", "/api/service-clients"): "clients:manage",
    ("POST", "/api/service-clients"): "clients:manage",
    ("GET", "/api/service-clients/{client_id}"): "clients:manage",
    ("DELETE", "/api/service-clients/{client_id}"): "clients:manage",
    ("POST", "/api/service-clients/{client_id}/rotate"): "clients:manage",
    ("GET", "/api/organizations/{organization_id}/attribute-mappings"): "sso:configure",
    ("PUT", "/api/organizations/{organization_id}/attribute-mappings"): "sso:configure",
    ("GET", "/api/organizations/{organization_id}/sso"): "sso:configure",
    ("PATCH", "/api/organizations/{organization_id}/sso"): "sso:configure",
    ("PUT", "/api/organizations/{organization_id}/sso/configuration"): "sso:configure",
    ("POST", "/webhooks/workos"): None,
    ("GET", "/api/webhooks/completeness"): "webhooks:read",
    ("GET", "/api/webhooks/events"): "webhooks:read",
    ("GET", "/api/webhooks/events/{event_id}"): "webhooks:read",
    ("POST", "/api/webhooks/events/{event_id}/replay"): "webhooks:replay",
    ("GET", "/api/audit/events"): "audit:read",
    ("GET", "/api/audit/events/export"): "audit:export",
    ("GET", "/api/audit/verify"): "audit:read",
    ("POST", "/api/audit/alerts/{alert_id}/acknowledge"): "alerts:acknowledge",
    ("GET", "/api/integrations/workos/status"): "status:read",
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
}


def reach(permission: str, roles: tuple[str, ...]) -> Reach | None:
    """Return how far these roles hold the permission, or None when they do not hold it."""
    held = {MATRIX.get(permission, {}).get(role) for role in roles}
    return "all" if "all" in held else "own" if "own" in held else None


def held_by(roles: tuple[str, ...]) -> list[str]:
    """Return the names of every permission that these roles hold, sorted."""
    return sorted(name for name in MATRIX if reach(name, roles))
