"""Chromium, a gateway with its worker, and people who sign in there."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser

from tests.chromium import a_chromium
from tests.console.house import House, a_house


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    async with a_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
async def house(server_url: str, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """A house of its own for each file of stories: what one story changes, no other file sees."""
    async with a_house(server_url, chromium, tmp_path_factory.mktemp("console")) as house:
        yield house
