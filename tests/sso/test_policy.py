"""The sign-in policy: read, changed by who may, obeyed by the next sign-in and by sessions that live."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import Browser, Stage

MEMBER, USER, ADMIN, OPERATOR = "ROLE_MEMBER", "ROLE_CLIENT_USER", "ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN"
AUDITED = """
select actor_id, metadata::text as metadata from audit_events
where organization_id = $1 and action = 'sso.policy.changed' order by occurred_at, id
"""
DEFAULTS = {
    "object": "sso_policy",
    "enabled": True,
    "required": False,
    "default_connection": None,
    "jit_provisioning": "without_directory",
    "default_role": MEMBER,
    "allow_idp_initiated": False,
    "allow_foreign_domains": False,
    "hard_delete_removed_users": False,
    "session_idle_seconds": 28_800,
    "session_absolute_seconds": 86_400,
    "version": 1,
}


async def change(
    browser: Browser,
    tenant: Tenant,
    headers: dict[str, str] | None = None,
    **body: Any,  # noqa: ANN401 -- JSON
) -> httpx.Response:
    """Change a tenant's policy."""
    return await browser.api("PATCH", f"/api/organizations/{tenant.workos_id}/sso", json=body, headers=headers or {})


async def changed(browser: Browser, tenant: Tenant, **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Change a tenant's policy and return it."""
    answer = await change(browser, tenant, **body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def role_of(tenant: Tenant, name: str) -> str:
    """Return a person's mapped role."""
    rows = await tenant.stage.sql(
        "select mapped_role from users where organization_id = $1 and email_lower = $2",
        tenant.id,
        f"{name}@{tenant.domain}",
    )
    return str(rows[0]["mapped_role"])


async def test_a_new_tenant_has_the_default_policy(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    for reference in (tenant.id, tenant.workos_id):
        answer = await ada.api("GET", f"/api/organizations/{reference}/sso")
        assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
        assert answer.json() == DEFAULTS | {"organization_id": str(tenant.id)}


async def test_what_is_named_changes_and_the_rest_stays(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    found = await changed(ada, tenant, allow_idp_initiated=True, jit_provisioning="always")
    assert found == DEFAULTS | {
        "organization_id": str(tenant.id),
        "allow_idp_initiated": True,
        "jit_provisioning": "always",
        "version": 2,
    }
    assert await changed(ada, tenant, jit_provisioning="always") == found, "nothing new, no new version"
    (row,) = await stage.sql(AUDITED, tenant.id)
    assert row["actor_id"] == str(await tenant.user_id())
    assert json.loads(row["metadata"])["changes"] == {
        "allow_idp_initiated": {"before": False, "after": True},
        "jit_provisioning": {"before": "without_directory", "after": "always"},
    }


async def test_if_match_keeps_two_administrators_from_overwriting_each_other(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    first = await change(ada, tenant, {"If-Match": '"1"'}, allow_idp_initiated=True)
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    late = await change(ada, tenant, {"If-Match": '"1"'}, allow_foreign_domains=True)
    assert (late.status_code, late.json()["code"]) == (412, "version_outdated")
    assert (await change(ada, tenant, {"If-Match": "1"}, allow_foreign_domains=True)).status_code == 400
    assert (await ada.api("GET", f"/api/organizations/{tenant.id}/sso")).json()["allow_foreign_domains"] is False


async def test_an_operator_changes_it_and_a_client_user_does_not_even_see_it(tenant: Tenant, stage: Stage) -> None:
    assert (await changed(await stage.platform_admin(), tenant, enabled=False))["enabled"] is False
    await changed(await stage.platform_admin(), tenant, enabled=True)
    for name in ("sam", "mia"):
        browser = await tenant.signed_in(name)
        assert (await browser.api("GET", f"/api/organizations/{tenant.id}/sso")).status_code == 403
        assert (await change(browser, tenant, enabled=False)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"confirm": True},
        {"enabled": None},
        {"enabled": "yes"},
        {"jit_provisioning": "sometimes"},
        {"default_role": "ROLE_OWNER"},
        {"session_idle_seconds": 899},
        {"session_idle_seconds": 86_401},
        {"session_absolute_seconds": 604_801},
        {"session_absolute_seconds": "3600"},
        {"session_idle_seconds": 7_200, "session_absolute_seconds": 3_600},
        {"default_connection": "conn_01UNKNOWN"},
        {"default_connection": "\u0000"},
        {"required": True, "enabled": False},
        {"version": 7},
    ],
    ids=str,
)
async def test_bad_values_change_nothing(body: dict[str, Any], tenant: Tenant, stage: Stage) -> None:
    row = "select * from organization_policies where organization_id = $1"
    ada, before = await tenant.signed_in(), await stage.sql(row, tenant.id)
    answer = await change(ada, tenant, **body)
    assert answer.status_code == 422, answer.text
    assert await stage.sql(row, tenant.id) == before


async def test_the_default_connection_is_one_of_the_tenants_own(tenant: Tenant, stage: Stage) -> None:
    ada, other = await tenant.signed_in(), await a_tenant(stage)
    for reference in (str(tenant.connection_id), tenant.connection_workos_id):
        assert (await changed(ada, tenant, default_connection=reference))["default_connection"] == str(
            tenant.connection_id
        )
        assert (await changed(ada, tenant, default_connection=None))["default_connection"] is None
    for foreign in (str(other.connection_id), other.connection_workos_id):
        assert (await change(ada, tenant, default_connection=foreign)).status_code == 422
    await stage.sql("update connections set state = 'deleted' where organization_id = $1", tenant.id)
    operator = await stage.platform_admin()
    assert (await change(operator, tenant, default_connection=tenant.connection_workos_id)).status_code == 422


async def test_a_sign_in_obeys_at_once(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    await changed(ada, tenant, enabled=False)
    refused = await stage.browser().start(connection=tenant.connection_workos_id)
    assert (refused.status_code, refused.json()["code"]) == (403, "sso_disabled")
    assert (await ada.token()).status_code == 200, "sessions go on"
    await changed(ada, tenant, enabled=True, jit_provisioning="never")
    browser, callback = await tenant.at_callback("sam")
    assert (await browser.visit(callback)).json()["code"] == "user_not_provisioned"
    await changed(
        ada, tenant, jit_provisioning="without_directory", session_absolute_seconds=3_600, session_idle_seconds=900
    )
    sam = await tenant.signed_in("sam")
    session = (await sam.api("GET", "/auth/session")).json()["session"]
    assert session["expires_at"] > session["idle_expires_at"]
    stage.clock.advance(seconds=901)
    assert (await sam.token()).status_code == 401


async def test_shorter_lifetimes_hold_for_sessions_that_live(tenant: Tenant, stage: Stage) -> None:
    ada, sam, mia = [await tenant.signed_in(name) for name in ("ada", "sam", "mia")]
    before = (await sam.api("GET", "/auth/session")).json()["session"]
    await changed(ada, tenant, session_absolute_seconds=43_200)
    async with asyncio.timeout(1):
        while (found := (await sam.api("GET", "/auth/session")).json()["session"]) == before:
            await asyncio.sleep(0.02)
    assert found["expires_at"] < before["expires_at"]
    await changed(ada, tenant, session_idle_seconds=900)
    stage.clock.advance(seconds=600)
    assert (await sam.token()).status_code == 200
    stage.clock.advance(seconds=600)
    assert ((await sam.token()).status_code, (await mia.token()).status_code) == (200, 401)
    longer = await tenant.signed_in()
    await changed(longer, tenant, session_idle_seconds=28_800)
    stage.clock.advance(seconds=901)
    assert (await sam.token()).status_code == 401, "longer ones count from the next sign-in on"


async def test_another_default_role_reaches_whom_a_directory_decides(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    people = [home.user(name, 1) for name in ("ada", "bob", "mia", "out")]
    clubs = [home.group(name, 1) for name in ("MemberPulse Admins", "MemberPulse Members")]
    joined = [home.joined("ada", "MemberPulse Admins", 2), home.joined("mia", "MemberPulse Members", 2)]
    await inbox.applied(*clubs, *people, *joined)
    await inbox.applied(home.user("out", 3, "deleted"))
    ada = await tenant.signed_in()
    await changed(ada, tenant, default_role=USER)
    assert [await home.role(name) for name in ("ada", "bob", "mia", "out")] == [ADMIN, USER, MEMBER, USER]
    assert (await ada.api("GET", "/auth/session")).json()["roles"] == [ADMIN]
    told = "select 1 from audit_events where organization_id = $1 and action = 'user.role_changed'"
    assert len(await tenant.stage.sql(told, tenant.id)) == 2
    await changed(ada, tenant, default_role=MEMBER)
    assert [await home.role(name) for name in ("ada", "bob", "mia", "out")] == [ADMIN, MEMBER, MEMBER, MEMBER]


async def test_another_default_role_reaches_who_signed_in_by_it(stage: Stage) -> None:
    tenant = await a_tenant(stage, ada="MemberPulse Admins", sam="MemberPulse Staff", tom="Canteen")
    ada, sam, tom = [await tenant.signed_in(name) for name in ("ada", "sam", "tom")]
    await ada.api(
        "PUT",
        f"/api/organizations/{tenant.id}/role-mappings",
        json={
            "rules": [
                {"group_name": "MemberPulse Admins", "role": ADMIN},
                {"group_name": "MemberPulse Staff", "role": USER},
            ]
        },
    )
    await changed(ada, tenant, default_role=USER)
    assert [await role_of(tenant, name) for name in ("ada", "sam", "tom")] == [ADMIN, USER, USER]
    await stage.assembly.live.look()
    assert (await tom.api("GET", "/auth/session")).json()["roles"] == [USER]
    # Sam has it by a rule, Tom by default, and nothing tells: both lose it, and Sam's groups give it back.
    await changed(ada, tenant, default_role=MEMBER)
    assert [await role_of(tenant, name) for name in ("ada", "sam", "tom")] == [ADMIN, MEMBER, MEMBER]
    await stage.assembly.live.look()
    assert (await sam.api("GET", "/auth/session")).json()["roles"] == [MEMBER]
    await tenant.signed_in("sam")
    await tenant.signed_in("tom")
    assert [await role_of(tenant, name) for name in ("sam", "tom")] == [USER, MEMBER]


async def test_nobody_is_raised_who_may_have_the_old_role_by_a_rule(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    await tenant.signed_in("mia")  # of the MemberPulse Members, who are ROLE_MEMBER by the default rules
    await stage.sql(
        "insert into users (id, organization_id, email, email_lower, mapped_role, created_at, updated_at)"
        " values ($4, $1, $2, $2, $3, now(), now())",
        tenant.id,
        f"new@{tenant.domain}",
        MEMBER,
        stage.assembly.runtime.ids.uuid(),
    )
    await changed(ada, tenant, default_role=USER)
    assert [await role_of(tenant, name) for name in ("mia", "new")] == [MEMBER, USER]
    await tenant.signed_in("mia")
    assert await role_of(tenant, "mia") == MEMBER
