"""The bench: a database, a WorkOS twin, and a gateway between them, once for all tests."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Generator

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from app import uow as units
from app.bootstrap import assembled
from app.db import migrate
from app.db.engine import connect_arguments
from app.sso.budget import Budget
from app.uow import Begin
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.databases import embedded_server
from tests.deliveries import Inbox
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import KEYS, SERVICE, WEBHOOK_SECRET, Browser, Stage, a_config, a_stage
from tests.logs import log_plainly
from tests.syncs import Directory, a_linked_directory

log_plainly()

SECRETS = (KEYS.partition(":")[2], SERVICE[1], WEBHOOK_SECRET, "sk_test_memberpulse_sandbox")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail whatever printed or logged a secret of these tests (threats.md H9)."""
    report = yield
    said = "".join(text for title, text in report.sections if title.endswith(report.when or ""))
    if report.passed and any(secret in said for secret in SECRETS):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} let a secret be read: see what it wrote"
    return report


@pytest.fixture(scope="session")
def server_url() -> Generator[str]:
    """A PostgreSQL server: DATABASE_URL's where one is given, else an embedded one of this run."""
    given = os.environ.get("DATABASE_URL")  # noqa: TID251 -- the one switch of the tests
    if given:
        yield given
        return
    with embedded_server() as server:
        yield server.join("postgres")


@pytest.fixture(scope="session")
async def database(server_url: str) -> AsyncIterator[str]:
    """A migrated database of this run, dropped afterwards. Its user is a superuser: use it to look, not to prove."""
    name = f"gw_test_{os.getpid()}"
    admin = await asyncpg.connect(**connect_arguments(server_url))
    await admin.execute(f"drop database if exists {name}")
    await admin.execute(f"create database {name}")
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    try:
        await migrate.upgrade(url)
        yield url
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()


@pytest.fixture(scope="session")
async def twin() -> AsyncGenerator[Sandbox]:
    """The WorkOS twin, on a socket. It is not reset between tests: each makes tenants of its own."""
    sandbox = Sandbox.from_seed()
    async with sandbox.running():
        yield sandbox


@pytest.fixture(scope="session")
async def running_stage(
    database: str, twin: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stage]:
    """One gateway for all tests that do not ask for one of their own."""
    config = a_config(twin.public_url, tmp_path_factory.mktemp("data"))
    async with a_stage(config, database, twin, FrozenClock()) as stage:
        yield stage


@pytest.fixture
async def stage(running_stage: Stage) -> AsyncGenerator[Stage]:
    """The gateway, with a twin that has forgotten the last test's faults."""
    _calm(running_stage.twin)
    running_stage.app.state.sign_in._budget = Budget()  # else one test's unsolicited callbacks are the next one's
    yield running_stage
    _calm(running_stage.twin)


def _calm(twin: Sandbox) -> None:
    twin.clear_faults()
    twin.clear_hits()
    twin.clear_login_errors()
    twin.clear_profile_overrides()


@pytest.fixture
async def tenant(stage: Stage) -> Tenant:
    """A tenant with `ada` (admin), `sam` (staff) and `mia` (member)."""
    return await a_tenant(stage, ada="MemberPulse Admins", sam="MemberPulse Staff", mia="MemberPulse Members")


@pytest.fixture
async def browser(stage: Stage) -> Browser:
    """A browser without cookies."""
    return stage.browser()


@pytest.fixture(scope="session")
async def running_worker(running_stage: Stage) -> AsyncGenerator[Begin]:
    """How a worker of the same database opens units: with the worker's role, by the same clock."""
    stage = running_stage
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as assembly:
        yield units.beginner(assembly.runtime)


@pytest.fixture
def inbox(stage: Stage, running_worker: Begin) -> Inbox:
    """WorkOS's deliveries to the gateway, and the worker that applies them."""
    return Inbox(stage, running_worker)


@pytest.fixture
async def directory(tenant: Tenant) -> AsyncGenerator[Directory]:
    """A linked directory of the tenant that was never read, and a worker's runtime for its full syncs."""
    async with a_linked_directory(tenant) as found:
        yield found
