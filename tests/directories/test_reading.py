"""GET /api/directories and what is inside: shapes, tombstones, attributes for administrators only, pages."""

from typing import Any

import pytest

from tests.builders import Tenant
from tests.gateway import Browser
from tests.threats.tenancy import fill

PATH = "/api/directories"
ATTRIBUTES = '{"odd": "\\ud800", "team": "x"}'


async def listed(browser: Browser, path: str, **query: str) -> dict[str, Any]:
    """Return a page."""
    answer = await browser.api("GET", path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found.keys() == {"object", "data", "list_metadata"}
    return found


@pytest.fixture
async def inside(tenant: Tenant) -> str:
    """The path of a directory with one person, `p@x.example`, in the one group `G`."""
    await fill(tenant)
    await tenant.stage.sql(
        "update directory_users set custom_attributes = $2, email_lower = email where organization_id = $1",
        tenant.id,
        ATTRIBUTES,
    )
    return f"{PATH}/directory_of_{tenant.workos_id}"


async def test_a_directory_counts_and_names_its_provider(tenant: Tenant, inside: str) -> None:
    ada = await tenant.signed_in()
    (found,) = (await listed(ada, PATH))["data"]
    assert (found["provider"], found["scim_endpoint"]) == ("okta", None)
    assert (found["users_count"], found["groups_count"]) == (1, 1)
    assert (await ada.api("GET", inside)).json() == found


async def test_a_person_reads_alike_everywhere_and_made_ready_or_not(tenant: Tenant, inside: str) -> None:
    ada = await tenant.signed_in()
    (person,) = (await listed(ada, f"{inside}/users"))["data"]
    (club,) = (await listed(ada, f"{inside}/groups"))["data"]
    assert (club["name"], club["members_count"], club["roles"]) == ("G", 1, [])
    assert person["groups"] == [{name: club[name] for name in ("id", "workos_id", "name")}]
    assert person["custom_attributes"] == {"odd": "\ud800", "team": "x"}
    await tenant.stage.sql(
        "update directory_users d set shown = directory_user_shown(d) where organization_id = $1", tenant.id
    )
    assert (await ada.api("GET", f"{inside}/users/{person['id']}")).json() == person
    assert (await listed(ada, f"{inside}/groups/{club['workos_id']}/users"))["data"] == [person]


async def test_a_client_user_sees_no_attributes(tenant: Tenant, inside: str) -> None:
    sam = await tenant.signed_in("sam")
    (person,) = (await listed(sam, f"{inside}/users"))["data"]
    one = (await sam.api("GET", f"{inside}/users/{person['workos_id']}")).json()
    assert one == person
    assert "custom_attributes" not in person
    assert person["email"] == "p@x.example"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"email": "P@X.example"}, 1),
        ({"email": "p@x.exampl"}, 0),
        ({"search": "X.EX"}, 1),
        ({"search": "%"}, 0),
        ({"search": "_"}, 0),
        ({"search": "\\"}, 0),
        ({"state": "active"}, 1),
        ({"state": "deleted"}, 0),
    ],
    ids=str,
)
async def test_filters_of_people(query: dict[str, str], found: int, tenant: Tenant, inside: str) -> None:
    assert len((await listed(await tenant.signed_in(), f"{inside}/users", **query))["data"]) == found


async def test_who_is_gone_is_listed_only_when_asked_for(tenant: Tenant, inside: str) -> None:
    await tenant.stage.sql("update directory_users set state = 'deleted' where organization_id = $1", tenant.id)
    ada = await tenant.signed_in()
    assert (await listed(ada, f"{inside}/users"))["data"] == []
    assert len((await listed(ada, f"{inside}/users", state="deleted"))["data"]) == 1


async def test_e9_a_cursor_is_good_for_its_directory_only(tenant: Tenant, inside: str) -> None:
    await tenant.stage.sql(
        "insert into directories (id, organization_id, workos_id, type, name, state, created_at, updated_at)"
        " values (gen_random_uuid(), $1, 'directory_2', 'new type', 'D2', 'linked', now(), now())",
        tenant.id,
    )
    await tenant.stage.sql(
        "insert into directory_users (id, organization_id, directory_id, workos_id, state, at, touched_at, created_at,"
        " updated_at) select gen_random_uuid(), organization_id, directory_id, 'second', 'active', at, at, at, at"
        " from directory_users where organization_id = $1",
        tenant.id,
    )
    ada = await tenant.signed_in()
    first = await listed(ada, f"{inside}/users", limit="1")
    after = first["list_metadata"]["after"]
    second = await listed(ada, f"{inside}/users", limit="1", after=after)
    assert second["data"][0]["id"] < first["data"][0]["id"]
    assert second["list_metadata"]["after"] is None
    for path in (f"{PATH}/directory_2/users", f"{inside}/groups", PATH):
        assert (await ada.api("GET", path, params={"after": after})).status_code == 422
