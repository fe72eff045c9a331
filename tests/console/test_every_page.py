"""What every page keeps: no accessibility violation, no sideways scrolling, light and dark, wide and narrow."""

from typing import Any

import pytest
from playwright.async_api import Page

from app.http.console import DIST
from tests.console.house import NARROW, WIDE, House, Visitor, story
from tests.console.places import Place, everywhere

pytestmark = story
_RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
    ({id, help, nodes}) => `${id}: ${help}: ${nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`))"""


def axe_core() -> str:
    """Return axe-core's source, of the console's own npm packages."""
    return (DIST.parent / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def violations(page: Page, axe: str) -> list[str]:
    """Return what axe-core objects to; it is evaluated, not added as a script, which our policy would stop."""
    await page.evaluate(axe)
    found: list[str] = await page.evaluate(_RUN)
    return found


async def faults_here(page: Page, axe: str) -> list[str]:
    """Return what is wrong with a page as it stands."""
    found = await violations(page, axe)
    if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("it scrolls sideways")
    return found


async def faults_of(visitor: Visitor, place: Place, axe: str) -> list[str]:
    await visitor.open(place.path)
    await visitor.settled(place.heading)
    found = await faults_here(visitor.page, axe)
    title = await visitor.page.title()
    if place.heading not in title:
        found.append(f"its title is {title}")
    return [f"{place.name}: {fault}" for fault in found]


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", NARROW)], ids=["light-1280", "dark-375"])
async def test_every_page_is_accessible(scheme: str, size: dict[str, int], house: House) -> None:
    await house.lived_in()
    axe = axe_core()
    visitors: dict[str, Visitor] = {}
    faults: list[str] = []
    options: dict[str, Any] = {"viewport": size, "color_scheme": scheme}
    stranger = await house.visitor(**options)
    await stranger.open()
    await stranger.reads("Sign in to MemberPulse")
    faults += await violations(stranger.page, axe)
    for place in await everywhere(house):
        if place.email not in visitors:
            visitors[place.email] = await house.visitor(**options)
            await visitors[place.email].sign_in(place.email)
        faults += await faults_of(visitors[place.email], place, axe)
    assert faults == []


async def test_the_narrow_menu_opens_and_leads_on(house: House) -> None:
    ada = await house.visitor(viewport=NARROW)
    await ada.sign_in("ada@acme.example", "account")
    await ada.page.get_by_role("button", name="Open the menu").click()
    await ada.page.get_by_role("link", name="People", exact=True).click()
    await ada.reads("People")
    assert not await ada.page.get_by_role("navigation").is_visible()


async def test_dark_is_chosen_and_remembered(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "account")
    await ada.page.get_by_role("radio", name="Dark").click()
    await ada.page.reload()
    await ada.reads("My account")
    assert await ada.page.locator(".radix-themes.dark").count() == 1


async def test_the_keyboard_reaches_a_page(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "people")
    await ada.reads("People")
    await ada.page.keyboard.press("Tab")
    assert await ada.page.evaluate("document.activeElement.textContent") == "Skip to the page"
    await ada.page.keyboard.press("Enter")
    await ada.page.keyboard.press("Tab")
    assert await ada.page.evaluate("document.activeElement.type") == "search"


async def test_a_page_that_is_not_there_says_so(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "nowhere")
    await ada.page.get_by_role("heading", name="There is no such page.").wait_for()
    await ada.open("people/01900000-0000-7000-8000-000000000001")
    await ada.reads("There is no such thing here.")
    await ada.page.get_by_text("Request").wait_for()


async def test_offline_is_said(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "account")
    await ada.reads("My account")
    await ada.page.context.set_offline(True)
    await ada.page.get_by_text("You are offline.").wait_for()
    await ada.page.context.set_offline(False)
