"""C4: idle and absolute ends, at their exact edges, by the database's row and by this process's memory."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import Browser, Stage, introspect
from tests.sessions.stages import own_stage

EDGE = timedelta(milliseconds=100)  # longer than the frozen clock's ticks, shorter than anything that counts


@pytest.fixture
async def own(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncGenerator[Stage]:
    """A gateway whose clock no other test moves."""
    async with own_stage(server_url, twin, tmp_path) as stage:
        yield stage


@pytest.fixture
async def person(own: Stage) -> Browser:
    """A member, just signed in."""
    return await (await a_tenant(own, ada="MemberPulse Members")).signed_in()


async def idle_end(browser: Browser) -> datetime:
    """Mint a token and return when the session it stamped ends unless it is used."""
    return datetime.fromisoformat((await browser.token()).json()["session"]["session"]["idle_expires_at"])


def go_to(stage: Stage, instant: datetime) -> None:
    stage.clock.advance(seconds=(instant - stage.clock.now()).total_seconds())


async def me(browser: Browser, token: str) -> int:
    return (await browser.http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})).status_code


async def test_c4_idle_edge_by_cookie(own: Stage, person: Browser) -> None:
    end = await idle_end(person)
    assert timedelta(hours=8) - EDGE < end - own.clock.now() <= timedelta(hours=8)
    go_to(own, end - EDGE)
    end = await idle_end(person)  # alive, and stamped anew
    go_to(own, end + EDGE)
    assert (await person.token()).status_code == 401
    own.clock.advance(hours=-1)
    assert (await person.token()).status_code == 200, "only the instant decides; no row was spoilt by the refusal"


async def test_c4_idle_edge_by_token(own: Stage, person: Browser) -> None:
    """A token that lives on when its idle session ends is refused, from memory as from the database."""
    end = await idle_end(person)
    await own.sql("update sessions set idle_seconds = 900")
    end -= timedelta(hours=8) - timedelta(seconds=900)
    go_to(own, end - timedelta(seconds=200))
    (row,) = await own.sql("select last_seen_at from sessions")
    token = await person.access_token()
    await own.sql("update sessions set last_seen_at = $1", row["last_seen_at"])  # as if minted without being seen
    assert await me(person, token) == 200
    go_to(own, end - EDGE)
    assert await me(person, token) == 200
    assert (await introspect(person, token))["active"]
    go_to(own, end + EDGE)
    assert await me(person, token) == 401
    assert await introspect(person, token) == {"active": False}


async def test_c4_api_calls_do_not_keep_a_session_alive(own: Stage, person: Browser) -> None:
    end = await idle_end(person)
    go_to(own, end - timedelta(seconds=299))
    (row,) = await own.sql("select last_seen_at from sessions")
    token = await person.access_token()
    await own.sql("update sessions set last_seen_at = $1", row["last_seen_at"])
    for _ in range(3):
        assert await me(person, token) == 200
        assert (await introspect(person, token))["active"]
        own.clock.advance(seconds=90)
    go_to(own, end + EDGE)
    assert await me(person, token) == 401


@pytest.mark.parametrize(
    "column", ["last_seen_at = last_seen_at - interval '8 hours'", "expires_at = expires_at - interval '1 day'"]
)
async def test_c4_row_moved_into_the_past(column: str, own: Stage, person: Browser) -> None:
    token = await person.access_token()
    await own.sql(f"update sessions set {column}")  # noqa: S608 -- a constant above
    assert (await person.token()).status_code == 401
    assert await introspect(person, token) == {"active": False}
    assert (await person.http.get("/auth/sessions", headers={"Authorization": f"Bearer {token}"})).json().get(
        "data", []
    ) == []


async def test_c4_answers_say_when(own: Stage, person: Browser) -> None:
    """/auth/session shows the idle end that the last token set, not the one it happened to remember."""
    token = await person.access_token()
    assert await me(person, token) == 200
    own.clock.advance(minutes=4)
    end = await idle_end(person)
    shown = (await person.http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})).json()["session"]
    assert datetime.fromisoformat(shown["idle_expires_at"]) == end
    assert timedelta(hours=24) - timedelta(minutes=5) < datetime.fromisoformat(shown["expires_at"]) - own.clock.now()
