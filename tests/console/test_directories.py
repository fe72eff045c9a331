"""An administrator adds a directory, looks at its people, previews a sync, runs it, and answers a held one."""

import re

from playwright.async_api import Page, expect

from tests.console.house import House, Visitor, story

pytestmark = story
ADA, HANK = "ada@acme.example", "hank@globex.example"


async def at_directory(house: House, email: str, name: str, view: str = "users") -> Visitor:
    """Return somebody who looks at a directory."""
    visitor = await house.visitor()
    await visitor.sign_in(email, "directories")
    await visitor.page.get_by_role("link", name=name).click()
    await visitor.reads(name)
    if view != "users":
        await visitor.page.get_by_role("link", name=view.capitalize(), exact=True).click()
    return visitor


async def test_adding_a_directory(house: House) -> None:
    hank = await house.visitor()
    await hank.sign_in(HANK, "directories")
    await hank.page.get_by_role("link", name="Add Directory").click()
    await hank.page.get_by_role("radio", name="Okta").click()
    await hank.page.get_by_role("button", name="Show the steps and get the link").click()
    await expect(hank.page.get_by_role("listitem").filter(has_text="Open the Admin Portal link")).to_be_visible()
    async with hank.page.context.expect_page() as opened:
        await hank.page.get_by_role("link", name="Open the Admin Portal").click()
    portal: Page = await opened.value
    await portal.get_by_role("button", name="Okta").click()
    await portal.get_by_role("button", name="Connect").click()
    # WorkOS leads back to the list, where the new directory is, read whole.
    await expect(portal.get_by_role("heading", name="Directory Sync", level=1)).to_be_visible()
    await hank.page.get_by_role("link", name="Back to the directories").click()
    row = hank.page.get_by_role("row").filter(has_text="Globex Okta")
    await expect(row).to_contain_text("linked", timeout=30_000)


async def test_searching_and_filtering_people(house: House) -> None:
    ada = await at_directory(house, ADA, "Acme Okta Directory")
    rows = ada.page.get_by_role("table", name="Users").get_by_role("row")
    await expect(rows).to_have_count(13)
    await ada.page.get_by_label("Search").fill("hopp")
    await expect(rows).to_have_count(2)
    await expect(ada.page).to_have_url(re.compile("search=hopp"))
    await ada.page.get_by_role("button", name="Clear filters").click()
    await ada.page.get_by_label("State").select_option("inactive")
    await expect(rows).to_have_count(2)
    await expect(rows.last).to_contain_text("John Backus")
    await ada.page.get_by_label("State").select_option("")
    await ada.page.get_by_label("Group").select_option(label="MemberPulse Staff")
    await expect(rows).to_have_count(4)
    await ada.page.get_by_label("Search").fill("nobody at all")
    await expect(ada.page.get_by_text("Nobody matches the filters.")).to_be_visible()


async def test_more_people_than_a_page_holds(house: House) -> None:
    twin = house.twin
    organization = twin.world.organization("memberpulse").id
    home = next(d for d in twin.world.directories.values() if d.organization_id == organization)
    for number in range(40):
        email = f"extra{number:02}@memberpulse.example"
        twin.add_person(organization, directory=home.id, email=email, first_name="Extra", last_name=f"{number:02}")
    olivia = await at_directory(house, "olivia@memberpulse.example", home.name)
    rows = olivia.page.get_by_role("table", name="Users").get_by_role("row")
    await olivia.page.get_by_role("button", name="Sync now").click()
    await house.settled("/api/directories", lambda found: found["workos_id"] != home.id or found["users_count"] == 43)
    await olivia.page.get_by_role("link", name="Syncs of this directory").click()
    await olivia.page.get_by_role("link", name="Users", exact=True).click()
    await olivia.page.reload()  # a first page of while they came ends elsewhere, and the next begins there
    await expect(rows).to_have_count(26)
    first = await rows.nth(1).inner_text()
    await olivia.page.get_by_role("button", name="Next").click()
    await expect(rows).to_have_count(19)
    await expect(olivia.page.get_by_role("button", name="Next")).to_be_disabled()
    await olivia.page.get_by_role("button", name="Previous").click()
    await expect(rows).to_have_count(26)
    assert await rows.nth(1).inner_text() == first


async def test_a_preview_changes_nothing_and_is_confirmed(house: House) -> None:
    house.twin.set_switches(send_webhooks=False)
    house.twin.change_person("donald@acme.example", groups=["MemberPulse Staff"])
    ada = await at_directory(house, ADA, "Acme Okta Directory")
    await ada.page.get_by_role("button", name="Preview").click()
    await ada.reads("Preview")
    changes = ada.page.get_by_role("table", name="Role changes")
    await expect(changes).to_contain_text("donald@acme.example", timeout=30_000)
    await expect(changes).to_contain_text("Client user")
    asked = ada.page.get_by_role("region", name="About")
    await expect(asked.get_by_role("link", name="Ada Lovelace")).to_be_visible()
    async with house.outside(ADA) as outside:
        donald = (await outside.api("GET", "/api/users", params={"email": "donald@acme.example"})).json()["data"][0]
        assert donald["roles"] == ["ROLE_MEMBER"]
        await ada.page.get_by_role("button", name="Do what the preview shows").click()
        await ada.page.get_by_role("button", name="Make the changes").click()
        await expect(ada.page.get_by_text("What changed")).to_be_visible(timeout=30_000)
        donald = (await outside.api("GET", f"/api/users/{donald['id']}")).json()
        assert donald["roles"] == ["ROLE_CLIENT_USER"]
    house.twin.set_switches(send_webhooks=True)


async def test_progress_is_shown_and_a_run_is_cancelled(house: House) -> None:
    house.twin.add_fault("GET /directory_users", "latency", delay_ms=4_000, times=3)
    ada = await at_directory(house, ADA, "Acme Okta Directory")
    await ada.page.get_by_role("button", name="Sync now").click()
    await expect(ada.page.get_by_role("progressbar")).to_be_visible()
    await expect(ada.page.get_by_text("read so far")).to_be_visible()
    await ada.page.get_by_role("button", name="Cancel").click()
    await expect(ada.page.get_by_text("cancelled").first).to_be_visible(timeout=30_000)
    house.twin.clear_faults()


async def test_a_sync_that_fails_says_why(house: House) -> None:
    house.twin.add_fault("GET /directory_users", "garbage")
    ada = await at_directory(house, ADA, "Acme Okta Directory")
    await ada.page.get_by_role("button", name="Sync now").click()
    await expect(ada.page.get_by_text("This sync did not finish.")).to_be_visible(timeout=60_000)
    house.twin.clear_faults()


async def test_a_held_run_asks_and_is_answered(house: House) -> None:
    house.twin.set_switches(send_webhooks=False)
    for name in ("mindy", "homer"):
        house.twin.change_person(f"{name}@globex.example", state="inactive")
    hank = await at_directory(house, HANK, "Globex Entra Directory")
    await hank.page.get_by_role("button", name="Sync now").click()
    await expect(hank.page.get_by_text("This sync was held.")).to_be_visible(timeout=30_000)
    losing = hank.page.get_by_role("table", name="Lose access")
    await expect(losing).to_contain_text("mindy@globex.example")
    await expect(losing).to_contain_text("homer@globex.example")
    await hank.page.get_by_role("button", name="Make these changes").click()
    await expect(hank.page.get_by_role("alertdialog")).to_contain_text("2 people lose access at once.")
    await hank.page.get_by_role("button", name="Make the changes").click()
    await expect(hank.page.get_by_text("What changed")).to_be_visible(timeout=30_000)
    await hank.open("people?state=inactive")
    await expect(hank.page.get_by_role("table", name="People")).to_contain_text("mindy@globex.example")
    house.twin.set_switches(send_webhooks=True)


async def test_a_directory_that_workos_cannot_read_says_so_though_its_sync_completes(house: House) -> None:
    ada = await at_directory(house, ADA, "Acme Okta Directory")
    house.twin.change_directory("Acme Okta Directory", state="invalid_credentials")
    await ada.page.get_by_role("button", name="Sync now").click()
    await expect(ada.page.get_by_text("completed")).to_be_visible(timeout=30_000)
    alert = ada.page.get_by_role("alert").filter(has_text="WorkOS cannot read this directory.")
    await expect(alert).to_contain_text("Its provider refuses the credentials")
    await ada.page.get_by_role("link", name="Syncs of this directory").click()
    await ada.reads("Acme Okta Directory")
    await expect(alert).to_be_visible()
    await alert.get_by_role("link", name="the organization’s page").click()
    await ada.reads("Acme Corp")
