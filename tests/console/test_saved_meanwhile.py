"""Two administrators change the same thing: what is typed stays, what the other saved is told of and not lost."""

from typing import Any

from playwright.async_api import Locator, expect

from tests.console.house import House, Visitor, story

pytestmark = story
ADA, GRACE = "ada@acme.example", "grace@acme.example"
MINE, THEIRS = "Go on with my changes", "Load theirs instead of mine"


async def ada_at(house: House, path: str) -> Visitor:
    ada = await house.visitor()
    await ada.sign_in(ADA, path)
    return ada


async def grace_saves(house: House, method: str, path: str, body: dict[str, Any]) -> None:
    """Have another administrator of Acme save something."""
    async with house.outside(GRACE) as grace:
        home = (await grace.api("GET", "/auth/session")).json()["organization"]["id"]
        saved = await grace.api(method, f"/api/organizations/{home}/{path}", json=body)
        assert saved.status_code == 200, saved.text


def told(visitor: Visitor, what: str) -> Locator:
    """Return the note that somebody else saved."""
    return visitor.page.get_by_role("alert").filter(has_text=f"Somebody else saved the {what} meanwhile.")


async def both_change_attributes(house: House, *, job: str) -> tuple[Visitor, Locator, Locator, Locator]:
    """Have Ada type a department while Grace saves a job title; return Ada, her two fields and her button."""
    ada = await ada_at(house, "attributes")
    department = ada.page.get_by_label("Department")
    await department.fill("custom_attributes.mine\n")
    await grace_saves(house, "PUT", "attribute-mappings", {"mappings": {"job_title": [job]}})
    return ada, department, ada.page.get_by_label("Job title"), ada.page.get_by_role("button", name="Save attributes")


async def test_attributes_that_are_being_typed_stay(house: House) -> None:
    ada, department, job, save = await both_change_attributes(house, job="custom_attributes.theirs")
    await ada.reads_again("/attribute-mappings")
    await expect(told(ada, "attributes")).to_be_visible()
    await expect(department).to_have_value("custom_attributes.mine\n")
    await expect(job).to_have_value("custom_attributes.theirs")
    await expect(save).to_be_disabled()
    await told(ada, "attributes").get_by_role("button", name=THEIRS).click()
    await expect(department).not_to_have_value("custom_attributes.mine\n")
    await expect(told(ada, "attributes")).to_have_count(0)


async def test_attributes_are_saved_over_others_once_those_were_seen(house: House) -> None:
    ada, department, job, save = await both_change_attributes(house, job="custom_attributes.late")
    await save.click()
    await expect(told(ada, "attributes")).to_be_visible()
    await expect(ada.page.get_by_text("If-Match")).to_have_count(0)
    await told(ada, "attributes").get_by_role("button", name=MINE).click()
    await save.click()
    await expect(ada.page.get_by_text("The attributes are saved.")).to_be_visible()
    await expect(department).to_have_value("custom_attributes.mine")
    await expect(job).to_have_value("custom_attributes.late")
    await expect(told(ada, "attributes")).to_have_count(0)


async def test_a_policy_that_is_being_changed_stays(house: House) -> None:
    ada = await ada_at(house, "sso")
    most, unused = ada.page.get_by_label("Sign out in any case after"), ada.page.get_by_label("Sign out when unused for")
    await most.select_option(label="2 days")
    await grace_saves(house, "PATCH", "sso", {"session_idle_seconds": 7_200})
    await ada.reads_again("/sso")
    await expect(told(ada, "policy")).to_be_visible()
    await expect(most.locator("option:checked")).to_have_text("2 days")
    await expect(unused.locator("option:checked")).to_have_text("2 hours")
    await told(ada, "policy").get_by_role("button", name=MINE).click()
    await ada.page.get_by_role("button", name="Save policy").click()
    await expect(ada.page.get_by_text("The policy is saved and applies to everybody now.")).to_be_visible()
    await ada.page.reload()
    await expect(most.locator("option:checked")).to_have_text("2 days")
    await expect(unused.locator("option:checked")).to_have_text("2 hours")


async def test_rules_that_are_being_ordered_stay(house: House) -> None:
    ada = await ada_at(house, "roles")
    rules = ada.page.get_by_role("list", name="Rules").get_by_role("listitem")
    await ada.page.get_by_label("Group").fill("Mine")
    await ada.page.get_by_role("button", name="Add rule").click()
    await expect(rules.last).to_contain_text("Mine")
    theirs = [{"role": "ROLE_CLIENT_ADMIN", "group_name": name} for name in ("MemberPulse Admins", "Theirs")]
    await grace_saves(house, "PUT", "role-mappings", {"rules": theirs})
    await ada.reads_again("/role-mappings")
    await expect(told(ada, "rules")).to_be_visible()
    await expect(rules.last).to_contain_text("Mine")
    await expect(ada.page.get_by_role("button", name="Save rules")).to_be_disabled()
    await told(ada, "rules").get_by_role("button", name=THEIRS).click()
    await expect(rules.last).to_contain_text("Theirs")
    await ada.page.get_by_label("Group").fill("Mine")
    await ada.page.get_by_role("button", name="Add rule").click()
    await ada.page.get_by_role("button", name="Save rules").click()
    await expect(ada.page.get_by_text("The rules are saved")).to_be_visible()
    await expect(rules).to_have_count(3)
