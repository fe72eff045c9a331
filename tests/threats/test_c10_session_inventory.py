"""C10: people see and end their own sessions, administrators those of their tenant, and nobody anybody else's."""

import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage

ALIVE = "select id from sessions where user_id = $1 and ended_at is null"


async def ids(tenant: Tenant, name: str) -> list[str]:
    """Return the ids of a person's live sessions."""
    return [str(row["id"]) for row in await tenant.stage.sql(ALIVE, await tenant.user_id(name))]


async def test_c10_one_sees_and_ends_ones_own(tenant: Tenant) -> None:
    browsers = [await tenant.signed_in("sam") for _ in range(3)]
    listed = (await browsers[0].api("GET", "/auth/sessions")).json()["data"]
    assert {session["id"] for session in listed} == set(await ids(tenant, "sam"))
    (own,) = [session["id"] for session in listed if session["current"]]
    other = next(session["id"] for session in listed if not session["current"])
    assert (await browsers[0].api("DELETE", f"/auth/sessions/{other}")).status_code == 204
    assert other not in await ids(tenant, "sam")
    assert (await browsers[0].api("DELETE", "/auth/sessions")).json() == {"ended": 2}
    assert await ids(tenant, "sam") == []
    assert own


async def test_c10_another_persons_session_is_like_none(tenant: Tenant, stage: Stage) -> None:
    """Of the same tenant or of another: 404, and it lives."""
    other = await a_tenant(stage, eve="MemberPulse Members")
    await tenant.signed_in("sam")
    await other.signed_in("eve")
    mia = await tenant.signed_in("mia")
    for session in (*await ids(tenant, "sam"), *await ids(other, "eve")):
        assert (await mia.api("DELETE", f"/auth/sessions/{session}")).status_code == 404
    assert len(await ids(tenant, "sam")) == len(await ids(other, "eve")) == 1


async def test_c10_an_administrator_ends_sessions_of_their_tenant_only(tenant: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage, eve="MemberPulse Members")
    ada, sam, eve = await tenant.signed_in(), await tenant.signed_in("sam"), await other.signed_in("eve")
    theirs, ours = await other.user_id("eve"), await tenant.user_id("sam")
    (session,) = await ids(other, "eve")
    for path in (f"/{theirs}/sessions", f"/{theirs}/sessions/{session}", f"/{ours}/sessions/{session}"):
        assert (await ada.api("DELETE", f"/api/users{path}")).status_code == 404
    assert (await ada.api("GET", f"/api/users/{theirs}/sessions")).status_code == 404
    assert (await eve.token()).status_code == 200
    assert (await ada.api("DELETE", f"/api/users/{ours}/sessions")).json() == {"ended": 1}
    assert (await sam.token()).status_code == 401


async def test_c10_a_persons_address_does_not_open_anothers_session(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    await tenant.signed_in("sam")
    await tenant.signed_in("mia")
    (session,) = await ids(tenant, "mia")
    answer = await ada.api("DELETE", f"/api/users/{await tenant.user_id('sam')}/sessions/{session}")
    assert answer.status_code == 404
    assert await ids(tenant, "mia") == [session]


@pytest.mark.parametrize("name", ["sam", "mia"])
async def test_c10_nobody_else_sees_or_ends_any(name: str, tenant: Tenant) -> None:
    await tenant.signed_in()
    browser: Browser = await tenant.signed_in(name)
    for person in (await tenant.user_id(), await tenant.user_id(name)):
        for method in ("GET", "DELETE"):
            answer = await browser.api(method, f"/api/users/{person}/sessions")
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert len(await ids(tenant, "ada")) == 1
