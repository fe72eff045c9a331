"""H12: a gateway in use keeps its rows through every step down and up; after base an empty one works."""

import contextlib
import hashlib
import itertools
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from alembic.script import Script, ScriptDirectory
from sqlalchemy.engine import make_url

from app import uow as units
from app.bootstrap import assembled
from app.config import Config
from app.db import migrate
from app.jobs import periodic
from app.organizations.repository import NIL
from app.queue.periodic import run_due
from app.sessions import keys as signing_keys
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.databases import rows
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import Browser, Stage, a_config, a_stage
from tests.processes import a_database
from tests.threats.tenancy import TENANT_TABLES, fill

SCRIPT = ScriptDirectory.from_config(migrate.alembic_config(""))
BASE = str(SCRIPT.get_base())  # the revision that makes the tables: below it there is nothing to keep
STEPS: list[Script] = [found for found in SCRIPT.walk_revisions() if found.revision != BASE]
TABLES = "select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"
SHAPE = """
select 'column', table_name || column_name || data_type || is_nullable || coalesce(column_default, '')
from information_schema.columns where table_schema = 'public'
union all select 'constraint', conrelid::regclass || conname || pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' -- of 18: is_nullable says it
union all select 'index', indexdef from pg_indexes where schemaname = 'public'
union all select 'policy', p::text from pg_policies p
union all select 'function', pg_get_functiondef(oid) || coalesce(proacl, acldefault('f', proowner))::text
|| proowner::regrole
from pg_proc where pronamespace = 'public'::regnamespace
union all select 'table', relname || relrowsecurity || relforcerowsecurity
|| coalesce(relacl, acldefault((case relkind when 'S' then 's' else 'r' end)::"char", relowner))::text
|| relowner::regrole || coalesce(reloptions::text, '')
from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S', 'v', 'm')
union all select 'grant', attrelid::regclass || attname || attacl::text
from pg_attribute where attacl is not null and attrelid::regclass::text in (select tablename from pg_tables
where schemaname = 'public')
order by 1, 2
"""
# `walls` makes the nil organization, so the step below it removes that again, with what is its own. These rows come
# back with `walls`, new in their times only.
MADE_ANEW = ("organizations", "organization_policies", "users")
# These do not: break-glass sessions end, and what is recorded of the platform itself is forgotten.
LOST = (
    "sessions",
    "audit_events",
    "audit_unsealed",
    "audit_seals",
    "audit_heads",
    "audit_cursors",
    "alerts",
    "status_marks",
)
# Tables that a step makes are gone below it, with their rows; no other step may lose one.
MADE = {
    "inbox": {"webhook_events", "object_versions", "event_polls"},
    "login_traces": {"login_traces"},
    "connection_tests": {"connection_tests"},
    "mirror": {
        "directory_users", "directory_groups", "directory_group_names", "directory_memberships", "role_rules",
        "directory_sync_runs", "directory_sync_pages",
    },
    "service_clients": {"service_client_secrets"},
    "platform_secrets": {"platform_secrets"},
    "revocations": {"revocation_feeds"},
    "outbox": {"outbox", "portal_visits"},
    "audit_readers": {"audit_cursors", "alerts"},
    "audit_chain": {"audit_unsealed", "audit_seals", "audit_heads"},
    "status": {"status_marks", "sightings"},
    "certificates": {"certificate_warnings"},
    "audit_forwarding": {"audit_refused"},
}  # fmt: skip
# Of tables to which a step gives columns that hold what nobody could work out again, the rows are kept, not the values.
WIDENED = {"service_clients": {"service_clients"}, "revocations": {"stale_sessions"}, "alerts_acknowledged": {"alerts"}}

_numbers = itertools.count(1)


@dataclass(slots=True)
class Seeded:
    """A database in which a gateway has worked, and how to go on with it."""

    url: str
    config: Config
    clock: FrozenClock
    tenant: Tenant
    cookie: str
    sub: UUID


@pytest.fixture(scope="module")
async def seeded(server_url: str, twin: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Seeded]:
    """Rows in every table, put there by the gateway wherever it writes that table today."""
    config, clock = a_config(twin.public_url, tmp_path_factory.mktemp("h12")), FrozenClock()
    async with a_database(server_url, f"gw_h12_{os.getpid()}") as url:
        await migrate.upgrade(url)
        async with a_stage(config, url, twin, clock) as stage:
            tenant = await a_tenant(stage, ada="MemberPulse Admins", sam="MemberPulse Staff", mia="MemberPulse Members")
            browser = await _used(stage, tenant)
            kept = Seeded(url, config, clock, tenant, browser.session_cookie or "", await tenant.user_id())
        yield kept


async def _used(stage: Stage, tenant: Tenant) -> Browser:
    """Let people and operators do what they do; return the browser of one who is signed in."""
    browser = await tenant.signed_in()
    for name in ("sam", "mia"):
        await (await tenant.signed_in(name)).http.post("/auth/logout", headers={"Origin": browser.base})
    await fill(await a_tenant(stage))
    await tenant.policy(allow_idp_initiated=True, session_idle_seconds=3600)
    refused, callback = await tenant.at_callback()
    await refused.visit(callback.replace("code=", "error=access_denied&x="))
    admin = await stage.platform_admin()
    name = {"name": "Gesellschaft für \u201eQuo'tes\u201c, \\ und \u7d44\u7e54"}
    (await admin.api("PATCH", f"/api/organizations/{tenant.id}", json=name)).raise_for_status()
    async with stage.unit() as uow:
        await signing_keys.rotate(uow, stage.assembly.runtime.sealer, at_once=True)
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as worker:
        jobs = periodic(worker.runtime)
        assert await run_due(partial(units.beginner(worker.runtime), units.PLATFORM), jobs) == list(jobs)
    await tenant.signed_in("mia")  # an event that is not sealed yet
    client = {"name": "billing", "scopes": ["tokens:introspect"]}
    (await admin.api("POST", "/api/service-clients", json=client)).raise_for_status()
    settings = {"default_connection": tenant.connection_workos_id, "webhook_secrets": ["a-secret-of-the-platform"]}
    (await admin.api("PATCH", "/api/settings/workos", json=settings)).raise_for_status()
    return browser


@contextlib.asynccontextmanager
async def copied(server_url: str, source: str) -> AsyncGenerator[str]:
    """Yield the URL of a database with the same rows."""
    name = f"gw_h12_{os.getpid()}_{next(_numbers)}"
    async with a_database(server_url, name) as url:
        await rows(server_url, f"drop database {name}")
        await rows(server_url, f"create database {name} template {make_url(source).database}")
        yield url


async def checksums(url: str, *, but_for: UUID | None = None) -> dict[str, tuple[int, str]]:
    """Return the count and a checksum of every table's rows, those of one organization left out."""
    found: dict[str, tuple[int, str]] = {}
    for table in [row["name"] for row in await rows(url, TABLES)]:
        chosen = f"where t.{TENANT_TABLES[table]} <> '{but_for}'" if but_for and table in TENANT_TABLES else ""
        statement = f"select t::text as line from {table} t {chosen}"  # noqa: S608 -- names of our own
        lines = sorted(row["line"] for row in await rows(url, statement))
        found[table] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found


async def nil_rows(url: str, table: str) -> list[dict[str, Any]]:
    """Return the nil organization's rows of a table, without the times at which they were made."""
    found = await rows(url, f"select t.* from {table} t where {TENANT_TABLES[table]} = '{NIL}' order by t::text")  # noqa: S608 -- names of our own
    return [{name: value for name, value in row.items() if name not in {"created_at", "updated_at"}} for row in found]


async def step_below(url: str, revision: Script) -> None:
    """Undo one migration."""
    await migrate.downgrade(url, str(revision.down_revision))
    (row,) = await rows(url, "select version_num from alembic_version")
    assert row["version_num"] == revision.down_revision


async def test_h12_the_seed_is_worth_the_name(seeded: Seeded) -> None:
    found = await checksums(seeded.url)
    assert {name for name, (count, _) in found.items() if count == 0} == set()
    assert len(found) > 10
    for table in (*MADE_ANEW, *LOST):
        assert await nil_rows(seeded.url, table), table
    assert [step.revision for step in STEPS][-1] == "walls"


async def test_h12_every_step_down_and_up_keeps_every_row(seeded: Seeded, server_url: str) -> None:
    async with copied(server_url, seeded.url) as url:
        for step in STEPS:
            but_for = NIL if step.revision == "walls" else None
            before = await checksums(url, but_for=but_for)
            assert sum(count for count, _ in before.values()) > 30
            await step_below(url, step)
            made = MADE.get(str(step.revision), set[str]())
            assert {*before} - {*await checksums(url)} == made
            await migrate.upgrade(url, revision=step.revision)
            after = await checksums(url, but_for=but_for)
            wider = WIDENED.get(str(step.revision), set[str]())
            assert {name: after[name] for name in before if name not in made | wider} == {
                name: rows for name, rows in before.items() if name not in made | wider
            }, step.revision
            assert {name: after[name][0] for name in wider} == {name: before[name][0] for name in wider}
            await step_below(url, step)


async def test_h12_below_the_walls_only_the_nil_organization_is_made_anew(seeded: Seeded, server_url: str) -> None:
    async with copied(server_url, seeded.url) as url:
        before = {table: await nil_rows(url, table) for table in TENANT_TABLES}
        assert {table for table, found in before.items() if found} == {*MADE_ANEW, *LOST}
        await migrate.downgrade(url, BASE)
        await migrate.upgrade(url)
        after = {table: await nil_rows(url, table) for table in TENANT_TABLES}
        assert after == {**before, **{table: [] for table in LOST}}


async def test_h12_people_stay_signed_in_and_stay_who_they_are(seeded: Seeded, server_url: str) -> None:
    async with copied(server_url, seeded.url) as url:
        async with a_stage(seeded.config, url, seeded.tenant.stage.twin, seeded.clock) as stage:
            published = (await stage.browser().http.get("/.well-known/jwks.json")).json()
        await migrate.downgrade(url, BASE)
        await migrate.upgrade(url)
        async with a_stage(seeded.config, url, seeded.tenant.stage.twin, seeded.clock) as stage:
            browser = stage.browser()
            assert (await browser.http.get("/.well-known/jwks.json")).json() == published
            browser.http.cookies.set("mp_session", seeded.cookie)
            session = await browser.api("GET", "/auth/session")
            assert session.json()["user"]["id"] == str(seeded.sub)
            people = await stage.count("users")
            again = stage.browser()
            answer = await again.sign_in(seeded.tenant.people["ada"], connection=seeded.tenant.connection_workos_id)
            assert answer.status_code == 303
            assert (await again.api("GET", "/auth/session")).json()["user"]["id"] == str(seeded.sub)
            assert await stage.count("users") == people


async def test_h12_from_base_a_new_gateway_grows(seeded: Seeded, server_url: str) -> None:
    async with copied(server_url, seeded.url) as url:
        shape = await rows(url, SHAPE)
        assert {row[0] for row in shape} == {"column", "constraint", "index", "policy", "function", "table", "grant"}
        await migrate.downgrade(url, "base")
        assert await rows(url, TABLES) == []
        await migrate.upgrade(url)
        assert await rows(url, SHAPE) == shape
        assert {table: n for table, (n, _) in (await checksums(url)).items() if n} == dict.fromkeys(
            (*MADE_ANEW, "event_polls", "revocation_feeds"), 1
        )
        async with a_stage(seeded.config, url, seeded.tenant.stage.twin, FrozenClock()) as stage:
            old = stage.browser()
            old.http.cookies.set("mp_session", seeded.cookie)
            assert (await old.token()).status_code == 401
            tenant = await a_tenant(stage)
            assert (await (await tenant.signed_in()).api("GET", "/auth/session")).status_code == 200
            assert (await (await stage.platform_admin()).api("GET", "/api/organizations")).status_code == 200
