"""/api/directories: the mirror and its syncs, as an admin, a client user and a member may see them."""

import httpx

from tests.builders import Tenant
from tests.gateway import Browser
from tests.threats.tenancy import fill

PEOPLE = {
    "object", "id", "workos_id", "directory_id", "organization_id", "user_id", "idp_id", "email", "first_name",
    "last_name", "department", "job_title", "state", "roles", "groups", "custom_attributes", "updated_at",
}  # fmt: skip


async def the_directory(browser: Browser) -> str:
    (found,) = (await browser.api("GET", "/api/directories")).json()["data"]
    assert (found["users_count"], found["groups_count"], found["provider"]) == (1, 1, "okta")
    return str(found["id"])


async def test_an_admin_reads_directories_people_and_groups(tenant: Tenant) -> None:
    await fill(tenant)
    ada = await tenant.signed_in()
    path = f"/api/directories/{await the_directory(ada)}"
    (person,) = (await ada.api("GET", f"{path}/users")).json()["data"]
    assert set(person) >= PEOPLE
    assert [group["name"] for group in person["groups"]] == ["G"]
    (group,) = (await ada.api("GET", f"{path}/groups")).json()["data"]
    assert (group["name"], group["members_count"]) == ("G", 1)
    for reference in (person["id"], person["workos_id"]):
        assert (await ada.api("GET", f"{path}/users/{reference}")).json() == person
    assert (await ada.api("GET", f"{path}/groups/{group['id']}/users")).json()["data"] == [person]
    ready = await tenant.stage.sql("select directory_users_show(100) as made")
    assert ready[0]["made"] >= 1
    assert (await ada.api("GET", f"{path}/users")).json()["data"] == [person], "ready or made now: the same"


async def test_people_are_found_by_filters(tenant: Tenant) -> None:
    await fill(tenant)
    ada = await tenant.signed_in()
    path = f"/api/directories/{await the_directory(ada)}/users"
    for query, count in (
        ({"state": "active"}, 1),
        ({"state": "deleted"}, 0),
        ({"email": "nobody@x.example"}, 0),
        ({"search": "x.exam"}, 1),
        ({"search": "%"}, 0),
        ({"group": "group_unknown"}, 0),
    ):
        assert len((await ada.api("GET", path, params=query)).json()["data"]) == count, query


async def test_a_client_user_sees_no_attributes_and_a_member_nothing(tenant: Tenant) -> None:
    await fill(tenant)
    sam, mia = await tenant.signed_in("sam"), await tenant.signed_in("mia")
    path = f"/api/directories/{await the_directory(sam)}/users"
    (person,) = (await sam.api("GET", path)).json()["data"]
    assert "custom_attributes" not in person
    assert (await mia.api("GET", path)).status_code == 403
    assert (await sam.api("POST", path.replace("/users", "/sync"))).status_code == 403


async def test_one_sync_at_a_time_and_its_run_can_be_watched_and_cancelled(tenant: Tenant) -> None:
    await fill(tenant)
    ada = await tenant.signed_in()
    path = f"/api/directories/{await the_directory(ada)}"
    accepted = await ada.api("POST", f"{path}/sync", json={"mode": "plan"})
    assert accepted.status_code == 202, accepted.text
    run = accepted.json()
    assert (run["mode"], run["status"]) == ("plan", "queued")
    again: httpx.Response = await ada.api("POST", f"{path}/sync")
    assert (again.status_code, again.json()["code"], again.json()["run_id"]) == (409, "sync_already_running", run["id"])
    watched = await ada.api("GET", accepted.headers["location"])
    assert (watched.status_code, watched.json()["id"]) == (200, run["id"])
    refused = await ada.api("POST", f"{path}/syncs/{run['id']}/confirm")
    assert (refused.status_code, refused.json()["code"]) == (409, "sync_not_confirmable")
    cancelled = await ada.api("POST", f"{path}/syncs/{run['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    assert len((await ada.api("GET", f"{path}/syncs")).json()["data"]) == 2
