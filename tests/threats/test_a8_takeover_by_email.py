"""A8: the same e-mail address elsewhere is somebody else (nOAuth); in one organization only a verified one links."""

from uuid import UUID

import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Stage


async def _sub(tenant: Tenant, name: str = "ada") -> UUID:
    browser, callback = await tenant.at_callback(name)
    assert (await browser.visit(callback)).status_code == 303
    return UUID((await browser.api("GET", "/auth/session")).json()["user"]["id"])


async def _identities(stage: Stage, user: UUID) -> list[tuple[str, str]]:
    rows = await stage.sql("select connection_id, idp_id from identities where user_id = $1", user)
    return [(str(row["connection_id"]), row["idp_id"]) for row in rows]


async def _sessions(stage: Stage, user: UUID) -> int:
    return int((await stage.sql("select count(*) as n from sessions where user_id = $1", user))[0]["n"])


@pytest.mark.parametrize("guests", [False, True])
async def test_a8_another_tenants_provider_claims_the_address(tenant: Tenant, stage: Stage, guests: bool) -> None:  # noqa: FBT001 -- pytest passes it
    victim = await _sub(tenant)
    identities, sessions = await _identities(stage, victim), await _sessions(stage, victim)
    evil = await a_tenant(stage)
    await evil.policy(allow_foreign_domains=guests)
    stage.twin.override_profile({"email": tenant.people["ada"]}, connection=evil.connection_workos_id)
    browser, callback = await evil.at_callback()
    answer = await browser.visit(callback)
    if guests:
        assert answer.status_code == 303
        session = (await browser.api("GET", "/auth/session")).json()
        assert session["user"]["id"] != str(victim)
        assert session["organization"]["id"] == str(evil.id)
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "domain_not_allowed")
    assert await _identities(stage, victim) == identities
    assert await _sessions(stage, victim) == sessions


async def test_a8_nor_when_the_other_tenant_verified_the_domain_too(tenant: Tenant, stage: Stage) -> None:
    victim = await _sub(tenant)
    evil = await a_tenant(stage)
    await stage.sql(
        "insert into organization_domains (id, organization_id, domain, state, created_at, updated_at)"
        " values (gen_random_uuid(), $1, $2, 'verified', $3, $3)",
        evil.id,
        tenant.domain,
        stage.clock.now(),
    )
    stage.twin.override_profile({"email": tenant.people["ada"]}, connection=evil.connection_workos_id)
    browser, callback = await evil.at_callback()
    assert (await browser.visit(callback)).json()["code"] == "user_not_provisioned"
    assert len(await _identities(stage, victim)) == 1


async def test_a8_inside_the_organization_a_verified_address_links(tenant: Tenant, stage: Stage) -> None:
    """The company moved to another identity provider: the one person with this address is the same person."""
    known = await _sub(tenant)
    stage.twin.override_profile({"idp_id": "moved-to-a-new-provider"}, connection=tenant.connection_workos_id)
    assert await _sub(tenant) == known
    assert len(await _identities(stage, known)) == 2


async def test_a8_but_not_an_unverified_one(tenant: Tenant, stage: Stage) -> None:
    await tenant.policy(allow_foreign_domains=True)
    stage.twin.override_profile({"email": "guest@gmail.example"}, connection=tenant.connection_workos_id)
    guest = await _sub(tenant)
    stage.twin.override_profile(
        {"email": "guest@gmail.example", "idp_id": "another-guest"}, connection=tenant.connection_workos_id
    )
    assert await _sub(tenant, "sam") != guest
    assert len(await _identities(stage, guest)) == 1


@pytest.mark.parametrize(
    "spelling",
    ["mi\u212ae", "m\u0131ke", "mike\u200b", "mik\uff45", "\u202emike"],
    ids=["Kelvin sign", "dotless i", "zero width", "fullwidth", "right to left"],
)
async def test_a8_an_address_that_only_looks_or_folds_alike_is_another(stage: Stage, spelling: str) -> None:
    """`str.lower()` maps the Kelvin sign to k: with it this newcomer would have become Mike."""
    company = await a_tenant(stage, mike="MemberPulse Admins", eve="")
    mike = await _sub(company, "mike")
    stage.twin.override_profile(
        {"email": f"{spelling}@{company.domain}", "idp_id": "eve"}, connection=company.connection_workos_id
    )
    browser, callback = await company.at_callback("eve")
    answer = await browser.visit(callback)
    if answer.status_code == 303:
        session = (await browser.api("GET", "/auth/session")).json()
        assert session["user"]["id"] != str(mike)
        assert session["roles"] == ["ROLE_MEMBER"]
    else:
        assert answer.json()["code"] == "attribute_missing"
    assert len(await _identities(stage, mike)) == 1


async def test_a8_capitals_make_no_other_person(tenant: Tenant, stage: Stage) -> None:
    known = await _sub(tenant)
    shouted = tenant.people["ada"].upper()
    stage.twin.override_profile({"email": shouted, "idp_id": "new"}, connection=tenant.connection_workos_id)
    assert await _sub(tenant) == known
