"""The Default Connection: where a sign-in goes that names nobody."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Stage

SetDefault = Callable[[UUID | None], Awaitable[None]]
UPSERT = """
insert into platform_settings (id, default_connection_id, updated_at) values (1, $1, now())
on conflict (id) do update set default_connection_id = excluded.default_connection_id
"""


@pytest.fixture
async def set_default(stage: Stage) -> AsyncGenerator[SetDefault]:
    """Set the Default Connection until the test ends."""

    async def put(connection: UUID | None) -> None:
        await stage.sql(UPSERT, connection)

    yield put
    await stage.sql("delete from platform_settings")


async def test_without_one_a_sign_in_must_say_where(stage: Stage, set_default: SetDefault) -> None:
    for setting in ("no row", "an empty row"):
        if setting == "an empty row":
            await set_default(None)
        answer = await stage.browser().start()
        assert (answer.status_code, answer.json()["code"]) == (400, "sso_selector_required"), setting


async def test_with_one_a_sign_in_goes_there(tenant: Tenant, stage: Stage, set_default: SetDefault) -> None:
    await set_default(tenant.connection_id)
    browser = stage.browser()
    started = await browser.start(login_hint=tenant.people["ada"], return_to="/members")
    sent = parse_qs(urlsplit(started.headers["location"]).query)
    assert sent["connection"] == [tenant.connection_workos_id]
    assert "organization" not in sent
    done = await browser.visit(await browser.at_identity_provider(started))
    assert (done.status_code, done.headers["location"]) == (303, "http://localhost:8000/members")


async def test_who_says_where_is_not_sent_elsewhere(tenant: Tenant, stage: Stage, set_default: SetDefault) -> None:
    other = await a_tenant(stage)
    await set_default(other.connection_id)
    for selector in ({"connection": str(tenant.connection_id)}, {"organization": tenant.workos_id}):
        started = await stage.browser().start(**selector)
        sent = parse_qs(urlsplit(started.headers["location"]).query)
        assert sent["connection"] == [tenant.connection_workos_id]
    two = await stage.browser().start(organization=str(tenant.id), domain=tenant.domain)
    assert two.json()["code"] == "sso_selector_required"
    unknown = await stage.browser().start(domain="nobody.example")
    assert unknown.json()["code"] == "organization_unknown", "and not the default after all"


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("update connections set state = 'inactive' where organization_id = $1", 403, "connection_inactive"),
        ("update connections set state = 'deleted' where organization_id = $1", 403, "connection_inactive"),
        ("update organizations set state = 'suspended' where id = $1", 403, "organization_suspended"),
        ("update organization_policies set enabled = false where organization_id = $1", 403, "sso_disabled"),
    ],
)
async def test_a_default_that_nobody_may_use_is_refused(
    statement: str, status: int, code: str, tenant: Tenant, set_default: SetDefault
) -> None:
    await set_default(tenant.connection_id)
    await tenant.stage.sql(statement, tenant.id)
    answer = await tenant.stage.browser().start()
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_default_that_is_gone_is_unknown(stage: Stage, set_default: SetDefault) -> None:
    await set_default(UUID(int=7))
    answer = await stage.browser().start()
    assert (answer.status_code, answer.json()["code"]) == (404, "organization_unknown")


async def test_it_is_read_each_time(tenant: Tenant, stage: Stage, set_default: SetDefault) -> None:
    """No restart: every process follows a changed setting at once."""
    await set_default(tenant.connection_id)
    assert (await stage.browser().start()).status_code == 302
    await set_default(None)
    assert (await stage.browser().start()).status_code == 400
