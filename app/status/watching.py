"""Watching: what the worker asks WorkOS now and then, what processes noticed, and since when indicators are so."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from app import log
from app import uow as units
from app.config import Config
from app.kit.repeated import repeated
from app.problems import Problem
from app.runtime import Runtime
from app.settings.stored import missing
from app.status import health
from app.status import marks_repository as kept
from app.status.facts import ENDPOINT, REDIRECT_URI, Configured
from app.uow import UnitOfWork
from app.workos.in_force import Values
from app.workos.noticed import Notices, notice
from app.workos.probe import WorkOSProbe

PROBED_EVERY: Final = timedelta(seconds=30)
LOOKED_AT_EVERY: Final = timedelta(minutes=5)
"""How often the client id, the redirect URI and the webhook endpoints are looked at: they change by hand alone."""
_TOLD_EVERY_S: Final = 5.0
_WEBHOOKS: Final = "/webhooks/workos"
_logger = log.get("status")


def configured(config: Config, values: Values) -> Configured:
    """Return what is set, without secrets."""
    return Configured(
        missing=tuple(missing(values)),
        redirect_uri=values.redirect_uri,
        webhook_url=f"{config.public_url}{_WEBHOOKS}",
        webhook_secrets=len(values.webhook_secrets),
        webhook_secrets_broken=any(kind.startswith("webhook") for kind in values.broken),
        forwarding=config.audit_forwarding == "on",
    )


@asynccontextmanager
async def telling(runtime: Runtime) -> AsyncGenerator[None]:
    """Tell what this process notices every few seconds while the block lasts, and once more at its end."""

    async def step() -> float:
        await tell(runtime)
        return _TOLD_EVERY_S

    async with repeated(step, first=_TOLD_EVERY_S):
        yield
    await tell(runtime)


async def tell(runtime: Runtime) -> None:
    """Add what this process noticed to what all did; kept for the next time where the database is away."""
    taken = runtime.sightings.take()
    if not taken:
        return
    try:
        async with units.beginner(runtime)(units.PLATFORM) as uow:
            await kept.notice(uow, list(taken))
    except Exception as error:  # noqa: BLE001 -- it is told as soon as the database is back
        runtime.sightings.give_back(taken)
        _logger.warning("status.sightings.untold", reason=log.redact(repr(error))[:300])


async def settle(uow: UnitOfWork, runtime: Runtime) -> None:
    """Keep since when the indicators of the platform and of every tenant are as they are; a periodic job.

    What nobody looks at is judged too: else it would count from when somebody first looked.
    """
    async with units.beginner(runtime, unscoped=True)() as reading:
        found = await health.of_all(reading, configured(runtime.config, runtime.in_force.now))
    for one in found:
        if one.changed:
            await health.keep(await units.enter(uow, one.organization), one)
            _log(one)
    await units.enter(uow, units.PLATFORM)


def _log(one: health.Health) -> None:
    for name, mark in one.changed.items():
        _logger.info(
            "status.indicator.changed",
            organization_id=str(one.organization),
            indicator=name,
            status=mark.status,
            evidence=one.readings[name].evidence,
        )


class Prober:
    """Asks WorkOS by itself where nobody else has: one per worker process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._asked = self._looked = runtime.clock.now() - LOOKED_AT_EVERY

    async def step(self) -> bool:
        """Ask what is due; return False, for there is nothing more to do at once."""
        now, values = self._runtime.clock.now(), self._runtime.in_force.now
        if values.api_keys and values.client_id and now - self._asked >= PROBED_EVERY:
            self._asked = now
            probe = self._runtime.probe(values.api_keys[0], values.client_id)
            await self._noticed(probe.check_api_key, ("organizations",))
            if now - self._looked >= LOOKED_AT_EVERY:
                # Whoever is mending something waits for the answer: it is looked at again with the next question.
                self._looked = now if await self._look(probe, values) else now - LOOKED_AT_EVERY
        return False

    async def _look(self, probe: WorkOSProbe, values: Values) -> bool:
        """Look at what changes by hand alone; return whether all of it was well."""
        notices, url = self._runtime.sightings, f"{self._runtime.config.public_url}{_WEBHOOKS}"
        well = await self._noticed(probe.check_client, ("sso", "token"))
        try:
            well = await _redirect_uri(probe, values, notices) and well
            return await _endpoint(probe, url, notices) and well
        except Problem as problem:
            _logger.info("status.probe.unanswered", problem=problem.code)
            return well

    async def _noticed(self, ask: Callable[[], Awaitable[None]], path: tuple[str, ...]) -> bool:
        try:
            await ask()
        except Problem as problem:
            notice(self._runtime.sightings, path, problem)
            return False
        notice(self._runtime.sightings, path, None)
        return True


async def _redirect_uri(probe: WorkOSProbe, values: Values, notices: Notices) -> bool:
    verdict = await probe.check_redirect_uri(values.redirect_uri)
    if verdict == "accepted":
        notices.well(REDIRECT_URI)
    elif verdict == "refused":
        notices.badly(REDIRECT_URI, f"WorkOS does not know {values.redirect_uri}.")
    return verdict != "refused"


async def _endpoint(probe: WorkOSProbe, url: str, notices: Notices) -> bool:
    """Look for an enabled endpoint that leads here, on every page.

    A query is no difference: while a webhook secret rotates, and after it, the endpoint has one (docs/rotate.md).
    """
    after: str | None = None
    why = f"The webhook endpoint {url} is unknown to WorkOS."
    while True:
        page = await probe.list_webhook_endpoints(after=after)
        ours = [one for one in page.items if one.url.partition("?")[0].rstrip("/") == url]
        if any(one.enabled for one in ours):
            notices.well(ENDPOINT)
            return True
        if ours:
            why = f"The webhook endpoint {url} is disabled at WorkOS."
        if page.after is None:
            notices.badly(ENDPOINT, why)
            return False
        after = page.after
