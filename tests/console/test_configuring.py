"""Attributes are mapped, and backend services get their credentials."""

import asyncio
import re

import httpx
from playwright.async_api import Route, expect

from tests.console.house import OLIVIA, House, story

pytestmark = story


async def test_attributes_are_read_and_changed(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "attributes")
    department = ada.page.get_by_label("Department")
    await expect(department).to_have_value(re.compile("department_name\ndepartment\n"))
    await department.fill("custom_attributes.team\n\n  department_name")
    await ada.page.get_by_role("button", name="Save attributes").click()
    await expect(ada.page.get_by_text("The attributes are saved.")).to_be_visible()
    await ada.page.reload()
    await expect(department).to_have_value("custom_attributes.team\ndepartment_name")
    await department.fill("x" * 300)
    await ada.page.get_by_role("button", name="Save attributes").click()
    await expect(ada.page.get_by_role("alert").filter(has_text="Request")).to_be_visible()
    await expect(department).to_have_value("x" * 300)


async def test_a_service_client_is_made_rotated_and_revoked(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "service-clients")
    await olivia.page.get_by_role("button", name="Add service client").click()
    await olivia.page.get_by_role("textbox", name="Name").fill("billing")
    await olivia.page.get_by_role("button", name="Add", exact=True).click()
    secret = olivia.page.get_by_role("region", name="New secret")
    await expect(secret).to_be_visible()
    name, first = await secret.locator("code").all_inner_texts()
    async with httpx.AsyncClient(base_url=house.url) as billing:

        async def status(password: str) -> int:
            answer = await billing.post("/auth/introspect", data={"token": "x"}, auth=(name, password))
            return answer.status_code

        async def becomes(password: str, wanted: int) -> None:
            async with asyncio.timeout(2):  # every process follows within a second
                while await status(password) != wanted:
                    await asyncio.sleep(0.05)

        await becomes(first, 200)
        await secret.get_by_role("button", name="I have copied it").click()
        await expect(secret).to_have_count(0)
        assert first not in await olivia.page.content()
        row = olivia.page.get_by_role("row").filter(has_text="billing")
        await row.get_by_role("button", name="Rotate").click()
        await olivia.page.get_by_role("button", name="Make a new secret").click()
        await expect(secret).to_be_visible()
        _, second = await secret.locator("code").all_inner_texts()
        await becomes(second, 200)
        assert await status(first) == 200
        await expect(row).to_contain_text("ends")
        await row.get_by_role("button", name="Revoke").click()
        await olivia.page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
        await expect(olivia.page.get_by_text("There is no service client yet.")).to_be_visible()
        await becomes(second, 401)


async def test_a_deed_on_its_way_is_neither_cancelled_nor_done_twice(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "service-clients")
    page = olivia.page
    await page.get_by_role("button", name="Add service client").click()
    await page.get_by_role("textbox", name="Name").fill("reports")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("button", name="I have copied it").click()
    is_answered, sent = asyncio.Event(), list[str]()

    async def hold(route: Route) -> None:
        sent.append(route.request.url)
        await is_answered.wait()
        await route.continue_()

    await page.route("**/rotate", hold)
    await page.get_by_role("row").filter(has_text="reports").get_by_role("button", name="Rotate").click()
    dialog = page.get_by_role("alertdialog")
    await dialog.get_by_role("button", name="Make a new secret").click()
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_disabled()
    await expect(dialog.get_by_role("status")).to_have_text("On its way…")
    await page.keyboard.press("Escape")
    # Nothing in the question can be pressed now, and nothing behind it either.
    await page.keyboard.press("Tab")
    await expect(dialog).to_be_focused()
    is_answered.set()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("region", name="New secret")).to_be_visible()
    assert len(sent) == 1
