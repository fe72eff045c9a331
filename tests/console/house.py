"""The house in which stories happen: gateway, worker and twin, and the visitors who come with a browser."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from app.db.engine import DriverConnection, connect_arguments
from app.http.console import DIST
from app.kit.clock import SystemClock
from sandbox.server import Sandbox
from tests import gateway
from tests.chromium import IS_REQUIRED, needs_chromium
from tests.gateway import WEBHOOK_SECRET
from tests.processes import Served, served, start

OLIVIA = "olivia@memberpulse.example"
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 375, "height": 812}

_needs_build = pytest.mark.skipif(
    not (DIST / "index.html").exists() and not IS_REQUIRED, reason="the console is not built (make console)"
)
story = [needs_chromium, _needs_build]
"""The marks of a file of stories."""


@dataclass(slots=True)
class Visitor:
    """A person at a browser of their own. `complaints` is what the browser objected to on our pages."""

    page: Page
    house: "House"
    complaints: list[str] = field(default_factory=list[str])

    async def open(self, path: str = "") -> None:
        """Go to a page of the console."""
        await self.page.goto(f"/console/{path}")

    async def sign_in(self, email: str, path: str = "") -> None:
        """Sign in as a person would who opens `path`."""
        await self.open(path)
        await self.page.get_by_label("Work e-mail").fill(email)
        await self.page.get_by_role("button", name="Sign in with SSO").click()
        await expect(self.page).to_have_url(re.compile(re.escape(f"{self.house.url}/console/{path}")))
        await expect(self.page.locator("#menu")).to_be_attached()

    async def reads(self, heading: str) -> None:
        """Wait for a page's heading."""
        await expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()

    async def settled(self, heading: str) -> None:
        """Wait until a page is there and nothing of it is still on its way."""
        await self.reads(heading)
        await expect(self.page.get_by_text("Loading…")).to_have_count(0)
        await self.page.wait_for_load_state("networkidle")

    async def reads_again(self, path: str) -> None:
        """Lose the network for a moment, so late that the page reads anew what it shows."""
        await self.page.clock.set_fixed_time(SystemClock().now() + timedelta(seconds=20))
        async with self.page.expect_response(f"**{path}"):
            await self.page.context.set_offline(True)
            await self.page.context.set_offline(False)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains about; answers that are errors are part of stories."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@dataclass(slots=True)
class House:
    """A gateway with a worker, and a twin that sends it webhooks."""

    served: Served
    chromium: Browser
    twin_page: str
    visitors: list[Visitor] = field(default_factory=list[Visitor])

    @property
    def url(self) -> str:
        return self.served.url

    @property
    def twin(self) -> Sandbox:
        return self.served.twin

    async def visitor(self, **options: Any) -> Visitor:  # noqa: ANN401 -- Playwright's own options
        """Return somebody with a browser without cookies."""
        settings: dict[str, Any] = {"base_url": self.url, "viewport": WIDE, "locale": "en-GB", **options}
        context = await self.chromium.new_context(**settings)
        context.set_default_timeout(15_000)
        visitor = Visitor(await context.new_page(), self)
        visitor.page.on("console", lambda message: visitor.hear(message))  # noqa: PLW0108 -- Playwright marks a method, slots forbid
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        self.visitors.append(visitor)
        return visitor

    async def settled(self, path: str, is_settled: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until every row of a list, as operators see it, is as wanted."""
        async with self.outside(OLIVIA) as olivia, asyncio.timeout(60):
            while not all(map(is_settled, (await olivia.api("GET", path)).json()["data"])):
                await asyncio.sleep(0.2)

    async def lived_in(self) -> None:
        """Have some news come by webhook, and wait until they are applied."""
        self.twin.change_person("alan@acme.example", job_title="Head of Research")
        self.twin.change_connection("Acme OpenID", state="active")
        self.twin.change_connection("Acme OpenID", state="inactive")
        await self.twin.deliveries_sent()
        await self.settled("/api/webhooks/events", lambda event: event["status"] != "pending")

    async def as_superuser(self, statement: str) -> None:
        """Do to the database what nobody of ours may."""
        connection: DriverConnection = await asyncpg.connect(**connect_arguments(self.served.settings["DATABASE_URL"]))
        await connection.execute(statement)
        await connection.close()

    @asynccontextmanager
    async def outside(self, email: str) -> AsyncGenerator[gateway.Browser]:
        """Yield another browser of the same person, one that needs no pages."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            browser = gateway.Browser(http, self.url)
            assert (await browser.sign_in(email)).status_code == 303
            yield browser


@asynccontextmanager
async def a_house(server_url: str, chromium: Browser, folder: Path) -> AsyncGenerator[House]:
    """Run gateway, worker and twin; at the end no page may have been stopped by our own policies."""
    twin = Sandbox.from_seed()
    platform = next(found.id for found in twin.world.organizations.values() if found.name == "MemberPulse")
    async with twin.running() as twin_at, served(server_url, twin, folder, PLATFORM_ORGANIZATION=platform) as running:
        twin.give_endpoint(f"{running.url}/webhooks/workos", WEBHOOK_SECRET)
        worker = start("worker", running.settings, folder / "worker.log")
        house = House(running, chromium, twin_at.control_url)
        try:
            await house.settled("/api/directories", lambda directory: directory["last_synced_at"] is not None)
            yield house
        finally:
            complaints = [said for visitor in house.visitors for said in visitor.complaints]
            for visitor in house.visitors:
                await visitor.page.context.close()
            worker.terminate()
            await asyncio.to_thread(worker.wait, 20)
    assert complaints == []
