"""A real Chromium signs in at a gateway process, through the twin's page (docs: the picture is for people)."""

import re
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, ConsoleMessage, expect

from sandbox.server import Sandbox
from tests.chromium import PICTURES, a_chromium, needs_chromium
from tests.processes import Served, served

pytestmark = needs_chromium


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    async with a_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
async def gateway(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    twin = Sandbox.from_seed()
    async with twin.running(), served(server_url, twin, tmp_path_factory.mktemp("served")) as running:
        yield running


def _is_ours(message: ConsoleMessage, gateway: Served) -> bool:
    return message.type == "error" and str(message.location.get("url", "")).startswith(gateway.url)


async def test_a_person_signs_in_with_a_real_browser(chromium: Browser, gateway: Served) -> None:
    page = await (await chromium.new_context(base_url=gateway.url)).new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if _is_ours(message, gateway) else None)
    await page.goto("/auth/sso?domain=acme.example")
    await expect(page).to_have_url(re.compile("/sso/authorize"))
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / "identity-provider.png")
    await page.get_by_text("Ada Lovelace").first.click()
    await expect(page).to_have_url(f"{gateway.url}/auth/signed-in")
    await expect(page.get_by_role("heading")).to_have_text("You are signed in")
    await expect(page.locator("#text")).to_contain_text("ada@acme.example")
    await expect(page.locator("#more")).to_contain_text("ROLE_CLIENT_ADMIN")
    await page.screenshot(path=PICTURES / "signed-in.png")
    assert refused == []  # no script or style of ours is stopped by our own Content-Security-Policy
    cookies = {cookie.get("name"): cookie for cookie in await page.context.cookies()}
    assert cookies["mp_session"].get("httpOnly") is True
    assert "mp_login" not in cookies


async def test_a_refused_sign_in_says_what_to_do(chromium: Browser, gateway: Served) -> None:
    gateway.twin.fail_logins("access_denied")
    page = await (await chromium.new_context(base_url=gateway.url)).new_page()
    await page.goto("/auth/sso?domain=acme.example&login_hint=ada@acme.example")
    await expect(page.get_by_role("heading")).to_have_text("Your identity provider did not let you in.")
    await page.screenshot(path=PICTURES / "refused.png")
    await page.get_by_role("link", name="Try again").click()
    await expect(page).to_have_url(re.compile("/sso/authorize"))


async def test_the_api_documentation_works_offline(chromium: Browser, gateway: Served) -> None:
    page = await (await chromium.new_context(base_url=gateway.url)).new_page()
    await page.goto("/docs")
    await expect(page.get_by_text("Start a sign-in").first).to_be_visible()
    await page.screenshot(path=PICTURES / "docs.png")
    await page.goto("/redoc")
    await expect(page.get_by_role("heading", name="Start a sign-in")).to_be_visible()
