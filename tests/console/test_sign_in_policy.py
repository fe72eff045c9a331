"""Who may sign in: the policy with its lock-out preview, and why somebody cannot, before and after the fix."""

from typing import Any

import httpx
from playwright.async_api import expect

from tests import gateway
from tests.console.house import OLIVIA, House, Visitor, story
from tests.sso.provider import lasting_certificate

pytestmark = story
ADA, GRACE, ALAN, HANK = "ada@acme.example", "grace@acme.example", "alan@acme.example", "hank@globex.example"


async def at_policy(house: House, email: str = ADA) -> Visitor:
    visitor = await house.visitor()
    await visitor.sign_in(email, "sso")
    await expect(visitor.page.get_by_role("region", name="Policy")).to_be_visible()
    return visitor


async def policy(house: House, email: str = ADA) -> dict[str, Any]:
    """Return the policy as it is in force."""
    async with house.outside(email) as browser:
        home = (await browser.api("GET", "/auth/session")).json()["organization"]["id"]
        found: dict[str, Any] = (await browser.api("GET", f"/api/organizations/{home}/sso")).json()
        return found


async def turned_away(house: House, email: str) -> None:
    """Have somebody try to sign in, in vain."""
    async with httpx.AsyncClient(base_url=house.url) as http:
        assert (await gateway.Browser(http, house.url).sign_in(email)).status_code >= 400


async def test_the_policy_is_changed_and_kept(house: House) -> None:
    ada = await at_policy(house)
    page = ada.page
    await expect(page.get_by_role("button", name="Save policy")).to_have_count(0)
    await page.get_by_label("Sign out when unused for").select_option(label="2 hours")
    await page.get_by_label("Who is added at their first sign-in").select_option(label="Anybody")
    await page.get_by_label("Default connection").select_option(label="Acme Okta")
    await page.get_by_role("button", name="Save policy").click()
    await expect(page.get_by_text("The policy is saved and applies to everybody now.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Sign out when unused for")).to_have_value("7200")
    await expect(page.get_by_label("Default connection").locator("option:checked")).to_have_text("Acme Okta")
    found = await policy(house)
    assert (found["session_idle_seconds"], found["jit_provisioning"]) == (7_200, "always")
    await expect(page.get_by_label("Default role").get_by_text("Platform admin")).to_have_count(0)


async def test_single_sign_on_is_required_once_it_is_seen_whom_that_locks_out(house: House) -> None:
    ada = await at_policy(house)
    page = ada.page
    await page.get_by_label("Require single sign-on").click()
    await page.get_by_role("button", name="Save policy").click()
    would = page.get_by_role("region", name="Before it is the only way in")
    await expect(would.get_by_role("alert")).to_contain_text("Nothing is saved yet.")
    await expect(would.get_by_role("alert")).to_contain_text("not signed in by single sign-on yet: they can try")
    # Grace has only never tried: that she could not is untrue, and below she can.
    await expect(would).not_to_contain_text("could not sign in any more")
    await expect(would.get_by_role("table", name="Who would be locked out")).to_have_count(0)
    unseen = would.get_by_role("table", name="Who has not signed in by single sign-on yet")
    grace = unseen.get_by_role("row").filter(has_text="Grace Hopper")
    await expect(grace).to_contain_text("Administrator")
    await expect(grace).to_contain_text("Ask them to try it once.")
    await expect(would.get_by_role("row").filter(has_text="Ada Lovelace")).to_have_count(0)
    assert (await policy(house))["required"] is False
    # Another edit is another question.
    await page.get_by_label("Require single sign-on").click()
    await expect(would).to_have_count(0)
    await page.get_by_label("Require single sign-on").click()
    async with house.outside(GRACE):
        await page.get_by_role("button", name="Save policy").click()
    await expect(would.get_by_role("row").filter(has_text="Alan Turing")).to_be_visible()
    await expect(grace).to_have_count(0)
    await would.get_by_role("button", name="Save all the same").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("not signed in by single sign-on yet")
    await page.get_by_role("alertdialog").get_by_role("button", name="Save all the same").click()
    await expect(page.get_by_text("The policy is saved and applies to everybody now.")).to_be_visible()
    assert (await policy(house))["required"] is True


async def test_switching_it_off_is_asked_first(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "sso")
    await olivia.page.get_by_label("Organization").select_option(label="Globex")
    await olivia.page.get_by_label("Enable single sign-on").click()
    await olivia.page.get_by_role("button", name="Save policy").click()
    dialog = olivia.page.get_by_role("alertdialog", name="Save this policy?")
    await expect(dialog).to_contain_text("Nobody in this organization will be able to sign in.")
    await dialog.get_by_role("button", name="Cancel").click()
    assert (await policy(house, HANK))["enabled"] is True


async def test_who_saved_a_policy_meanwhile_is_not_overwritten(house: House) -> None:
    ada, grace = await at_policy(house), await at_policy(house, GRACE)
    await ada.page.get_by_label("Sign out in any case after").select_option(label="2 days")
    await grace.page.get_by_label("Sign out in any case after").select_option(label="12 hours")
    await ada.page.get_by_role("button", name="Save policy").click()
    await expect(ada.page.get_by_text("The policy is saved and applies to everybody now.")).to_be_visible()
    await grace.page.get_by_role("button", name="Save policy").click()
    meanwhile = grace.page.get_by_role("alert").filter(has_text="Somebody else saved the policy meanwhile.")
    await expect(meanwhile).to_be_visible()
    await expect(grace.page.get_by_text("If-Match")).to_have_count(0)
    assert (await policy(house))["session_absolute_seconds"] == 172_800
    await expect(grace.page.get_by_label("Sign out in any case after").locator("option:checked")).to_have_text(
        "12 hours"
    )
    await expect(grace.page.get_by_role("button", name="Save policy")).to_be_disabled()
    await meanwhile.get_by_role("button", name="Load theirs instead of mine").click()
    await expect(grace.page.get_by_label("Sign out in any case after").locator("option:checked")).to_have_text("2 days")


async def test_why_a_person_cannot_sign_in_and_that_they_can_once_it_is_mended(house: House) -> None:
    async with house.outside(ADA) as admin:
        alan = (await admin.api("GET", "/api/users", params={"email": ALAN})).json()["data"][0]["id"]
        await admin.api("PATCH", f"/api/users/{alan}", json={"state": "inactive"})
    await turned_away(house, ALAN)
    ada = await house.visitor()
    await ada.sign_in(ADA, f"people/{alan}")
    why = ada.page.get_by_role("region", name="this person sign in?")
    await why.get_by_role("button", name="Find out").click()
    await expect(why).to_contain_text("They cannot sign in. What stands in the way: Account.")
    account = (
        why.get_by_role("list", name="What a sign-in goes through").get_by_role("listitem").filter(has_text="Account")
    )
    await expect(account).to_contain_text("by an administrator")
    await expect(account).to_contain_text("Let them in again on their page")
    attempts = why.get_by_role("table", name="Last attempts")
    await expect(attempts.get_by_role("row").nth(1)).to_contain_text("failed")
    await ada.page.get_by_role("button", name="Let in again").click()
    await ada.page.get_by_role("alertdialog").get_by_role("button", name="Let in again").click()
    await expect(ada.page.get_by_role("button", name="Deactivate")).to_be_visible()
    await expect(why).to_contain_text("They can sign in")
    async with house.outside(ALAN):
        await why.get_by_role("button", name="Look again").click()
        await expect(attempts.get_by_role("row").nth(1)).to_contain_text("completed")


async def test_diagnostics_of_an_address_lead_to_the_fix(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "diagnostics")
    await olivia.page.get_by_label("Work e-mail").fill("mindy@globex.example")
    await olivia.page.get_by_role("button", name="Find out").click()
    await expect(olivia.page.get_by_text("They can sign in")).to_be_visible()
    async with house.outside(HANK) as hank:
        home = (await hank.api("GET", "/auth/session")).json()["organization"]["id"]
        await hank.api("PATCH", f"/api/organizations/{home}/sso", json={"enabled": False})
        await olivia.page.get_by_role("button", name="Find out").click()
        await expect(olivia.page.get_by_text("What stands in the way: Policy.")).to_be_visible()
        await olivia.page.get_by_role("link", name="Open the policy").click()
        await olivia.page.get_by_label("Enable single sign-on").click()
        await olivia.page.get_by_role("button", name="Save policy").click()
        await expect(olivia.page.get_by_text("The policy is saved and applies to everybody now.")).to_be_visible()
    await olivia.open("diagnostics?email=mindy@globex.example")
    await expect(olivia.page.get_by_text("They can sign in")).to_be_visible()
    await olivia.open("diagnostics?email=somebody@nowhere.example")
    await expect(olivia.page.get_by_text("What stands in the way: Organization.")).to_be_visible()


async def test_nobody_learns_of_another_organizations_people(house: House) -> None:
    hank = await house.visitor()
    await hank.sign_in(HANK, f"diagnostics?email={ADA}")
    told = hank.page.get_by_role("region", name=ADA)
    await expect(told).to_contain_text("Nobody here has this address")
    await expect(told).not_to_contain_text("Acme")
    await expect(hank.page.get_by_label("Organization")).to_have_count(0)


async def test_where_workos_takes_no_configuration_the_portal_is_led_to(house: House) -> None:
    hank = await house.visitor()
    await hank.sign_in(HANK, "sso/configure")
    page = hank.page
    await page.get_by_label("Connection", exact=True).select_option(label="Globex Entra ID")
    await page.get_by_role("radio", name="Three values").click()
    await page.get_by_label("IdP Entity ID").fill("https://idp.globex.example/entity")
    await page.get_by_label("IdP SSO URL").fill("https://idp.globex.example/sso")
    await page.get_by_label("IdP Certificate").fill(lasting_certificate())
    await page.get_by_role("button", name="Check and continue").click()
    left = page.get_by_role("region", name="One step is left")
    portal = left.get_by_role("link", name="Open the Admin Portal")
    first = await portal.get_attribute("href")
    await left.get_by_role("button", name="Get another link").click()
    await expect(portal).not_to_have_attribute("href", first or "")
    await expect(left).to_contain_text("https://idp.globex.example/sso")
    await expect(left.get_by_role("button", name="Copy IdP Certificate")).to_be_visible()
    async with page.context.expect_page() as opened:
        await portal.click()
    tab = await opened.value
    await tab.get_by_role("button", name="Okta").click()
    await tab.get_by_role("button", name="Connect").click()
    # The tab of before follows by itself.
    await expect(page.get_by_role("region", name="WorkOS has it")).to_contain_text("Globex Okta", timeout=30_000)
    await expect(left).to_have_count(0)
    await expect(page.get_by_role("region", name="What was found")).to_contain_text("CN=idp.example")
