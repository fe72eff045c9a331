"""E3: without a tenant in the transaction there are no rows, no inserts, and no words about a bad cast."""

import pytest

from app.db.engine import Role
from app.db.lane import Lane
from tests.builders import Tenant
from tests.gateway import Stage
from tests.threats.tenancy import TENANT_TABLES, as_role, fill

INSERT = (
    "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
    " updated_at) values (gen_random_uuid(), $1, 'c', 't', 'saml', 'n', 'active', '{}', now(), now())"
)


@pytest.mark.parametrize("empty", [False, True], ids=["never set", "set and gone"])
@pytest.mark.parametrize("role", ["gw_app", "gw_worker"])
async def test_e3_without_a_tenant_there_is_nothing(role: Role, empty: bool, stage: Stage, tenant: Tenant) -> None:  # noqa: FBT001 -- a parameter of the test
    await fill(tenant)
    async with as_role(stage, None, role) as connection:
        if empty:  # a transaction-local setting leaves '' behind, which a bare ::uuid would not cast
            await connection.execute("select set_config('app.org_id', '', true)")
        for table in TENANT_TABLES:
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table  # noqa: S608 -- our own tables
        with pytest.raises(Exception, match="row-level security") as refused:
            await connection.execute(INSERT, tenant.id)
    assert "invalid input syntax" not in str(refused.value)


async def test_e3_the_lane_of_hot_look_ups_has_no_tenant(stage: Stage, tenant: Tenant) -> None:
    await fill(tenant)
    lane = stage.assembly.runtime.lane
    assert isinstance(lane, Lane)
    for table in TENANT_TABLES:
        (row,) = await lane.fetch(f"select count(*) as n from {table}")  # noqa: S608 -- our own tables
        assert row["n"] == 0, table


async def test_e3_a_unit_without_a_tenant_refuses_its_verbs(stage: Stage) -> None:
    async with stage.unit(None) as uow:
        with pytest.raises(LookupError):
            _ = uow.tenant
