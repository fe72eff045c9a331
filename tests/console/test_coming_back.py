"""An operator goes through the Admin Portal for another organization, and comes back to that one."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.console.house import OLIVIA, House, Visitor, story
from tests.sso.provider import lasting_certificate, metadata

pytestmark = story


def of(house: House, name: str = "Globex") -> str:
    """Return WorkOS's id of an organization."""
    return next(one.id for one in house.twin.world.organizations.values() if one.name == name)


async def at(house: House, path: str) -> Visitor:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, path)
    return olivia


async def known(house: House, path: str, word: str) -> None:
    """Wait until an answer has what WorkOS told of by webhook."""
    async with house.outside(OLIVIA) as other, asyncio.timeout(30):
        while word not in (await other.api("GET", path)).text:
            await asyncio.sleep(0.2)


async def in_portal(page: Page) -> Page:
    """Open the link that was got, in a tab that knows nothing of the one before."""
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Open the Admin Portal").click()
    return await opened.value


async def is_at(page: Page, heading: str, organization: str = "Globex") -> None:
    await expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    await expect(page.get_by_label("Organization", exact=True).locator("option:checked")).to_have_text(organization)


@pytest.mark.parametrize("is_entered", [False, True], ids=["asked first", "entered"])
async def test_single_sign_on_of_another_organization_comes_back_to_it(house: House, *, is_entered: bool) -> None:
    olivia = await at(house, f"sso/configure?organization={of(house)}")
    page = olivia.page
    if is_entered:
        await page.get_by_role("radio", name="Metadata file").click()
        await page.get_by_label("Metadata XML").fill(metadata(lasting_certificate()))
        await page.get_by_role("button", name="Check and continue").click()
    else:
        await page.get_by_role("button", name="Get a link to the Admin Portal").click()
    portal = await in_portal(page)
    await portal.get_by_role("button", name="Okta").click()
    await portal.get_by_role("button", name="Connect").click()
    await is_at(portal, "Single sign-on" if is_entered else "Configure SSO")


async def test_a_directory_of_another_organization_is_added_from_its_list(house: House) -> None:
    async with house.outside(OLIVIA) as other:
        new = (await other.api("POST", "/api/organizations", json={"name": "Initech"})).json()["id"]
    olivia = await at(house, f"directories?organization={new}")
    page = olivia.page
    await expect(page.get_by_text("This organization has no directory yet.")).to_be_visible()
    await page.get_by_label("State").select_option("linked")
    await expect(page.get_by_text("No directory matches the filters.")).to_be_visible()
    await page.get_by_role("link", name="Add Directory").click()
    await is_at(page, "Add Directory", "Initech")
    await page.get_by_role("radio", name="Okta").click()
    await page.get_by_role("button", name="Show the steps and get the link").click()
    portal = await in_portal(page)
    await portal.get_by_role("button", name="Okta").click()
    await portal.get_by_role("button", name="Connect").click()
    await is_at(portal, "Directory Sync", "Initech")
    await page.get_by_role("link", name="Back to the directories").click()
    await is_at(page, "Directory Sync", "Initech")


async def test_a_domain_that_another_tab_adds_shows_by_itself(house: House) -> None:
    olivia = await at(house, f"organizations/{of(house)}")
    domains = olivia.page.get_by_role("region", name="Domains")
    await expect(domains).to_contain_text("globex.example")
    await olivia.page.clock.install()
    await olivia.page.reload()
    await expect(domains).to_contain_text("globex.example")
    house.twin.add_domain(of(house), "new.example", state="pending")
    await known(house, f"/api/organizations/{of(house)}", "new.example")
    await olivia.page.clock.run_for(20_000)
    item = domains.get_by_role("listitem").filter(has_text="new.example")
    await expect(item).to_have_text(re.compile("pending.*waits for its DNS record"))
