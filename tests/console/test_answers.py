"""Answers that come late, get lost, say no, or age: what is on the page stays true, and there is always a way on."""

import asyncio
import json
import re
from datetime import UTC, datetime

from playwright.async_api import Page, Request, Route, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story
ADA, HANK = "ada@acme.example", "hank@globex.example"
NOBODYS = "00000000-0000-7000-8000-000000000000"
PROBLEM = {"content-type": "application/problem+json"}


async def lose(page: Page, path: str) -> None:
    """Have what is asked of `path` done, and nobody told."""

    async def lost(route: Route) -> None:
        if route.request.method != "POST":
            await route.fallback()
            return
        await route.fetch()
        await route.abort("connectionreset")

    await page.route(f"**{path}", lost)


async def is_told_to_look(visitor: Visitor) -> None:
    said = visitor.page.get_by_role("alert").filter(has_text="The gateway did not answer.")
    await expect(said).to_contain_text("It may have been done: look before you repeat it.")


async def test_what_was_saved_is_not_undone_by_an_answer_from_before(house: House) -> None:
    olivia = await house.visitor()
    page = olivia.page
    await olivia.sign_in(OLIVIA, "settings/workos")
    choice = page.get_by_label("Default connection")
    await expect(choice.locator("option:checked")).to_have_text(re.compile("None"))
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        if route.request.method != "GET":
            await route.fallback()
            return
        answer = await route.fetch()
        is_asked.set()
        await may_answer.wait()
        await route.fulfill(response=answer)

    await page.route("**/api/settings/workos", late)
    async with asyncio.timeout(20):
        await is_asked.wait()
    await choice.select_option(label="Acme Okta (Acme Corp)")
    await page.get_by_role("button", name="Save settings").click()
    await expect(page.get_by_text("The settings are saved.")).to_be_visible()
    async with page.expect_event("requestfinished", lambda request: request.url.endswith("/api/settings/workos")):
        may_answer.set()
    await asyncio.sleep(0.5)
    await expect(choice.locator("option:checked")).to_have_text("Acme Okta (Acme Corp)")


async def test_an_organization_whose_making_was_not_answered_is_looked_for_first(house: House) -> None:
    olivia = await house.visitor()
    page = olivia.page
    await olivia.sign_in(OLIVIA, "organizations")
    await page.get_by_role("link", name="Add organization").click()
    await lose(page, "/api/organizations")
    await page.get_by_label("Name").fill("Vandelay")
    await page.get_by_role("button", name="Create organization").click()
    await is_told_to_look(olivia)
    await page.get_by_role("main").get_by_role("link", name="Organizations").click()
    await expect(page.get_by_role("link", name="Vandelay")).to_have_count(1)


async def test_a_service_client_whose_making_was_not_answered_is_in_the_list(house: House) -> None:
    olivia = await house.visitor()
    page = olivia.page
    await olivia.sign_in(OLIVIA, "service-clients")
    await lose(page, "/api/service-clients")
    await page.get_by_role("button", name="Add service client").click()
    await page.get_by_role("textbox", name="Name").fill("unheard")
    await page.get_by_role("button", name="Add", exact=True).click()
    await is_told_to_look(olivia)
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("row").filter(has_text="unheard")).to_have_count(1)


async def age_the_first(page: Page, path: str) -> None:
    """Have the first link that is asked of `path` be one whose time is over."""

    async def aged(route: Route) -> None:
        answer = await route.fetch()
        link = {**await answer.json(), "expires_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
        await route.fulfill(response=answer, body=json.dumps(link))

    await page.route(f"**{path}", aged, times=1)


async def gets_another(page: Page) -> None:
    """A link whose time is over is replaced, and so is one that is good, for it may have been opened already."""
    link = page.get_by_role("link", name="Open the Admin Portal")
    await expect(page.get_by_text("This link is no longer good.")).to_be_visible()
    await page.get_by_role("button", name="Get another link").click()
    first = await link.get_attribute("href")
    await page.get_by_role("button", name="Get another link").click()
    await expect(link).not_to_have_attribute("href", first or "")


async def test_a_link_for_single_sign_on_that_is_over_is_replaced(house: House) -> None:
    hank = await house.visitor()
    await hank.sign_in(HANK, "sso/configure")
    await age_the_first(hank.page, "/api/portal/links")
    await hank.page.get_by_role("button", name="Get a link to the Admin Portal").click()
    await gets_another(hank.page)


async def test_a_link_for_a_directory_that_is_over_is_replaced(house: House) -> None:
    hank = await house.visitor()
    await hank.sign_in(HANK, "directories/add")
    await age_the_first(hank.page, "/api/directories")
    await hank.page.get_by_role("radio", name="Okta").click()
    await hank.page.get_by_role("button", name="Show the steps and get the link").click()
    await gets_another(hank.page)


async def a_while(page: Page, seconds: int) -> None:
    """Let the page's time pass, with a moment for what it asks to be answered."""
    for _ in range(seconds):
        await page.clock.run_for(1_000)
        await asyncio.sleep(0.1)


def asked(page: Page, path: str) -> list[str]:
    """Return what the page asks from now on."""
    found: list[str] = []

    def note(request: Request) -> None:
        if path in request.url:
            found.append(request.url)

    page.on("request", note)
    return found


async def asked_once(visitor: Visitor, path: str, page: str, *, seconds: int) -> bool:
    """Open a page of what is not there; return whether the API is asked for it once in so long."""
    found = asked(visitor.page, path)
    await visitor.open(page)
    await expect(visitor.page.get_by_text("There is no such thing here.")).to_be_visible()
    await a_while(visitor.page, seconds)
    return len(found) == 1


async def test_a_sync_that_is_not_there_is_asked_for_once(house: House) -> None:
    ada = await house.visitor()
    await ada.page.clock.install()
    await ada.sign_in(ADA, "directories")
    assert await asked_once(ada, "/api/directories/", f"directories/{NOBODYS}/syncs/{NOBODYS}", seconds=8)


async def test_connections_of_no_organization_are_asked_for_once(house: House) -> None:
    olivia = await house.visitor()
    await olivia.page.clock.install()
    await olivia.sign_in(OLIVIA, "account")
    page = f"sso/configure?organization={NOBODYS}"
    assert await asked_once(olivia, "/api/auth/sso/connections", page, seconds=14)


async def test_a_sync_is_asked_for_less_often_while_there_are_too_many_requests(house: House) -> None:
    async with house.outside(ADA) as outside:
        directory = (await outside.api("GET", "/api/directories")).json()["data"][0]["id"]
        run = (await outside.api("GET", f"/api/directories/{directory}/syncs")).json()["data"][0]["id"]
    ada = await house.visitor()
    await ada.page.clock.install()
    await ada.sign_in(ADA, "directories")
    found = asked(ada.page, f"/api/directories/{directory}/syncs/{run}")
    refusal = json.dumps({"title": "Too many requests.", "code": "rate_limited", "remedy": "Wait."})
    await ada.page.route(
        f"**/api/**/syncs/{run}",
        lambda route: route.fulfill(status=429, headers=PROBLEM, body=refusal),
    )
    await ada.open(f"directories/{directory}/syncs/{run}")
    await expect(ada.page.get_by_text("Too many requests.")).to_be_visible()
    await a_while(ada.page, 8)
    assert len(found) == 1
    await ada.page.unroute_all()
    await a_while(ada.page, 8)
    await ada.reads("Sync")


async def test_a_connection_test_that_is_gone_is_not_asked_for_again(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in(ADA, "connections")
    await ada.page.get_by_role("link", name="Acme Okta").click()
    await ada.page.get_by_role("button", name="Test connection").click()
    await expect(ada.page.get_by_text("Waiting for your browser to come back")).to_be_visible()
    gone = json.dumps({"title": "It is gone.", "code": "not_found", "remedy": "Test again."})
    await ada.page.route("**/api/auth/sso/tests/*", lambda route: route.fulfill(status=404, headers=PROBLEM, body=gone))
    await expect(ada.page.get_by_text("It is gone.")).to_be_visible()
    found = asked(ada.page, "/api/auth/sso/tests/")
    await asyncio.sleep(4)
    assert found == []


async def test_what_fails_around_the_pages_is_told_in_our_words(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in(ADA, "account")

    async def of_nobody(route: Route) -> None:
        answer = await route.fetch()
        told = await answer.json()
        await route.fulfill(response=answer, json={**told, "session": {**told["session"], "user": None}})

    await ada.page.route("**/auth/token", of_nobody)
    await ada.page.reload()
    await expect(ada.page.get_by_role("alert")).to_contain_text("This page failed.")
    await ada.page.unroute_all()
    await ada.page.get_by_role("button", name="Try again").click()
    await ada.reads("My account")
    ada.complaints.clear()
