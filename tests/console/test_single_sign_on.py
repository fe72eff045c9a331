"""An administrator configures SAML and OIDC, slips and corrects themselves, and tests what came of it."""

import re
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Locator, Page, expect

from app.kit.clock import SystemClock
from tests.console.house import NARROW, WIDE, House, Visitor, story
from tests.console.test_every_page import axe_core, faults_here
from tests.sso.provider import a_certificate, lasting_certificate, metadata, private_key_pem

pytestmark = story
ADA = "ada@acme.example"
SECRET = "c4n4ry-client-secret"


@pytest.fixture
async def open_house(house: House) -> AsyncGenerator[House]:
    """A house whose WorkOS account takes configurations by its API."""
    house.twin.set_switches(connections_api=True)
    yield house
    house.twin.set_switches(connections_api=False)


async def at_form(house: House) -> Visitor:
    """Return somebody who came to the form as the menus lead there."""
    ada = await house.visitor()
    await ada.sign_in(ADA, "account")
    await ada.page.get_by_role("link", name="Single sign-on").click()
    await ada.reads("Single sign-on")
    await ada.page.get_by_role("link", name="Configure SSO").click()
    await ada.reads("Configure SSO")
    return ada


async def in_test(ada: Visitor) -> tuple[Page, Locator]:
    """Start a test of the connection that is looked at; return the tab of the sign-in, and where the test is shown."""
    async with ada.page.context.expect_page() as opened:
        await ada.page.get_by_role("button", name=re.compile("^Test (connection|again)$")).click()
    section = ada.page.get_by_role("region", name="Test", exact=True)
    await expect(section).to_contain_text("Waiting for your browser to come back")
    return await opened.value, section


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", NARROW)], ids=["light-1280", "dark-375"])
async def test_what_comes_and_goes_is_accessible_too(scheme: str, size: dict[str, int], open_house: House) -> None:
    axe, faults = axe_core(), dict[str, list[str]]()
    ada = await open_house.visitor(viewport=size, color_scheme=scheme)
    page = ada.page
    await ada.sign_in(ADA, "sso")
    await page.get_by_label("Require single sign-on").click()
    await page.get_by_role("button", name="Save policy").click()
    await expect(page.get_by_role("region", name="Before it is the only way in")).to_be_visible()
    faults["a lock-out"] = await faults_here(page, axe)
    await ada.open("connections")
    await page.get_by_role("link", name="Acme Okta").click()
    tab, section = await in_test(ada)
    faults["a test that waits"] = await faults_here(page, axe)
    await tab.get_by_role("button", name="Alan Turing").click()
    await expect(section).to_contain_text("The test has passed")
    faults["a test that passed"] = await faults_here(page, axe)
    await page.get_by_role("link", name="Configure SSO").click()
    await page.get_by_role("radio", name="Three values").click()
    await page.get_by_label("IdP SSO URL").fill("idp.example")
    await page.get_by_label("IdP Certificate").fill(lasting_certificate())
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_text("It is not an address")).to_be_visible()
    faults["a form with faults"] = await faults_here(page, axe)
    await page.get_by_label("IdP Entity ID").fill("https://idp.example/entity")
    await page.get_by_label("IdP SSO URL").fill("https://idp.example/sso")
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_role("region", name="WorkOS has it")).to_be_visible()
    faults["a configuration that is applied"] = await faults_here(page, axe)
    await ada.open("diagnostics?email=john@acme.example")
    await expect(page.get_by_text("They cannot sign in.")).to_be_visible()
    faults["somebody who cannot sign in"] = await faults_here(page, axe)
    assert {state: found for state, found in faults.items() if found} == {}


async def test_saml_is_configured_after_slips_that_are_told_at_once(open_house: House) -> None:
    ada = await at_form(open_house)
    page = ada.page
    await page.get_by_label("Connection", exact=True).select_option(label="Acme Okta")
    await page.get_by_role("radio", name="Three values").click()
    await page.get_by_label("IdP Certificate").fill(private_key_pem())
    await expect(page.get_by_text("This holds a private key")).to_be_visible()
    await page.get_by_label("IdP Certificate").fill(
        a_certificate(days=-2, now=SystemClock().now(), name="old.idp.example")
    )
    pasted = page.get_by_role("group", name="The certificate that you pasted")
    await expect(pasted).to_contain_text("CN=old.idp.example")
    await expect(pasted).to_contain_text("EC, 256 bits")
    await page.get_by_label("IdP SSO URL").fill("ftp://idp.example/sso")
    await page.get_by_role("button", name="Check and continue").click()
    # What can be seen here is not sent; the first field that is wrong has the keyboard.
    await expect(page.get_by_label("IdP Entity ID")).to_be_focused()
    await expect(page.get_by_text("It must begin with https://.")).to_be_visible()
    await page.get_by_label("IdP Entity ID").fill("https://idp.example/entity")
    await page.get_by_label("IdP SSO URL").fill("https://idp.example/sso")
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_text(re.compile("^It expired on"))).to_be_visible()
    await expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    await page.get_by_label("IdP Certificate").fill(lasting_certificate())
    await expect(page.get_by_text("Correct what is marked above")).to_have_count(0)
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_role("region", name="WorkOS has it")).to_contain_text("Acme Okta")
    found = page.get_by_role("region", name="What was found")
    await expect(found).to_contain_text("https://idp.example/entity")
    await expect(found.get_by_role("group", name="Signing certificate")).to_contain_text("CN=idp.example")
    await expect(page.get_by_role("region", name="For your identity provider")).to_contain_text("SP ACS URL")
    await page.get_by_role("link", name="Test the connection").click()
    await ada.reads("Acme Okta")


async def test_a_second_connection_by_a_metadata_file_once_there_is_a_default_one(open_house: House) -> None:
    ada = await at_form(open_house)
    page = ada.page
    await expect(page.get_by_role("alert")).to_contain_text("Choose the default first")
    await page.get_by_role("button", name="Make Acme Okta the default").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await page.get_by_role("radio", name="Metadata file").click()
    await page.get_by_label("Metadata XML").fill("just words")
    await page.get_by_label("Name of the connection").fill("Acme AD FS")
    await expect(page.get_by_text("This is not XML")).to_be_visible()
    await page.get_by_label("Identity provider", exact=True).select_option(label="AD FS")
    await page.get_by_label("Metadata XML").fill(metadata(lasting_certificate()))
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_role("region", name="WorkOS has it")).to_contain_text("Acme AD FS")
    await ada.open("sso")
    await expect(page.get_by_role("table", name="Connections")).to_contain_text("Acme AD FS")


async def test_oidc_is_configured_and_its_secret_is_nowhere(open_house: House) -> None:
    ada = await at_form(open_house)
    page = ada.page
    papers = f"{open_house.twin.public_url}/idp/papers"
    await page.get_by_label("Connection", exact=True).select_option(label="Acme OpenID")
    await page.get_by_label("Client ID").fill("memberpulse")
    await page.get_by_label("Client Secret").fill(SECRET)
    await page.get_by_label("Discovery URL").fill(papers)
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_label("Discovery URL")).to_be_focused()
    await expect(page.get_by_text("It must end in /.well-known/openid-configuration.")).to_be_visible()
    await page.get_by_label("Discovery URL").fill(f"{papers}/nowhere/.well-known/openid-configuration")
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_text(re.compile("^It answers"))).to_be_visible()
    await page.get_by_label("Discovery URL").fill(f"{papers}/.well-known/openid-configuration")
    await page.get_by_role("button", name="Check and continue").click()
    await expect(page.get_by_role("region", name="WorkOS has it")).to_contain_text("Acme OpenID")
    await expect(page.get_by_role("region", name="What was found")).to_contain_text(f"{papers}/authorize")
    await expect(page.get_by_role("region", name="For your identity provider")).to_contain_text("Redirect URI")
    assert SECRET not in await page.content()
    await page.get_by_role("button", name="Enter something else").click()
    await page.get_by_label("Connection", exact=True).select_option(label="Acme OpenID")
    await expect(page.get_by_label("Client Secret")).to_have_value("")


async def test_a_connection_is_tested_step_by_step(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in(ADA, "connections")
    await ada.page.get_by_role("link", name="Acme Okta").click()
    tab, section = await in_test(ada)
    await tab.get_by_role("button", name="Alan Turing").click()
    await expect(tab.get_by_role("heading", name="The test has passed")).to_be_visible()
    # This tab follows by itself.
    await expect(section).to_contain_text("The test has passed: a sign-in would succeed")
    steps = section.get_by_role("list", name="Steps of the test").get_by_role("listitem")
    await expect(steps).to_have_count(8)
    await expect(steps.filter(has_text="May come in")).to_contain_text("fine")
    await expect(steps.filter(has_text="Role")).to_contain_text("Client user")
    becomes = section.get_by_role("table", name="What it becomes here").get_by_role("row")
    await expect(becomes.filter(has_text="Last name (needed)")).to_contain_text("Turing")
    await expect(section.get_by_role("table", name="Attributes received")).to_contain_text("alan@acme.example")
    await tab.get_by_role("link", name="Return to MemberPulse").click()
    # Whoever returns sees the same, and is who they were.
    await expect(tab.get_by_text("The test has passed: a sign-in would succeed")).to_be_visible()
    await expect(tab.get_by_role("navigation").get_by_text("Ada Lovelace")).to_be_visible()


async def test_a_test_that_fails_says_with_workos_word_what_to_do(house: House) -> None:
    ada = await house.visitor()
    await ada.sign_in(ADA, "connections")
    house.twin.fail_logins("access_denied", connection="Acme Okta")
    await ada.page.get_by_role("link", name="Acme Okta").click()
    tab, section = await in_test(ada)
    await tab.get_by_role("button", name="Alan Turing").click()
    await expect(section).to_contain_text("The test has failed")
    step = section.get_by_role("list", name="Steps of the test").get_by_role("listitem").filter(has_text="Came back")
    await expect(step).to_contain_text("failed")
    await expect(step).to_contain_text("WorkOS's word for it: access_denied.")
    await expect(section.get_by_role("alert")).to_contain_text("identity provider")
    await ada.open("sso")
    await expect(ada.page.get_by_role("row").filter(has_text="Acme Okta")).to_contain_text("failed")


async def test_a_certificate_that_ends_soon_is_warned_of_and_renewed_by_a_link(open_house: House) -> None:
    ada = await at_form(open_house)
    page = ada.page
    await page.get_by_label("Connection", exact=True).select_option(label="Acme Okta")
    await page.get_by_role("radio", name="Three values").click()
    await page.get_by_label("IdP Entity ID").fill("https://idp.example/entity")
    await page.get_by_label("IdP SSO URL").fill("https://idp.example/sso")
    await page.get_by_label("IdP Certificate").fill(a_certificate(days=9, now=SystemClock().now()))
    await expect(page.get_by_role("group", name="The certificate that you pasted")).to_contain_text("ends soon")
    await page.get_by_role("button", name="Check and continue").click()
    told = page.get_by_role("alert")
    await expect(told.filter(has_text=re.compile("IdP Certificate expires on .*: renew it"))).to_be_visible()
    await expect(told.filter(has_text="older, which WorkOS goes on trusting")).to_be_visible()
    await page.get_by_role("link", name="Test the connection").click()
    certificate = page.get_by_role("region", name="Certificate")
    await expect(certificate.get_by_role("alert")).to_contain_text("It expires within thirty days")
    await certificate.get_by_role("button", name="Renew the certificate").click()
    await expect(certificate.get_by_role("link", name="Open the Admin Portal")).to_be_visible()
