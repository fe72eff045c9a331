"""Who hears the console instead of seeing it knows where they are: the focus, the title, and the menu that closes."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.console.house import NARROW, OLIVIA, House, Visitor, story

pytestmark = story
ADA = "ada@acme.example"


async def at(house: House, path: str, **options: dict[str, int]) -> Visitor:
    ada = await house.visitor(**options)
    await ada.sign_in(ADA, path)
    return ada


async def focused(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.textContent")
    return found


async def test_a_link_leads_to_the_heading_of_its_page(house: House) -> None:
    page = (await at(house, "people")).page
    await page.get_by_role("link", name="Alan Turing").click()
    await expect(page.get_by_role("heading", name="Alan Turing", level=1)).to_be_focused()
    await expect(page).to_have_title("Alan Turing · MemberPulse")
    await page.get_by_role("link", name="Directory Sync").click()
    await expect(page.get_by_role("heading", name="Directory Sync", level=1)).to_be_focused()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Alan Turing", level=1)).to_be_focused()


async def test_while_a_page_is_on_its_way_the_focus_is_there_already(house: House) -> None:
    page = (await at(house, "people")).page
    await page.get_by_role("link", name="Alan Turing").wait_for()
    await page.route("**/api/users/*", lambda _: None)
    await page.get_by_role("link", name="Alan Turing").click()
    await expect(page.get_by_text("Loading…")).to_be_visible()
    await expect(page.locator("#main")).to_be_focused()
    await expect(page).to_have_title("Loading… · MemberPulse")


async def test_neither_arriving_nor_filtering_moves_the_focus(house: House) -> None:
    ada = await at(house, "people")
    await ada.settled("People")
    assert (await focused(ada.page)).startswith("BODY")
    await ada.page.get_by_label("Search").fill("alan")
    await expect(ada.page).to_have_url(re.compile("search=alan"))
    await expect(ada.page.get_by_label("Search")).to_be_focused()
    await ada.open()
    await expect(ada.page).to_have_url(re.compile("/console/.+"))
    await ada.page.get_by_role("heading", level=1).wait_for()
    assert (await focused(ada.page)).startswith("BODY")


async def test_the_tab_names_what_is_shown_instead_of_a_page(house: House) -> None:
    ada = await at(house, "people")
    await expect(ada.page).to_have_title("People · MemberPulse")
    for path, title in (
        ("nowhere", "There is no such page."),
        ("people/01900000-0000-7000-8000-000000000001", "There is no such thing here."),
        ("service-clients", "Your role does not allow this."),
    ):
        await ada.open(path)
        await expect(ada.page).to_have_title(f"{title} · MemberPulse")
        await ada.reads(title)


async def test_escape_closes_the_narrow_menu(house: House) -> None:
    page = (await at(house, "account", viewport=NARROW)).page
    await page.get_by_role("button", name="Open the menu").click()
    await page.get_by_role("link", name="People", exact=True).focus()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await expect(page.get_by_role("button", name="Open the menu")).to_be_focused()


@pytest.mark.parametrize("height", [800, 480])
async def test_the_way_out_is_in_view_beside_every_page(house: House, height: int) -> None:
    olivia = await house.visitor(viewport={"width": 1280, "height": height})
    await olivia.sign_in(OLIVIA, "health")
    await olivia.settled("Health")
    menu = olivia.page.get_by_role("navigation", name="Pages")
    way_out = await menu.get_by_role("button", name="Sign out").bounding_box()
    assert way_out is not None
    assert way_out["y"] + way_out["height"] <= height
    last = menu.get_by_role("link").last
    await last.focus()
    link = await last.bounding_box()
    foot = await menu.locator(".menu-foot").bounding_box()
    assert link is not None
    assert foot is not None
    assert link["y"] + link["height"] <= foot["y"], "what has the focus is not beneath something else"


async def test_an_operator_goes_on_with_the_organization_they_chose(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "sso")
    chosen = olivia.page.get_by_label("Organization", exact=True)
    await chosen.select_option(label="Globex")
    for link in ("Roles", "Attributes", "Single sign-on"):
        await olivia.page.get_by_role("navigation").get_by_role("link", name=link, exact=True).click()
        await olivia.reads(link)
        await expect(chosen.locator("option:checked")).to_have_text("Globex")
    await olivia.page.get_by_role("navigation").get_by_role("button", name="Sign out").click()
    await expect(olivia.page.get_by_text("You are signed out.")).to_be_visible()
    await olivia.sign_in(OLIVIA, "roles")
    await expect(chosen.locator("option:checked")).to_have_text("Acme Corp")
