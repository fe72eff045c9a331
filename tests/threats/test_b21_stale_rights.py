"""B21: a refresh reads the person, their organization and their roles anew."""

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

ADMINS, STAFF = "MemberPulse Admins", "MemberPulse Staff"


async def test_b21_the_next_token_has_the_directorys_new_roles(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    told = [home.group(ADMINS, 1), home.group(STAFF, 1), home.user("ada", 1), home.joined("ada", ADMINS, 2)]
    await inbox.applied(*told)
    browser = await tenant.signed_in()
    assert (await browser.api("GET", "/auth/session")).json()["roles"] == ["ROLE_CLIENT_ADMIN"]
    await inbox.applied(home.joined("ada", ADMINS, 3, "removed"), home.joined("ada", STAFF, 3))
    assert (await browser.api("GET", "/auth/session")).json()["roles"] == ["ROLE_CLIENT_USER"]
    await inbox.applied(home.user("ada", 4, "updated", state="inactive"))
    assert (await browser.token()).status_code == 401


async def test_b21_a_suspended_organization_refreshes_nothing(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("ada", 1))
    browser = await tenant.signed_in()
    await inbox.applied(home.event("organization.deleted", {"id": tenant.workos_id, "name": "x", "domains": []}, 2))
    assert (await browser.token()).status_code == 401
