"""An administrator looks at people: why a role, other roles, who may come in, where they are signed in."""

import asyncio
import json

from playwright.async_api import Route, expect

from tests.console.house import House, Visitor, story

pytestmark = story
ADA, HANK = "ada@acme.example", "hank@globex.example"
HOSTILE = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>"
TURNED = "\u202egnp.exe\u202c"


async def at_person(house: House, email: str, name: str) -> Visitor:
    """Return somebody who looks at a person."""
    visitor = await house.visitor()
    await visitor.sign_in(email, "people")
    await visitor.page.get_by_role("link", name=name, exact=True).click()
    await visitor.reads(name)
    return visitor


async def _slowly(route: Route) -> None:
    await asyncio.sleep(4)
    await route.continue_()


async def test_why_a_person_has_a_role(house: House) -> None:
    ada = await at_person(house, ADA, "Edsger Dijkstra")
    why = ada.page.get_by_role("region", name="Why this role")
    await expect(why).to_contain_text("Client user")
    groups = why.get_by_role("table", name="Groups considered")
    await expect(groups.get_by_role("row").filter(has_text="MemberPulse Staff")).to_contain_text("won")
    await expect(groups.get_by_role("row").filter(has_text="Engineering")).to_contain_text("no rule")


async def test_roles_are_given_and_taken_by_hand(house: House) -> None:
    ada = await at_person(house, ADA, "Barbara Liskov")
    by_hand = ada.page.get_by_role("region", name="Roles by hand")
    await expect(by_hand.get_by_label("Platform admin")).to_have_count(0)
    await by_hand.get_by_label("Client admin").click()
    await by_hand.get_by_role("button", name="Save roles").click()
    await expect(ada.page.get_by_text("The roles are saved.")).to_be_visible()
    why = ada.page.get_by_role("region", name="Why this role")
    await expect(why).to_contain_text("Client admin was given by hand")
    async with house.outside("barbara@acme.example") as barbara:
        assert (await barbara.api("GET", "/api/users")).status_code == 200
        await by_hand.get_by_label("Client admin").click()
        await by_hand.get_by_role("button", name="Save roles").click()
        await expect(why).not_to_contain_text("given by hand")
        assert (await barbara.api("GET", "/api/users")).status_code == 403


async def test_a_person_is_deactivated_and_let_in_again(house: House) -> None:
    ada = await at_person(house, ADA, "Frances Allen")
    async with house.outside("frances@acme.example") as frances:
        await ada.page.reload()
        await expect(ada.page.get_by_role("table", name="Sessions")).to_be_visible()
        await ada.page.route("**/roles/explain*", _slowly)
        await ada.page.get_by_role("button", name="Deactivate").click()
        await ada.page.get_by_role("alertdialog").get_by_role("button", name="Deactivate").click()
        await expect(ada.page.get_by_text("An administrator deactivated this person.")).to_be_visible()
        await expect(ada.page.get_by_role("alertdialog")).to_have_count(0, timeout=2_000)
        assert (await frances.token()).status_code == 401
    await ada.page.get_by_role("button", name="Let in again").click()
    await ada.page.get_by_role("alertdialog").get_by_role("button", name="Let in again").click()
    await expect(ada.page.get_by_role("button", name="Deactivate")).to_be_visible()


async def test_sessions_of_a_person_are_ended(house: House) -> None:
    async with house.outside("alan@acme.example") as one, house.outside("alan@acme.example") as other:
        ada = await at_person(house, ADA, "Alan Turing")
        rows = ada.page.get_by_role("table", name="Sessions").get_by_role("row")
        await expect(rows).to_have_count(3)
        await rows.last.get_by_role("button", name="End").click()
        await ada.page.get_by_role("button", name="End session").click()
        await expect(rows).to_have_count(2)
        await ada.page.get_by_role("button", name="End all").click()
        await ada.page.get_by_role("button", name="End all sessions").click()
        await expect(ada.page.get_by_text("No live session.")).to_be_visible()
        assert [(await browser.token()).status_code for browser in (one, other)] == [401, 401]


async def test_nobody_takes_away_their_own_access(house: House) -> None:
    hank = await at_person(house, HANK, "Hank Scorpio")
    await hank.page.get_by_role("button", name="Deactivate").click()
    dialog = hank.page.get_by_role("alertdialog")
    await dialog.get_by_role("button", name="Deactivate").click()
    await expect(dialog.get_by_text("You cannot take away your own access.")).to_be_visible()
    await expect(dialog.get_by_text("Request")).to_be_visible()


async def test_the_last_administrator_is_deactivated_only_when_asked_twice(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in("olivia@memberpulse.example", "people?search=hank")
    await olivia.page.get_by_role("link", name="Hank Scorpio").click()
    await olivia.page.get_by_role("button", name="Deactivate").click()
    dialog = olivia.page.get_by_role("alertdialog")
    await dialog.get_by_role("button", name="Deactivate").click()
    warning = dialog.get_by_text("This would leave the organization without an administrator.")
    await expect(warning).to_be_visible()
    # Who thought better of it is warned again the next time.
    await dialog.get_by_role("button", name="Cancel").click()
    await olivia.page.get_by_role("button", name="Deactivate").click()
    await dialog.get_by_role("button", name="Deactivate").click()
    await expect(warning).to_be_visible()
    await dialog.get_by_role("button", name="Do it all the same").click()
    await expect(olivia.page.get_by_role("button", name="Let in again")).to_be_visible()


async def test_other_roles_are_another_question_for_the_last_administrator(house: House) -> None:
    ada = await at_person(house, ADA, "Donald Knuth")
    asked: list[bool] = []

    async def warn(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "")["confirm"])
        told = {"title": "Nobody would be left.", "remedy": "Think.", "code": "person_is_last_administrator"}
        await route.fulfill(status=409, json=told)

    await ada.page.route("**/api/users/*/roles", warn)
    by_hand = ada.page.get_by_role("region", name="Roles by hand")
    await by_hand.get_by_label("Client user").click()
    await by_hand.get_by_role("button", name="Save roles").click()
    await expect(by_hand.get_by_role("button", name="Save all the same")).to_be_visible()
    await by_hand.get_by_label("Client admin").click()
    await by_hand.get_by_role("button", name="Save roles").click(timeout=3_000)
    await expect(by_hand.get_by_role("button", name="Save all the same")).to_be_visible()
    await by_hand.get_by_role("button", name="Discard").click()
    await expect(by_hand.get_by_role("alert")).to_have_count(0)
    await by_hand.get_by_label("Client user").click()
    await by_hand.get_by_role("button", name="Save roles").click(timeout=3_000)
    await expect(by_hand.get_by_role("alert")).to_be_visible()
    assert asked == [False, False, False]


async def test_a_hostile_name_is_only_a_name(house: House) -> None:
    twin = house.twin
    twin.change_person("dennis@acme.example", first_name=HOSTILE, last_name=TURNED)
    ada = await house.visitor()
    await ada.sign_in(ADA, "people?search=dennis")
    link = ada.page.get_by_role("table", name="People").get_by_role("link").filter(has_text="<img src=x")
    await expect(link).to_be_visible(timeout=20_000)
    # What turns the writing direction stays inside the name.
    assert await link.locator("bdi").evaluate("node => getComputedStyle(node).unicodeBidi") == "isolate"
    await link.click()
    await expect(ada.page.get_by_role("heading", level=1)).to_contain_text("<script>")
    assert await ada.page.title() != "stolen"
    assert await ada.page.locator("main img, main script").count() == 0
    await ada.open("audit")
    await expect(ada.page.locator(".timeline").get_by_text("User changed").first).to_be_visible()
    assert await ada.page.title() != "stolen"


async def test_who_lost_a_role_is_not_offered_its_pages_any_more(house: House) -> None:
    barbara = await house.visitor()
    async with house.outside("ada@acme.example") as ada:
        known = (await ada.api("GET", "/api/users", params={"email": "barbara@acme.example"})).json()["data"]
        roles = f"/api/users/{known[0]['id']}/roles"
        assert (await ada.api("PUT", roles, json={"roles": ["ROLE_CLIENT_ADMIN"]})).status_code == 200
        await barbara.page.clock.install()
        await barbara.sign_in("barbara@acme.example", "roles")
        await barbara.settled("Roles")
        assert (await ada.api("PUT", roles, json={"roles": []})).status_code == 200
    links = barbara.page.get_by_role("navigation").get_by_role("link")
    assert await links.count() > 1
    await barbara.page.clock.run_for(15_000)  # the token is not of this moment any more
    await barbara.page.get_by_role("link", name="Attributes").click()
    await expect(links).to_have_count(1)


async def test_a_list_and_a_person_follow_what_the_directory_says_by_themselves(house: House) -> None:
    """Nobody reloads: the name changes on both pages, and who was removed is not offered to be let in."""
    ada, list_of_ada = await house.visitor(), await house.visitor()
    for visitor, path in ((ada, "people?search=margaret"), (list_of_ada, "people?search=margaret")):
        await visitor.page.clock.install()
        await visitor.sign_in(ADA, path)
    await ada.page.get_by_role("link", name="Margaret Hamilton").click()
    await ada.settled("Margaret Hamilton")
    await expect(ada.page.get_by_role("link", name="Acme Okta Directory")).to_be_visible()
    for change in ({"last_name": "Heafield"}, {"state": "inactive"}):
        house.twin.change_person("margaret@acme.example", **change)
        await house.twin.deliveries_sent()
        await house.settled("/api/webhooks/events", lambda event: event["status"] != "pending")
        for visitor in (ada, list_of_ada):
            await visitor.page.clock.run_for(16_000)
        await expect(list_of_ada.page.get_by_role("row").filter(has_text="Margaret Heafield")).to_be_visible()
        await ada.reads("Margaret Heafield")
    await expect(list_of_ada.page.get_by_role("row").filter(has_text="Margaret Heafield")).to_contain_text("inactive")
    await expect(ada.page.get_by_text("Acme Okta Directory decides about this person")).to_be_visible()
    await expect(ada.page.get_by_role("button", name="Let in again")).to_have_count(0)
