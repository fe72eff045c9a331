"""An operator verifies and changes WorkOS's settings, and replaces secrets step by step."""

import re

from playwright.async_api import Locator, expect

from tests.console.house import OLIVIA, House, Visitor, story
from tests.console.test_losing_a_session import aged, signed_in_again

pytestmark = story
PAGE = "settings/workos"
NEW_KEY = "sk_test_memberpulse_the_next_one_77aa"
NEW_SECRET = "the-webhook-secret-that-replaces-it"


async def at_settings(house: House, view: str = "settings") -> Visitor:
    """Return an operator at the settings."""
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, f"{PAGE}?view={view}")
    await olivia.reads("WorkOS settings")
    return olivia


async def confirm(visitor: Visitor, deed: str) -> None:
    """Answer the question that stands before a deed."""
    await visitor.page.get_by_role("alertdialog").get_by_role("button", name=deed).click()


async def test_what_is_in_force_is_shown_and_verified(house: House) -> None:
    olivia = await at_settings(house)
    form = olivia.page.get_by_role("region", name="In force")
    await expect(form.get_by_label("Client ID")).to_have_value("client_memberpulse_sandbox")
    await expect(form.get_by_label("API key")).to_have_attribute("placeholder", "••••••••dbox")
    await expect(form.get_by_text("from the environment")).to_have_count(4)
    await form.get_by_role("button", name="Verify what is in force").click()
    said = form.get_by_role("list", name="What WorkOS says to what is in force")
    await expect(said).to_contain_text("WorkOS takes the API key.")
    await expect(said).to_contain_text("(1 enabled)")
    assert "sk_test_memberpulse_sandbox" not in await olivia.page.content()


async def test_a_change_is_verified_saved_and_given_back(house: House) -> None:
    olivia = await at_settings(house)
    page = olivia.page
    save = page.get_by_role("button", name="Save settings")
    await expect(save).to_be_disabled()
    await page.get_by_label("API key").fill("sk_test_a_key_of_nobody")
    await page.get_by_role("button", name="Verify", exact=True).click()
    await expect(page.get_by_role("list", name="What WorkOS says to these changes")).to_contain_text(
        "refuses the API key"
    )
    await save.click()
    await expect(page.get_by_role("alert").filter(has_text="nothing was saved")).to_be_visible()
    house.twin.world.credentials.api_keys.append(NEW_KEY)
    await page.get_by_label("API key").fill(NEW_KEY)
    await page.get_by_label("Default connection").select_option(label="Globex Entra ID (Globex)")
    await save.click()
    await expect(page.get_by_text("The settings are saved.")).to_be_visible()
    await expect(page.get_by_label("API key")).to_have_value("")
    await page.reload()
    await expect(page.get_by_label("API key")).to_have_attribute("placeholder", "••••••••77aa")
    await expect(page.get_by_label("Default connection").locator("option:checked")).to_have_text(
        "Globex Entra ID (Globex)"
    )
    await page.get_by_label("Default connection").select_option("")
    await save.click()
    await expect(save).to_be_disabled()
    await page.get_by_role("button", name="Back to the environment").click()
    await confirm(olivia, "Drop what is saved here")
    await expect(page.get_by_role("alertdialog")).to_be_hidden()
    await expect(page.get_by_label("API key")).to_have_attribute("placeholder", "••••••••dbox")
    house.twin.world.credentials.api_keys.remove(NEW_KEY)


async def test_a_verdict_is_of_what_was_verified(house: House) -> None:
    olivia = await at_settings(house)
    verify = olivia.page.get_by_role("button", name="Verify", exact=True)
    said = olivia.page.get_by_role("list", name="What WorkOS says to these changes")
    await olivia.page.get_by_label("API key").fill("sk_test_memberpulse_sandbox")
    await verify.click()
    await expect(said).to_contain_text("WorkOS takes the API key.")
    await olivia.page.get_by_label("API key").fill("sk_test_a_key_of_nobody")
    await expect(said).to_have_count(0)
    await verify.click()
    await expect(said).to_contain_text("refuses the API key")


async def test_a_secret_is_never_sent_somewhere_new(house: House) -> None:
    olivia = await at_settings(house)
    page = olivia.page
    await page.get_by_label("Client ID").fill("client_of_somebody_else")
    await expect(page.get_by_text("the stored one is never sent somewhere new")).to_be_visible()
    await page.get_by_role("button", name="Save settings").click()
    refused = page.get_by_role("alert").filter(has_text="Request")
    await expect(refused).to_contain_text("needs the API key in the same request")
    await page.get_by_label("API key").fill("sk_••••••••dbox")
    await page.get_by_role("button", name="Save settings").click()
    await expect(refused).to_contain_text("is a masked one")
    await expect(page.get_by_text("is masked", exact=True)).to_be_visible()
    await expect(page.get_by_label("Client ID")).to_have_value("client_of_somebody_else")
    await page.get_by_role("button", name="Discard changes").click()
    await expect(page.get_by_label("Client ID")).to_have_value("client_memberpulse_sandbox")


async def test_who_saved_meanwhile_is_not_overwritten(house: House) -> None:
    olivia = await at_settings(house)
    choice = olivia.page.get_by_label("Default connection")
    await choice.select_option(label="Acme Okta (Acme Corp)")
    async with house.outside(OLIVIA) as elsewhere:
        globex = next(one for one in house.twin.world.connections.values() if one.name == "Globex Entra ID")
        saved = await elsewhere.api("PATCH", "/api/settings/workos", json={"default_connection": globex.id})
        assert saved.status_code == 200, saved.text
    await olivia.page.get_by_role("button", name="Save settings").click()
    conflict = olivia.page.get_by_role("alert").filter(has_text="Somebody else saved the settings meanwhile.")
    await expect(conflict).to_be_visible()
    await expect(choice.locator("option:checked")).to_have_text("Acme Okta (Acme Corp)")
    await expect(olivia.page.get_by_role("button", name="Save settings")).to_be_disabled()
    await conflict.get_by_role("button", name="Go on with my changes").click()
    await olivia.page.get_by_role("button", name="Save settings").click()
    await expect(olivia.page.get_by_text("The settings are saved.")).to_be_visible()


def step(visitor: Visitor, title: str) -> Locator:
    """Return a step of the webhook secret's rotation."""
    rotation = visitor.page.get_by_role("region", name="Rotate the webhook secret")
    return rotation.get_by_role("listitem").filter(has=visitor.page.get_by_role("heading", name=title))


async def test_the_webhook_secret_is_replaced_and_no_event_is_lost(house: House) -> None:
    olivia = await at_settings(house, "rotation")
    rotation = olivia.page.get_by_role("region", name="Rotate the webhook secret")
    in_force = rotation.get_by_role("status").filter(has_text="In force now")
    await expect(in_force).to_contain_text("…ests")
    await rotation.get_by_label("New webhook secret").fill(NEW_SECRET)
    await rotation.get_by_role("button", name="Stage").click()
    await expect(in_force).to_contain_text("both count")
    await expect(in_force).to_contain_text("…s-it")
    # Too early: WorkOS signs with the old one alone.
    await rotation.get_by_role("button", name="Promote").click()
    await confirm(olivia, "Promote")
    await expect(olivia.page.get_by_role("alertdialog")).to_contain_text(
        "WorkOS still signs with the old webhook secret"
    )
    await confirm(olivia, "Cancel")
    (first,) = house.twin.world.endpoints.values()
    house.twin.add_webhook_endpoint(f"{house.url}/webhooks/workos?2", secret=NEW_SECRET)
    await rotation.get_by_role("button", name="Ask WorkOS").click()
    await expect(rotation.get_by_role("list", name="WorkOS says")).to_contain_text("(2 enabled)")
    house.twin.change_person("alan@acme.example", job_title="Signed twice")
    await house.twin.deliveries_sent()
    house.twin.remove_webhook_endpoint(first.id)
    await rotation.get_by_role("button", name="Promote").click()
    await confirm(olivia, "Promote")
    await expect(in_force).not_to_contain_text("…ests")
    await expect(in_force).to_contain_text("saved here")
    await expect(step(olivia, "Clean up")).to_have_attribute("aria-current", "step")
    house.twin.change_person("alan@acme.example", job_title="Signed by the new one")
    await house.twin.deliveries_sent()
    await house.settled(
        "/api/webhooks/events", lambda event: event["status"] == "done" and event["source"] == "webhook"
    )


async def test_a_key_that_workos_refuses_is_not_staged_and_one_that_it_takes_is_rolled_back(house: House) -> None:
    olivia = await at_settings(house, "rotation")
    rotation = olivia.page.get_by_role("region", name="Rotate the API key")
    await rotation.get_by_label("New API key").fill(NEW_KEY)
    await rotation.get_by_role("button", name="Stage").click()
    await expect(rotation.get_by_role("alert").first).to_contain_text("WorkOS refuses the API key")
    house.twin.world.credentials.api_keys.append(NEW_KEY)
    await rotation.get_by_role("button", name="Stage").click()
    await expect(rotation.get_by_text("both count.")).to_be_visible()
    await rotation.get_by_role("button", name="Roll back").click()
    await confirm(olivia, "Roll back")
    await expect(rotation.get_by_text(re.compile("The last rotation was rolled back"))).to_be_visible()
    await expect(rotation.get_by_label("New API key")).to_have_value("")


async def test_a_change_needs_a_recent_sign_in(house: House) -> None:
    olivia = await at_settings(house)
    await aged(house)
    await olivia.page.reload()
    await olivia.page.get_by_label("Default connection").select_option(label="MemberPulse Google (MemberPulse)")
    await olivia.page.get_by_role("button", name="Save settings").click()
    await expect(olivia.page.get_by_role("dialog", name="Please confirm that it is you")).to_be_visible()
    await signed_in_again(olivia)
    await expect(olivia.page.get_by_text("The settings are saved.")).to_be_visible()


async def test_who_is_no_operator_sees_no_settings(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", PAGE)
    await expect(ada.page.get_by_text("Your role does not allow this.")).to_be_visible()
    await expect(ada.page.get_by_role("link", name="WorkOS")).to_have_count(0)
