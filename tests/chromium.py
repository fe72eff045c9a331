"""Chromium for tests: where it is, how it is started, and when a test may do without it."""

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IS_REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"  # noqa: TID251 -- CI may not pass these over
PICTURES = Path(__file__).resolve().parent / "artifacts"

needs_chromium = pytest.mark.skipif(
    not Path(_CHROMIUM).exists() and not IS_REQUIRED, reason="Chromium is not installed (Debian: chromium)"
)


@asynccontextmanager
async def a_chromium() -> AsyncGenerator[Browser]:
    """Yield a running Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        await browser.close()
