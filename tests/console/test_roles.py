"""An administrator orders the rules group -> role: by keys and by hand, sees who gains and loses, is warned, saves."""

import asyncio
from typing import Any

from playwright.async_api import Locator, Route, expect

from tests import gateway
from tests.console.house import House, Visitor, story

pytestmark = story
ADA, HANK = "ada@acme.example", "hank@globex.example"


async def at_rules(house: House, email: str) -> tuple[Visitor, Locator]:
    """Return somebody who looks at the rules of their organization, and the rules."""
    visitor = await house.visitor()
    await visitor.sign_in(email, "roles")
    await visitor.reads("Roles")
    rules = visitor.page.get_by_role("list", name="Rules").get_by_role("listitem")
    await expect(rules.first).to_be_visible()
    return visitor, rules


async def test_rules_are_moved_by_keys_and_saved(house: House) -> None:
    ada, rules = await at_rules(house, ADA)
    await expect(rules).to_have_count(3)
    handle = ada.page.get_by_role("button", name="Rule 3 of 3, MemberPulse Members")
    await handle.focus()
    await ada.page.keyboard.press("ArrowUp")
    await ada.page.keyboard.press("ArrowUp")
    await expect(rules.first).to_contain_text("MemberPulse Members")
    await expect(ada.page.get_by_role("button", name="Rule 1 of 3, MemberPulse Members")).to_be_focused()
    await ada.page.get_by_role("button", name="Discard changes").click()
    await expect(rules.first).to_contain_text("MemberPulse Admins")


async def test_rules_are_moved_by_hand(house: House) -> None:
    ada, rules = await at_rules(house, ADA)
    await rules.nth(2).get_by_role("button", name="Move it with the arrow keys").drag_to(rules.nth(0))
    await expect(rules.first).to_contain_text("MemberPulse Members")
    await ada.page.get_by_role("button", name="Move rule 1 down").click()
    await expect(rules.nth(1)).to_contain_text("MemberPulse Members")


async def test_a_preview_names_who_gains_and_loses_before_anything_is_saved(house: House) -> None:
    ada, rules = await at_rules(house, ADA)
    await ada.page.get_by_label("Group").fill("Engineering")
    await ada.page.get_by_label("gets the role").select_option(label="Client user")
    await ada.page.get_by_role("button", name="Add rule").click()
    await ada.page.get_by_role("button", name="Rule 4 of 4, Engineering").focus()
    await ada.page.keyboard.press("ArrowUp")
    await expect(rules.nth(2)).to_contain_text("Engineering")
    would = ada.page.get_by_role("region", name="What would change")
    await expect(would).to_contain_text("3 gain a role, 0 lose one.")
    table = would.get_by_role("table", name="Whose role changes")
    for name in ("Barbara Liskov", "Margaret Hamilton", "Dennis Ritchie"):
        await expect(table).to_contain_text(name)
    async with house.outside("barbara@acme.example") as barbara:
        assert (await barbara.api("GET", "/auth/session")).json()["roles"] == ["ROLE_MEMBER"]
        await ada.page.get_by_role("button", name="Save rules").click()
        await expect(ada.page.get_by_text("The rules are saved")).to_be_visible()
        assert (await barbara.api("GET", "/auth/session")).json()["roles"] == ["ROLE_CLIENT_USER"]
    await expect(ada.page.get_by_role("button", name="Save rules")).to_have_count(0)
    await ada.page.reload()
    await expect(rules.nth(2)).to_contain_text("Engineering")


async def test_losing_the_last_administrator_is_warned_of(house: House) -> None:
    hank, _ = await at_rules(house, HANK)
    await hank.page.get_by_role("button", name="Remove rule 1").click()
    would = hank.page.get_by_role("region", name="What would change")
    await expect(would.get_by_role("alert").first).to_contain_text("administrator")
    await hank.page.get_by_role("button", name="Save rules").click()
    dialog = hank.page.get_by_role("alertdialog", name="Save these rules?")
    await expect(dialog).to_contain_text("administrator")
    await dialog.get_by_role("button", name="Cancel").click()
    await hank.page.reload()
    await expect(hank.page.get_by_role("button", name="Rule 1 of 3, MemberPulse Admins")).to_be_visible()


async def add_rule(visitor: Visitor, group: str) -> None:
    """Add a rule for a group, or a name."""
    await visitor.page.get_by_label("Group").fill(group)
    await visitor.page.get_by_role("button", name="Add rule").click()


async def test_rules_are_saved_only_once_it_is_seen_what_they_change(house: House) -> None:
    hank, _ = await at_rules(house, HANK)
    save = hank.page.get_by_role("button", name="Save rules")
    await add_rule(hank, "A group of nobody")
    await expect(hank.page.get_by_text("0 gain a role, 0 lose one.")).to_be_visible()
    await expect(save).to_be_enabled()
    is_seen = asyncio.Event()

    async def hold(route: Route) -> None:
        await is_seen.wait()
        await route.continue_()

    await hank.page.route("**/role-mappings/preview", hold)
    await hank.page.get_by_role("button", name="Remove rule 1").click()
    await expect(save).to_be_disabled()
    is_seen.set()
    would = hank.page.get_by_role("region", name="What would change")
    await expect(would.get_by_role("alert").first).to_contain_text("administrator")
    await save.click()
    await expect(hank.page.get_by_role("alertdialog", name="Save these rules?")).to_contain_text("administrator")


async def test_rules_whose_consequences_nobody_can_tell_are_not_saved(house: House) -> None:
    hank, _ = await at_rules(house, HANK)

    async def refuse(route: Route) -> None:
        told = {"title": "Too many requests.", "remedy": "Wait.", "code": "rate_limited", "status": 429}
        await route.fulfill(status=429, json=told)

    await hank.page.route("**/role-mappings/preview", refuse)
    await hank.page.get_by_role("button", name="Remove rule 1").click()
    would = hank.page.get_by_role("region", name="What would change")
    await expect(would.get_by_role("alert")).to_contain_text("Too many requests.")
    await expect(hank.page.get_by_role("button", name="Save rules")).to_be_disabled()
    await hank.page.unroute("**/role-mappings/preview")
    await would.get_by_role("button", name="Try again").click()
    await expect(would.get_by_role("alert").first).to_contain_text("administrator")
    await expect(hank.page.get_by_role("button", name="Save rules")).to_be_enabled()


async def test_of_two_groups_with_one_name_the_right_one_is_asked_for(house: House) -> None:
    house.twin.add_directory("Acme Corp", "Acme Contractors")
    house.twin.add_group("Acme Corp", "Finance", directory="Acme Okta Directory")
    house.twin.add_group("Acme Corp", "Finance", directory="Acme Contractors")
    async with house.outside(ADA) as outside:
        wanted = await first_group(outside, await directory_named(outside, "Acme Contractors"))
        await first_group(outside, await directory_named(outside, "Acme Okta Directory"))
        ada, rules = await at_rules(house, ADA)
        count = await rules.count()
        await add_rule(ada, "Finance")
        which = ada.page.get_by_label("Several groups have this name. Which one?")
        await expect(which).to_be_focused()
        await expect(rules).to_have_count(count)
        await which.select_option(label="Acme Contractors · 0 members")
        await ada.page.get_by_role("button", name="Add rule").click()
        await expect(rules.last).to_contain_text("Finance")
        await expect(rules.last).to_contain_text("this very group of Acme Contractors")
        await ada.page.get_by_role("button", name="Save rules").click()
        await expect(ada.page.get_by_text("The rules are saved")).to_be_visible()
        home = (await outside.api("GET", "/auth/session")).json()["organization"]["id"]
        saved = (await outside.api("GET", f"/api/organizations/{home}/role-mappings")).json()["rules"][-1]
        assert [group["id"] for group in saved["groups"]] == [wanted]


async def rows(browser: gateway.Browser, path: str, **params: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- of any query
    """Return the rows of a list."""
    found: list[dict[str, Any]] = (await browser.api("GET", path, params=params)).json()["data"]
    return found


async def directory_named(browser: gateway.Browser, name: str) -> str:
    """Wait until a directory is known, which is told by webhook; return its id."""
    async with asyncio.timeout(30):
        while not (found := [one["id"] for one in await rows(browser, "/api/directories") if one["name"] == name]):
            await asyncio.sleep(0.2)
    return found[0]


async def first_group(browser: gateway.Browser, directory: str) -> str:
    """Wait until the group is known in a directory; return its id."""
    async with asyncio.timeout(30):
        while not (found := await rows(browser, f"/api/directories/{directory}/groups", search="Finance")):
            await asyncio.sleep(0.2)
    return found[0]["id"]


async def test_a_group_beyond_the_first_hundred_is_found(house: House) -> None:
    hank, rules = await at_rules(house, HANK)

    async def cut(route: Route) -> None:
        if "search=" in route.request.url:
            await route.continue_()
        else:
            await route.fulfill(json={"object": "list", "data": [], "list_metadata": {"before": None, "after": None}})

    await hank.page.route("**/groups?*", cut)
    await hank.page.reload()
    await expect(rules).to_have_count(3)
    await add_rule(hank, "MemberPulse Members")
    await expect(rules.last).to_contain_text("this very group")


async def test_who_saved_meanwhile_is_not_overwritten(house: House) -> None:
    ada, _ = await at_rules(house, ADA)
    grace, rules = await at_rules(house, "grace@acme.example")
    await add_rule(ada, "Somebody new")
    await add_rule(grace, "Somebody else")
    await ada.page.get_by_role("button", name="Save rules").click()
    await expect(ada.page.get_by_text("The rules are saved")).to_be_visible()
    await grace.page.get_by_role("button", name="Save rules").click()
    meanwhile = grace.page.get_by_role("alert").filter(has_text="Somebody else saved the rules meanwhile.")
    await expect(meanwhile).to_be_visible()
    await expect(grace.page.get_by_text("If-Match")).to_have_count(0)
    await expect(rules.last).to_contain_text("Somebody else")
    await expect(grace.page.get_by_role("button", name="Save rules")).to_be_disabled()
    await meanwhile.get_by_role("button", name="Load theirs instead of mine").click()
    await expect(rules.last).to_contain_text("Somebody new")
    await expect(meanwhile).to_have_count(0)
    await add_rule(grace, "Somebody else")
    await grace.page.get_by_role("button", name="Save rules").click()
    await expect(grace.page.get_by_text("The rules are saved")).to_be_visible()
