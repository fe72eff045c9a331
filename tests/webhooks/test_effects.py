"""What each kind of event changes here."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.webhooks import effects
from app.workos import events
from tests.builders import Tenant
from tests.deliveries import Inbox, an_event


def a_domain(tenant: Tenant, domain: str, state: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {
        "object": "organization_domain", "id": f"org_domain_{domain}", "organization_id": tenant.workos_id,
        "domain": domain, "state": state, "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        **more,
    }  # fmt: skip


async def domains(tenant: Tenant) -> dict[str, str]:
    rows = await tenant.stage.sql(
        "select domain, state from organization_domains where organization_id = $1", tenant.id
    )
    return {row["domain"]: row["state"] for row in rows}


async def test_domains_come_are_verified_fail_and_go(inbox: Inbox, tenant: Tenant) -> None:
    name = f"new.{tenant.domain}"
    steps = [
        ("organization_domain.created", a_domain(tenant, name, "pending"), "pending"),
        ("organization_domain.verified", a_domain(tenant, name, "verified"), "verified"),
        (
            "organization_domain.verification_failed",
            {"reason": "domain_verification_period_expired", "organization_domain": a_domain(tenant, name, "failed")},
            "failed",
        ),
        ("organization_domain.deleted", a_domain(tenant, name, "failed"), None),
    ]
    for minute, (kind, data, expected) in enumerate(steps):
        event = an_event(kind, data, created_at=f"2026-11-25T00:{minute:02}:00Z")
        assert await inbox.applied(event) == ["done"]
        assert (await domains(tenant)).get(name) == expected


async def test_a_certificate_that_expires_is_noted(inbox: Inbox, tenant: Tenant) -> None:
    data = {
        "connection": {"id": tenant.connection_workos_id, "organization_id": tenant.workos_id},
        "certificate": {
            "certificate_type": "ResponseSigning", "expiry_date": "2026-12-24T00:00:00Z", "is_expired": False,
        },
        "days_until_expiry": 29,
    }  # fmt: skip
    assert await inbox.applied(an_event("connection.saml_certificate_renewal_required", data)) == ["done"]
    admin = await inbox.stage.platform_admin()
    shown = (await admin.api("GET", f"/api/auth/sso/connections/{tenant.connection_workos_id}")).json()
    assert shown["certificate_expires_at"] == "2026-12-24T00:00:00.000Z"


async def test_an_organization_that_is_gone_is_suspended_and_nothing_is_deleted(inbox: Inbox, tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    event = an_event("organization.deleted", {"object": "organization", "id": tenant.workos_id, "name": "x"})
    assert await inbox.applied(event) == ["done"]
    assert (await browser.token()).status_code == 401
    (row,) = await tenant.stage.sql("select state from organizations where id = $1", tenant.id)
    assert row["state"] == "suspended"
    assert await tenant.stage.sql("select 1 from users where organization_id = $1", tenant.id)


async def test_a_directory_comes_and_goes(inbox: Inbox, tenant: Tenant) -> None:
    data: dict[str, Any] = {
        "object": "directory", "id": f"directory_of_{tenant.workos_id}", "organization_id": tenant.workos_id,
        "name": "Okta", "type": "okta scim v2.0", "state": "active", "external_key": "k", "domains": [],
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
    }  # fmt: skip
    question = "select state from directories where organization_id = $1"
    for minute, (kind, expected) in enumerate((("dsync.activated", "linked"), ("dsync.deleted", "deleted"))):
        assert await inbox.applied(an_event(kind, data, created_at=f"2026-11-25T00:{minute:02}:00Z")) == ["done"]
        assert [row["state"] for row in await tenant.stage.sql(question, tenant.id)] == [expected]


async def test_a_sign_in_that_failed_at_workos_is_noted(inbox: Inbox, tenant: Tenant) -> None:
    data = {
        "type": "sso", "status": "failed", "email": "x@y.example", "ip_address": "192.0.2.1", "user_id": None,
        "sso": {"organization_id": tenant.workos_id, "connection_id": tenant.connection_workos_id, "session_id": "s"},
        "error": {"code": "saml_response_invalid", "message": "secret words"},
    }  # fmt: skip
    assert await inbox.applied(an_event("authentication.sso_failed", data)) == ["done"]
    (row,) = await tenant.stage.sql("select last_failure_code from connections where id = $1", tenant.connection_id)
    assert row["last_failure_code"] == "saml_response_invalid"


async def test_what_tells_only_part_of_an_unknown_connection_waits_for_it(inbox: Inbox, tenant: Tenant) -> None:
    data = {"id": "conn_01UNSEEN", "organization_id": tenant.workos_id, "state": "inactive"}
    event = an_event("connection.deactivated", data)
    assert await inbox.applied(event) == ["parked"]
    row = await inbox.row(event["id"])
    assert (row["waits_for"], row["organization_id"]) == ("conn_01UNSEEN", tenant.id)
    versions = await tenant.stage.sql("select 1 from object_versions where object_id = 'conn_01UNSEEN'")
    assert versions == [], "what was not applied must not count as seen"


@pytest.mark.parametrize("event", sorted(events.READERS))
def test_every_documented_event_has_its_place(event: str) -> None:
    """Each is applied, or known to change nothing; none is left out by oversight."""
    unneeded = {"organization.created", "organization.updated", "dsync.token.created", "dsync.token.revoked",
                "authentication.sso_started", "authentication.sso_succeeded"}  # fmt: skip
    returned = {
        "dsync.user": "User", "dsync.group.user": "Membership", "dsync.group": "Group", "dsync": "Directory",
        "connection.saml": "Certificate", "connection": "Connection", "organization_domain": "Domain",
        "organization": "OrganizationRemoved", "authentication": "SsoFailed",
    }  # fmt: skip
    kinds = [kind.__name__ for kind in effects.EFFECTS]
    prefix = max((prefix for prefix in returned if event.startswith(prefix)), key=len)
    assert event in unneeded or any(kind.startswith(returned[prefix]) for kind in kinds)


async def test_an_event_without_an_instant_counts_from_its_arrival(inbox: Inbox, tenant: Tenant) -> None:
    event = an_event("dsync.deleted", {"id": "directory_01NONE", "organization_id": tenant.workos_id})
    del event["created_at"]
    assert await inbox.applied(event) == ["done"]
    (row,) = await tenant.stage.sql("select at from object_versions where object_id = 'directory_01NONE'")
    assert abs((row["at"] - inbox.stage.clock.now()).total_seconds()) < 60
    assert row["at"] < datetime.now(UTC).replace(year=2100)  # noqa: TID251 -- any real instant
