"""The bench of the client: a gateway in memory and a clock that a test moves."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import pytest

from memberpulse_auth_client import AuthClient
from memberpulse_auth_client.testing import Clock, FakeGateway

Make = Callable[..., AuthClient]


@pytest.fixture
def clock() -> Clock:
    return Clock(1_777_896_000)


@pytest.fixture
def gateway(clock: Clock) -> FakeGateway:
    return FakeGateway(clock=clock)


@pytest.fixture
async def http(gateway: FakeGateway) -> AsyncGenerator[httpx.AsyncClient]:
    async with gateway.http() as client:
        yield client


@pytest.fixture
def make(gateway: FakeGateway, clock: Clock, http: httpx.AsyncClient) -> Make:
    """How a client of the gateway is made; nothing is read before it is asked for, or entered."""

    def made(**options: Any) -> AuthClient:  # noqa: ANN401 -- the client's own options
        given: dict[str, Any] = {"when_stale": "refuse", "credentials": ("billing", "s")} | options
        return AuthClient(gateway.issuer, http=http, clock=clock, timer=clock, **given)

    return made
