"""C5: whoever is removed upstream loses every session in the commit that removes them."""

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox, connection_event
from tests.directory_events import a_directory
from tests.gateway import introspect
from tests.sessions.feeds import end_of, told


@pytest.mark.parametrize("how", ["deleted", "inactive", "directory"])
async def test_c5_three_sessions_end_at_once(inbox: Inbox, tenant: Tenant, how: str) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("ada", 1))
    browsers = [await tenant.signed_in() for _ in range(3)]
    tokens = [await browser.access_token() for browser in browsers]
    after = await end_of(inbox.stage)
    event = {
        "deleted": lambda: home.user("ada", 2, "deleted"),
        "inactive": lambda: home.user("ada", 2, "updated", state="inactive"),
        "directory": lambda: home.gone(2),
    }[how]()
    assert await inbox.applied(event) == ["done"]
    for browser, token in zip(browsers, tokens, strict=True):
        assert (await browser.token()).status_code == 401
        assert await introspect(browser, token) == {"active": False}
    ended = "select 1 from audit_events where organization_id = $1 and action = 'session.ended'"
    assert len(await inbox.stage.sql(ended, tenant.id)) == 3
    entries = await told(inbox.stage, after)
    assert len([value for kind, value in entries if kind == "sid"]) == 3
    gone = [("sub", str(await tenant.user_id()))] if how != "directory" else []
    assert [entry for entry in entries if entry[0] != "sid"] == gone, "who is unmanaged may come back by SSO at once"
    await inbox.stage.assembly.live.look()
    for token in tokens:
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await inbox.stage.browser().http.get("/auth/session", headers=bearer)).status_code == 401


@pytest.mark.parametrize("event", ["connection.deactivated", "connection.deleted"])
async def test_c5_who_came_over_a_connection_that_is_switched_off_is_out(
    inbox: Inbox, tenant: Tenant, event: str
) -> None:
    """Their token verifies for minutes yet: every process that remembers it, and other services, must be told."""
    browser = await tenant.signed_in()
    bearer, after = await browser.bearer(), await end_of(inbox.stage)
    assert (await browser.http.get("/auth/session", headers=bearer)).status_code == 200
    assert await inbox.applied(connection_event(tenant, event)) == ["done"]
    assert [kind for kind, _ in await told(inbox.stage, after)] == ["sid"]
    await inbox.stage.assembly.live.look()
    assert (await browser.http.get("/auth/session", headers=bearer)).status_code == 401


async def test_c5_whose_connection_is_on_keeps_their_tokens(inbox: Inbox, tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    bearer, after = await browser.bearer(), await end_of(inbox.stage)
    assert await inbox.applied(connection_event(tenant, "connection.activated")) == ["done"]
    assert await told(inbox.stage, after) == []
    assert (await browser.http.get("/auth/session", headers=bearer)).status_code == 200
