"""E10, by default: the default role is never above who sets it, and makes nobody an operator anywhere."""

import pytest

from tests.builders import Tenant
from tests.gateway import Stage
from tests.sso.test_policy import change, changed

ADMIN, OPERATOR = "ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN"


@pytest.mark.parametrize("operator", [True, False])
async def test_e10_nobody_is_an_operator_by_default(operator: bool, tenant: Tenant, stage: Stage) -> None:  # noqa: FBT001 -- pytest passes it
    browser = await stage.platform_admin() if operator else await tenant.signed_in()
    row = "select * from organization_policies where organization_id = $1"
    before = await stage.sql(row, tenant.id)
    answer = await change(browser, tenant, default_role=OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_grantable")
    assert await stage.sql(row, tenant.id) == before


async def test_e10_an_administrator_may_make_administrators_and_others_nothing(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    assert (await changed(ada, tenant, default_role=ADMIN))["default_role"] == ADMIN
    for name in ("sam", "mia"):
        answer = await change(await tenant.signed_in(name), tenant, default_role="ROLE_MEMBER")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
