"""B10 over HTTP: a revoked token stays revoked in every spelling."""

import asyncio

import pytest

from tests.builders import Tenant
from tests.gateway import SERVICE, Browser, Stage, introspect
from tests.threats.test_b10_one_spelling import ALPHABET


@pytest.fixture
async def token(tenant: Tenant) -> str:
    """A good token."""
    return await (await tenant.signed_in()).access_token()


def respelt(token: str) -> list[str]:
    """Return the spellings that python-jose reads like `token`: padding, and other unused last bits."""
    return [
        token + "=",
        token + "==",
        token.replace(".", "==.", 1),
        *(token[:-1] + other for other in ALPHABET if other != token[-1]),
    ]


async def ask(browser: Browser, token: str) -> int:
    return (await browser.http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})).status_code


async def revoke(browser: Browser, token: str) -> int:
    return (await browser.http.post("/auth/revoke", data={"token": token}, auth=SERVICE)).status_code


async def test_b10_revoked_token_is_refused_in_every_spelling(token: str, browser: Browser) -> None:
    assert await ask(browser, token) == 200
    assert await revoke(browser, token) == 200
    assert await introspect(browser, token) == {"active": False}  # at once
    async with asyncio.timeout(1):  # within a second
        while await ask(browser, token) != 401:
            await asyncio.sleep(0.02)
    for other in (token, *respelt(token)):
        assert await ask(browser, other) == 401
        assert await introspect(browser, other) == {"active": False}


async def test_b10_another_spelling_revokes_nothing_and_opens_nothing(
    token: str, browser: Browser, stage: Stage
) -> None:
    for other in respelt(token):
        assert await ask(browser, other) == 401
        assert await revoke(browser, other) == 200  # RFC 7009 section 2.2: unknown tokens are no error
    await stage.assembly.live.look()
    assert await ask(browser, token) == 200


async def test_b10_every_token_of_the_session_dies_with_it(tenant: Tenant, browser: Browser, stage: Stage) -> None:
    """What is revoked is the session, so a second token minted from it before does not outlive the first."""
    person = await tenant.signed_in()
    first, second = await person.access_token(), await person.access_token()
    await revoke(browser, first)
    await stage.assembly.live.look()
    assert await ask(browser, second) == 401
    assert (await person.token()).status_code == 401
