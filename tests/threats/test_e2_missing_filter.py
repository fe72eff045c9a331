"""E2: a statement that forgets the tenant finds only the tenant's rows, on every tenant table, and why."""

import pytest

from app.db.engine import Role
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage
from tests.threats.tenancy import TENANT_TABLES, as_role, fill

SECURITY = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname = any ($1)
"""
POLICIES = """
select tablename, roles::text[] as roles, cmd, qual, with_check from pg_policies where schemaname = 'public'
"""
DEFINERS = """
select p.proname, p.proconfig::text as config, array(
    select r.rolname::text from aclexplode(p.proacl) a join pg_roles r on r.oid = a.grantee
    where a.privilege_type = 'EXECUTE' and r.rolname <> 'gw_owner') as may,
    exists (select 1 from aclexplode(p.proacl) a where a.grantee = 0) as public
from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
"""
FOREIGN = [
    "update connections set organization_id = $1",
    "update users set organization_id = $1",
    (
        "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
        " updated_at) values (gen_random_uuid(), $1, 'c', 't', 'saml', 'n', 'active', '{}', now(), now())"
    ),
    (
        "insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)"
        " values (gen_random_uuid(), $1, 'a', now(), 'user', 'x', '[]', '{}')"
    ),
]
# Nobody's may be changed: the audit record (F11), and the inbox but by its own functions.
READ_ONLY = {"audit_events", "audit_unsealed", "audit_seals", "audit_heads", "webhook_events"}
# The narrow functions that look past the wall, by an exact key before the tenant is known (house.md rule 4).
LOOKUPS = {
    "session_touch", "session_live", "login_targets", "login_facts", "login_flows_open", "login_flows_take",
    "logins_repeat", "purge_login_flows", "purge_sessions",
    "inbox_receive", "inbox_missed", "inbox_claim", "inbox_owner", "inbox_finish", "inbox_release", "inbox_replay",
    "inbox_release_known", "inbox_purge", "inbox_take", "inbox_settle", "inbox_forget", "sign_in_facts",
    "syncs_take", "syncs_due", "directories_want_sync", "directory_users_show", "mirror_purge",
    "inbox_backlog", "inbox_completeness", "inbox_unclaimed_since", "purge_login_traces",
    "outbox_take", "outbox_purge", "portal_visits_purge", "audit_unsealed_of",
    "audit_behind", "audit_refused_due", "alerts_close", "certificates_take", "certificates_due", "mirror_measure",
}  # fmt: skip


@pytest.mark.parametrize("role", ["gw_app", "gw_worker"])
async def test_e2_counting_everything_counts_one_tenant(role: Role, stage: Stage, tenant: Tenant) -> None:
    await fill(tenant)
    await fill(await a_tenant(stage))
    async with as_role(stage, tenant.id, role) as connection:
        for table, column in TENANT_TABLES.items():
            mine = await stage.sql(f"select count(*) as n from {table} where {column} = $1", tenant.id)  # noqa: S608 -- our own tables
            seen = await connection.fetchrow(f"select count(*) as n, count(distinct {column}) as t from {table}")  # noqa: S608 -- as above
            assert seen is not None
            assert seen["t"] == 1, f"{table}: nothing to prove, or another tenant's rows"
            assert seen["n"] == mine[0]["n"], table


async def test_e2_a_foreign_row_cannot_be_changed_moved_or_made(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    async with as_role(stage, tenant.id) as connection:
        for table, column in TENANT_TABLES.items():
            if table in READ_ONLY:
                continue
            done = await connection.execute(f"update {table} set {column} = {column} where {column} = $1", other.id)  # noqa: S608 -- as above
            assert done == "UPDATE 0", table
            done = await connection.execute(f"delete from {table} where {column} = $1", other.id)  # noqa: S608 -- as above
            assert done == "DELETE 0", table
    await tenant.signed_in()
    for statement in FOREIGN:
        async with as_role(stage, tenant.id) as connection:
            with pytest.raises(Exception, match=r"row-level security|foreign key"):
                await connection.execute(statement, other.id)


async def test_e2_every_tenant_table_is_forced_and_walled(stage: Stage) -> None:
    forced = {row["relname"]: row["forced"] for row in await stage.sql(SECURITY, list(TENANT_TABLES))}
    assert forced == dict.fromkeys(TENANT_TABLES, True)
    policies = await stage.sql(POLICIES)
    for table, column in TENANT_TABLES.items():
        own = [row for row in policies if row["tablename"] == table and "gw_app" in row["roles"]]
        assert len(own) == 1, table
        for expression in (own[0]["qual"], own[0]["with_check"]):
            # Wrapped in a select, and compared with this very column; `true` would be no wall.
            assert f"({column} = ( SELECT app_org()" in str(expression), table
        platform = [row for row in policies if row["tablename"] == table and "gw_platform" in row["roles"]]
        assert [row["cmd"] for row in platform] == ["SELECT"], table


async def test_e2_the_functions_that_look_past_the_wall_are_the_known_few(stage: Stage) -> None:
    found = await stage.sql(DEFINERS)
    assert {row["proname"] for row in found} == LOOKUPS
    for row in found:
        assert "search_path=pg_catalog, public, pg_temp" in row["config"], row["proname"]
        assert not row["public"], row["proname"]
        assert set(row["may"]) <= {"gw_app", "gw_worker"}, row["proname"]
        if row["proname"] in {"inbox_claim", "inbox_owner", "inbox_finish"} or "purge" in row["proname"]:
            assert set(row["may"]) == {"gw_worker"}


async def test_e2_the_reading_role_of_platform_admins_writes_nothing(stage: Stage) -> None:
    granted = await stage.sql(
        "select table_name, privilege_type from information_schema.role_table_grants"
        " where grantee = 'gw_platform' and privilege_type <> 'SELECT'"
    )
    assert granted == []
    async with as_role(stage, None, "gw_platform") as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute("update organizations set name = 'x'")
