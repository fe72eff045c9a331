"""Nobody loses what they typed by a link: leaving a form that is not saved is asked about first."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Dialog, Locator, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story
ADA = "ada@acme.example"


async def at(house: House, path: str, email: str = ADA) -> Visitor:
    visitor = await house.visitor()
    await visitor.sign_in(email, path)
    return visitor


async def add_rule(visitor: Visitor) -> Locator:
    await visitor.page.get_by_label("Group").fill("Unsaved")
    await visitor.page.get_by_role("button", name="Add rule").click()
    added = visitor.page.get_by_role("list", name="Rules").get_by_text("Unsaved")
    await expect(added).to_be_visible()
    return added


async def policy(visitor: Visitor) -> Locator:
    most = visitor.page.get_by_label("Sign out in any case after")
    await most.select_option(label="7 days")
    return most.locator("option:checked").filter(has_text="7 days")


async def client_id(visitor: Visitor) -> Locator:
    await visitor.page.get_by_label("Client ID").fill("client_unsaved")
    return visitor.page.get_by_role("button", name="Discard changes")


async def metadata(visitor: Visitor) -> Locator:
    await visitor.page.get_by_label("Metadata URL").fill("https://idp.example/metadata")
    return visitor.page.get_by_label("Metadata URL")


async def name(visitor: Visitor) -> Locator:
    await visitor.page.get_by_label("Name").fill("Unsaved")
    return visitor.page.get_by_label("Name")


@pytest.mark.parametrize(
    ("path", "email", "change"),
    [
        ("roles", ADA, add_rule),
        ("sso", ADA, policy),
        ("settings/workos", OLIVIA, client_id),
        ("sso/configure", ADA, metadata),
        ("organizations/new", OLIVIA, name),
    ],
    ids=["rules", "policy", "settings", "configuration", "organization"],
)
async def test_a_link_asks_before_it_leads_away(
    house: House, path: str, email: str, change: Callable[[Visitor], Awaitable[Locator]]
) -> None:
    visitor = await at(house, path, email)
    page = visitor.page
    typed = await change(visitor)
    question = page.get_by_role("alertdialog", name="Leave without saving?")
    await page.get_by_role("link", name="People", exact=True).click()
    await question.get_by_role("button", name="Stay").click()
    await expect(page).to_have_url(re.compile(f"/console/{path}$"))
    await expect(question).to_have_count(0)
    await expect(typed).to_be_attached()
    await page.get_by_role("link", name="People", exact=True).click()
    await question.get_by_role("button", name="Leave without saving").click()
    await visitor.reads("People")
    # Nothing is asked where there is nothing to lose.
    await page.get_by_role("link", name="My account").click()
    await visitor.reads("My account")


async def test_roles_by_hand_are_asked_about_until_they_are_saved(house: House) -> None:
    ada = await at(house, "people")
    page = ada.page
    await page.get_by_role("link", name="Barbara Liskov", exact=True).click()
    by_hand = page.get_by_role("region", name="Roles by hand")
    await by_hand.get_by_label("Client user").click()
    await page.get_by_role("link", name="My account").click()
    await page.get_by_role("alertdialog", name="Leave without saving?").get_by_role("button", name="Stay").click()
    await by_hand.get_by_role("button", name="Save roles").click()
    await expect(page.get_by_text("The roles are saved.")).to_be_visible()
    await expect(by_hand.get_by_role("button", name="Save roles")).to_have_count(0)
    await page.get_by_role("link", name="My account").click()
    await ada.reads("My account")


async def test_an_organization_that_is_made_is_not_asked_about(house: House) -> None:
    olivia = await at(house, "organizations/new", OLIVIA)
    await name(olivia)
    await olivia.page.get_by_role("button", name="Create organization").click()
    await olivia.reads("Unsaved")
    await expect(olivia.page.get_by_role("alertdialog")).to_have_count(0)
    await olivia.page.get_by_role("link", name="My account").click()
    await olivia.reads("My account")


async def test_another_organization_and_going_back_are_asked_about_too(house: House) -> None:
    olivia = await at(house, "people", OLIVIA)
    page = olivia.page
    await page.get_by_role("link", name="Roles", exact=True).click()
    typed = await add_rule(olivia)
    question = page.get_by_role("alertdialog", name="Leave without saving?")
    await page.get_by_label("Organization", exact=True).select_option(label="Globex")
    await question.get_by_role("button", name="Stay").click()
    await expect(page.get_by_label("Organization", exact=True).locator("option:checked")).to_have_text("Acme Corp")
    await page.go_back()
    await question.get_by_role("button", name="Stay").click()
    await expect(typed).to_be_visible()
    await page.go_back()
    await question.get_by_role("button", name="Leave without saving").click()
    await olivia.reads("People")


async def test_the_browser_asks_before_a_reload(house: House) -> None:
    ada = await at(house, "roles")
    asked: list[str] = []

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    ada.page.on("dialog", answer)
    await ada.page.reload()
    assert asked == []
    typed = await add_rule(ada)
    await ada.page.reload()
    assert asked == ["beforeunload"]
    await ada.reads("Roles")
    await expect(typed).to_have_count(0)


async def test_who_signs_out_is_not_held_back(house: House) -> None:
    ada = await at(house, "roles")
    await add_rule(ada)
    await ada.page.get_by_role("button", name="Sign out").click()
    await expect(ada.page.get_by_label("Work e-mail")).to_be_visible()
