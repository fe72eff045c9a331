"""Ready or not, in words: each condition by itself; with a real database it is threat G12."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Never, cast

import asyncpg
import pytest

from app.db.lane import Lane
from app.db.revisions import revisions
from app.status import service
from app.status.service import Check, Readiness
from tests.asgi import ask
from tests.gateway import Stage
from tests.logs import logged

Rows = list[dict[str, str | bool]]
DATABASE = Check("database", ok=True)
MIGRATIONS = Check("migrations", ok=True)
KEYS = Check("encryption_keys", ok=True)
UNPREPARED = Check("migrations", ok=False, reason="The database is not prepared: run `migrate`.")
AWAY = Check("database", ok=False, reason="The database does not answer.")

HEAD = revisions()[0]


class Answering:
    """A lane whose one statement ends as the test says."""

    def __init__(self, answer: Callable[[], Awaitable[Rows]]) -> None:
        self._answer = answer
        self.asked = 0

    async def fetch(self, _statement: str) -> Rows:
        self.asked += 1
        return await self._answer()


def of_version(*versions: str, read_only: bool = False) -> Answering:
    async def answer() -> Rows:
        return [{"version_num": version, "read_only": read_only} for version in versions]

    return Answering(answer)


def failing(error: Exception) -> Answering:
    async def answer() -> Never:
        raise error

    return Answering(answer)


async def checks(lane: Answering, *, proven: bool = True) -> list[Check]:
    event = asyncio.Event()
    if proven:
        event.set()
    return list(await Readiness(cast("Lane", lane), proven=event).checks())


async def test_all_is_well() -> None:
    assert await checks(of_version(HEAD)) == [DATABASE, MIGRATIONS, KEYS]


async def test_keys_that_are_not_proven_yet() -> None:
    reason = "The encryption keys are not proven yet."
    assert await checks(of_version(HEAD), proven=False) == [
        DATABASE,
        MIGRATIONS,
        Check("encryption_keys", ok=False, reason=reason),
    ]


@pytest.mark.parametrize(("versions", "found"), [(("spine",), "spine"), ((), "empty")])
async def test_an_older_schema_than_this_code_expects(versions: tuple[str, ...], found: str) -> None:
    reason = f"The schema is {found}, this code expects {HEAD}: run `migrate`."
    assert await checks(of_version(*versions)) == [DATABASE, Check("migrations", ok=False, reason=reason), KEYS]


async def test_a_later_release_has_migrated_already() -> None:
    """Its processes replace ours one by one; until then ours go on."""
    assert await checks(of_version("from_the_future")) == [DATABASE, MIGRATIONS, KEYS]


async def test_a_database_that_takes_no_writes() -> None:
    reason = "The database is read-only: it is a standby or failing over."
    assert await checks(of_version(HEAD, read_only=True)) == [
        Check("database", ok=False, reason=reason),
        KEYS,
    ]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (asyncpg.UndefinedTableError("relation does not exist"), UNPREPARED),
        (asyncpg.InsufficientPrivilegeError("permission denied"), UNPREPARED),
        (asyncpg.InvalidParameterValueError("role does not exist"), UNPREPARED),
        (asyncpg.CannotConnectNowError("starting up"), AWAY),
        (asyncpg.AdminShutdownError("terminating"), AWAY),
        (asyncpg.InterfaceError("closed"), AWAY),
        (ConnectionRefusedError("refused"), AWAY),
        (TimeoutError(), AWAY),
        (LookupError("a canary of ours"), AWAY),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_why_a_database_is_not_ready(error: Exception, expected: Check) -> None:
    with logged() as log:
        assert await checks(failing(error)) == [expected, KEYS]
    assert len(log.of("status.database.unready")) == 1, "the class and its words are for the log"


async def test_a_database_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert service._SECONDS < 3  # pyright: ignore[reportPrivateUsage]  # what is promised to orchestrators
    monkeypatch.setattr(service, "_SECONDS", 0.02)

    async def never() -> Never:
        await asyncio.Event().wait()
        raise AssertionError

    with logged():
        async with asyncio.timeout(1):
            assert await checks(Answering(never)) == [AWAY, KEYS]


async def test_it_is_asked_each_time() -> None:
    lane = of_version(HEAD)
    proven = asyncio.Event()
    readiness = Readiness(cast("Lane", lane), proven=proven)
    assert [check.ok for check in await readiness.checks()] == [True, True, False]
    proven.set()
    assert [check.ok for check in await readiness.checks()] == [True, True, True]
    assert lane.asked == 2


async def test_what_orchestrators_read(stage: Stage) -> None:
    names = ("database", "migrations", "encryption_keys")
    ready = await ask(stage.app, "GET", "/readyz")
    assert (ready.status, ready.json()) == (
        200,
        {
            "status": "ready",
            "crypto_backend": "cryptography",
            "checks": [{"name": name, "ok": True, "reason": None} for name in names],
        },
    )
    lane = failing(ConnectionRefusedError("refused by 10.0.0.7"))
    whole = stage.app.state.readiness
    stage.app.state.readiness = Readiness(cast("Lane", lane), proven=stage.assembly.proven)
    try:
        not_ready = await ask(stage.app, "GET", "/readyz")
        asked = lane.asked
        live = await ask(stage.app, "GET", "/healthz")
    finally:
        stage.app.state.readiness = whole
    assert (not_ready.status, not_ready.json()["status"]) == (503, "not_ready")
    assert b"10.0.0.7" not in not_ready.body
    assert b"Error" not in not_ready.body
    assert (live.status, live.json()) == (200, {"status": "ok"})
    assert lane.asked == asked == 1, "to live is to answer, whoever else does"
