"""Migrating as somebody who is no superuser: one user for everything, or one that migrates and one that serves."""

import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from app.db import migrate
from app.db.engine import Role, RuntimeRoleTooPowerful, connector
from app.db.errors import RolesMissing, TableHeld
from app.db.revisions import revisions
from app.kit.ids import SystemIds
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.databases import connected, embedded_server, rows
from tests.gateway import Stage, a_config, a_stage
from tests.processes import a_database

ROLES: tuple[Role, ...] = ("gw_app", "gw_worker", "gw_platform")
PASSWORD = "made-up"
MEMBERSHIPS = """
select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles u on u.oid = m.member
where u.rolname = $1 order by 1
"""
OWNERS = """
select distinct pg_get_userbyid(relowner) as owner from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'v')
union select distinct pg_get_userbyid(proowner) from pg_proc where pronamespace = 'public'::regnamespace
"""


class Server:
    """The tests' server with an empty database, and login users that are dropped afterwards."""

    def __init__(self, admin_url: str, database_url: str) -> None:
        self.url = database_url
        self._admin_url = admin_url
        self._users: list[str] = []

    async def user(self, *, owns: bool = False, holds: str = "", options: str = "") -> str:
        """Return the URL of a new user that owns the database, or holds these roles, with options."""
        name = f"gw-Test-{SystemIds().uuid().hex[-12:]}"
        async with connected(self._admin_url) as admin:
            await admin.execute(f"create role \"{name}\" login password '{PASSWORD}'")
            self._users.append(name)
            if owns:
                await admin.execute(f'alter database {make_url(self.url).database} owner to "{name}"')
            if holds:
                await admin.execute(f'grant {holds} to "{name}" {options}')
        return make_url(self.url).set(username=name, password=PASSWORD).render_as_string(hide_password=False)

    async def drop_users(self) -> None:
        """Drop the users; the last first, because an earlier one may have given it its roles."""
        async with connected(self._admin_url) as admin:
            for name in reversed(self._users):
                await admin.execute(f'drop role "{name}"')


@pytest.fixture
async def server(server_url: str, database: str) -> AsyncIterator[Server]:
    """An empty database on a server where the gateway's roles exist, as `database` has made them."""
    assert database
    # The users own the database or hold rights in it: it goes first.
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(a_database(server_url, f"gw_migrate_{os.getpid()}"))
        found = Server(server_url, url)
        try:
            yield found
        finally:
            await stack.aclose()
            await found.drop_users()


@contextlib.asynccontextmanager
async def a_gateway(server: Server, url: str, twin: Sandbox, folder: Path) -> AsyncGenerator[Stage]:
    """Run a gateway that connects as this URL's user; the test itself looks as the superuser."""
    async with a_stage(a_config(twin.public_url, folder), url, twin) as stage:
        stage.database = server.url
        yield stage


async def somebody_signs_in(stage: Stage) -> None:
    """Prove that the gateway can do its work: onboard, sign in, read, and write as an operator."""
    assert (await stage.browser().http.get("/readyz")).json()["status"] == "ready"
    tenant = await a_tenant(stage)
    browser = await tenant.signed_in()
    assert (await browser.api("GET", "/auth/session")).json()["user"]["email"] == tenant.people["ada"]
    assert (await browser.api("GET", "/api/auth/sso/connections")).status_code == 200
    operator = await stage.platform_admin()
    renamed = await operator.api("PATCH", f"/api/organizations/{tenant.id}", json={"name": "Renamed"})
    assert renamed.status_code == 200


async def taken_role(url: str, role: Role) -> str:
    """Return as whom a runtime connection of this URL's user works."""
    connection = await connector(url, role)()
    try:
        return str(await connection.fetchval("select current_user"))
    finally:
        await connection.close()


async def test_one_user_that_makes_the_roles(twin: Sandbox, tmp_path: Path) -> None:
    """On a server where nobody has made them: since PostgreSQL 16 who makes a role may not enter it by that alone."""
    with embedded_server() as own:
        superuser = make_url(own.join("memberpulse"))
        admin = superuser.render_as_string(hide_password=False)
        await rows(admin, "create role maker login createrole")
        await rows(admin, "alter database memberpulse owner to maker")
        url = superuser.set(username="maker").render_as_string(hide_password=False)
        await migrate.upgrade(url)
        assert [await taken_role(url, role) for role in ROLES] == list(ROLES)
        async with a_stage(a_config(twin.public_url, tmp_path), url, twin) as stage:
            stage.database = admin
            await somebody_signs_in(stage)


async def test_one_user_that_was_given_the_roles(server: Server, twin: Sandbox, tmp_path: Path) -> None:
    """What RolesMissing tells an administrator to do, done to the letter, is enough."""
    url = await server.user(holds="gw_owner, gw_app, gw_worker, gw_platform")
    await rows(server.url, "grant create on schema public to gw_owner")
    await migrate.upgrade(url)
    assert [row["owner"] for row in await rows(server.url, OWNERS)] == ["gw_owner"]
    assert [await taken_role(url, role) for role in ROLES] == list(ROLES)
    async with a_gateway(server, url, twin, tmp_path) as stage:
        await somebody_signs_in(stage)


async def test_one_user_migrates_and_another_serves(server: Server, twin: Sandbox, tmp_path: Path) -> None:
    migrating = await server.user(
        owns=True, holds="gw_owner, gw_app, gw_worker, gw_platform", options="with admin option"
    )
    serving = await server.user()
    for _ in range(2):  # as every deployment does
        await migrate.upgrade(migrating, runtime_url=serving)
    (version,) = await rows(server.url, "select version_num from alembic_version")
    assert version["version_num"] == revisions()[0]
    assert [row["owner"] for row in await rows(server.url, OWNERS)] == ["gw_owner"]

    held = await rows(server.url, MEMBERSHIPS, make_url(serving).username)
    assert [row["rolname"] for row in held] == sorted(ROLES)
    assert [await taken_role(serving, role) for role in ROLES] == list(ROLES)
    async with a_gateway(server, serving, twin, tmp_path) as stage:
        await somebody_signs_in(stage)


async def test_who_serves_cannot_become_the_owner(server: Server) -> None:
    migrating = await server.user(
        owns=True, holds="gw_owner, gw_app, gw_worker, gw_platform", options="with admin option"
    )
    serving = await server.user()
    await migrate.upgrade(migrating, runtime_url=serving)
    async with connected(serving) as connection:
        for statement in (
            "set role gw_owner",
            "create table public.mine (id int)",
            "drop table organizations",
            "alter table organizations disable row level security",
            "drop policy tenant on organizations",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    too_powerful: Role = "gw_owner"  # type: ignore[assignment]  # what a careless change would ask for
    with pytest.raises((asyncpg.InsufficientPrivilegeError, RuntimeRoleTooPowerful)):
        await connector(serving, too_powerful)()


@pytest.mark.parametrize("short_of", ["every role", "the owner's role", "the right to pass them on"])
async def test_who_may_not_prepare_the_roles_hears_what_to_do(short_of: str, server: Server) -> None:
    held = {"every role": "", "the owner's role": "gw_app, gw_worker, gw_platform"}
    migrating = await server.user(owns=True, holds=held.get(short_of, "gw_owner, gw_app, gw_worker, gw_platform"))
    serving = await server.user() if short_of == "the right to pass them on" else None
    with pytest.raises(RolesMissing) as caught:
        await migrate.upgrade(migrating, runtime_url=serving)
    for word in ("gw_owner", "gw_app", "gw_worker", "gw_platform", "CREATEROLE"):
        assert word in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert await rows(server.url, OWNERS) == [], "nothing was begun"


async def test_a_user_without_the_roles_cannot_serve(server: Server) -> None:
    await migrate.upgrade(server.url)
    stranger = await server.user()
    for role in ROLES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connector(stranger, role)()


async def test_a_migration_that_gets_no_lock_keeps_none_of_those_before_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done is committed, migration by migration; the rest is done once the reader has gone."""
    monkeypatch.setattr(migrate, "_PAUSES", ())
    await migrate.upgrade(server.url, revision="late_news")
    async with connected(server.url) as reader:
        await reader.execute("set idle_in_transaction_session_timeout = 0")
        await reader.execute("begin; select from directories")
        with pytest.raises(TableHeld, match="pg_stat_activity"):
            await migrate.upgrade(server.url)
    (at,) = await rows(server.url, "select version_num from alembic_version")
    assert at["version_num"] == "completeness", "what comes before the migration that waits is done"
    await migrate.upgrade(server.url)
    (at,) = await rows(server.url, "select version_num from alembic_version")
    assert at["version_num"] == revisions()[0]
    assert [row["owner"] for row in await rows(server.url, OWNERS)] == ["gw_owner"]
