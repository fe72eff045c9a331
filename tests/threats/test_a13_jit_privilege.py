"""A13: a sign-in's groups give no role once a directory has been synced; just in time means the lowest role."""

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import Browser

MEMBERS = "MemberPulse Members"


async def roles(browser: Browser) -> list[str]:
    found: list[str] = (await browser.api("GET", "/auth/session")).json()["roles"]
    return found


async def test_a13_the_synced_directory_and_not_the_profile_gives_the_role(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant, synced=False)
    told = [home.group(MEMBERS, 1), home.user("ada", 1), home.joined("ada", MEMBERS, 2)]
    assert await inbox.applied(*told) == ["done"] * 3
    assert await roles(await tenant.signed_in()) == ["ROLE_CLIENT_ADMIN"], "not synced: the sign-in's groups count"
    await home.synced()
    assert await inbox.applied(home.joined("ada", MEMBERS, 3)) == ["done"]
    assert await home.role("ada") == "ROLE_MEMBER"
    assert await roles(await tenant.signed_in()) == ["ROLE_MEMBER"]
    assert await home.role("ada") == "ROLE_MEMBER"


async def test_a13_somebody_created_just_in_time_has_the_lowest_role(inbox: Inbox, tenant: Tenant) -> None:
    await tenant.policy(jit_provisioning="always")
    await a_directory(inbox, tenant)
    assert await roles(await tenant.signed_in()) == ["ROLE_MEMBER"]


async def test_a13_nobody_is_created_beside_a_synced_directory(inbox: Inbox, tenant: Tenant) -> None:
    await a_directory(inbox, tenant)
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "user_not_provisioned")
