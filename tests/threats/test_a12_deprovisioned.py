"""A12: whom the directory does not let in does not sign in, whatever the identity provider says."""

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory

PEOPLE = "select * from users where organization_id = $1 order by id"


async def refused(home: Home, name: str = "ada") -> str:
    browser, callback = await home.tenant.at_callback(name)
    answer = await browser.visit(callback)
    assert answer.status_code == 403, answer.text
    assert browser.session_cookie is None
    return str(answer.json()["code"])


async def profile_id(tenant: Tenant, name: str = "ada") -> str:
    """Return the `idp_id` by which the identity provider knows somebody who has signed in."""
    rows = await tenant.stage.sql(
        "select idp_id from identities where user_id = $1 and organization_id = $2",
        await tenant.user_id(name),
        tenant.id,
    )
    return str(rows[0]["idp_id"])


@pytest.mark.parametrize("how", ["updated", "deleted"])
@pytest.mark.parametrize("synced", [True, False])
async def test_a12_who_is_removed_does_not_sign_in(inbox: Inbox, tenant: Tenant, how: str, synced: bool) -> None:  # noqa: FBT001 -- pytest passes it
    home = await a_directory(inbox, tenant, synced=False)
    await tenant.signed_in()
    if synced:
        await home.synced()
    fields = {"idp_id": await profile_id(tenant)}
    state = {"state": "inactive"} if how == "updated" else {}
    told = [home.user("ada", 1, **fields), home.user("ada", 2, how, **fields, **state)]
    assert await inbox.applied(*told) == ["done", "done"]
    before = await inbox.stage.sql(PEOPLE, tenant.id)
    assert await refused(home) == "user_deactivated"
    assert await inbox.stage.sql(PEOPLE, tenant.id) == before
    alive = "select 1 from sessions where organization_id = $1 and ended_at is null"
    assert not await inbox.stage.sql(alive, tenant.id)


async def test_a12_nor_under_another_id_with_the_same_address(inbox: Inbox, tenant: Tenant) -> None:
    """The directory knows them by an id of its own; erased, by a trace of the address only."""
    await tenant.policy(hard_delete_removed_users=True, jit_provisioning="always")
    home = await a_directory(inbox, tenant)
    assert await inbox.applied(home.user("ada", 1), home.user("ada", 2, "deleted")) == ["done", "done"]
    before = await inbox.stage.sql(PEOPLE, tenant.id)
    assert await refused(home) == "user_deactivated"
    assert await inbox.stage.sql(PEOPLE, tenant.id) == before
