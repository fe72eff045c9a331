"""An operator of more organizations, and an administrator of more groups, than a page of the API holds."""

import pytest
from playwright.async_api import Locator, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story
LAST, LAST_ID = "Customer 130", f"ffffffff-0000-7000-8000-{130:012x}"
_MANY = """
with made as (
    insert into organizations (id, name, slug, created_at, updated_at)
    select ('ffffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Customer ' || n, 'customer-' || n, now(), now()
    from generate_series(1, 130) n returning id
) insert into organization_policies (organization_id) select id from made"""
_GROUPS = """
insert into directory_groups (id, organization_id, directory_id, workos_id, name, state, at, created_at, updated_at, touched_at)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, organization_id, id, 'directory_group_n' || n,
       'Group ' || n, 'active', now(), now(), now(), now()
from directories, generate_series(1, 130) n where name = 'Acme Okta Directory'"""


@pytest.fixture(scope="module", autouse=True)
async def many(house: House) -> None:
    await house.as_superuser(_MANY)
    await house.as_superuser(_GROUPS)


def shown(visitor: Visitor, label: str) -> Locator:
    """Return the option that a choice shows."""
    return visitor.page.get_by_label(label, exact=True).locator("option:checked")


async def at(house: House, path: str, email: str = OLIVIA) -> Visitor:
    visitor = await house.visitor()
    await visitor.sign_in(email, path)
    return visitor


@pytest.mark.parametrize("page", ["sso", "connections", "directories/add"])
async def test_the_organization_of_a_link_is_the_one_that_is_named(house: House, page: str) -> None:
    olivia = await at(house, f"{page}?organization={LAST_ID}")
    await expect(shown(olivia, "Organization")).to_have_text(LAST)


@pytest.mark.parametrize("page", ["sso", "connections", "directories/add"])
async def test_the_id_that_workos_gave_names_it_too_and_only_once(house: House, page: str) -> None:
    globex = next(one.id for one in house.twin.world.organizations.values() if one.name == "Globex")
    olivia = await at(house, f"{page}?organization={globex}")
    await expect(shown(olivia, "Organization")).to_have_text("Globex")
    await expect(olivia.page.get_by_label("Organization").locator("option", has_text=LAST)).to_be_attached()
    await expect(olivia.page.get_by_label("Organization").locator("option", has_text="Globex")).to_have_count(1)


async def test_what_is_no_organization_is_shown_as_it_stands_in_the_address(house: House) -> None:
    olivia = await at(house, "connections?organization=org_nobody")
    await expect(shown(olivia, "Organization")).to_have_text("org_nobody")


async def test_only_an_organization_that_is_there_is_remembered(house: House) -> None:
    olivia = await at(house, f"sso?organization={LAST_ID}")
    await expect(shown(olivia, "Organization")).to_have_text(LAST)
    await olivia.page.get_by_role("link", name="Roles", exact=True).click()
    await expect(shown(olivia, "Organization")).to_have_text(LAST)
    await olivia.open("sso?organization=org_nobody")
    await expect(shown(olivia, "Organization")).to_have_text("org_nobody")
    await olivia.page.get_by_role("link", name="Roles", exact=True).click()
    await olivia.reads("Roles")
    await expect(olivia.page.get_by_label("Organization", exact=True)).not_to_have_value("")
    await expect(shown(olivia, "Organization")).not_to_have_text("org_nobody")


async def test_every_organization_can_be_picked(house: House) -> None:
    olivia = await at(house, "sso")
    await expect(shown(olivia, "Organization")).to_have_text("Acme Corp")
    await olivia.page.get_by_label("Organization").select_option(label=LAST)
    await expect(olivia.page.get_by_role("region", name="Policy")).to_be_visible()
    await expect(shown(olivia, "Organization")).to_have_text(LAST)


async def test_the_group_of_a_link_is_the_one_that_is_named(house: House) -> None:
    async with house.outside("ada@acme.example") as ada:
        directory = (await ada.api("GET", "/api/directories")).json()["data"][0]["id"]
    visitor = await at(house, f"directories/{directory}?group=00000000-0000-7000-8000-{1:012x}", "ada@acme.example")
    await expect(shown(visitor, "Group")).to_have_text("Group 1")
    await visitor.open(f"directories/{directory}?group=directory_group_n2")
    await expect(shown(visitor, "Group")).to_have_text("Group 2")
    await expect(visitor.page.get_by_label("Group").locator("option", has_text="Group 130")).to_be_attached()
