"""Health turns red when WorkOS fails, says what to do, and turns green again; nobody reloads the page."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.async_api import Locator, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story


def indicator(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("list", name="Indicators").get_by_role("listitem", name=re.compile(f"^{title}$"))


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """What a process notices is told after five seconds, and the page asks every five."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


async def _ask_workos(house: House, times: int, status: int) -> None:
    """Have the gateway ask WorkOS for something that only WorkOS can give."""
    async with house.outside("ada@acme.example") as ada:
        organization = (await ada.api("GET", "/auth/session")).json()["organization"]["id"]
        wanted = {"organization": organization, "intent": "sso", "return_url": f"{house.url}/console/"}
        for _ in range(times):
            answer = await ada.api("POST", "/api/portal/links", json=wanted)
            assert answer.status_code == status, answer.text


async def test_workos_fails_and_comes_back(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "health")
    await olivia.reads("Health")
    answers = indicator(olivia, "WorkOS.s API")
    await expect(answers).to_contain_text("OK")
    fault = house.twin.add_fault("POST /portal/generate_link", "status", status=503)
    await _ask_workos(house, 3, 503)
    await expect(answers).to_contain_text("failing")
    await expect(answers).to_contain_text("What to do: Nothing needs to be done here while status.workos.com reports")
    await expect(answers).to_contain_text("since")
    await expect(olivia.page.get_by_role("status").filter(has_text="fail")).to_be_visible()
    house.twin.remove_fault(fault.id)
    await _ask_workos(house, 1, 200)
    await expect(answers).to_contain_text("OK")
    await expect(answers).not_to_contain_text("What to do")


async def test_a_client_admin_sees_their_own_part(house: House) -> None:
    hank = await house.visitor()
    await hank.sign_in("hank@globex.example", "health")
    await expect(indicator(hank, "SSO connections")).to_contain_text("OK")
    await expect(indicator(hank, "WorkOS.s API")).to_have_count(0)
    await expect(hank.page.get_by_label("Organization")).to_have_count(0)
    connections = hank.page.get_by_role("table", name="SSO connections")
    await expect(connections.get_by_role("row")).to_have_count(2)
    # Not the one that he came over: who did is out once it is switched off.
    globex = next(one.id for one in house.twin.world.organizations.values() if one.name == "Globex")
    async with house.outside("hank@globex.example") as api:
        house.twin.add_connection(globex, "Globex OpenID", type="GenericOIDC")
        await expect(connections.get_by_role("row")).to_have_count(3)
        house.twin.change_connection("Globex OpenID", state="inactive")
        spare = connections.get_by_role("row").filter(has_text="Globex OpenID")
        await expect(spare).to_contain_text("It is inactive; people sign in over Globex Entra ID.")
        await expect(indicator(hank, "SSO connections")).to_contain_text("OK")
        house.twin.change_connection("Globex OpenID", state="active")
        await expect(indicator(hank, "SSO connections")).to_contain_text("What to do: Choose the default connection")
        organization = (await api.api("GET", "/auth/session")).json()["organization"]["id"]
        chosen = {"default_connection": house.twin.world.connection("Globex Entra ID").id}
        assert (await api.api("PATCH", f"/api/organizations/{organization}/sso", json=chosen)).status_code == 200
        await expect(indicator(hank, "SSO connections")).not_to_contain_text("What to do")
    await connections.get_by_role("link", name="Globex Entra ID").click()
    await hank.reads("Globex Entra ID")


async def test_an_operator_looks_at_one_organization_and_at_where_it_is_mended(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "health")
    connections = olivia.page.get_by_role("table", name="SSO connections")
    spare = connections.get_by_role("row").filter(has_text="Acme OpenID")
    await expect(spare).to_contain_text("It is inactive; people sign in over Acme Okta.")
    house.twin.change_connection("Acme Okta", state="inactive")
    await expect(indicator(olivia, "SSO connections")).to_contain_text("Acme Okta: it is inactive, nobody can")
    await olivia.page.get_by_label("Organization").select_option(label="Globex")
    await expect(connections).not_to_contain_text("Acme OpenID")
    await expect(indicator(olivia, "WorkOS.s API")).to_have_count(0)
    await olivia.open("settings/workos")
    await expect(olivia.page.get_by_role("region", name="Health")).to_contain_text("it is inactive, nobody can")


async def test_what_is_unusual_stands_there_with_what_to_do(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "health")
    unusual = indicator(olivia, "Unusual activity")
    await expect(unusual).to_be_visible()
    await expect(unusual).not_to_contain_text("Break glass used")
    async with httpx.AsyncClient(base_url=house.url) as http:
        used = await http.post("/auth/break-glass", json={"token": await house.served.admin_link()})
        assert used.status_code == 200, used.text
    await expect(unusual).to_contain_text("failing")
    alert = unusual.get_by_role("listitem").filter(has_text="Break glass used")
    await expect(alert).to_contain_text(re.compile(r"Emergency access was used \(\d+ seconds? ago\)"))
    await expect(unusual).to_contain_text("What to do: Find out who used it and why")
    made = unusual.get_by_role("listitem").filter(has_text="New administrator")
    person = made.get_by_role("link", name="Ada Lovelace")
    await expect(person).to_have_attribute("href", re.compile("/people/[0-9a-f-]{36}$"))
    await alert.get_by_role("button", name="I have looked at it").click()
    await expect(alert).to_contain_text("Olivia Operator looked at it just now.")
    await expect(alert.get_by_role("button")).to_have_count(0)
    await expect(unusual).not_to_contain_text("failing")
    await unusual.get_by_role("link", name="Open the audit log").click()
    await olivia.reads("Audit log")


async def test_a_page_that_nobody_touches_says_that_it_stopped_looking(house: House) -> None:
    olivia = await house.visitor()
    await olivia.page.clock.install()
    await olivia.sign_in(OLIVIA, "health")
    await expect(olivia.page.get_by_text("Looked at just now.")).to_be_visible()
    await olivia.page.clock.run_for(310_000)
    stopped = olivia.page.get_by_text("Not looked at again since")
    await expect(stopped).to_contain_text(re.compile(r"since \d+:\d\d [AP]M: touch the page to go on"))
    await olivia.page.mouse.move(40, 40)
    await expect(stopped).to_have_count(0)
