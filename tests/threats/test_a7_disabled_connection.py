"""A7: a connection that is switched off, or gone, starts no sign-in and finishes none that is under way."""

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox, connection_event, moment


@pytest.mark.parametrize("event", ["connection.deactivated", "connection.deleted"])
async def test_a7_neither_started_nor_finished(inbox: Inbox, tenant: Tenant, event: str) -> None:
    browser, callback = await tenant.at_callback()
    assert await inbox.applied(connection_event(tenant, event)) == ["done"]
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_inactive")
    assert browser.session_cookie is None
    again = await inbox.stage.browser().start(connection=tenant.connection_workos_id)
    assert again.status_code == 403, again.text


async def test_a7_switched_on_again_it_lets_people_in(inbox: Inbox, tenant: Tenant) -> None:
    await inbox.applied(connection_event(tenant, "connection.deactivated", at=moment(inbox.stage, 1)))
    await inbox.applied(connection_event(tenant, "connection.activated", at=moment(inbox.stage, 2)))
    assert (await tenant.signed_in()).session_cookie
