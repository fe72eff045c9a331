"""E13: what a body may not set, it may not name: 422, and the row is as it was."""

from typing import Any
from uuid import UUID

import pytest

from app.config import Config
from app.main import create_app
from tests.builders import Tenant
from tests.gateway import Stage
from tests.sso.provider import saml_body

SMUGGLED: dict[str, Any] = {
    "org_id": "00000000-0000-0000-0000-000000000001", "organization_id": "00000000-0000-0000-0000-000000000001",
    "role": "ROLE_PLATFORM_ADMIN", "roles": ["ROLE_PLATFORM_ADMIN"], "status": "active", "is_admin": True,
    "id": "00000000-0000-0000-0000-000000000001", "version": 99, "slug": "taken", "created_at": "2020-01-01T00:00:00Z",
    "__proto__": {"x": 1}, "constructor": 1,
}  # fmt: skip
VALID: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/auth/discover"): {"email": "ada@acme.example"},
    ("POST", "/auth/break-glass"): {"token": "t" * 43},
    ("POST", "/api/organizations"): {"name": "Acme"},
    ("PATCH", "/api/organizations/{organization_id}"): {"name": "Acme"},
    ("PATCH", "/api/settings/workos"): {"default_connection": None},
    ("POST", "/api/settings/workos/verify"): {"default_connection": None},
    ("POST", "/api/settings/workos/rotate"): {"secret": "webhook_secret", "step": "rollback"},
    ("POST", "/api/portal/links"): {"organization": "org_01ACME", "intent": "sso"},
    ("POST", "/api/directories"): {"organization": "org_01ACME", "provider": "okta"},
    ("POST", "/api/directories/{directory_id}/sync"): {"mode": "plan"},
    ("PUT", "/api/organizations/{organization_id}/role-mappings"): {"rules": []},
    ("POST", "/api/organizations/{organization_id}/role-mappings/preview"): {"rules": []},
    ("PUT", "/api/organizations/{organization_id}/attribute-mappings"): {"mappings": {}},
    ("PATCH", "/api/organizations/{organization_id}/sso"): {"enabled": False},
    ("POST", "/api/auth/sso/connections/{connection_id}/test"): {"login_hint": "ada@acme.example"},
    ("PUT", "/api/organizations/{organization_id}/sso/configuration"): saml_body(),
    ("PATCH", "/api/users/{person_id}"): {"state": "inactive"},
    ("PUT", "/api/users/{person_id}/roles"): {"roles": ["ROLE_MEMBER"]},
    ("POST", "/api/audit/alerts/{alert_id}/acknowledge"): {"count": 1_000},
    ("POST", "/api/service-clients"): {"name": "billing", "scopes": ["tokens:introspect"]},
    ("POST", "/api/service-clients/{client_id}/rotate"): {"overlap_seconds": 60},
}


def test_e13_every_json_body_is_tried_here() -> None:
    document = create_app(Config(environment="test")).openapi()
    taking = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    # An event of WorkOS's is kept whole and names nothing of ours; what signs it may say what it likes (D1, D19).
    assert taking == set(VALID) | {("POST", "/webhooks/workos")}


@pytest.mark.parametrize(("method", "path"), VALID)
async def test_e13_what_a_body_may_not_set_it_may_not_name(
    method: str, path: str, stage: Stage, tenant: Tenant
) -> None:
    await tenant.signed_in()
    admin = await stage.platform_admin()
    row = "select * from organizations where id = $1"  # every column: any of them might have moved
    policy = "select * from organization_policies where organization_id = $1"
    before, organizations = await stage.sql(row, tenant.id), await stage.count("organizations")
    clients = await stage.count("service_clients")
    policies = await stage.sql(policy, tenant.id)
    sessions = await stage.count("sessions")
    stage.twin.clear_hits()
    target = path.replace("{organization_id}", str(tenant.id)).replace("{person_id}", str(await tenant.user_id()))
    target = target.replace("{client_id}", str(UUID(int=9)))
    people = await stage.sql("select * from users where organization_id = $1", tenant.id)
    headers = {**await admin.bearer(), "Origin": admin.base}
    for name, value in SMUGGLED.items():
        if name in VALID[method, path]:
            continue  # what the body is for: E10 says what it may hold
        body = VALID[method, path] | {name: value}
        answer = await admin.http.request(method, target, json=body, headers=headers)
        assert answer.status_code == 422, f"{name}: {answer.text}"
    assert await stage.sql(row, tenant.id) == before
    assert await stage.sql(policy, tenant.id) == policies
    assert await stage.sql("select * from users where organization_id = $1", tenant.id) == people
    assert await stage.count("organizations") == organizations
    assert await stage.count("sessions") == sessions
    assert await stage.count("service_clients") == clients
    assert stage.twin.hits() == []


async def test_e13_an_organization_cannot_be_moved_to_another_workos_organization(stage: Stage, tenant: Tenant) -> None:
    admin = await stage.platform_admin()
    answer = await admin.api("PATCH", f"/api/organizations/{tenant.id}", json={"name": "x", "workos_id": "org_x"})
    assert answer.status_code == 422
    (row,) = await stage.sql("select workos_id from organizations where id = $1", tenant.id)
    assert row["workos_id"] == tenant.workos_id
