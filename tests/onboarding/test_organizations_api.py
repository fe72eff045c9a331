"""/api/organizations/{id}: read it, rename it, and who may; versions keep two editors from undoing each other."""

import json
import re
from typing import Any
from uuid import UUID

import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import SERVICE, Browser, Stage

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
async def operator(stage: Stage) -> Browser:
    return await stage.platform_admin()


def path_of(tenant: Tenant) -> str:
    return f"/api/organizations/{tenant.id}"


async def read(browser: Browser, tenant: Tenant) -> tuple[dict[str, Any], str]:
    """Return a tenant as this browser sees it, and its ETag."""
    answer = await browser.api("GET", path_of(tenant))
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["etag"]


async def row_of(tenant: Tenant) -> dict[str, Any]:
    (row,) = await tenant.stage.sql("select * from organizations where id = $1", tenant.id)
    return dict(row)


async def test_a_tenant_has_exactly_the_contracts_shape(tenant: Tenant, operator: Browser) -> None:
    found, etag = await read(operator, tenant)
    for member in ("created_at", "updated_at"):
        assert INSTANT.fullmatch(found.pop(member))
    assert found == {
        "object": "organization",
        "id": str(tenant.id),
        "workos_id": tenant.workos_id,
        "name": f"Tenant {tenant.domain.removeprefix('tenant').partition('.')[0]}",
        "slug": f"tenant-{tenant.domain.removeprefix('tenant').partition('.')[0]}-{tenant.id.hex[-6:]}",
        "state": "active",
        "domains": [{"domain": tenant.domain, "state": "verified"}],
    }
    assert etag == '"1"'


async def test_it_is_found_by_our_id_and_by_workos_s(tenant: Tenant, operator: Browser) -> None:
    by_ours, _ = await read(operator, tenant)
    for reference in (tenant.workos_id, str(tenant.id).upper()):
        answer = await operator.api("GET", f"/api/organizations/{reference}")
        assert (answer.status_code, answer.json()) == (200, by_ours)
        assert answer.headers["etag"] == '"1"'


async def test_what_there_is_not_is_not_found(operator: Browser) -> None:
    for reference in (UUID(int=0), UUID(int=7), "org_01NOBODY", "x", "%20", "org_01' or '1'='1", "a" * 2000):
        for method, body in (("GET", None), ("PATCH", {"name": "x"})):
            answer = await operator.api(method, f"/api/organizations/{reference}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), reference


async def test_client_users_know_its_name_and_domains_only(tenant: Tenant) -> None:
    found, etag = await read(await tenant.signed_in("sam"), tenant)
    whole, _ = await read(await tenant.signed_in(), tenant)
    assert found == {name: whole[name] for name in ("object", "id", "name", "domains")}
    assert etag == '"1"'


@pytest.mark.parametrize(
    ("name", "reads"), [("ada", 200), ("sam", 200), ("mia", 403)], ids=["admin", "client user", "member"]
)
async def test_people_read_their_own_and_no_other(name: str, reads: int, tenant: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    browser = await tenant.signed_in(name)
    for reference in (str(tenant.id), tenant.workos_id):
        answer = await browser.api("GET", f"/api/organizations/{reference}")
        assert answer.status_code == reads
        if reads == 200:
            assert answer.json()["domains"] == [{"domain": tenant.domain, "state": "verified"}]
        else:
            assert answer.json()["code"] == "not_permitted"
    for reference in (str(other.id), other.workos_id):
        answer = await browser.api("GET", f"/api/organizations/{reference}")
        assert answer.status_code == (404 if reads == 200 else 403)


@pytest.mark.parametrize("name", ["ada", "sam", "mia"])
async def test_only_operators_change(name: str, tenant: Tenant, stage: Stage) -> None:
    before = await row_of(tenant)
    browser = await tenant.signed_in(name)
    for body in ({"name": "Mine"}, {"state": "suspended"}, {}, {"name": 7}):
        answer = await browser.api("PATCH", path_of(tenant), json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert (await stage.browser().http.patch(path_of(tenant), json={"name": "x"}, auth=SERVICE)).status_code == 401
    assert await row_of(tenant) == before


async def test_a_rename_keeps_everything_else(tenant: Tenant, operator: Browser, stage: Stage) -> None:
    before, _ = await read(operator, tenant)
    stage.clock.advance(seconds=1)
    answer = await operator.api(
        "PATCH", path_of(tenant), json={"name": "  New Name "}, headers={"X-Request-Id": "rename-it"}
    )
    assert answer.status_code == 200, answer.text
    renamed = answer.json()
    assert renamed["updated_at"] > before["updated_at"]
    assert renamed == before | {"name": "New Name", "updated_at": renamed["updated_at"]}
    assert answer.headers["etag"] == '"2"'
    assert await read(operator, tenant) == (renamed, '"2"')
    (event,) = await stage.sql(
        "select actor_type, actor_id, targets, metadata, request_id from audit_events"
        " where organization_id = $1 and action = 'organization.changed'",
        tenant.id,
    )
    assert (event["actor_type"], event["actor_id"], event["request_id"]) == ("user", str(UUID(int=1)), "rename-it")
    assert json.loads(event["targets"]) == [{"type": "organization", "id": str(tenant.id)}]
    assert json.loads(event["metadata"]) == {"fields": ["name"]}


async def test_people_see_the_new_name_at_once(tenant: Tenant, operator: Browser, stage: Stage) -> None:
    ada = await tenant.signed_in()
    assert (await ada.api("GET", "/auth/session")).json()["organization"]["name"] != "New Name"
    await operator.api("PATCH", path_of(tenant), json={"name": "New Name"})
    await stage.assembly.live.look()
    assert (await ada.api("GET", "/auth/session")).json()["organization"]["name"] == "New Name"


async def test_it_is_changed_by_workos_s_id_too(tenant: Tenant, operator: Browser) -> None:
    answer = await operator.api("PATCH", f"/api/organizations/{tenant.workos_id}", json={"name": "By WorkOS's id"})
    assert (answer.status_code, answer.json()["id"]) == (200, str(tenant.id))
    assert (await row_of(tenant))["name"] == "By WorkOS's id"


WRONG: list[object] = [
    {},
    {"name": None},
    {"name": None, "state": None},
    {"name": ""},
    {"name": "  "},
    {"name": "x" * 201},
    {"name": "a\x1bb"},
    {"name": ["x"]},
    {"state": "deleted"},
    {"state": "Suspended"},
    {"state": True},
    {"name": "Good", "state": "odd"},
    [],
    None,
]


async def test_what_cannot_be_is_invalid(tenant: Tenant, operator: Browser) -> None:
    before = await row_of(tenant)
    for body in WRONG:
        answer = await operator.api("PATCH", path_of(tenant), json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), body
    assert await row_of(tenant) == before


@pytest.mark.parametrize("etag", ['"1"', "*", " * ", '"7", "1"', '"1","x"'])
async def test_a_change_of_what_was_read_is_made(etag: str, tenant: Tenant, operator: Browser) -> None:
    answer = await operator.api("PATCH", path_of(tenant), json={"name": "New"}, headers={"If-Match": etag})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')


async def test_a_change_of_another_version_is_not(tenant: Tenant, operator: Browser) -> None:
    await operator.api("PATCH", path_of(tenant), json={"name": "Second"})
    before = await row_of(tenant)
    assert before["version"] == 2
    for etag in ('"1"', '"3"', '"0"', '"999999999"', '"1", "3"', 'W/"2"', '"x"', '""', '"12345678901"'):
        answer = await operator.api("PATCH", path_of(tenant), json={"name": "Third"}, headers={"If-Match": etag})
        assert (answer.status_code, answer.json()["code"]) == (412, "version_outdated"), etag
    assert await row_of(tenant) == before


async def test_what_is_no_version_is_malformed(tenant: Tenant, operator: Browser) -> None:
    before = await row_of(tenant)
    bearer = (await operator.bearer())["Authorization"].encode()
    for etag in ("", "1", "x", "-1", '"1', '1"', '"1" "2"', '"1",', 'w/"1"', '*, "1"', '"\u00b2"'):
        headers = [(b"Authorization", bearer), (b"If-Match", etag.encode("latin-1"))]
        answer = await operator.http.patch(path_of(tenant), json={"name": "New"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), etag
    assert await row_of(tenant) == before


async def test_of_two_editors_the_second_reads_again(tenant: Tenant, operator: Browser, stage: Stage) -> None:
    other = await stage.platform_admin()
    _, etag = await read(operator, tenant)
    first = await operator.api("PATCH", path_of(tenant), json={"name": "First"}, headers={"If-Match": etag})
    second = await other.api("PATCH", path_of(tenant), json={"name": "Second"}, headers={"If-Match": etag})
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await read(other, tenant))[0]["name"] == "First"
    again = await other.api(
        "PATCH", path_of(tenant), json={"name": "Second"}, headers={"If-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.headers["etag"]) == (200, '"3"')
