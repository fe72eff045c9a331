"""E10, by attributes: a mapping says where groups are read; what a group gives stays with the rules."""

from tests.builders import Tenant
from tests.gateway import Browser
from tests.threats.test_e10_manual_roles import Platform, code_of, platform

__all__ = ["platform"]  # a fixture
ADMIN, MEMBER, OPERATOR = "ROLE_CLIENT_ADMIN", "ROLE_MEMBER", "ROLE_PLATFORM_ADMIN"
READ_ELSEWHERE = {"mappings": {"roles": ["custom_attributes.nickname"], "email": ["custom_attributes.mail", "email"]}}


async def map_attributes(browser: Browser, tenant: Tenant) -> tuple[int, str]:
    answer = await browser.api("PUT", f"/api/organizations/{tenant.id}/attribute-mappings", json=READ_ELSEWHERE)
    return (200, "") if answer.status_code == 200 else code_of(answer)


async def roles_with(tenant: Tenant, name: str, nickname: str) -> list[str]:
    """Return the roles of a sign-in in which the identity provider sends this nickname."""
    tenant.stage.twin.override_profile(
        {"custom_attributes": {"nickname": nickname}}, connection=tenant.connection_workos_id
    )
    found: list[str] = (await (await tenant.signed_in(name)).api("GET", "/auth/session")).json()["roles"]
    return found


async def test_e10_no_attribute_makes_an_operator_of_a_tenants_people(tenant: Tenant) -> None:
    assert await map_attributes(await tenant.signed_in(), tenant) == (200, "")
    assert await roles_with(tenant, "mia", OPERATOR) == [MEMBER]
    assert await roles_with(tenant, "mia", "MemberPulse Platform Admins") == [MEMBER]
    assert await roles_with(tenant, "mia", ADMIN) == [MEMBER]
    assert await roles_with(tenant, "mia", "MemberPulse Admins") == [ADMIN]


async def test_e10_where_a_directory_decides_no_attribute_of_a_sign_in_gives_a_role(tenant: Tenant) -> None:
    assert await map_attributes(await tenant.signed_in(), tenant) == (200, "")
    await tenant.policy(jit_provisioning="always")
    await tenant.stage.sql(
        "insert into directories (id, organization_id, workos_id, type, name, state, last_synced_at, created_at,"
        " updated_at) values (gen_random_uuid(), $1, $2, 'okta scim v2.0', 'D', 'linked', now(),"
        " now(), now())",
        tenant.id,
        f"directory_e10_{tenant.workos_id}",
    )
    assert await roles_with(tenant, "mia", "MemberPulse Admins") == [MEMBER]


async def test_e10_at_home_only_an_operator_says_where_operators_are_read(platform: Platform) -> None:
    tenant = platform.tenant
    cleo = await tenant.signed_in("cleo")
    assert await map_attributes(cleo, tenant) == (403, "not_permitted")
    assert await roles_with(tenant, "cleo", "MemberPulse Platform Admins") == [ADMIN]
    assert await map_attributes(await tenant.signed_in("olga"), tenant) == (200, "")
    assert await roles_with(tenant, "cleo", "MemberPulse Platform Admins") == [OPERATOR]
