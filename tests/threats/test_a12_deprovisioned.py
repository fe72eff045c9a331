"""A12: whom the directory does not let in does not sign in, whatever the identity provider says."""

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory
from tests.syncs import Directory

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


@pytest.mark.parametrize("how", ["created", "updated", "deleted"])
@pytest.mark.parametrize("known_by", ["idp_id", "address"])
async def test_a12_who_is_out_at_first_sight_loses_what_a_sign_in_had_given(
    inbox: Inbox, tenant: Tenant, how: str, known_by: str
) -> None:
    browser = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    fields: dict[str, str] = {} if how == "deleted" else {"state": "inactive"}
    if known_by == "idp_id":
        fields |= {"idp_id": await profile_id(tenant), "email": f"other@{tenant.domain}"}
    assert await inbox.applied(home.user("ada", 1, how, **fields)) == ["done"]
    assert (await browser.token()).status_code == 401
    assert await refused(home) == "user_deactivated"


async def test_a12_a_listing_that_tells_of_them_as_inactive_is_enough(directory: Directory) -> None:
    tenant = directory.tenant
    browser = await tenant.signed_in("mia")
    directory.twin.add_person(
        tenant.workos_id, directory=directory.workos_id, email=tenant.people["mia"], first_name="Mia", last_name="Test",
        state="inactive",
    )  # fmt: skip
    await directory.work_off()
    assert (await browser.token()).status_code == 401
    assert (await directory.people())[tenant.people["mia"]][:2] == ("deactivated", "inactive")


@pytest.mark.parametrize("jit", ["always", "without_directory"])
async def test_a12_who_was_never_let_in_is_not_created_by_their_address(inbox: Inbox, tenant: Tenant, jit: str) -> None:
    await tenant.policy(jit_provisioning=jit)
    home = await a_directory(inbox, tenant, synced=jit == "always")
    assert await inbox.applied(home.user("ada", 1, state="inactive")) == ["done"]
    assert await refused(home) == "user_deactivated"
    assert await inbox.stage.sql(PEOPLE, tenant.id) == []


async def test_a12_whom_another_directory_lets_in_is_in(inbox: Inbox, tenant: Tenant) -> None:
    first, second = await a_directory(inbox, tenant), await a_directory(inbox, tenant, 0.6)
    assert await inbox.applied(first.user("ada", 1), second.user("ada", 2, state="inactive")) == ["done", "done"]
    browser = await tenant.signed_in()
    assert await inbox.applied(second.user("ada", 3, "deleted")) == ["done"]
    assert (await browser.token()).status_code == 200
