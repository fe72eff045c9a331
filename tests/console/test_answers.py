"""Answers that come late, get lost, say no, or age: what is on the page stays true, and there is always a way on."""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.console.house import OLIVIA, House, story

pytestmark = story


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
