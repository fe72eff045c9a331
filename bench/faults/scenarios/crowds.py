"""X-22, X-24: more slow requests than connections; a thousand refreshes in a second, and a herd for cold keys."""

import asyncio
import base64
import time
from collections.abc import Sequence
from hashlib import sha256

from bench.faults import inbox
from bench.faults.asking import Load, a_visitor, asked, bearer_of
from bench.faults.findings import Findings, percentile
from bench.faults.scenario import Run, Scenario
from bench.faults.server import connected
from bench.faults.sockets import Heard, asked_alone, said
from bench.faults.stage import Stage, a_stage

_PER_S = 100
_KEYS_PER_S = 20.0
_TOLD_S = 2.5
"""`pool_timeout` (app/db/engine.py), and half a second."""
_BACK_S = 1.0
_SETTLING_S = 3
_STUCK = (
    "select state || ': ' || left(query, 80) as word from pg_stat_activity where application_name = 'memberpulse-auth'"
    " and datname = current_database() and state <> 'idle' and state_change < clock_timestamp() - interval '1 second'"
)
_REFRESHES = 1000
_ASKERS = 500
_ANSWERED_S = 5.0
_KEYS_S = 0.5
# Sessions of the planted people, of which the harness knows the cookies.
_PLANT = (
    "insert into sessions (id, organization_id, user_id, secret_hash, amr, auth_time, created_at, last_seen_at,"
    " idle_seconds, expires_at) select gen_random_uuid(), u.organization_id, u.id,"
    " n.hash, '{sso}', now(), now(), now() - interval '1 hour', 28800, now() + interval '1 day'"
    " from unnest($1::bytea[]) with ordinality as n (hash, at) join lateral (select * from users"
    " where state = 'active' order by md5(id::text || n.at) limit 1) as u on true"
)
_SEEN = (
    "select count(*) from sessions where secret_hash = any($1::bytea[]) and ended_at is null"
    " and last_seen_at > now() - interval '1 minute'"
)
_KEY_READS = "select seq_scan + coalesce(idx_scan, 0) from pg_stat_user_tables where relname = 'signing_keys'"


async def _slow_requests(run: Run) -> Findings:
    found, seconds = Findings(), max(6, run.sized(20))
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        async with a_visitor(stage) as visitor:
            bearer = (await bearer_of(visitor))["Authorization"].encode()
            ask = _request(stage, b"GET /api/auth/sso/connections HTTP/1.1\r\nAuthorization: %b\r\n" % bearer)
            keys = Load(lambda: asked_alone(stage.port, _keys(stage)), per_second=_KEYS_PER_S)
            listed = Load(lambda: asked_alone(stage.port, ask), per_second=_PER_S)
            async with asked([listed, keys]):
                await asyncio.sleep(1)
                began = time.monotonic()
                await _made_slow(stage, seconds)
                back = time.monotonic()
                await asyncio.sleep(_SETTLING_S)
        _note_slow(found, listed, keys, began, back)
        found.must_be_zero("connections stuck afterwards", [str(row["word"]) for row in await stage.sql(_STUCK)])
    return found


async def _made_slow(stage: Stage, seconds: float) -> None:
    """Have whoever reads connections wait a second and more, again and again."""
    ends = time.monotonic() + seconds
    async with connected(stage.database) as connection:
        while time.monotonic() < ends:
            async with connection.transaction():
                await connection.execute("lock table connections in access exclusive mode")
                await asyncio.sleep(stage.rng.uniform(1.2, 1.8))


def _note_slow(found: Findings, listed: Load, keys: Load, began: float, back: float) -> None:
    meanwhile = [each for each in listed.answers if began <= each.began < back]
    refused = [each for each in meanwhile if each.status == 503]
    found.note("requests", len(meanwhile))
    found.note("refused, short of 1", max(0, 1 - len(refused)), at_most=0)
    found.note("refused, %", 100 * len(refused) / len(meanwhile))
    found.note("503 after, slowest, s", max((each.seconds for each in refused), default=0.0), at_most=_TOLD_S)
    found.note("503 without Retry-After", sum(not each.retry_after for each in refused), at_most=0)
    found.must_be_zero("neither answered nor 503", listed.others(200, 503))
    found.must_be_zero("keys not answered 200", keys.others(200))
    found.note("keys before it, p99, ms", 1000 * keys.part(0.99, until=began))
    found.note("keys meanwhile, p99, ms", 1000 * keys.part(0.99, began, back), at_most=1000 * _KEYS_S)
    late = [each for each in listed.answers if each.began >= back + _BACK_S and not each.good]
    found.must_be_zero("not answered, 1 s after it", [str(each.status) for each in late])
    found.note("first success after it, ms", 1000 * listed.first_success(back), at_most=1000 * _BACK_S)


async def _herds(run: Run) -> Findings:
    found = Findings()
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        alone = await _cold_keys(stage, 1)
        many = await _cold_keys(stage, _ASKERS)
        _note_herd(found, "cold keys", many.heard, _KEYS_S)
        # Of a process's whole life: it reads the keys when it starts, whoever asks.
        found.note("keys: reads of their table", many.reads)
        found.note("keys: reads more than for one asker", many.reads - alone.reads, at_most=1)
        await _restart(stage)
        cookies = [base64.urlsafe_b64encode(stage.rng.randbytes(32)).decode().rstrip("=") for _ in range(_REFRESHES)]
        hashes = [sha256(cookie.encode()).digest() for cookie in cookies]
        await stage.sql(_PLANT, hashes)
        heard = await _herd(stage, [_refresh(stage, cookie) for cookie in cookies], over=1.0)
        _note_herd(found, "refreshes", heard, _ANSWERED_S)
        found.note("refreshes that left no mark", _REFRESHES - await stage.count(_SEEN, hashes), at_most=0)
    return found


class _Cold:
    """What a herd heard of a process that had just started, and how often that process read the keys."""

    def __init__(self, heard: list[Heard], reads: int) -> None:
        self.heard = heard
        self.reads = reads


async def _cold_keys(stage: Stage, askers: int) -> _Cold:
    """Have so many ask for the keys as soon as a new process listens; it ends two seconds later."""
    await stage.api.end()
    before = await _key_reads(stage)
    stage.api.start()
    await _listens(stage)
    began = time.monotonic()
    heard = await _herd(stage, [_keys(stage)] * askers, over=0.0)
    await asyncio.sleep(max(0.0, 2.0 - (time.monotonic() - began)))
    await stage.api.end()
    return _Cold(heard, await _key_reads(stage) - before)


async def _key_reads(stage: Stage) -> int:
    """Return how often signing_keys was read; PostgreSQL counts a connection's last reads when that has ended."""
    counted = -1
    while (now := await stage.count(_KEY_READS)) != counted:
        counted = now
        await asyncio.sleep(0.3)
    return now


async def _listens(stage: Stage) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", stage.port)
            except OSError:
                await asyncio.sleep(0.005)
            else:
                writer.close()
                return


async def _restart(stage: Stage) -> None:
    stage.api.start()
    await stage.ready()


def _request(stage: Stage, begins: bytes) -> bytes:
    return begins + f"Host: localhost:{stage.port}\r\nConnection: close\r\n\r\n".encode()


def _keys(stage: Stage) -> bytes:
    return _request(stage, b"GET /.well-known/jwks.json HTTP/1.1\r\n")


def _refresh(stage: Stage, cookie: str) -> bytes:
    begins = f"POST /auth/token HTTP/1.1\r\nOrigin: {stage.url}\r\nCookie: mp_session={cookie}\r\nContent-Length: 0\r\n"
    return _request(stage, begins.encode())


async def _herd(stage: Stage, requests: Sequence[bytes], *, over: float) -> list[Heard]:
    """Ask all of it, each on a connection of its own, spread evenly over so many seconds."""

    async def one(number: int) -> Heard:
        await asyncio.sleep(over * number / len(requests))
        return await said(stage.port, requests[number])

    return list(await asyncio.gather(*(one(number) for number in range(len(requests)))))


def _note_herd(found: Findings, name: str, heard: list[Heard], within: float) -> None:
    seconds = [each.seconds for each in heard]
    found.note(f"{name}: asked", len(heard))
    found.must_be_zero(f"{name}: not answered 200", [str(each.status) for each in heard if each.status != 200])
    found.note(f"{name}: p50, ms", 1000 * percentile(seconds, 0.5))
    found.note(f"{name}: p99, ms", 1000 * percentile(seconds, 0.99), at_most=1000 * within)


SCENARIOS = (
    Scenario("X-22", "more slow requests than connections", _slow_requests),
    Scenario("X-24", "a thousand refreshes in a second, a herd for cold keys", _herds),
)
