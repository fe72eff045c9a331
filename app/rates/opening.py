"""Opens the limiter that the configuration asks for."""

from app.config import Config
from app.kit.clock import Clock
from app.rates.limiter import Limiter


def open_limiter(config: Config, clock: Clock) -> Limiter:
    """Return this process's limiter: off, counting by itself, or in the Redis of RATE_LIMIT_URL; `aclose` ends it."""

    def now() -> float:
        return clock.now().timestamp()

    if config.rate_limits == "off" or config.rate_limit_url is None:
        return Limiter(now, on=config.rate_limits == "on")
    # Here, because Redis's driver takes 0.3 s to import, of everybody's start and every command's.
    from app.rates.shared import SharedWindows  # noqa: PLC0415

    return Limiter(now, shared=SharedWindows(config.rate_limit_url.get_secret_value()))
