"""E1 for diagnoses: a client administrator is told of their own organization only, whatever the address."""

import re
from typing import Any

import httpx
import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage
from tests.threats.tenancy import fill, secrets_of

REQUEST_ID = {"X-Request-Id": "the-same-for-both"}


async def asked(browser: Browser, email: str, **query: str) -> httpx.Response:
    params: dict[str, Any] = {"email": email, **query}
    return await browser.api("GET", "/api/diagnostics/sign-in", params=params, headers=REQUEST_ID)


def without(answer: httpx.Response, domain: str) -> str:
    return re.sub(re.escape(domain), "{domain}", answer.text)


@pytest.mark.parametrize("guests", [False, True])
@pytest.mark.parametrize("suspended", [False, True])
async def test_e1_another_tenants_people_are_like_nobody(
    tenant: Tenant,
    stage: Stage,
    guests: bool,  # noqa: FBT001 -- pytest passes it
    suspended: bool,  # noqa: FBT001 -- as above
) -> None:
    victim = await a_tenant(stage, zoe="MemberPulse Admins")
    await victim.signed_in("zoe")
    if suspended:
        await stage.sql("update organizations set state = 'suspended' where id = $1", victim.id)
    ada = await tenant.signed_in()
    await tenant.policy(allow_foreign_domains=guests)
    unknown = "tenant0unknown.example"
    for name in ("zoe", "nobody"):
        real, nothing = await asked(ada, f"{name}@{victim.domain}"), await asked(ada, f"{name}@{unknown}")
        assert real.status_code == 200
        assert without(real, victim.domain) == without(nothing, unknown)
        assert not [word for word in secrets_of(victim) if word in without(real, victim.domain)]
        assert real.json()["organization"]["id"] == str(tenant.id)


async def test_e1_another_organization_is_not_diagnosed_by_its_id(tenant: Tenant, stage: Stage) -> None:
    victim = await a_tenant(stage)
    await fill(victim)
    ada = await tenant.signed_in()
    for real, unknown in ((str(victim.id), "01a00000-0000-7000-8000-000000000000"), (victim.workos_id, "org_01NO")):
        found = await asked(ada, victim.people["ada"], organization=real)
        nothing = await asked(ada, victim.people["ada"], organization=unknown)
        assert (found.status_code, found.content) == (nothing.status_code, nothing.content)
        assert found.status_code == 404


async def test_e1_traces_of_another_tenant_by_the_same_address_are_not_told(tenant: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    stage.twin.override_profile({"email": tenant.people["mia"]}, connection=other.connection_workos_id)
    browser, callback = await other.at_callback()
    assert (await browser.visit(callback)).json()["code"] == "domain_not_allowed"
    found = (await asked(await tenant.signed_in(), tenant.people["mia"])).json()
    assert found["attempts"] == []
