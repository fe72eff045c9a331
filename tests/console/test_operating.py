"""An operator makes, links, renames and suspends organizations, reads what WorkOS told, and the record of it all."""

import asyncio
import re

from playwright.async_api import Page, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story


async def an_operator(house: House, path: str) -> Visitor:
    """Return an operator at a page."""
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, path)
    return olivia


async def test_an_organization_is_made_at_workos_too(house: House) -> None:
    olivia = await an_operator(house, "organizations")
    await olivia.page.get_by_role("link", name="Add organization").click()
    await olivia.page.get_by_label("Name").fill("Umbrella")
    await olivia.page.get_by_role("button", name="Create organization").click()
    await olivia.reads("Umbrella")
    assert any(found.name == "Umbrella" for found in house.twin.world.organizations.values())


async def test_an_organization_of_workos_is_linked_with_all_that_it_has(house: House) -> None:
    organization = house.twin.add_organization("Initech").id
    house.twin.add_domain(organization, "initech.example")
    house.twin.add_connection(organization, "Initech SSO", type="OktaSAML")
    olivia = await an_operator(house, "organizations/new")
    await olivia.page.get_by_role("radio", name="Already at WorkOS").click()
    await olivia.page.get_by_label("Name").fill("Initech")
    await olivia.page.get_by_label("WorkOS organization id").fill("org_01NOTTHERE")
    await olivia.page.get_by_role("button", name="Link organization").click()
    await expect(olivia.page.get_by_role("alert").filter(has_text="Request")).to_be_visible()
    await olivia.page.get_by_label("WorkOS organization id").fill(organization)
    await olivia.page.get_by_role("button", name="Link organization").click()
    await olivia.reads("Initech")
    await expect(olivia.page.get_by_role("region", name="Domains")).to_contain_text("initech.example")
    await olivia.page.get_by_role("link", name="SSO connections").last.click()
    await olivia.page.get_by_role("link", name="Initech SSO").click()
    await olivia.reads("Initech SSO")


async def test_an_organization_is_renamed_suspended_and_let_in_again(house: House) -> None:
    olivia = await an_operator(house, "organizations")
    await olivia.page.get_by_role("link", name="Globex").click()
    await olivia.page.get_by_role("button", name="Rename").click()
    await olivia.page.get_by_role("textbox", name="Name").fill("Globex Corporation")
    await olivia.page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    await olivia.reads("Globex Corporation")
    async with house.outside("hank@globex.example") as hank:
        await olivia.page.get_by_role("button", name="Suspend").click()
        await olivia.page.get_by_role("alertdialog").get_by_role("button", name="Suspend").click()
        await expect(olivia.page.get_by_text("This organization is suspended")).to_be_visible()
        assert (await hank.token()).status_code == 401
    await olivia.page.get_by_role("button", name="Let in again").click()
    await olivia.page.get_by_role("alertdialog").get_by_role("button", name="Let in again").click()
    await expect(olivia.page.get_by_role("button", name="Suspend")).to_be_visible()


async def test_a_client_admin_opens_the_admin_portal_by_intent(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "organizations")
    await ada.page.get_by_role("link", name="Acme Corp").click()
    await expect(ada.page.get_by_role("button", name="Suspend")).to_have_count(0)
    await ada.page.get_by_label("What for").select_option(label="Verify a domain")
    await ada.page.get_by_role("button", name="Get a link").click()
    async with ada.page.context.expect_page() as opened:
        await ada.page.get_by_role("link", name="Open the Admin Portal").click()
    portal: Page = await opened.value
    await expect(portal.get_by_text("Domain verification of Acme Corp")).to_be_visible()


async def test_an_event_is_found_read_and_replayed(house: House) -> None:
    await house.lived_in()
    olivia = await an_operator(house, "webhooks")
    await expect(olivia.page.get_by_role("img", name=re.compile("Arrivals"))).to_be_visible()
    await expect(olivia.page.get_by_role("region", name="Completeness")).to_be_visible()
    await olivia.page.get_by_label("Event", exact=True).select_option("dsync.user.updated")
    rows = olivia.page.get_by_role("table", name="Events").get_by_role("row")
    await expect(rows).to_have_count(2)
    await rows.last.get_by_role("link", name="dsync.user.updated").click()
    await olivia.reads("dsync.user.updated")
    await expect(olivia.page.get_by_text("is shown to nobody here. The WorkOS Dashboard shows it")).to_be_visible()
    await olivia.page.get_by_role("button", name="Replay").click()
    await olivia.page.get_by_role("alertdialog").get_by_role("button", name="Replay").click()
    await expect(olivia.page.get_by_text("It is applied once more.")).to_be_visible()
    await expect(olivia.page.get_by_text("done", exact=True)).to_be_visible(timeout=20_000)


async def test_a_client_admin_sees_their_events_and_replays_none(house: House) -> None:
    await house.lived_in()
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "webhooks")
    await ada.page.get_by_role("table", name="Events").get_by_role("link").first.click()
    await expect(ada.page.get_by_role("region", name="What became of it")).to_be_visible()
    await expect(ada.page.get_by_role("button", name="Replay")).to_have_count(0)


async def test_the_record_is_taken_away(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "audit?action=sso.login.completed")
    for name in ("CSV", "NDJSON"):
        async with ada.page.expect_download() as coming:
            await ada.page.get_by_role("button", name=name, exact=True).click()
        file = await coming.value
        assert file.suggested_filename == f"memberpulse-audit.{name.lower()}"
        text = await asyncio.to_thread((await file.path()).read_text)
        assert "sso.login.completed" in text
        assert "user.provisioned" not in text


async def test_the_record_is_verified(house: House) -> None:
    async def sealed(visitor: Visitor) -> None:
        async with asyncio.timeout(30):
            while "is intact" not in await visitor.page.get_by_role("region", name="Verification").inner_text():
                await visitor.page.get_by_role("button", name="Verify").click()
                await asyncio.sleep(0.5)

    olivia = await an_operator(house, "audit")
    await sealed(olivia)
    said = olivia.page.get_by_role("region", name="Verification")
    await expect(said).to_contain_text("checked against the chain of seals")
    await house.as_superuser(
        "update audit_events set action = 'organization.nothing' where action = 'organization.created'"
    )
    await olivia.page.get_by_role("button", name="Verify").click()
    await expect(said.get_by_role("alert")).to_contain_text("The record is not what was written.")
    await expect(said.get_by_role("alert")).to_contain_text("What to do: Keep the database as it is")
    await expect(said).to_contain_text("First event that does not fit")
    await house.as_superuser(
        "update audit_events set action = 'organization.created' where action = 'organization.nothing'"
    )
    await olivia.page.get_by_role("button", name="Verify").click()
    await expect(said).to_contain_text("is intact")


async def test_the_record_is_filtered_and_read(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "audit")
    await expect(ada.page.get_by_role("img", name=re.compile("Activity"))).to_be_visible()
    await ada.page.get_by_label("Action").select_option(label="SSO login completed")
    acts = ada.page.locator(".timeline li")
    await expect(acts.first).to_contain_text("SSO login completed")
    await expect(acts.filter(has_text="User provisioned")).to_have_count(0)
    await acts.first.locator("summary").click()
    await expect(acts.first).to_contain_text("127.0.0.1")
    await ada.page.get_by_label("From").fill("2027-12-31")
    await expect(ada.page.get_by_text("Nothing was recorded.")).to_be_visible()
