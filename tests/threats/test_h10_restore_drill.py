"""H10: the drill of docs/operate.md: dumped by the backup role, restored into a new cluster, walls and all."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from app.db import migrate
from app.db.embedded_host import find_binaries
from app.db.engine import Role
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.databases import embedded_server, rows
from tests.gateway import Stage, a_stage
from tests.sessions.stages import own_stage
from tests.threats.tenancy import as_role, fill
from tests.threats.test_e2_missing_filter import (
    test_e2_a_foreign_row_cannot_be_changed_moved_or_made as foreign_rows_are_out_of_reach,
)
from tests.threats.test_e2_missing_filter import (
    test_e2_counting_everything_counts_one_tenant as counting_counts_one_tenant,
)
from tests.threats.test_e2_missing_filter import (
    test_e2_every_tenant_table_is_forced_and_walled as every_table_is_walled,
)
from tests.threats.test_e2_missing_filter import (
    test_e2_the_functions_that_look_past_the_wall_are_the_known_few as the_known_few_look_past_it,
)
from tests.threats.test_e2_missing_filter import (
    test_e2_the_reading_role_of_platform_admins_writes_nothing as the_reading_role_only_reads,
)
from tests.threats.test_e3_no_context import test_e3_without_a_tenant_there_is_nothing as without_a_tenant_is_nothing
from tests.threats.test_h12_round_trip_with_data import SHAPE, checksums

PASSWORD = "a-backup-password-of-the-tests"
BACKUP = f"create role gateway_backup login bypassrls password '{PASSWORD}' in role pg_read_all_data"
# A dump has what its server notes of columns; a server of an older release refuses it (docs/operate.md).
OF_NEWER_RELEASE = "select from pg_attribute where attoptions::text like '%pg_attver%' limit 1"
NOTED = re.compile(r"^ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);\n", re.MULTILINE)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "operate.md"


def program(name: str, *arguments: str, url: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs against a database, as libpq would be told of it."""
    parts = make_url(url)
    told: Mapping[str, object] = {
        "PGHOST": parts.host or parts.query.get("host"),
        "PGPORT": parts.port or parts.query.get("port"),
        "PGUSER": user or parts.username,
        "PGPASSWORD": PASSWORD if user else parts.password,
        "PGDATABASE": parts.database,
    }
    environment = {key: str(value) for key, value in told.items() if value}
    command = (str(find_binaries() / name), "--no-password", *arguments)
    return subprocess.run(  # noqa: S603 -- PostgreSQL's own
        command,
        env={"PATH": os.environ["PATH"], **environment},  # noqa: TID251 -- nothing else of this environment
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@dataclass(slots=True)
class Drill:
    """What was there before, and a gateway over what was restored."""

    tenant: Tenant
    restored: Stage
    before: dict[str, tuple[int, str]]
    shape: Sequence[asyncpg.Record]
    cookie: str


@pytest.fixture(scope="module")
async def drill(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Drill]:
    folder, twin = tmp_path_factory.mktemp("h10"), Sandbox.from_seed()
    dump = str(folder / "memberpulse.dump")
    async with twin.running():
        async with own_stage(server_url, twin, folder) as lost:
            tenant, cookie = await _worked(lost)
            await _back_up(lost, dump)
            newer = await rows(lost.database, OF_NEWER_RELEASE)
            before, shape = await checksums(lost.database), await rows(lost.database, SHAPE)
            config, clock = lost.config, lost.clock
        with embedded_server() as server:
            # The new cluster's roles are made by migrating an empty database; what is restored brings its own tables.
            await migrate.upgrade(await asyncio.to_thread(server.join, "roles"))
            url = await asyncio.to_thread(server.join, "restored")
            done = (_restored_into_older if newer else _restored)(dump, url)
            assert (done.returncode, done.stderr) == (0, "")
            async with a_stage(config, url, twin, clock) as restored:
                tenant.stage = restored
                yield Drill(tenant, restored, before, shape, cookie)


def _restored(dump: str, url: str) -> subprocess.CompletedProcess[str]:
    return program("pg_restore", "--exit-on-error", "--dbname=restored", dump, url=url)


def _restored_into_older(dump: str, url: str) -> subprocess.CompletedProcess[str]:
    """Restore without what the server that is restored into does not know, as docs/operate.md says."""
    script = Path(f"{dump}.sql")
    assert program("pg_restore", f"--file={script}", dump, url=url).returncode == 0
    script.write_text(NOTED.sub("", script.read_text()))
    return program("psql", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", f"--file={script}", url=url)


async def _worked(stage: Stage) -> tuple[Tenant, str]:
    """Let a gateway have worked; return a tenant, and the cookie of somebody who is signed in."""
    tenant = await a_tenant(stage, ada="MemberPulse Admins", mia="MemberPulse Members")
    await fill(tenant)
    await fill(await a_tenant(stage))
    browser = await tenant.signed_in("mia")
    await (await stage.platform_admin()).api("PATCH", f"/api/organizations/{tenant.id}", json={"name": "Renamed"})
    return tenant, str(browser.session_cookie)


async def _back_up(stage: Stage, dump: str) -> None:
    """Dump the database as docs/operate.md says, by a role that may read everything and write nothing."""
    await stage.sql("drop role if exists gateway_backup")
    await stage.sql(BACKUP)
    try:
        done = program("pg_dump", "--format=custom", f"--file={dump}", url=stage.database, user="gateway_backup")
        assert (done.returncode, done.stderr) == (0, "")
        changed = program(
            "psql", "--command=update organizations set name = 'x'", url=stage.database, user="gateway_backup"
        )
        assert "permission denied for table organizations" in changed.stderr
    finally:
        await stage.sql("drop role gateway_backup")


async def test_h10_every_row_and_every_wall_came_back(drill: Drill) -> None:
    after = await checksums(drill.restored.database)
    # What processes tell and judge goes on as soon as one runs.
    moving = {"sightings", "status_marks", "periodic_jobs"}
    assert {name: found for name, found in after.items() if name not in moving} == {
        name: found for name, found in drill.before.items() if name not in moving
    }
    assert sum(count for count, _ in after.values()) > 50
    assert _of_any_release(await rows(drill.restored.database, SHAPE)) == _of_any_release(drill.shape)


def _of_any_release(shape: Sequence[asyncpg.Record]) -> list[tuple[str, str]]:
    """Return the shape without the right to MAINTAIN, which owners have of their tables since PostgreSQL 17."""
    return [(kind, text.replace("arwdDxtm", "arwdDxt")) for kind, text in shape]


async def test_h10_people_are_signed_in_as_before_and_can_sign_in(drill: Drill) -> None:
    browser = drill.restored.browser()
    browser.http.cookies.set("mp_session", drill.cookie)
    session = (await browser.api("GET", "/auth/session")).json()
    assert session["user"]["email"] == drill.tenant.people["mia"]
    assert session["organization"]["name"] == "Renamed"
    assert (await (await drill.tenant.signed_in()).api("GET", "/auth/session")).status_code == 200


@pytest.mark.parametrize("role", ["gw_app", "gw_worker"])
async def test_h10_tenants_are_walled_from_each_other(role: Role, drill: Drill) -> None:
    """E2 and E3, on what was restored."""
    another = await a_tenant(drill.restored, ada="MemberPulse Admins")
    await counting_counts_one_tenant(role, drill.restored, another)
    await without_a_tenant_is_nothing(role, False, drill.restored, await a_tenant(drill.restored))


async def test_h10_no_way_leads_around_the_walls(drill: Drill) -> None:
    """E2, on what was restored."""
    await every_table_is_walled(drill.restored)
    await the_known_few_look_past_it(drill.restored)
    await the_reading_role_only_reads(drill.restored)
    await foreign_rows_are_out_of_reach(drill.restored, drill.tenant)


@pytest.mark.parametrize("role", ["gw_app", "gw_worker"])
@pytest.mark.parametrize(
    "deed", ["update audit_events set action = 'x'", "delete from audit_events", "truncate audit_events"]
)
async def test_h10_the_audit_record_is_still_append_only(role: Role, deed: str, drill: Drill) -> None:
    """F11, on what was restored."""
    async with as_role(drill.restored, drill.tenant.id, role) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await connection.execute(deed)


async def test_h10_who_is_walled_gets_no_dump_instead_of_half_of_one(drill: Drill, tmp_path: Path) -> None:
    dump = tmp_path / "partial.dump"
    done = program("pg_dump", "--role=gw_app", f"--file={dump}", url=drill.restored.database)
    assert done.returncode != 0
    assert "permission denied" in done.stderr or "row-level security" in done.stderr


def test_h10_the_drill_is_the_documented_one() -> None:
    text = " ".join(DOCS.read_text().split())
    assert "create role gateway_backup login bypassrls password '…' in role pg_read_all_data" in text
    assert "pg_dump --format=custom" in text
    assert "pg_restore --exit-on-error" in text
