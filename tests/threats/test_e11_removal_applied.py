"""E11: roles are made anew from the groups that somebody is in, never accumulated."""

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.sessions.feeds import end_of, told

ADMINS, STAFF = "MemberPulse Admins", "MemberPulse Staff"


async def test_e11_out_of_the_last_group_is_the_default_role(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    news = [home.group(ADMINS, 1), home.group(STAFF, 1), home.user("ada", 1)]
    await inbox.applied(*news, home.joined("ada", ADMINS, 2), home.joined("ada", STAFF, 2))
    browser = await tenant.signed_in()
    old = {"Authorization": f"Bearer {await browser.access_token()}"}
    admins = "/api/webhooks/events"
    assert (await browser.http.get(admins, headers=old)).status_code == 200
    sid = (await browser.api("GET", "/auth/session")).json()["session"]["id"]
    for group, at, role in ((ADMINS, 3, "ROLE_CLIENT_USER"), (STAFF, 4, "ROLE_MEMBER")):
        after = await end_of(inbox.stage)
        assert await inbox.applied(home.joined("ada", group, at, "removed")) == ["done"]
        assert await home.role("ada") == role
        assert await told(inbox.stage, after) == [("sid", sid)], "tokens with the old role are refused elsewhere too"
    await inbox.stage.assembly.live.look()
    assert (await browser.http.get(admins, headers=old)).status_code == 403, "the administrator's token"
    assert (await browser.api("GET", "/auth/session")).json()["roles"] == ["ROLE_MEMBER"]
