"""Composition root: Config -> Runtime; the only file that names concrete adapters."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass
from functools import partial

from app import log
from app import uow as units
from app.clients.credentials import Credentials
from app.clients.repository import ClientLookups
from app.config import Config, WeakConfiguration
from app.db.embedded import EmbeddedPostgres
from app.db.embedded_host import EmbeddedPostgresUnavailable
from app.db.engine import (
    DatabaseUrlMalformed,
    Role,
    RuntimeRoleTooPowerful,
    connect_arguments,
    is_unavailable,
    is_unprepared,
    open_engine,
)
from app.db.lane import Lane
from app.db.session import session_factory
from app.kit import key_file
from app.kit.clock import Clock, SystemClock
from app.kit.cursors import Cursors
from app.kit.ids import Ids, SystemIds
from app.kit.outside import Outside
from app.kit.repeated import repeated
from app.kit.sealing import SealBroken, Sealer, parse_keys
from app.kit.sightings import Sightings
from app.rates.opening import open_limiter
from app.runtime import Runtime
from app.sessions import keys as signing_keys
from app.sessions.live import LiveSessionCache
from app.sessions.repository import SessionLookups
from app.sessions.revocation_repository import RevocationLookups
from app.sessions.revocations import RevocationFeed
from app.settings import service as settings
from app.settings.following import SettingsFollower
from app.settings.gateway import SettingsGateway
from app.settings.stored import environment
from app.tokens import access_token
from app.tokens.keyring import Keyring, Keys
from app.tokens.verified import VerifiedTokens
from app.workos.gateway import WorkOSSource
from app.workos.in_force import InForce
from app.workos.probe import WorkOSProbe
from app.workos.probe_client import WorkOSProbeClient
from app.workos.transport import open_http_client

_CLOCK_SECONDS = 30.0
_RETRY_SECONDS = 0.5
_logger = log.get("bootstrap")


# Reads the signing keys anew.
Reload = Callable[[], Awaitable[None]]


class WrongEncryptionKeys(Exception):  # noqa: N818 -- named for what happened
    """The encryption keys are not the ones that this database was sealed with."""


OPERATOR_FAULTS = (
    WeakConfiguration,
    WrongEncryptionKeys,
    EmbeddedPostgresUnavailable,
    DatabaseUrlMalformed,
    RuntimeRoleTooPowerful,
)
"""What an operator can mend before this process may start: one line each, no traceback."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """A Runtime, and what only the processes themselves use. `proven` is set once the start-up checks passed."""

    runtime: Runtime
    live: LiveSessionCache
    lookups: SessionLookups
    credentials: Credentials
    revocations: RevocationFeed
    proven: asyncio.Event


@contextlib.contextmanager
def database_url(config: Config) -> Generator[str]:
    """Yield the database's URL: the operator's, or that of the embedded server, which the last to leave stops."""
    if config.database_url is not None:
        url = config.database_url.get_secret_value()
        connect_arguments(url)  # what is no URL is told before anything is started
        yield url
        return
    server = EmbeddedPostgres(config.data_dir / "postgres")
    try:
        yield server.join()
    finally:
        server.leave()


def encryption_keys(config: Config) -> Sealer:
    """Return the sealer of `ENCRYPTION_KEYS`; development makes a key of its own in DATA_DIR, readable by its owner.

    Raises:
        WeakConfiguration: the keys do not parse.
    """
    text = config.encryption_keys.get_secret_value() if config.encryption_keys else key_file.read(config.data_dir)
    try:
        return Sealer(parse_keys(text))
    except ValueError as error:
        raise WeakConfiguration([f"ENCRYPTION_KEYS: {error}."]) from None


@contextlib.asynccontextmanager
async def assembled(  # noqa: PLR0913 -- the ports a test replaces
    config: Config,
    url: str,
    *,
    role: Role = "gw_app",
    clock: Clock | None = None,
    ids: Ids | None = None,
    workos: WorkOSSource | None = None,
) -> AsyncGenerator[Assembly]:
    """Open everything a process needs and close it at the end of the block.

    Raises:
        WrongEncryptionKeys: starting would make every sealed value unreadable (threats.md F6).
        RuntimeRoleTooPowerful: the database user sees through row-level security.
    """
    access_token.require_cryptography_backend()
    sealer = encryption_keys(config)
    clock = clock or SystemClock()
    engine, reader = open_engine(url, role), open_engine(url, "gw_platform", size=4)
    lane = Lane(url, role)
    http = open_http_client()
    keys = Keys(Keyring([]))
    lookups = SessionLookups(lane, platform=config.platform_organization)

    async def reload_keys() -> None:
        if role == "gw_app":  # the worker may not read private keys and signs nothing
            keys.swap(await _keyring(runtime))

    def probe(api_key: str, client_id: str) -> WorkOSProbe:
        return WorkOSProbeClient(api_key=api_key, client_id=client_id, base_url=config.workos_base_url, http=http)

    live = LiveSessionCache(lookups, clock, reload_keys)
    values = InForce(environment(config))
    settings_follower = SettingsFollower(lane, sealer, config, values)
    sightings = Sightings(clock.now)
    gateway = SettingsGateway(config.workos_base_url, http, values, sightings)
    gateway.look = settings_follower.look
    runtime = Runtime(
        config=config,
        clock=clock,
        ids=ids or SystemIds(),
        sealer=sealer,
        cursors=Cursors(*sealer.derive("cursors")),
        sessions=session_factory(engine),
        unscoped=session_factory(reader),
        lane=lane,
        rates=open_limiter(config, clock),
        keys=keys,
        verified=VerifiedTokens(keys, issuer=config.issuer, audience=config.token_audience[0]),
        live=live,
        workos=workos or gateway,
        probe=probe,
        sightings=sightings,
        in_force=values,
        settings_changed=settings_follower.look,
        outside=Outside(local=config.local_providers),
    )
    credentials = Credentials(config, ClientLookups(lane), clock)
    feed = RevocationFeed(RevocationLookups(lane), units.hot_beginner(runtime), clock)
    assembly = Assembly(runtime, live, lookups, credentials, feed, asyncio.Event())
    try:
        await lane.open()
        async with (
            _prepared(assembly, reload_keys),
            live.following(),
            settings_follower.following(),
            _asked(assembly, role),
        ):
            yield assembly
    finally:
        await lane.close()
        await engine.dispose()
        await reader.dispose()
        await runtime.rates.aclose()
        await runtime.workos.aclose()
        await http.aclose()


@contextlib.asynccontextmanager
async def _asked(assembly: Assembly, role: Role) -> AsyncGenerator[None]:
    """Follow what only requests need; a worker answers none, and may not read credentials."""
    if role != "gw_app":
        yield
        return
    async with assembly.credentials.following(), assembly.revocations.following():
        yield


async def _keyring(runtime: Runtime) -> Keyring:
    """Return the published keys; the first process of a new database makes the first ones."""
    if not await signing_keys.exist(runtime.lane):
        async with units.beginner(runtime)(units.PLATFORM) as uow:
            await signing_keys.rotate(uow, runtime.sealer)
    return await signing_keys.load(runtime.lane, runtime.sealer)


@contextlib.asynccontextmanager
async def _prepared(assembly: Assembly, reload_keys: Reload) -> AsyncGenerator[None]:
    """Prove the keys and agree on the time; while the database is away, serve what needs none and go on trying."""
    with _tolerating_absence():
        await _prove(assembly, reload_keys)
    async with repeated(partial(_tend, assembly, reload_keys), first=_pause(assembly)):
        yield


async def _tend(assembly: Assembly, reload_keys: Reload) -> float:
    """Repeat the proof until it succeeds; then keep the clock and the keyring in step with the database."""
    try:
        await _prove(assembly, reload_keys)
    except Exception as error:  # noqa: BLE001 -- readiness tells; a task that dies would tell nobody
        _logger.warning("bootstrap.proof.failed", reason=repr(error)[:300])
    return _pause(assembly)


def _pause(assembly: Assembly) -> float:
    return _CLOCK_SECONDS if assembly.proven.is_set() else _RETRY_SECONDS


async def _prove(assembly: Assembly, reload_keys: Reload) -> None:
    runtime = assembly.runtime
    if isinstance(runtime.clock, SystemClock):
        (row,) = await runtime.lane.fetch("select clock_timestamp() as now")
        runtime.clock.agree_with(row["now"])
    try:
        await settings.prove_keys(runtime.lane, runtime.sealer, runtime.clock.now())
        await reload_keys()
        await runtime.settings_changed()
    except SealBroken as error:
        fault = f"ENCRYPTION_KEYS are not the ones that this database was sealed with ({error})."
        raise WrongEncryptionKeys(fault) from error
    assembly.proven.set()


@contextlib.contextmanager
def _tolerating_absence() -> Generator[None]:
    """A database that is away or not migrated yet makes the process unready, not dead (threats.md G12)."""
    try:
        yield
    except Exception as error:
        if not (is_unavailable(error) or is_unprepared(error)):
            raise
        _logger.warning("bootstrap.database.not_ready", reason=repr(error)[:300])
