"""C5: whoever is removed upstream loses every session in the commit that removes them."""

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import introspect


@pytest.mark.parametrize("how", ["deleted", "inactive", "directory"])
async def test_c5_three_sessions_end_at_once(inbox: Inbox, tenant: Tenant, how: str) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("ada", 1))
    browsers = [await tenant.signed_in() for _ in range(3)]
    tokens = [await browser.access_token() for browser in browsers]
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
    await inbox.stage.assembly.live.look()
    for token in tokens:
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await inbox.stage.browser().http.get("/auth/session", headers=bearer)).status_code == 401
