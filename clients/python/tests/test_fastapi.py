"""The FastAPI dependency answers as RFC 6750 asks."""

from collections.abc import AsyncGenerator, Callable
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI

from memberpulse_auth_client import AuthClient, Token
from memberpulse_auth_client.fastapi import Guard
from memberpulse_auth_client.testing import Clock, FakeGateway

Make = Callable[..., AuthClient]


@pytest.fixture
async def service(make: Make) -> AsyncGenerator[httpx.AsyncClient]:
    client = make(when_stale="accept")
    guard, app = Guard(client), FastAPI()

    @app.get("/me")
    async def me(who: Annotated[Token, Depends(guard.require())]) -> str:
        return who.sub

    @app.get("/reports", dependencies=[Depends(guard.require(roles=["ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN"]))])
    async def reports() -> str:
        return "reports"

    @app.get("/payout", dependencies=[Depends(guard.require(introspect=True, max_age=900))])
    async def payout() -> str:
        return "paid"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as http:
        yield http


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_who_calls(service: httpx.AsyncClient, gateway: FakeGateway) -> None:
    answer = await service.get("/me", headers=bearer(gateway.mint(sub="ada")))
    assert (answer.status_code, answer.json()) == (200, "ada")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic YTpi"])
async def test_without_a_token_the_challenge_names_no_error(
    service: httpx.AsyncClient, authorization: str | None
) -> None:
    answer = await service.get("/me", headers={"Authorization": authorization} if authorization is not None else {})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_bad_token_is_named_and_not_explained(service: httpx.AsyncClient) -> None:
    answer = await service.get("/me", headers=bearer("a.b.c"))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert answer.json() == {"detail": "Invalid token"}


async def test_a_role_is_needed(service: httpx.AsyncClient, gateway: FakeGateway) -> None:
    assert (await service.get("/reports", headers=bearer(gateway.mint()))).status_code == 403
    admin = gateway.mint(roles=["ROLE_CLIENT_ADMIN"])
    assert (await service.get("/reports", headers=bearer(admin))).status_code == 200


async def test_a_sensitive_route_asks_the_gateway_and_wants_a_fresh_sign_in(
    service: httpx.AsyncClient, gateway: FakeGateway, clock: Clock
) -> None:
    token = gateway.mint(sid="s")
    assert (await service.get("/payout", headers=bearer(token))).status_code == 200
    old = gateway.mint(auth_time=int(clock()) - 901)
    answer = await service.get("/payout", headers=bearer(old))
    assert answer.status_code == 401
    assert "insufficient_user_authentication" in answer.headers["www-authenticate"]
    gateway.revoke("sid", "s")
    assert (await service.get("/payout", headers=bearer(token))).status_code == 401
    gateway.is_away = True
    answer = await service.get("/payout", headers=bearer(gateway.mint()))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_it_stands_in_openapi(service: httpx.AsyncClient) -> None:
    document = (await service.get("/openapi.json")).json()
    assert document["paths"]["/me"]["get"]["security"] == [{"access_token": []}]
