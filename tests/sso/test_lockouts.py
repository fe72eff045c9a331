"""Turning on `required` tells first whom it would lock out, and needs a second word then."""

import json
from typing import Any

import pytest

from app.onboarding import flow as onboarding
from app.uow import SYSTEM
from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage
from tests.sso.test_policy import AUDITED, change, changed

NEW_PERSON = """
insert into users (id, organization_id, email, email_lower, first_name, mapped_role, created_at, updated_at)
values ($4, $1, $2, lower($2), 'New', $3, now(), now())
"""

CLAIM = """
insert into organization_domains (id, organization_id, domain, state, created_at, updated_at)
values (gen_random_uuid(), $1, $2, 'verified', now(), now())
"""


async def a_person(tenant: Tenant, email: str | None, role: str = "ROLE_MEMBER") -> None:
    """Give the tenant somebody who has never signed in."""
    await tenant.stage.sql(NEW_PERSON, tenant.id, email, role, tenant.stage.assembly.runtime.ids.uuid())


async def refused(browser: Browser, tenant: Tenant, **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return the problem that a change is refused with, which changes nothing."""
    row = "select * from organization_policies where organization_id = $1"
    before = await tenant.stage.sql(row, tenant.id)
    answer = await change(browser, tenant, None, **({"required": True} | body))
    assert (answer.status_code, answer.json()["code"]) == (409, "sso_would_lock_out"), answer.text
    assert await tenant.stage.sql(row, tenant.id) == before
    found: dict[str, Any] = answer.json()
    return found


def reasons(found: dict[str, Any], kind: str = "locked_out") -> dict[str, list[str]]:
    """Return the codes of why each person would be locked out, or is in another list."""
    people = found[kind]["people"]
    return {one["email"]: [reason["code"] for reason in one["reasons"]] for one in people}


def warnings(found: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in found["warnings"]]


async def test_where_everybody_has_come_by_it_nothing_is_asked(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    assert (await changed(ada, tenant, required=True))["required"] is True
    found = await stage.browser().http.post("/auth/discover", json={"email": f"x@{tenant.domain}"})
    assert found.json()["sso"] == "required"


async def test_who_never_came_by_an_active_connection_is_told_apart(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    await a_person(tenant, f"New@{tenant.domain}")
    found = await refused(ada, tenant)
    assert (found["locked_out"]["count"], found["locked_out"]["of_people"], reasons(found)) == (0, 2, {})
    assert reasons(found, "not_seen_yet") == {f"New@{tenant.domain}": ["no_identity"]}
    assert (found["not_seen_yet"]["count"], found["not_seen_yet"]["people"][0]["first_name"]) == (1, "New")
    assert warnings(found) == []
    assert found["detail"] == (
        "0 of 2 people would be locked out. 1 person has not been seen to sign in by single sign-on yet."
    )
    assert (await changed(ada, tenant, required=True, confirm=True))["required"] is True
    (row,) = await stage.sql(AUDITED, tenant.id)
    assert json.loads(row["metadata"])["locked_out"] == 0


async def test_in_a_new_company_nobody_is_locked_out_and_they_do_get_in(tenant: Tenant, stage: Stage) -> None:
    await a_person(tenant, tenant.people["ada"], "ROLE_CLIENT_ADMIN")
    operator = await stage.platform_admin()
    found = await refused(operator, tenant)
    assert (reasons(found), list(reasons(found, "not_seen_yet"))) == ({}, [tenant.people["ada"]])
    assert warnings(found) == ["no_administrator_seen"]
    await changed(operator, tenant, required=True, confirm=True)
    await tenant.signed_in()  # what was said of them is true


async def test_who_would_not_be_recognised_is_locked_out_where_a_sign_in_adds_nobody(tenant: Tenant) -> None:
    """Their address is no proof of who they are, so a sign-in would be somebody new (contract.md, matching)."""
    ada = await tenant.signed_in()
    await a_person(tenant, "Guest@elsewhere.example")
    await a_person(tenant, None)
    found = await refused(ada, tenant, allow_foreign_domains=True, jit_provisioning="never")
    assert reasons(found) == {"Guest@elsewhere.example": ["not_recognised"], None: ["not_recognised"]}
    found = await refused(ada, tenant, allow_foreign_domains=True, jit_provisioning="always")
    assert (reasons(found), found["not_seen_yet"]["count"]) == ({}, 2)


async def test_who_shares_an_address_is_locked_out_until_the_connection_has_told_them_apart(
    tenant: Tenant, stage: Stage
) -> None:
    operator, email = await stage.platform_admin(), tenant.people["ada"]
    for _ in range(2):
        await a_person(tenant, email)
    found = await refused(operator, tenant)
    assert [one["reasons"][0]["code"] for one in found["locked_out"]["people"]] == ["shared_address"] * 2
    browser, callback = await tenant.at_callback()
    assert (await browser.visit(callback)).json()["code"] == "identity_conflict", "the sign-in says so too"


@pytest.mark.parametrize("jit", ["never", "without_directory", "always"])
async def test_a_contested_domain_lets_nobody_be_recognised_or_added(tenant: Tenant, stage: Stage, jit: str) -> None:
    """Another organization has verified it too: a sign-in neither links nor makes anybody by it (threats A11)."""
    await a_person(tenant, tenant.people["ada"], "ROLE_CLIENT_ADMIN")
    await a_person(tenant, "Guest@elsewhere.example")
    await stage.sql(CLAIM, (await a_tenant(stage)).id, tenant.domain)
    operator = await stage.platform_admin()
    found = await refused(operator, tenant, jit_provisioning=jit, allow_foreign_domains=True)
    guest = {"Guest@elsewhere.example": ["not_recognised"]} if jit == "never" else {}
    assert reasons(found) == {tenant.people["ada"]: ["contested_domain"]} | guest
    assert (found["not_seen_yet"]["count"], warnings(found)) == (0 if guest else 1, ["last_administrator"])
    browser, callback = await tenant.at_callback()
    assert (await browser.visit(callback)).json()["code"] == "user_not_provisioned", "the sign-in says so too"


async def test_an_identity_at_a_connection_that_is_off_is_none(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()  # a session of before ends with its connection, so an operator asks
    stage.twin.add_connection(tenant.workos_id, "Other", type="GenericSAML")
    await onboarding.refresh(stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    await stage.sql("update connections set state = 'inactive' where id = $1", tenant.connection_id)
    found = await refused(await stage.platform_admin(), tenant)
    assert (reasons(found), reasons(found, "not_seen_yet")) == ({}, {tenant.people["ada"]: ["no_identity"]})
    assert found["not_seen_yet"]["people"][0]["administrator"] is True
    assert warnings(found) == ["no_administrator_seen"]


async def test_without_an_active_connection_nobody_comes_in(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    await stage.sql("update connections set state = 'inactive' where organization_id = $1", tenant.id)
    found = await refused(await stage.platform_admin(), tenant)
    assert warnings(found) == ["no_active_connection", "last_administrator"]
    assert (reasons(found), found["not_seen_yet"]["count"]) == ({tenant.people["ada"]: ["no_connection"]}, 0)


async def test_addresses_of_foreign_domains_are_told_unless_they_are_let_in(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    await stage.sql(
        "update users set email = 'Ada@Elsewhere.example', email_lower = 'ada@elsewhere.example'"
        " where organization_id = $1",
        tenant.id,
    )
    found = await refused(ada, tenant)
    assert reasons(found) == {"Ada@Elsewhere.example": ["foreign_domain"]}
    assert warnings(found) == ["last_administrator"]
    await changed(ada, tenant, required=True, allow_foreign_domains=True)
    found = await refused(ada, tenant, allow_foreign_domains=False)
    assert reasons(found) == {"Ada@Elsewhere.example": ["foreign_domain"]}
    assert (await changed(ada, tenant, allow_idp_initiated=True))["required"] is True, "that locks nobody out"


async def test_a_domain_in_another_spelling_is_the_same_domain(stage: Stage) -> None:
    tenant = await a_tenant(stage)
    ada = await tenant.signed_in()
    await stage.sql(
        "update organization_domains set domain = 'xn--bcher-kva.example' where organization_id = $1", tenant.id
    )
    email = "ada@b\u00fccher.example"
    await stage.sql("update users set email = $2, email_lower = $2 where organization_id = $1", tenant.id, email)
    assert (await changed(ada, tenant, required=True))["required"] is True


async def test_where_no_administrator_would_be_left_that_is_told(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("mia")
    operator = await stage.platform_admin()
    assert warnings(await refused(operator, tenant)) == ["last_administrator"]
    await tenant.signed_in()
    assert (await changed(operator, tenant, required=True))["required"] is True


async def test_people_who_are_shut_out_already_do_not_count(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    await a_person(tenant, f"out@{tenant.domain}")
    await stage.sql(
        "update users set state = 'deactivated', deactivated_by = 'admin' where organization_id = $1 and email = $2",
        tenant.id,
        f"out@{tenant.domain}",
    )
    assert (await changed(ada, tenant, required=True))["required"] is True


async def test_a_hundred_are_named_and_all_counted_administrators_first(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    for number in range(101):
        await a_person(tenant, f"p{number}@{tenant.domain}")
    await a_person(tenant, f"boss@{tenant.domain}", "ROLE_CLIENT_ADMIN")
    found = await refused(ada, tenant)
    assert (found["not_seen_yet"]["count"], len(found["not_seen_yet"]["people"])) == (102, 100)
    assert found["not_seen_yet"]["people"][0]["email"] == f"boss@{tenant.domain}"
    assert warnings(found) == ["people_not_shown"]
    await tenant.stage.sql("update connections set state = 'inactive' where organization_id = $1", tenant.id)
    found = await refused(await tenant.stage.platform_admin(), tenant)
    assert (found["locked_out"]["count"], len(found["locked_out"]["people"])) == (103, 100)
    assert warnings(found)[-1] == "people_not_shown"


@pytest.mark.parametrize("confirm", [True, False])
async def test_a_person_without_an_address_is_of_no_foreign_domain(tenant: Tenant, confirm: bool) -> None:  # noqa: FBT001 -- pytest passes it
    ada = await tenant.signed_in()
    await tenant.stage.sql("update users set email = null, email_lower = null where organization_id = $1", tenant.id)
    assert (await changed(ada, tenant, required=True, confirm=confirm))["required"] is True


DIRECTORY_GONE = """
with gone as (
    insert into directories (id, organization_id, workos_id, type, name, state, created_at, updated_at)
    values (gen_random_uuid(), $1, 'directory_' || gen_random_uuid(), 'okta scim v2.0', 'Gone', 'deleted', now(), now())
    returning id
)
insert into directory_users (id, organization_id, directory_id, workos_id, state, user_id, at, touched_at, created_at,
                             updated_at)
select gen_random_uuid(), $1, id, 'directory_user_' || gen_random_uuid(), 'unmanaged', $2, now(), now(), now(), now()
from gone
"""


async def test_whom_only_a_directory_knew_that_is_gone_comes_in_as_far_as_strangers_do(
    tenant: Tenant, stage: Stage
) -> None:
    ada = await tenant.signed_in()
    await tenant.signed_in("mia")
    await stage.sql(DIRECTORY_GONE, tenant.id, await tenant.user_id("mia"))
    await changed(ada, tenant, required=True)
    found = await refused(ada, tenant, jit_provisioning="never")
    assert reasons(found) == {tenant.people["mia"]: ["not_provisioned"]}
    await changed(ada, tenant, required=False, jit_provisioning="never")
    assert reasons(await refused(ada, tenant)) == {tenant.people["mia"]: ["not_provisioned"]}
    browser, callback = await tenant.at_callback("mia")
    assert (await browser.visit(callback)).json()["code"] == "user_not_provisioned", "the sign-in says so too"
    assert (await changed(ada, tenant, required=True, jit_provisioning="without_directory"))["required"] is True
