"""E6: no role that serves requests or works sees through row-level security."""

import pytest

from app.db.engine import Role, RuntimeRoleTooPowerful, connector, open_engine
from tests.gateway import Stage

ROLES = ("gw_app", "gw_worker", "gw_platform")


@pytest.mark.parametrize("role", ROLES)
async def test_e6_a_runtime_role_is_weak(role: Role, stage: Stage) -> None:
    connection = await connector(stage.database, role)()
    try:
        row = await connection.fetchrow(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin,"
            " pg_has_role(current_user, 'gw_owner', 'usage') as owner from pg_roles where rolname = current_user"
        )
        owned = await connection.fetchval(
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
            " and pg_get_userbyid(relowner) = current_user"
        )
    finally:
        await connection.close()
    assert row is not None
    assert dict(row) == {
        "rolname": role, "rolsuper": False, "rolbypassrls": False, "rolcreaterole": False, "rolcreatedb": False,
        "rolcanlogin": False, "owner": False,
    }  # fmt: skip
    assert owned == 0


async def test_e6_no_role_of_ours_bypasses_row_level_security(stage: Stage) -> None:
    found = await stage.sql("select rolname from pg_roles where rolname like 'gw\\_%' and (rolsuper or rolbypassrls)")
    assert found == []


async def test_e6_the_pools_run_as_their_roles(stage: Stage) -> None:
    runtime = stage.assembly.runtime
    async with runtime.sessions(info={"organization": None}) as session:
        found = (await (await session.connection()).exec_driver_sql("select current_user")).scalar_one()
    assert found == "gw_app"
    async with runtime.unscoped(info={"organization": None}) as session:
        found = (await (await session.connection()).exec_driver_sql("select current_user")).scalar_one()
    assert found == "gw_platform"
    (row,) = await runtime.lane.fetch("select current_user as name")
    assert row["name"] == "gw_app"


async def test_e6_a_role_that_is_too_powerful_is_refused(stage: Stage) -> None:
    """`gw_owner` owns the tables; a superuser or BYPASSRLS role would be refused by the same line."""
    too_powerful: Role = "gw_owner"  # type: ignore[assignment]  # what a careless change would do
    engine = open_engine(stage.database, too_powerful)
    try:
        with pytest.raises(RuntimeRoleTooPowerful):
            async with engine.connect():
                pass
    finally:
        await engine.dispose()


async def test_e6_the_worker_reads_no_private_key(stage: Stage) -> None:
    connection = await connector(stage.database, "gw_worker")()
    try:
        with pytest.raises(Exception, match="permission denied"):
            await connection.fetch("select private_sealed from signing_keys")
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ROLES)
async def test_e6_what_events_say_of_people_is_selected_by_no_role(role: Role, stage: Stage) -> None:
    connection = await connector(stage.database, role)()
    try:
        await connection.fetch("select event_id from webhook_events limit 1")
        with pytest.raises(Exception, match="permission denied"):
            await connection.fetch("select payload from webhook_events limit 1")
    finally:
        await connection.close()
