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


def reasons(found: dict[str, Any]) -> dict[str, list[str]]:
    """Return the codes of why each person would be locked out."""
    people = found["locked_out"]["people"]
    return {one["email"]: [reason["code"] for reason in one["reasons"]] for one in people}


def warnings(found: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in found["warnings"]]


async def test_where_everybody_has_come_by_it_nothing_is_asked(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    assert (await changed(ada, tenant, required=True))["required"] is True
    found = await stage.browser().http.post("/auth/discover", json={"email": f"x@{tenant.domain}"})
    assert found.json()["sso"] == "required"


async def test_who_never_came_by_an_active_connection_is_named(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    await a_person(tenant, f"New@{tenant.domain}")
    found = await refused(ada, tenant)
    assert reasons(found) == {f"New@{tenant.domain}": ["no_identity"]}
    assert (found["locked_out"]["count"], found["locked_out"]["of_people"]) == (1, 2)
    assert (found["locked_out"]["people"][0]["first_name"], warnings(found)) == ("New", [])
    assert (await changed(ada, tenant, required=True, confirm=True))["required"] is True
    (row,) = await stage.sql(AUDITED, tenant.id)
    assert json.loads(row["metadata"])["locked_out"] == 1


async def test_an_identity_at_a_connection_that_is_off_is_none(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()  # a session of before ends with its connection, so an operator asks
    stage.twin.add_connection(tenant.workos_id, "Other", type="GenericSAML")
    await onboarding.refresh(stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    await stage.sql("update connections set state = 'inactive' where id = $1", tenant.connection_id)
    found = await refused(await stage.platform_admin(), tenant)
    assert reasons(found) == {tenant.people["ada"]: ["no_identity"]}
    assert (found["locked_out"]["people"][0]["administrator"], warnings(found)) == (True, ["last_administrator"])


async def test_without_an_active_connection_nobody_comes_in(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    await stage.sql("update connections set state = 'inactive' where organization_id = $1", tenant.id)
    found = await refused(await stage.platform_admin(), tenant)
    assert warnings(found) == ["no_active_connection", "last_administrator"]
    assert found["locked_out"]["count"] == 1


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
    assert (found["locked_out"]["count"], len(found["locked_out"]["people"])) == (102, 100)
    assert found["locked_out"]["people"][0]["email"] == f"boss@{tenant.domain}"
    assert warnings(found) == ["people_not_shown"]


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
