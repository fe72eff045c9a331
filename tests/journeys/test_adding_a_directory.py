"""A client admin adds a directory: gateway, worker and WorkOS are processes or sockets, and nobody helps them."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.server import Sandbox
from tests.gateway import WEBHOOK_SECRET, Browser
from tests.processes import Served, served, start

ADA = "ada@initech.example"
WITHIN_SECONDS = 40


@pytest.fixture
async def gateway(server_url: str, tmp_path: Path) -> AsyncGenerator[Served]:
    """A gateway and a worker that know Initech, whose people can sign in and are in no directory."""
    twin = Sandbox.from_seed()
    for known in list(twin.world.organizations):
        twin.remove_organization(known)
    organization = twin.add_organization("Initech", id="org_01INITECH").id
    twin.add_domain(organization, "initech.example")
    twin.add_connection(organization, "Initech SSO", type="OktaSAML")
    twin.add_person(organization, email=ADA, first_name="Ada", last_name="King", groups=["MemberPulse Admins"])
    async with twin.running(), served(server_url, twin, tmp_path) as running:
        twin.give_endpoint(f"{running.url}/webhooks/workos", WEBHOOK_SECRET)
        worker = start("worker", running.settings, tmp_path / "worker.log")
        try:
            yield running
        finally:
            worker.terminate()
            await asyncio.to_thread(worker.wait, 20)


@contextlib.asynccontextmanager
async def a_browser(gateway: Served) -> AsyncGenerator[Browser]:
    async with httpx.AsyncClient(base_url=gateway.url) as http:
        yield Browser(http, gateway.url)


async def listed(browser: Browser, path: str, **query: str) -> list[dict[str, Any]]:
    answer = await browser.api("GET", path, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def synced(browser: Browser) -> dict[str, Any]:
    """Wait until a directory is listed and was read whole."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            found = await listed(browser, "/api/directories", organization="org_01INITECH")
            if found and found[0]["last_synced_at"]:
                return found[0]
            await asyncio.sleep(0.1)


async def connected(link: str, provider: str) -> str:
    """Open an Admin Portal link, choose the provider, connect; return where the portal leads back to."""
    async with httpx.AsyncClient(follow_redirects=True) as outside:
        menu = await outside.get(link)
        assert "Directory sync of Initech" in menu.text
        step = await outside.get(menu.url.copy_with(query=None), params={"provider": provider})
        assert "Bearer token" in step.text
        answer = await outside.post(f"{menu.url}/dsync", data={"provider": provider}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_client_admin_adds_a_directory(gateway: Served) -> None:
    async with a_browser(gateway) as browser:
        assert (await browser.sign_in(ADA)).status_code == 303
        assert await listed(browser, "/api/directories") == []
        back = f"{gateway.url}/auth/signed-in"
        asked = {"organization": "org_01INITECH", "provider": "okta", "return_url": back}
        answer = await browser.api("POST", "/api/directories", json=asked)
        assert answer.status_code == 200, answer.text
        assert await connected(answer.json()["link"], "okta") == back

        directory = await synced(browser)
        assert (directory["provider"], directory["state"], directory["name"]) == ("okta", "linked", "Initech Okta")
        assert directory["users_count"] == 5
        (told,) = gateway.twin.deliveries("dsync.activated")
        assert told.status == 200
        events = await listed(browser, "/api/webhooks/events", limit="100")
        (applied,) = [event for event in events if event["event"] == "dsync.activated"]
        assert applied["status"] == "done"
        (run,) = await listed(browser, f"/api/directories/{directory['id']}/syncs")
        assert (run["status"], run["mode"], run["requested_by"]) == ("completed", "apply", "gateway")

        people = await listed(browser, f"/api/directories/{directory['id']}/users")
        assert {person["email"]: person["roles"] for person in people} == {
            ADA: ["ROLE_CLIENT_ADMIN"],
            "annie@initech.example": ["ROLE_CLIENT_ADMIN"],
            "ken@initech.example": ["ROLE_CLIENT_USER"],
            "lynn@initech.example": ["ROLE_MEMBER"],
            "tony@initech.example": ["ROLE_MEMBER"],
        }
        # The link was good once.
        async with httpx.AsyncClient() as outside:
            assert (await outside.get(answer.json()["link"])).status_code == 404
        # Who asked is still let in, and is the person that the directory knows.
        me = (await browser.api("GET", "/auth/session")).json()
        assert me["roles"] == ["ROLE_CLIENT_ADMIN"]
        assert me["user"]["id"] == next(person["user_id"] for person in people if person["email"] == ADA)
    async with a_browser(gateway) as browser:
        assert (await browser.sign_in("ken@initech.example")).status_code == 303
        assert (await browser.api("GET", "/auth/session")).json()["roles"] == ["ROLE_CLIENT_USER"]


async def test_a_client_admin_connects_another_identity_provider(gateway: Served) -> None:
    async with a_browser(gateway) as browser:
        await browser.sign_in(ADA)
        asked = {"organization": "org_01INITECH", "intent": "sso"}
        answer = await browser.api("POST", "/api/portal/links", json=asked)
        assert answer.status_code == 200, answer.text
        async with httpx.AsyncClient(follow_redirects=True) as outside:
            menu = await outside.get(answer.json()["link"])
            assert (await outside.post(f"{menu.url}/sso", data={"provider": "azure"})).status_code == 200
        async with asyncio.timeout(WITHIN_SECONDS):
            while len(found := await listed(browser, "/api/auth/sso/connections")) < 2:
                await asyncio.sleep(0.1)
        made = next(row for row in found if row["type"] == "AzureSAML")
        assert (made["state"], made["name"]) == ("active", "Initech Entra ID")
    async with a_browser(gateway) as browser:
        assert (await browser.sign_in(ADA, connection=made["workos_id"])).status_code == 303
