"""Somebody who has read no documentation breaks things at the sandbox's page, and Health turns red and says what to do."""

import re

from playwright.async_api import Locator, Page, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story
# WorkOS is asked every 30 seconds for itself, and every minute for directories.
NOTICED_WITHIN_MS = 90_000


def indicator(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("list", name="Indicators").get_by_role("listitem", name=re.compile(f"^{title}$"))


async def at_health(house: House) -> tuple[Visitor, Page]:
    """Return an operator who looks at Health, and the sandbox's page beside it."""
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "health")
    await olivia.reads("Health")
    sandbox = await olivia.page.context.new_page()
    await sandbox.goto(house.twin_page)
    return olivia, sandbox


async def undone(sandbox: Page) -> None:
    await sandbox.get_by_role("button", name="Undo all").click()
    await expect(sandbox.get_by_text("Nothing is broken.")).to_be_visible()


async def test_workos_is_down_and_health_says_what_to_do(house: House) -> None:
    olivia, sandbox = await at_health(house)
    await sandbox.get_by_role("button", name="WorkOS is down").click()
    await expect(sandbox.get_by_text("Broken now")).to_be_visible()
    shown = indicator(olivia, "WorkOS.s API")
    await expect(shown).to_contain_text("failing", timeout=NOTICED_WITHIN_MS)
    await expect(shown).to_contain_text("What to do: Nothing needs to be done here while")
    asking = await olivia.page.context.new_page()
    await asking.goto(olivia.page.url.replace("/health", "/diagnostics?email=ada@acme.example"))
    await expect(asking.get_by_text("Just now nobody can sign in: see “WorkOS itself” below.")).to_be_visible()
    await expect(asking.get_by_text("WorkOS has not answered since")).to_be_visible()
    await expect(asking.get_by_role("link", name="Open the health page")).to_be_visible()
    await undone(sandbox)
    await expect(shown).to_contain_text("OK", timeout=NOTICED_WITHIN_MS)


async def test_a_directory_breaks_and_health_says_what_to_do(house: House) -> None:
    olivia, sandbox = await at_health(house)
    await sandbox.get_by_label("Directory or connection").select_option(
        label="Acme Okta Directory: its provider refuses the credentials"
    )
    await sandbox.get_by_role("button", name="Break", exact=True).click()
    shown = indicator(olivia, "Directory sync")
    await expect(shown).to_contain_text("Acme Okta Directory: WorkOS cannot read it", timeout=NOTICED_WITHIN_MS)
    await expect(shown).to_contain_text("What to do: Verify the SCIM endpoint")
    await undone(sandbox)
    await expect(shown).to_contain_text("OK", timeout=NOTICED_WITHIN_MS)
