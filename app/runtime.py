"""Runtime: everything a process carries, made once by bootstrap (frozen)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.config import Config
from app.db.lane import Lane
from app.kit.clock import Clock
from app.kit.cursors import Cursors
from app.kit.ids import Ids
from app.kit.outside import Outside
from app.kit.sealing import Sealer
from app.kit.sightings import Sightings
from app.rates.limiter import Limiter
from app.tokens.keyring import Keys
from app.tokens.live import LiveSessions
from app.tokens.verified import VerifiedTokens
from app.workos.gateway import WorkOSSource
from app.workos.in_force import InForce
from app.workos.probe import ProbeOf


@dataclass(frozen=True, slots=True)
class Runtime:
    """The tools of one process. Ports are filled in by `app/bootstrap.py` and nowhere else.

    `sessions` opens tenant transactions as gw_app (or gw_worker); `unscoped` opens transactions that read every
    tenant and write none, for platform admins; `lane` runs the hottest look-ups on prepared statements. `in_force` are
    the WorkOS settings that count, from the platform and the environment: `config` has the environment's alone.
    `settings_changed` puts in force at once what this process has just saved. `outside` reads public pages whose
    addresses customers wrote.
    """

    config: Config
    clock: Clock
    ids: Ids
    sealer: Sealer
    cursors: Cursors
    sessions: async_sessionmaker[AsyncSession]
    unscoped: async_sessionmaker[AsyncSession]
    lane: Lane
    rates: Limiter
    keys: Keys
    verified: VerifiedTokens
    live: LiveSessions
    workos: WorkOSSource
    probe: ProbeOf
    sightings: Sightings
    in_force: InForce
    settings_changed: Callable[[], Awaitable[None]]
    outside: Outside

    @property
    def landing(self) -> str:
        """Where people land who named no other place: APP_URL, else the gateway's own page."""
        return self.config.app_url or f"{self.in_force.now.home}/auth/signed-in"
