"""Somebody signs in, looks at their account, loses their session and comes back to where they were."""

import re

from playwright.async_api import expect

from tests.console.house import House, story

pytestmark = story
ADA = "ada@acme.example"


async def test_a_person_signs_in_and_sees_their_account(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in(ADA, "account")
    await ada.reads("My account")
    profile = ada.page.get_by_role("region", name="Profile")
    await expect(profile).to_contain_text("Ada Lovelace")
    await expect(profile).to_contain_text("Acme Corp")
    await expect(profile).to_contain_text("Client admin")
    sessions = ada.page.get_by_role("table", name="My sessions")
    await expect(sessions.get_by_role("row")).to_have_count(2)
    await expect(sessions).to_contain_text("this one")
    # The token is nowhere that another script could find it later.
    assert await ada.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie") == "{}"


async def test_an_address_of_nobody_is_told_what_to_do(house: House) -> None:
    stranger = await house.visitor()
    await stranger.open()
    await stranger.page.get_by_label("Work e-mail").fill("somebody@nowhere.example")
    await stranger.page.get_by_role("button", name="Sign in with SSO").click()
    await expect(stranger.page.get_by_text("Single sign-on does not work for this address")).to_be_visible()


async def test_ending_another_session_and_signing_out(house: House) -> None:
    grace = await house.visitor()
    await grace.sign_in("grace@acme.example", "account")
    async with house.outside("grace@acme.example") as other:
        await grace.page.reload()
        rows = grace.page.get_by_role("table", name="My sessions").get_by_role("row")
        await expect(rows).to_have_count(3)
        await rows.filter(has_not_text="this one").last.get_by_role("button", name="End").click()
        await grace.page.get_by_role("button", name="End session").click()
        await expect(rows).to_have_count(2)
        assert (await other.token()).status_code == 401
    await grace.page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(grace.page.get_by_text("You are signed out.")).to_be_visible()
    await expect(grace.page).to_have_title("Sign in · MemberPulse")
    await expect(grace.page).to_have_url(f"{house.url}/console")
    await grace.page.reload()
    await grace.reads("Sign in to MemberPulse")


async def test_who_only_belongs_is_offered_nothing_more(house: House) -> None:
    donald = await house.visitor()
    await donald.sign_in("donald@acme.example")
    await donald.reads("My account")
    await expect(donald.page.get_by_role("navigation").get_by_role("link")).to_have_count(1)
    await donald.open("organizations")
    await expect(donald.page.get_by_text("Your role does not allow this.")).to_be_visible()


async def test_an_operator_sees_every_organization(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in("olivia@memberpulse.example", "organizations")
    await olivia.reads("Organizations")
    table = olivia.page.get_by_role("table", name="Organizations")
    for name in ("Acme Corp", "Globex", "MemberPulse"):
        await expect(table.get_by_role("link", name=name)).to_be_visible()


async def test_two_tenants_in_two_browsers_see_only_their_own(house: House) -> None:
    ada, hank = await house.visitor(), await house.visitor()
    await ada.sign_in(ADA, "organizations")
    await hank.sign_in("hank@globex.example", "organizations")
    for visitor, own, foreign in ((ada, "Acme Corp", "Globex"), (hank, "Globex", "Acme Corp")):
        await expect(visitor.page.get_by_role("table").get_by_role("link", name=own)).to_be_visible()
        await expect(visitor.page.get_by_text(re.compile(foreign))).to_have_count(0)
