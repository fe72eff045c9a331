"""A11: our own second check of the e-mail's domain; a domain that two tenants claim lets neither provision."""

import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Stage


async def _claim(stage: Stage, tenant: Tenant, domain: str, state: str = "verified") -> None:
    await stage.sql(
        "insert into organization_domains (id, organization_id, domain, state, created_at, updated_at)"
        " values (gen_random_uuid(), $1, $2, $3, $4, $4)",
        tenant.id,
        domain,
        state,
        stage.clock.now(),
    )


@pytest.mark.parametrize(
    "address",
    [
        "u@evil.com",
        "u@{domain}.evil.com",
        "u@sub.{domain}",
        "u@{domain}@evil.com",
        "u@x{domain}",
        "u@[127.0.0.1].com",
        "u@evil.com.",
        "u@{domain}\u3002evil.com",
    ],
)
async def test_a11_a_guest_is_refused(tenant: Tenant, stage: Stage, address: str) -> None:
    people = await stage.count("users")
    stage.twin.override_profile({"email": address.format(domain=tenant.domain)}, connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "domain_not_allowed")
    assert await stage.count("users") == people


async def test_a11_a_long_address_is_not_cut_down_to_ours(tenant: Tenant, stage: Stage) -> None:
    """256 characters are kept of an attribute; the 256 first of this address end in the tenant's domain."""
    inside = f"@{tenant.domain}"
    address = "u" * (256 - len(inside)) + inside + ".evil.com"
    people = await stage.count("users")
    stage.twin.override_profile({"email": address}, connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (422, "attribute_missing")
    assert await stage.count("users") == people


async def test_a11_also_when_the_person_is_known(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    stage.twin.override_profile({"email": "ada@evil.com"}, connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback()
    assert (await browser.visit(callback)).json()["code"] == "domain_not_allowed"


@pytest.mark.parametrize("state", ["pending", "failed"])
async def test_a11_only_verified_domains_count(tenant: Tenant, stage: Stage, state: str) -> None:
    await _claim(stage, tenant, "wished.example", state)
    stage.twin.override_profile({"email": "u@wished.example"}, connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback()
    assert (await browser.visit(callback)).json()["code"] == "domain_not_allowed"
    assert (await stage.browser().start(domain="wished.example")).status_code == 404


async def test_a11_guests_by_policy(tenant: Tenant, stage: Stage) -> None:
    await tenant.policy(allow_foreign_domains=True)
    stage.twin.override_profile({"email": "guest@elsewhere.example"}, connection=tenant.connection_workos_id)
    assert (await tenant.signed_in()).session_cookie


async def test_a11_a_contested_domain_provisions_nobody(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("sam")
    rival = await a_tenant(stage)
    await _claim(stage, rival, tenant.domain)
    people = await stage.count("users")
    for claimant in (tenant, rival):
        stage.twin.override_profile({"email": f"new@{tenant.domain}"}, connection=claimant.connection_workos_id)
        browser, callback = await claimant.at_callback()
        answer = await browser.visit(callback)
        assert (answer.status_code, answer.json()["code"]) == (403, "user_not_provisioned")
    assert await stage.count("users") == people
    # Nor does it link: `sam` at another idp_id would be recognised by the address alone.
    stage.twin.override_profile(
        {"email": tenant.people["sam"], "idp_id": "other"}, connection=tenant.connection_workos_id
    )
    browser, callback = await tenant.at_callback("sam")
    assert (await browser.visit(callback)).json()["code"] == "user_not_provisioned"
    # Whoever is known by identity is not shut out by somebody else's claim, and the domain leads nowhere meanwhile.
    await tenant.signed_in("sam")
    assert (await stage.browser().start(domain=tenant.domain)).json()["code"] == "organization_unknown"
    found = await stage.browser().http.post("/auth/discover", json={"email": f"x@{tenant.domain}"})
    assert found.json() == {"organization": None, "sso": "none", "start": None}
