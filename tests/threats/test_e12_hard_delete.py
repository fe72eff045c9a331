"""E12: whom a tenant wants erased leaves no name: not in mirror, inbox, identities, plans or the audit record."""

import json

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox, an_event
from tests.directory_events import Home, a_directory
from tests.sso.test_connection_tests import at_callback, begun
from tests.syncs import Directory, hired

STAFF = "MemberPulse Staff"


@pytest.fixture
async def home(inbox: Inbox, tenant: Tenant) -> Home:
    """A synced directory of the tenant."""
    return await a_directory(inbox, tenant)


@pytest.mark.parametrize("at_once", [True, False])
async def test_e12_a_hard_delete_leaves_no_name_anywhere(inbox: Inbox, home: Home, at_once: bool) -> None:  # noqa: FBT001 -- pytest passes it
    await home.tenant.policy(hard_delete_removed_users=True)
    told = [
        home.group(STAFF, 1),
        home.user("zelda", 1, last_name="Unforgettable"),
        home.joined("zelda", STAFF, 2),
        home.user("zelda", 3, "deleted", last_name="Unforgettable"),
    ]
    if at_once:
        assert await inbox.applied(*told) == ["done"] * 4
    else:
        for event in told:
            assert await inbox.applied(event) == ["done"]
    for table in ("users", "directory_users", "identities", "audit_events"):
        rows = await inbox.stage.sql(
            f"select 1 from {table} t where organization_id = $1 and t::text ~* 'zelda@|Unforgettable'",  # noqa: S608 -- a test's own constant
            home.tenant.id,
        )
        assert not rows, table
    for event in told[1:]:
        row = await inbox.row(event["id"])
        assert row["payload"] is None, event["event"]
    assert (await home.somebody("zelda"))["state"] == "deactivated"


async def test_e12_late_news_of_somebody_erased_is_not_kept_either(inbox: Inbox, home: Home) -> None:
    await home.tenant.policy(hard_delete_removed_users=True)
    await inbox.applied(home.user("zelda", 1), home.user("zelda", 3, "deleted"))
    late = home.user("zelda", 2, "updated", last_name="Late")
    assert await inbox.applied(late) == ["skipped"]
    assert (await inbox.row(late["id"]))["payload"] is None


async def test_e12_what_workos_told_of_sign_ins_that_failed_is_not_kept_at_all(inbox: Inbox, tenant: Tenant) -> None:
    """It names an address and nobody: of whoever is erased it could not be found."""
    told = {
        "type": "sso",
        "status": "failed",
        "ip_address": "203.0.113.9",
        "email": tenant.people["mia"],
        "sso": {"organization_id": tenant.workos_id, "connection_id": tenant.connection_workos_id, "session_id": "s"},
        "error": {"code": "sso_failed", "message": "No."},
    }
    failed, begun = (an_event(f"authentication.sso_{name}", told) for name in ("failed", "started"))
    assert await inbox.applied(failed, begun) == ["done", "skipped"]
    for event in (failed, begun):
        assert (await inbox.row(event["id"]))["payload"] is None
    kept = "select 1 from login_traces where organization_id = $1 and outcome = 'told'"
    assert len(await tenant.stage.sql(kept, tenant.id)) == 1, "what it told is"


async def test_e12_a_stored_plan_forgets_them_too(inbox: Inbox, home: Home) -> None:
    await home.tenant.policy(hard_delete_removed_users=True)
    await inbox.applied(home.user("zelda", 1), home.user("bob", 1))
    plan = [{"workos_id": home.user_id(name), "email": f"{name}@x", "action": "update"} for name in ("zelda", "bob")]
    await inbox.stage.sql(
        "update directory_sync_runs set plan = $2::jsonb where organization_id = $1", home.tenant.id, json.dumps(plan)
    )
    await inbox.applied(home.user("zelda", 2, "deleted"))
    (run,) = await inbox.stage.sql(
        "select plan::text as plan from directory_sync_runs where organization_id = $1 and plan is not null",
        home.tenant.id,
    )
    assert [entry["workos_id"] for entry in json.loads(run["plan"])] == [home.user_id("bob")]


async def test_e12_the_pages_of_a_plan_forget_them_and_keep_the_others(inbox: Inbox, directory: Directory) -> None:
    tenant = directory.tenant
    await tenant.policy(hard_delete_removed_users=True)
    first, second = (await hired(directory, 2))[:2]
    await directory.work_off()
    await directory.synced("plan")
    pages = "select p::text as said from directory_sync_pages p where organization_id = $1 and kind = 'user'"
    (before,) = await tenant.stage.sql(pages, tenant.id)
    assert f"p0@{tenant.domain}" in before["said"]
    home = Home(tenant, directory.workos_id)
    told = home.event("dsync.user.deleted", {**home.person("p0", 60), "id": first, "state": "deleted"}, 60)
    assert await inbox.applied(told) == ["done"]
    (after,) = await tenant.stage.sql(pages, tenant.id)
    assert f"p0@{tenant.domain}" not in after["said"]
    assert f"p1@{tenant.domain}" in after["said"]
    assert second in after["said"]


async def test_e12_an_erased_person_is_not_made_anew_by_a_sign_in(inbox: Inbox, tenant: Tenant) -> None:
    """The trace that is left tells nobody who it was, and still keeps them out."""
    home = await a_directory(inbox, tenant, synced=False)
    await tenant.signed_in("mia")
    await tenant.policy(hard_delete_removed_users=True, jit_provisioning="always")
    await inbox.applied(home.user("mia", 1), home.user("mia", 2, "deleted"))
    answer = await tenant.stage.browser().sign_in(tenant.people["mia"], connection=tenant.connection_workos_id)
    assert (answer.status_code, answer.json()["code"]) == (403, "user_deactivated")


async def test_e12_their_sign_ins_are_forgotten_too(inbox: Inbox, tenant: Tenant) -> None:
    """Also those of before they were anybody here, and what WorkOS told of them; nobody else's."""
    home = await a_directory(inbox, tenant, synced=False)
    await tenant.policy(hard_delete_removed_users=True)
    tenant.stage.twin.override_profile(
        {"last_name": "", "idp_id": home.person("mia")["idp_id"]}, connection=tenant.connection_workos_id
    )
    await tenant.policy(jit_provisioning="never")
    browser, callback = await tenant.at_callback("mia")
    assert (await browser.visit(callback)).status_code == 422
    browser, callback = await tenant.at_callback("mia")
    assert (await browser.visit(callback)).json()["code"] == "user_not_provisioned"
    await inbox.applied(home.user("mia", 1), home.user("sam", 1))
    await tenant.signed_in("mia")
    await tenant.signed_in("sam")
    kept = "select outcome, user_id, address from login_traces where organization_id = $1 order by at"
    before = await tenant.stage.sql(kept, tenant.id)
    assert [row["outcome"] for row in before] == ["failed", "failed", "completed", "completed"]
    assert [row["address"] is not None for row in before] == [True, True, False, False]
    await inbox.applied(home.user("mia", 2, "deleted"))
    after = await tenant.stage.sql(kept, tenant.id)
    assert after == before[3:]


async def test_e12_what_a_test_showed_of_them_is_forgotten_too(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant, synced=False)
    await tenant.policy(hard_delete_removed_users=True)
    ada = await tenant.signed_in()
    await inbox.applied(home.user("mia", 1), home.user("sam", 1))
    for name in ("mia", "sam"):
        await ada.visit(await at_callback(ada, await begun(ada, tenant, name)))
    kept = (
        "select status, user_id, address, result from connection_tests where organization_id = $1 order by created_at"
    )
    before = await tenant.stage.sql(kept, tenant.id)
    assert tenant.people["mia"] in before[0]["result"]
    await inbox.applied(home.user("mia", 2, "deleted"))
    after = await tenant.stage.sql(kept, tenant.id)
    assert tuple(after[0]) == ("passed", None, None, "{}")
    assert after[1] == before[1]
