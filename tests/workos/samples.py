"""One event of every type in workos.md section 2, as WorkOS sends it; and the seed's own, which is older."""

from typing import Any

from tests.workos.answers import (
    WHEN,
    a_connection_answer,
    a_directory_answer,
    a_directory_group_answer,
    a_directory_user_answer,
    an_organization_answer,
)


def _without(answer: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in names}


def _connected(state: str) -> dict[str, Any]:
    """A directory as dsync.activated tells it."""
    domains = [{"object": "organization_domain", "id": "dom_1", "domain": "acme.example"}]
    return {**_without(a_directory_answer(state=state), "domain", "metadata"), "domains": domains}


MEMBERSHIP: dict[str, Any] = {
    "directory_id": "directory_1",
    "user": a_directory_user_answer(),
    "group": a_directory_group_answer(),
}
CERTIFICATE: dict[str, Any] = {
    "connection": {"id": "conn_1", "organization_id": "org_1"},
    "certificate": {"certificate_type": "ResponseSigning", "expiry_date": "2026-12-01T00:00:00Z", "is_expired": False},
}
DOMAIN: dict[str, Any] = {
    "object": "organization_domain",
    "id": "dom_1",
    "organization_id": "org_1",
    "domain": "acme.example",
    "state": "verified",
    "verification_strategy": "dns",
    "verification_token": "t0k3n",
    "verification_prefix": "p",
}
SIGN_IN: dict[str, Any] = {
    "type": "sso",
    "status": "failed",
    "ip_address": "192.0.2.1",
    "user_agent": "Mozilla/5.0",
    "user_id": None,
    "email": "ada@acme.example",
    "sso": {"organization_id": "org_1", "connection_id": "conn_1", "session_id": "sess_1"},
    "error": {"code": "profile_not_allowed_outside_organization", "message": "<b>…</b>"},
}
TOKEN: dict[str, Any] = {
    "object": "directory_token",
    "id": "token_1",
    "directory_id": "directory_1",
    "token_suffix": "abcd",
    "created_at": WHEN,
}

DATA: dict[str, dict[str, Any]] = {
    "dsync.activated": _connected("active"),
    "dsync.deleted": _without(a_directory_answer(), "domain", "external_key"),
    "dsync.user.created": _without(a_directory_user_answer(), "groups"),
    "dsync.user.updated": {**a_directory_user_answer(), "previous_attributes": {"first_name": "Augusta"}},
    "dsync.user.deleted": a_directory_user_answer(state="inactive"),
    "dsync.group.created": a_directory_group_answer(),
    "dsync.group.updated": {**a_directory_group_answer(), "previous_attributes": {"name": "Admins"}},
    "dsync.group.deleted": a_directory_group_answer(),
    "dsync.group.user_added": MEMBERSHIP,
    "dsync.group.user_removed": MEMBERSHIP,
    "dsync.token.created": TOKEN,
    "dsync.token.revoked": TOKEN,
    "connection.activated": {**a_connection_answer(), "external_key": "k3y"},
    "connection.deactivated": {**a_connection_answer(state="inactive"), "external_key": "k3y"},
    "connection.deleted": _without(a_connection_answer(), "status", "domains"),
    "connection.saml_certificate_renewal_required": {**CERTIFICATE, "days_until_expiry": 7},
    "connection.saml_certificate_renewed": {**CERTIFICATE, "renewed_at": WHEN},
    "organization.created": an_organization_answer(),
    "organization.updated": an_organization_answer(),
    "organization.deleted": an_organization_answer(),
    "organization_domain.created": {**DOMAIN, "state": "pending"},
    "organization_domain.updated": DOMAIN,
    "organization_domain.deleted": DOMAIN,
    "organization_domain.verified": DOMAIN,
    "organization_domain.verification_failed": {
        "reason": "domain_verification_period_expired",
        "organization_domain": {**DOMAIN, "state": "failed"},
    },
    "authentication.sso_started": {**SIGN_IN, "status": "started"},
    "authentication.sso_succeeded": {**SIGN_IN, "status": "succeeded"},
    "authentication.sso_failed": SIGN_IN,
    "authentication.sso_timed_out": {**SIGN_IN, "status": "timed_out"},
}

SEED: dict[str, Any] = {
    "id": "event_01234567890",
    "event": "dsync.user.created",
    "data": {
        "id": "directory_user_01234567890",
        "directory_id": "directory_01234567890",
        "emails": [{"primary": True, "value": "user@example.com"}],
        "first_name": "John",
        "last_name": "Doe",
        "state": "active",
        "raw_attributes": {},
    },
}
"""The seed's own example, word for word."""
