"""Answers that come late, get lost, say no, or age: what is on the page stays true, and there is always a way on."""

import asyncio
import json
import re
from datetime import UTC, datetime

from playwright.async_api import Page, Route, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story
HANK = "hank@globex.example"


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
