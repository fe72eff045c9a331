"""GET /auth/revocations: what is void before its time, in order, without a gap, within a second (threats.md 5.5)."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from app import uow as units
from app.bootstrap import assembled
from app.kit import base64url
from app.sessions import keys as signing_keys
from app.sessions import service as sessions
from app.sessions.repository import mark_stale
from app.sessions.revocations import ALWAYS, KEPT
from app.tokens import access_token
from app.tokens.errors import TokenInvalid
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import BASE, SERVICE, Browser, Stage
from tests.sessions.feeds import PATH, Entry, ask, end_of, read, told
from tests.sessions.stages import beside, own_stage
from tests.sessions.test_introspection import revoke


def claims_of(token: str) -> dict[str, Any]:
    return dict(json.loads(base64url.decode(token.split(".")[1])))


async def sid_of(browser: Browser) -> str:
    return str(claims_of(await browser.access_token())["sid"])


async def test_an_ended_session_is_there_within_a_second(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    claims, after = claims_of(await browser.access_token()), await end_of(stage)
    async with beside(stage) as other:
        began = time.monotonic()
        await browser.http.post("/auth/logout", headers={"Origin": BASE})
        for gateway in (stage, other):
            (entry,) = await read(gateway, after, wait=5)
            assert time.monotonic() - began < 1
            assert entry.keys() == {"seq", "type", "value", "not_after"}
            assert (entry["seq"], entry["type"], entry["value"]) == (after + 1, "sid", claims["sid"])
            assert claims["iat"] < entry["not_after"] <= stage.clock.now().timestamp() + 1


Way = Callable[[Browser, Browser, str, str], Awaitable[object]]
"""How a person's session ends: their browser, an administrator's, the session, the person's address in the API."""
WAYS: dict[str, Way] = {
    "signing out": lambda mia, _ada, _sid, _url: mia.http.post("/auth/logout", headers={"Origin": BASE}),
    "signing out everywhere": lambda mia, _ada, _sid, _url: mia.api("DELETE", "/auth/sessions"),
    "ending one's own": lambda mia, _ada, sid, _url: mia.api("DELETE", f"/auth/sessions/{sid}"),
    "an administrator's word": lambda _mia, ada, sid, url: ada.api("DELETE", f"{url}/sessions/{sid}"),
    "an administrator's word on all": lambda _mia, ada, _sid, url: ada.api("DELETE", f"{url}/sessions"),
    "being shut out": lambda _mia, ada, _sid, url: ada.api("PATCH", url, json={"state": "inactive"}),
}


@pytest.mark.parametrize("name", WAYS)
async def test_every_way_to_lose_a_session_is_told(name: str, tenant: Tenant, stage: Stage) -> None:
    ada, mia = await tenant.signed_in(), await tenant.signed_in("mia")
    sid, person, after = await sid_of(mia), str(await tenant.user_id("mia")), await end_of(stage)
    await WAYS[name](mia, ada, sid, f"/api/users/{person}")
    beside_it = [("sub", person)] if name == "being shut out" else []
    assert await told(stage, after) == [("sid", sid), *beside_it]


async def test_signing_in_again_ends_the_browsers_session_of_before(tenant: Tenant, stage: Stage) -> None:
    mia = await tenant.signed_in("mia")
    sid, after = await sid_of(mia), await end_of(stage)
    await mia.sign_in(tenant.people["mia"], connection=tenant.connection_workos_id)
    assert await told(stage, after) == [("sid", sid)]


async def test_a_revoked_token_is_told_by_its_session(tenant: Tenant, stage: Stage) -> None:
    """RFC 7009 ends the session behind a token: its other tokens die too."""
    token = await (await tenant.signed_in()).access_token()
    after = await end_of(stage)
    assert await revoke(stage.browser(), token) == 200
    assert await told(stage, after) == [("sid", claims_of(token)["sid"])]


async def test_a_suspended_organization_is_told_and_a_renamed_one_is_not(tenant: Tenant, stage: Stage) -> None:
    admin, path = await stage.platform_admin(), f"/api/organizations/{tenant.id}"
    after = await end_of(stage)
    await admin.api("PATCH", path, json={"name": "Other"})
    assert await told(stage, after) == []
    await admin.api("PATCH", path, json={"state": "suspended"})
    (entry,) = await read(stage, after, wait=2)
    assert (entry["type"], entry["value"]) == ("org", str(tenant.id))
    stage.clock.advance(seconds=2)
    await admin.api("PATCH", path, json={"state": "active"})
    assert await told(stage, after) == [("org", str(tenant.id))]
    token = await (await tenant.signed_in()).access_token()
    assert claims_of(token)["iat"] >= entry["not_after"], "whoever comes back is good again"


async def test_a_lowered_role_voids_the_tokens_that_say_more(tenant: Tenant, stage: Stage) -> None:
    ada, mia = await tenant.signed_in(), await tenant.signed_in("mia")
    person = await tenant.user_id("mia")

    async def given(*roles: str) -> list[tuple[str, str]]:
        after = await end_of(stage)
        answer = await ada.api("PUT", f"/api/users/{person}/roles", json={"roles": [*roles]})
        assert answer.status_code == 200, answer.text
        return await told(stage, after)

    sid = await sid_of(mia)
    assert await given("ROLE_CLIENT_ADMIN") == [], "more than before: the old tokens say too little"
    old = await mia.access_token()
    place = await end_of(stage)
    assert await given("ROLE_CLIENT_USER") == [("sid", sid)]
    stage.clock.advance(seconds=2)
    new = await mia.access_token()
    (entry,) = await read(stage, place)
    assert claims_of(old)["iat"] < entry["not_after"] <= claims_of(new)["iat"]
    assert (await mia.api("GET", "/auth/session")).status_code == 200, "the session itself lives on"


async def test_a_sign_in_that_lowers_a_role_voids_the_other_sessions_tokens(tenant: Tenant, stage: Stage) -> None:
    first = await tenant.signed_in("sam")
    old, after = await sid_of(first), await end_of(stage)
    stage.twin.override_profile({"groups": ["MemberPulse Members"]})
    await tenant.signed_in("sam")
    assert await told(stage, after) == [("sid", old)]


async def test_a_compromised_key_is_told_whatever_a_thief_writes_into_iat(
    server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        kid = stage.assembly.runtime.keys.current.signing_key().kid
        async with stage.unit() as uow:
            assert await signing_keys.retire_at_once(uow, stage.assembly.runtime.sealer, kid)
        assert await told(stage, 0) == [("kid", kid)], "that other keys move voids nothing"
        (entry,) = await read(stage)
        assert entry["not_after"] == ALWAYS


async def test_a_clock_that_was_ahead_for_a_moment_has_nothing_forgotten(tenant: Tenant, stage: Stage) -> None:
    mia = await tenant.signed_in("mia")
    sid, after = await sid_of(mia), await end_of(stage)
    await mia.http.post("/auth/logout", headers={"Origin": BASE})
    assert await told(stage, after) == [("sid", sid)]
    stage.clock.advance(minutes=10)
    await stage.assembly.revocations.look()
    stage.clock.advance(minutes=-10)
    assert await told(stage, after) == [("sid", sid)]


WRITERS, EACH = 20, 25


async def test_twenty_writers_and_a_reader_who_sees_everything_once(stage: Stage) -> None:
    """The writers' transactions overlap and commit in any order; the reader asks every 10 ms."""
    after = start = await end_of(stage)
    written: list[str] = []
    seen: list[Entry] = []
    done = asyncio.Event()

    async def write(number: int) -> None:
        for turn in range(EACH):
            value = str(UUID(int=10_000 + number * EACH + turn))
            async with stage.unit() as uow:
                await mark_stale(uow, "sid", value, voids=True)
                await asyncio.sleep((number * 7 + turn * 3) % 20 / 1000)
                written.append(value)

    async def follow() -> None:
        nonlocal after
        while not done.is_set() or len(seen) < len(written):
            for entry in await read(stage, after):
                seen.append(entry)
                after = entry["seq"]
            await asyncio.sleep(0.01)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow())
        await asyncio.gather(*(write(number) for number in range(WRITERS)))
        done.set()
        await following
    assert sorted(entry["value"] for entry in seen) == sorted(written)
    assert [entry["seq"] for entry in seen] == list(range(start + 1, start + 1 + WRITERS * EACH))


async def test_what_commits_late_comes_late_and_is_not_missed(stage: Stage) -> None:
    """A transaction that wrote first and commits last, and a long reader, hold nobody else up."""
    after = await end_of(stage)
    early, late = str(UUID(int=1001)), str(UUID(int=1002))
    async with stage.unit() as slow:
        await mark_stale(slow, "sid", late, voids=True)
        async with stage.unit() as quick:
            await mark_stale(quick, "sid", early, voids=True)
        began = time.monotonic()
        (entry,) = await read(stage, after, wait=5)
        assert time.monotonic() - began < 1
        assert entry["value"] == early
        stage.clock.advance(seconds=30)
    (second,) = await read(stage, entry["seq"], wait=5)
    assert (second["seq"], second["value"]) == (entry["seq"] + 1, late)
    assert second["not_after"] > entry["not_after"] + 28, "tokens were minted until it committed"


async def test_two_processes_give_each_place_once(stage: Stage) -> None:
    after = await end_of(stage)
    async with beside(stage) as other:
        for _ in range(5):
            async with stage.unit() as uow:
                await mark_stale(uow, "sid", *(str(UUID(int=5000 + number)) for number in range(200)), voids=True)
            await asyncio.gather(told(stage, after), told(other, after))
        mine, theirs = await read(stage, after), await read(other, after)
    assert mine == theirs
    assert [entry["seq"] for entry in mine] == list(range(after + 1, after + 1001))


async def test_ten_thousand_sessions_end_in_one_statement(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    user, after = await tenant.user_id(), await end_of(stage)
    await stage.sql(
        "insert into sessions (id, organization_id, user_id, secret_hash, amr, auth_time, created_at, last_seen_at,"
        " idle_seconds, expires_at) select gen_random_uuid(), $1, $2, sha256(n::text::bytea), '{sso}', $3, $3, $3,"
        " 3600, $4 from generate_series(1, 10000) n",
        tenant.id,
        user,
        stage.clock.now(),
        stage.clock.now() + timedelta(hours=1),
    )
    async with stage.unit(tenant.id) as uow:
        assert len(await sessions.end_people(uow, [user], "test")) == 10_001
    began, seen = time.monotonic(), 0
    while seen < 10_001:
        answer = (await ask(stage, after=after + seen, wait=5)).json()
        seen += len(answer["data"])
        assert answer["has_more"] == (seen < 10_001)
    assert time.monotonic() - began < 5
    assert await read(stage, after + seen) == []


async def test_a_long_poll_waits_and_answers_when_there_is_something(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    after = await end_of(stage)
    waiting = asyncio.create_task(ask(stage, after=after, wait=25))
    await asyncio.sleep(0.6)
    assert not waiting.done()
    await browser.http.post("/auth/logout", headers={"Origin": BASE})
    async with asyncio.timeout(1):
        assert len((await waiting).json()["data"]) == 1
    began = time.monotonic()
    assert await read(stage, after + 1, wait=1) == []
    assert 0.9 < time.monotonic() - began < 2


async def test_nothing_new_is_a_304(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    after = await end_of(stage)
    first = await ask(stage, after=after)
    assert (first.status_code, first.json()["data"]) == (200, [])
    tag = {"If-None-Match": first.headers["etag"]}
    again = await ask(stage, headers=tag, after=after)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    began = time.monotonic()
    assert (await ask(stage, headers=tag, after=after, wait=1)).status_code == 304
    assert time.monotonic() - began > 0.9
    await browser.http.post("/auth/logout", headers={"Origin": BASE})
    changed = await ask(stage, headers=tag, after=after, wait=5)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert (await ask(stage, headers={"If-None-Match": changed.headers["etag"]}, after=after)).status_code == 304


async def purge(stage: Stage) -> None:
    async with (
        assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as worker,
        units.beginner(worker.runtime)(units.PLATFORM) as uow,
    ):
        await sessions.purge_old(uow)


async def test_what_was_not_read_in_time_is_gone_and_all_that_is_kept_is_enough(
    server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        for number in range(3):
            async with stage.unit() as uow:
                await mark_stale(uow, "sid", str(UUID(int=number)), voids=True)
            await told(stage, 0)
            stage.clock.advance(seconds=KEPT.total_seconds() / 2 + 1)
        assert KEPT.total_seconds() == 390
        await end_of(stage)
        for after in (1, 7):
            answer = await ask(stage, after=after)
            assert (answer.status_code, answer.json()["code"]) == (410, "revocations_forgotten"), after
        assert [entry["seq"] for entry in await read(stage, 2)] == [3]
        assert [entry["seq"] for entry in await read(stage)] == [3], "from the beginning, whatever that is"
        async with beside(stage) as other:
            assert [entry["seq"] for entry in await read(other)] == [3]
            assert (await ask(other, after=1)).status_code == 410
        await purge(stage)
        assert len(await stage.sql("select 1 from stale_sessions where voids")) == 3, "ten minutes"
        stage.clock.advance(minutes=11)
        await purge(stage)
        assert await stage.sql("select 1 from stale_sessions where voids") == []
        assert await read(stage, 3) == []
        assert await end_of(stage) == 3, "places are never given twice"


async def test_the_same_comes_signed(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    after = await end_of(stage)
    await browser.http.post("/auth/logout", headers={"Origin": BASE})
    await read(stage, after, wait=5)
    plain = (await ask(stage, after=after)).json()
    answer = await ask(stage, headers={"Accept": "application/jwt"}, after=after)
    assert answer.headers["content-type"] == "application/jwt"
    keys = (await stage.browser().http.get("/.well-known/jwks.json")).json()["keys"]
    found = jws.extract_compact(answer.content)
    (jwk,) = [key for key in keys if key["kid"] == found.headers()["kid"]]
    assert found.headers() == {"alg": "ES256", "kid": jwk["kid"], "typ": "revocations+jwt"}
    said = json.loads(jws.deserialize_compact(answer.text, ECKey.import_key(jwk)).payload)
    assert said.pop("iss") == BASE
    assert abs(said.pop("iat") - stage.clock.now().timestamp()) < 2
    assert said.pop("after") == after
    assert said == plain
    with pytest.raises(TokenInvalid):
        stage.assembly.runtime.verified.verify(answer.text, stage.clock.now())
    with pytest.raises(ValueError, match="minted"):
        access_token.sign(stage.assembly.runtime.keys.current.signing_key(), typ="AT+JWT", claims={})


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=99999999999999999999", "wait=26", "wait=-1", "limit=0", "limit=1001"]
)
async def test_odd_questions(query: str, stage: Stage) -> None:
    answer = await stage.browser().http.get(f"{PATH}?{query}", auth=SERVICE)
    assert answer.status_code == 422, answer.text


async def test_a_process_without_a_database_never_says_that_nothing_is_new(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = await end_of(stage)
    waiting = asyncio.create_task(ask(stage, after=after, wait=2))
    await asyncio.sleep(0.1)

    async def away(*_arguments: object) -> None:
        raise asyncpg.InterfaceError("cut off")

    monkeypatch.setattr(type(stage.assembly.runtime.lane), "fetch", away)
    assert (await waiting).status_code == 503
    assert (await ask(stage, after=after)).status_code == 503


async def test_tokens_of_the_second_of_the_deed_are_void_too(stage: Stage) -> None:
    """`iat` counts whole seconds: rounded the other way, a token of just before would be good."""
    tenant = await a_tenant(stage)
    browser = await tenant.signed_in()
    claims, after = claims_of(await browser.access_token()), await end_of(stage)
    async with stage.unit(tenant.id) as uow:
        await sessions.end(uow, [UUID(claims["sid"])], "test")
    await told(stage, after)
    (entry,) = await read(stage, after)
    assert entry["not_after"] == claims["iat"] + 1
