"""A session ends in the middle of a form, or is too old for a deed: nothing typed is lost, and the deed is done.

Where another person signs in instead, nothing that the first one saw is shown, and nothing of theirs is done.
"""

import asyncio
import re

from playwright.async_api import Page, Route, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story


async def aged(house: House) -> None:
    """Make every sign-in of this house half an hour old."""
    await house.as_superuser("update sessions set auth_time = auth_time - interval '30 minutes'")


async def signed_in_again(visitor: Visitor) -> None:
    """Sign in again in the tab that the dialog opens; the identity provider still knows the person."""
    async with visitor.page.context.expect_page() as opened:
        await visitor.page.get_by_role("link", name="Sign in again in a new tab").click()
    tab: Page = await opened.value
    if not tab.is_closed():
        await tab.wait_for_event("close")


async def test_a_session_that_ends_in_the_middle_of_a_form(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "organizations/new")
    await olivia.page.get_by_label("Name").fill("Initrode")
    async with house.outside(OLIVIA) as elsewhere:
        await elsewhere.api("DELETE", "/auth/sessions")
    await olivia.page.get_by_role("button", name="Create organization").click()
    dialog = olivia.page.get_by_role("dialog", name="Your session has ended")
    await expect(dialog).to_be_visible()
    await olivia.page.mouse.click(5, 5)
    await olivia.page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()
    await signed_in_again(olivia)
    # The form was sent as it stood, once, with the new session.
    await olivia.reads("Initrode")
    await olivia.open("organizations")
    await expect(olivia.page.get_by_role("link", name="Initrode")).to_have_count(1)


async def test_a_deep_link_survives_the_sign_in(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "people?search=turing")
    await expect(ada.page).to_have_url(f"{house.url}/console/people?search=turing")
    await ada.page.get_by_label("Search").fill("hopper")
    await expect(ada.page).to_have_url(f"{house.url}/console/people?search=hopper")
    async with house.outside("ada@acme.example") as elsewhere:
        await elsewhere.api("DELETE", "/auth/sessions")
    await ada.page.wait_for_timeout(1_500)  # a session that has ended is refused within a second
    dialog = ada.page.get_by_role("dialog")
    if not await dialog.is_visible():  # the page may have asked by itself, as it does when somebody comes back to it
        await ada.page.get_by_label("State").select_option("active")
    await expect(dialog).to_be_visible()
    here = ada.page.url
    await ada.page.get_by_role("link", name="Sign in here and come back to this page").click()
    await expect(dialog).to_be_hidden()
    await expect(ada.page).to_have_url(here)
    await expect(ada.page.get_by_role("link", name="Grace Hopper")).to_be_visible()


async def test_who_does_not_sign_in_again_is_told_that_nothing_was_done(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "organizations/new")
    await olivia.page.get_by_label("Name").fill("Never made")
    async with house.outside(OLIVIA) as elsewhere:
        await elsewhere.api("DELETE", "/auth/sessions")
    await olivia.page.get_by_role("button", name="Create organization").click()
    await olivia.page.get_by_role("button", name="Leave this page").click()
    await expect(olivia.page.get_by_text("Your session has ended. Sign in to come back")).to_be_visible()
    await expect(olivia.page).to_have_url(re.compile("/console/organizations/new$"))


async def test_a_deed_that_needs_a_recent_sign_in_is_done_after_it(house: House) -> None:
    async with house.outside("ada@acme.example") as known:
        alan = (await known.api("GET", "/api/users", params={"email": "alan@acme.example"})).json()["data"][0]["id"]
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "account")
    await aged(house)
    await ada.open(f"people/{alan}")
    await ada.page.get_by_label("Client admin").click()
    await ada.page.get_by_role("button", name="Save roles").click()
    dialog = ada.page.get_by_role("dialog", name="Please confirm that it is you")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="I have signed in").click()
    await expect(dialog.get_by_text("There is no new sign-in yet")).to_be_visible()
    await signed_in_again(ada)
    await expect(ada.page.get_by_text("The roles are saved.")).to_be_visible()
    await expect(ada.page.get_by_role("region", name="Why this role")).to_contain_text("given by hand")


async def test_a_gateway_that_restarts_under_an_open_form(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "settings/workos")
    key = olivia.page.get_by_label("API key")
    await key.fill("sk_test_typed_before")
    health = olivia.page.get_by_role("region", name="Health")
    await expect(health).to_contain_text("are OK")
    house.served.process.kill()
    await expect(health.get_by_role("alert")).to_contain_text("The gateway does not answer.", timeout=30_000)
    await expect(health).to_contain_text("are OK")
    await house.served.killed_and_started_again()
    await expect(health.get_by_role("alert")).to_have_count(0, timeout=30_000)
    await expect(key).to_have_value("sk_test_typed_before")
    await olivia.page.get_by_role("button", name="Verify", exact=True).click()
    said = olivia.page.get_by_role("list", name="What WorkOS says to these changes")
    await expect(said).to_contain_text("refuses the API key")


async def test_a_page_that_nobody_touches_does_not_keep_the_session_alive(house: House) -> None:
    """Health asks every five seconds; were it to go on all night, the session would never be idle."""
    olivia = await house.visitor()
    await olivia.page.clock.install()
    await olivia.sign_in(OLIVIA, "health")
    await olivia.settled("Health")
    asked: list[str] = []
    olivia.page.on("request", lambda request: asked.append(request.url))
    await olivia.page.clock.run_for(20_000)
    assert asked, "somebody is there"
    await olivia.page.clock.run_for(320_000)
    await olivia.settled("Health")  # the last answer has come
    asked.clear()
    await olivia.page.clock.run_for(600_000)
    assert asked == []
    await olivia.page.mouse.move(300, 300)
    await olivia.page.clock.run_for(1_000)
    assert asked, "somebody is back"


async def signs_in_beside(visitor: Visitor, email: str, path: str) -> None:
    """Sign in as somebody else in another tab of the same browser, ending at `path`."""
    tab = await visitor.page.context.new_page()
    to = f"{visitor.house.url}/console/{path}"
    await tab.goto(f"/auth/sso?domain={email.partition('@')[2]}&login_hint={email}&return_to={to}")


async def slowly(route: Route) -> None:
    """Go on with a request after a second."""
    await asyncio.sleep(1)
    await route.continue_()


async def test_what_one_person_clicks_is_not_done_as_another(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "attributes")
    await ada.page.get_by_label("Department").fill("written_by_ada")
    sent: list[str] = []
    ada.page.on("request", lambda request: sent.append(request.method) if request.method == "PUT" else None)
    await signs_in_beside(ada, OLIVIA, "account")
    await ada.page.route("**/console/", slowly)  # a page lives on until the next one answers
    await ada.page.wait_for_timeout(1_500)  # a session that has ended is refused within a second
    await ada.page.get_by_role("button", name="Save attributes").click()
    await ada.reads("Organizations")
    assert sent == ["PUT"], "refused once, and not sent again with Olivia's token"


async def test_nothing_of_who_left_is_shown_to_who_comes_next(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in("ada@acme.example", "people")
    await ada.page.get_by_role("link", name="Grace Hopper").click()
    await ada.reads("Grace Hopper")
    async with house.outside("ada@acme.example") as elsewhere:
        await elsewhere.api("DELETE", "/auth/sessions")
    await ada.page.wait_for_timeout(1_500)  # a session that has ended is refused within a second
    await ada.page.get_by_role("button", name="Deactivate").click()
    await ada.page.get_by_role("alertdialog").get_by_role("button", name="Deactivate").click()
    await ada.page.get_by_role("button", name="Leave this page").click()
    await ada.reads("Sign in to MemberPulse")
    await expect(ada.page).to_have_title("Sign in · MemberPulse")
    seen: list[str] = []
    ada.page.on("console", lambda message: seen.append(message.text))
    await ada.page.evaluate("""
        const look = new MutationObserver(() => console.log(document.body.innerText));
        look.observe(document.body, { childList: true, subtree: true });
    """)
    async with ada.page.expect_event("load"):
        await signs_in_beside(ada, "hank@globex.example", "signed-in")  # which tells the other tabs
    await ada.reads("Organizations")
    assert not [text for text in seen if "Hopper" in text or "grace@" in text]


async def test_what_was_cancelled_while_offline_is_not_done_later(house: House) -> None:
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "organizations/new")
    await olivia.page.get_by_label("Name").fill("Never wanted")
    await olivia.page.context.set_offline(True)
    await olivia.page.get_by_role("button", name="Create organization").click()
    await expect(olivia.page.get_by_text(re.compile("The gateway d.+ not answer")).first).to_be_visible()
    sent: list[str] = []
    olivia.page.on("request", lambda request: sent.append(request.method))
    await olivia.page.context.set_offline(False)
    await olivia.page.wait_for_timeout(1_000)
    assert "POST" not in sent
