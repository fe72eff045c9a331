"""F5: an encryption key is replaced while people sign in: no error, and in the end no value keeps the old key."""

import asyncio
import base64
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import LargeBinary

from app.bootstrap import WrongEncryptionKeys
from app.db.engine import connect_arguments
from app.jobs import RESEALED, reseal
from app.kit.sealing import Sealer, parse_keys
from app.models import metadata
from app.sso.flow import place
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.databases import rows
from tests.deliveries import Inbox, an_event
from tests.gateway import KEYS, WEBHOOK_SECRET, Browser, Stage, a_stage
from tests.processes import ROOT
from tests.sessions.stages import own_stage
from tests.settings.bench import OLD_KEY, PATH

NEW = "k2:" + base64.b64encode(bytes(range(50, 82))).decode()
STAGED = "the-webhook-secret-that-is-staged"
MANY, PER_SECOND, SECONDS = 6_000, 50, 4.0
# Raw deliveries, and the seals of the audit chain, which are hashes.
UNSEALED = {"webhook_events.payload", "audit_seals.seal", "audit_heads.seal"}
INSERT = """
insert into login_flows (state_hash, cookie_hash, kind, organization_id, connection_id, verifier, return_to, created_at,
                         expires_at) values ($1, $1, 'login', $2, $3, $4, '/', $5, $6)
"""


@pytest.fixture
async def stage(server_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    twin = Sandbox.from_seed()
    async with twin.running(), own_stage(server_url, twin, tmp_path) as found:
        yield found


@contextlib.asynccontextmanager
async def with_keys(stage: Stage, keys: str) -> AsyncGenerator[Stage]:
    """Run a process more, with these encryption keys."""
    config = stage.config.model_copy(update={"encryption_keys": SecretStr(keys)})
    async with a_stage(config, stage.database, stage.twin, stage.clock) as other:
        yield other


async def something_in_every_column(stage: Stage) -> Tenant:
    tenant = await a_tenant(stage)
    body = {"api_key": OLD_KEY, "webhook_secrets": [WEBHOOK_SECRET, STAGED]}
    assert (await (await stage.platform_admin()).api("PATCH", PATH, json=body)).status_code == 200
    await stage.browser().start(connection=tenant.connection_workos_id)
    return tenant


async def left(database: str, key: str) -> dict[str, int]:
    """Return, by column, how many values were sealed with this key; every column holds some value."""
    mark, found = f"1:{key}:".encode(), dict[str, int]()
    for column in RESEALED:
        table, name = column.split(".")
        (row,) = await rows(
            database,
            f"select count(*) as n, count(*) filter (where substring({name} from 1 for {len(mark)}) = $1) as old"  # noqa: S608 -- names of our own
            f" from {table}",
            mark,
        )
        assert row["n"], column
        found[column] = row["old"]
    return found


def test_f5_every_sealed_column_is_on_the_list() -> None:
    binary = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert {name for name in binary if not name.endswith("_hash")} - UNSEALED == set(RESEALED)


async def test_f5_no_value_keeps_the_old_key(stage: Stage) -> None:
    await something_in_every_column(stage)
    async with with_keys(stage, f"{NEW},{KEYS}") as other:
        assert sum((await left(stage.database, "k2")).values()) == 0
        changed = await reseal(other.assembly.runtime)
        assert changed == {
            "signing_keys.private_sealed": 2, "platform_secrets.sealed": 3, "login_flows.verifier": 1,
            "encryption_canaries.sealed": 1,
        }  # fmt: skip
        assert set((await reseal(other.assembly.runtime)).values()) == {0}, "it may be repeated"
    assert set((await left(stage.database, "k1")).values()) == {0}
    actions = await stage.sql("select targets::text from audit_events where action = 'encryption_key.changed'")
    assert ["k2" in row["targets"] for row in actions] == [True]
    async with with_keys(stage, NEW) as alone:
        values = alone.assembly.runtime.in_force.now
        assert (values.api_keys, values.webhook_secrets) == ((OLD_KEY,), (WEBHOOK_SECRET, STAGED))
        assert values.broken == frozenset()


async def test_f5_a_value_that_does_not_open_keeps_the_old_key_from_being_given_up(stage: Stage) -> None:
    await something_in_every_column(stage)
    await stage.sql("update platform_secrets set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)")
    async with with_keys(stage, f"{NEW},{KEYS}") as other:
        with pytest.raises(WrongEncryptionKeys, match=r"platform_secrets\.sealed"):
            await reseal(other.assembly.runtime)
    assert (await left(stage.database, "k1"))["encryption_canaries.sealed"] == 1


async def test_f5_under_load_nobody_notices(stage: Stage) -> None:
    """As docs/rotate.md has it: every process knows the new key before any of them seals with it."""
    tenant = await something_in_every_column(stage)
    await a_tenant(stage)
    faults: list[str] = []
    async with contextlib.AsyncExitStack() as processes:
        serving = [
            await processes.enter_async_context(with_keys(stage, keys)) for keys in (f"{KEYS},{NEW}", f"{NEW},{KEYS}")
        ]
        stop = asyncio.Event()
        load = asyncio.create_task(_load(serving, tenant, stop, faults))
        for _ in range(3):
            await asyncio.sleep(SECONDS / 4)
            await reseal(serving[1].assembly.runtime)
        await asyncio.sleep(SECONDS / 4)
        stop.set()
        asked = await load
    assert faults == []
    assert asked > SECONDS * PER_SECOND / 4, "a load that is worth the name"


async def _load(serving: list[Stage], tenant: Tenant, stop: asyncio.Event, faults: list[str]) -> int:
    """Let people sign in, begun at one process and finished at the other, until told to stop; return how many calls."""
    calls = 0
    async with asyncio.TaskGroup() as tasks:
        while not stop.is_set():
            serving.reverse()
            for deed in (_sign_in, _page, _deliver):
                tasks.create_task(deed(list(serving), tenant, faults))
                calls += 4
            await asyncio.sleep(12 / PER_SECOND)
    return calls


async def _sign_in(serving: list[Stage], tenant: Tenant, faults: list[str]) -> None:
    first, second = (stage.browser() for stage in serving)
    started = await first.start(connection=tenant.connection_workos_id, login_hint=tenant.people["ada"])
    callback = await first.at_identity_provider(started)
    second.http.cookies.update(first.http.cookies)
    done = await second.visit(callback)
    _note(faults, "sign-in", done.status_code, 303)
    token = await second.token()
    _note(faults, "token", token.status_code, 200)


async def _page(serving: list[Stage], _tenant: Tenant, faults: list[str]) -> None:
    path, admin = "/api/organizations", await serving[0].platform_admin()
    page = await admin.api("GET", path, params={"limit": 1})
    other = Browser(serving[1].browser().http, admin.base)
    other.http.cookies.update(admin.http.cookies)
    following = await other.api("GET", path, params={"limit": 1, "after": page.json()["list_metadata"]["after"]})
    _note(faults, "page", following.status_code, 200)


async def _deliver(serving: list[Stage], _tenant: Tenant, faults: list[str]) -> None:
    for stage, secret in zip(serving, (WEBHOOK_SECRET, STAGED), strict=True):
        box = Inbox(stage, begin=None)  # type: ignore[arg-type]  # nothing is worked off here
        _note(faults, "delivery", (await box.deliver(an_event(), secret=secret)).status_code, 200)


def _note(faults: list[str], deed: str, status: int, wanted: int) -> None:
    if status != wanted:
        faults.append(f"{deed}: {status}")


async def test_f5_killed_half_way_and_begun_again_it_goes_on(stage: Stage) -> None:
    tenant = await something_in_every_column(stage)
    await _many_sign_ins(stage, tenant)
    while not 0 < (old := (await left(stage.database, "k1"))["login_flows.verifier"]) < MANY:
        process = _reseal(stage)
        await _half_done(stage, process)
        process.kill()
        await asyncio.to_thread(process.communicate, timeout=20)
    assert old < MANY, "it was under way"
    again = _reseal(stage)
    said, complained = await asyncio.to_thread(again.communicate, timeout=120)
    assert again.returncode == 0, complained
    assert f"{old} of login_flows.verifier" in said
    assert set((await left(stage.database, "k1")).values()) == {0}


async def _many_sign_ins(stage: Stage, tenant: Tenant) -> None:
    sealer, now = Sealer(parse_keys(KEYS)), stage.clock.now()
    flows = [number.to_bytes(32, "big") for number in range(1, MANY)]
    connection = await asyncpg.connect(**connect_arguments(stage.database))
    await connection.executemany(
        INSERT,
        [
            (
                one,
                tenant.id,
                tenant.connection_id,
                sealer.seal(b"v" * 43, aad=place(one)),
                now,
                now + timedelta(hours=1),
            )
            for one in flows
        ],
    )
    await connection.close()


async def _half_done(stage: Stage, process: subprocess.Popen[str]) -> None:
    async with asyncio.timeout(60):
        while process.poll() is None:
            if (await left(stage.database, "k2"))["login_flows.verifier"] > 0:
                return
            await asyncio.sleep(0.005)


def _reseal(stage: Stage) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "keys", "reseal"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],  # noqa: TID251 -- nothing else of this environment
            "ENVIRONMENT": "test",
            "DATABASE_URL": stage.database,
            "ENCRYPTION_KEYS": f"{NEW},{KEYS}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
