"""/api/directories/{id}/sync and /syncs: asked for, watched, cancelled; and who may."""

from tests.builders import Tenant
from tests.gateway import Stage
from tests.syncs import Directory, hired
from tests.threats.tenancy import fill


async def test_one_sync_at_a_time_and_its_run_can_be_watched_and_cancelled(tenant: Tenant) -> None:
    await fill(tenant)
    ada = await tenant.signed_in()
    path = f"/api/directories/directory_of_{tenant.workos_id}"
    accepted = await ada.api("POST", f"{path}/sync", json={"mode": "plan"})
    assert accepted.status_code == 202, accepted.text
    run = accepted.json()
    assert (run["mode"], run["status"]) == ("plan", "queued")
    again = await ada.api("POST", f"{path}/sync")
    assert (again.status_code, again.json()["code"], again.json()["run_id"]) == (409, "sync_already_running", run["id"])
    watched = await ada.api("GET", accepted.headers["location"])
    assert (watched.status_code, watched.json()["id"]) == (200, run["id"])
    refused = await ada.api("POST", f"{path}/syncs/{run['id']}/confirm")
    assert (refused.status_code, refused.json()["code"]) == (409, "sync_not_confirmable")
    cancelled = await ada.api("POST", f"{path}/syncs/{run['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    assert len((await ada.api("GET", f"{path}/syncs")).json()["data"]) == 2


async def test_who_may_not_sync_may_not(tenant: Tenant) -> None:
    await fill(tenant)
    for who in ("sam", "mia"):
        browser = await tenant.signed_in(who)
        path = f"/api/directories/directory_of_{tenant.workos_id}/sync"
        assert (await browser.api("POST", path)).status_code == 403


async def test_a_platform_admin_reads_plans_and_confirms_for_any_tenant(stage: Stage, directory: Directory) -> None:
    """Reads on the pool that may only read, writes in the tenant's own unit."""
    people = await hired(directory, 3)
    await directory.work_off()
    directory.twin.change_person(people[1], first_name="Renamed")
    admin = await stage.platform_admin()
    path = f"/api/directories/{directory.workos_id}"
    assert len((await admin.api("GET", f"{path}/users")).json()["data"]) == 3
    asked = await admin.api("POST", f"{path}/sync", json={"mode": "plan"})
    assert asked.status_code == 202, asked.text
    await directory.work_off()
    run = (await admin.api("GET", asked.headers["location"])).json()
    assert (run["status"], run["changes"]["users"]["updated"]) == ("completed", 1)
    assert [(entry["action"], entry["workos_id"]) for entry in run["plan"]] == [("update", people[1])]
    listed = (await admin.api("GET", f"{path}/syncs")).json()["data"]
    assert [entry["plan"] for entry in listed] == [None, None]
    assert (await admin.api("POST", f"{asked.headers['location']}/confirm")).status_code == 202
    await directory.work_off()
    assert (await directory.run(run["id"]))["status"] == "completed"
    done = await stage.sql(
        "select action, actor_type from audit_events where organization_id = $1 and action like 'directory.sync%'"
        " order by id",
        directory.tenant.id,
    )
    said = [(row["action"], row["actor_type"]) for row in done]
    assert said.count(("directory.sync_requested", "user")) == 1, "threats F12: one row per deed"
    assert said.count(("directory.sync_confirmed", "user")) == 1
