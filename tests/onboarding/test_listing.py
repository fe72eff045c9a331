"""GET /api/organizations: pages of every tenant for operators, one's own for everybody else."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app.kit.ids import SystemIds
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import SERVICE, Browser
from tests.sessions.stages import own_stage

PATH = "/api/organizations"
CROWD = 27
INSERT = """
insert into organizations (id, name, slug, created_at, updated_at)
select id, 'Crowd ' || number, 'crowd-' || number, now(), now()
from unnest($1::uuid[]) with ordinality as made (id, number)
"""


@pytest.fixture(scope="module")
async def crowded(
    server_url: str, twin: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Browser, Tenant]]:
    """A gateway with 28 tenants, an operator of it, and the newest tenant, which has people."""
    async with own_stage(server_url, twin, tmp_path_factory.mktemp("crowd")) as stage:
        ids = SystemIds()
        await stage.sql(INSERT, [ids.uuid() for _ in range(CROWD)])
        yield (
            await stage.platform_admin(),
            await a_tenant(stage, ada="MemberPulse Admins", sam="MemberPulse Staff", mia="MemberPulse Members"),
        )


@pytest.fixture
def operator(crowded: tuple[Browser, Tenant]) -> Browser:
    return crowded[0]


@pytest.fixture
def newest(crowded: tuple[Browser, Tenant]) -> Tenant:
    return crowded[1]


async def listed(browser: Browser, **query: str | int) -> dict[str, Any]:
    """Return a page."""
    answer = await browser.api("GET", PATH, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found.keys() == {"object", "data", "list_metadata"}
    assert found["list_metadata"].keys() == {"before", "after"}
    assert found["object"] == "list"
    return found


def names(page: dict[str, Any]) -> list[str]:
    return [row["name"] for row in page["data"]]


async def walked(browser: Browser, towards: str, **query: str | int) -> list[list[str]]:
    """Return the names of every page from here on, towards `after` or `before`."""
    pages: list[list[str]] = []
    cursor: str | None = None
    for _ in range(CROWD + 2):
        page = await listed(browser, **query, **({towards: cursor} if cursor else {}))
        pages.append(names(page))
        cursor = page["list_metadata"][towards]
        if cursor is None:
            return pages
    raise AssertionError("the walk does not end")


def everybody(newest: Tenant, *, order: str = "desc") -> list[str]:
    """Return the names of all tenants; the platform's own rows are nobody's organization."""
    number = newest.domain.removeprefix("tenant").partition(".")[0]
    oldest_first = [*(f"Crowd {number}" for number in range(1, CROWD + 1)), f"Tenant {number}"]
    return oldest_first if order == "asc" else oldest_first[::-1]


async def test_the_first_page_has_the_newest_twenty_five(operator: Browser, newest: Tenant) -> None:
    page = await listed(operator)
    assert names(page) == everybody(newest)[:25]
    assert page["list_metadata"]["before"] is None
    assert page["list_metadata"]["after"] is not None


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [7, 9, 14, 27, 28, 100])
async def test_walking_on_shows_every_tenant_once(limit: int, order: str, operator: Browser, newest: Tenant) -> None:
    pages = await walked(operator, "after", limit=limit, order=order)
    whole = everybody(newest, order=order)
    assert pages == [whole[start : start + limit] for start in range(0, len(whole), limit)]


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_walking_back_shows_the_same_pages(order: str, operator: Browser, newest: Tenant) -> None:
    first = await listed(operator, limit=10, order=order)
    second = await listed(operator, limit=10, order=order, after=first["list_metadata"]["after"])
    back = await listed(operator, limit=10, order=order, before=second["list_metadata"]["before"])
    assert names(back) == names(first) == everybody(newest, order=order)[:10]
    assert back["list_metadata"]["before"] is None
    again = await listed(operator, limit=10, order=order, after=back["list_metadata"]["after"])
    assert again == second


async def test_a_page_holds_each_tenants_own_domains(operator: Browser, newest: Tenant) -> None:
    first, *others = (await listed(operator, limit=3))["data"]
    assert first["id"] == str(newest.id)
    assert first["domains"] == [{"domain": newest.domain, "state": "verified"}]
    assert [row["domains"] for row in others] == [[], []]


async def test_a_page_has_one_to_a_hundred_rows(operator: Browser) -> None:
    for limit in ("0", "101", "-1", "1000000000", "x", "", "1.5"):
        answer = await operator.api("GET", PATH, params={"limit": limit})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), limit
        assert [error["field"] for error in answer.json()["errors"]] == ["limit"]


async def test_an_order_is_up_or_down(operator: Browser) -> None:
    for order in ("sideways", "ASC", "normal"):
        assert (await operator.api("GET", PATH, params={"order": order})).status_code == 422


async def test_cursors_are_of_this_list_and_this_tenant(operator: Browser, newest: Tenant) -> None:
    page = await listed(operator, limit=3)
    after = page["list_metadata"]["after"]
    connections = await operator.api("GET", "/api/auth/sso/connections", params={"after": after})
    assert connections.status_code == 422, "a cursor of another list"
    ada = await newest.signed_in()
    for side in ("after", "before"):
        answer = await ada.api("GET", PATH, params={side: after})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), "of another principal"
    for harmed in (after[:-1], after + "A", after[1:], after.swapcase(), "x", str(newest.id), "a" * 4097):
        for side in ("after", "before"):
            assert (await operator.api("GET", PATH, params={side: harmed})).status_code == 422, harmed
    both = await operator.api("GET", PATH, params={"after": after, "before": after})
    assert (both.status_code, both.json()["detail"]) == (422, "Give `after` or `before`, not both.")


@pytest.mark.parametrize("name", ["ada", "sam"])
async def test_people_of_a_tenant_see_their_own(name: str, operator: Browser, newest: Tenant) -> None:
    page = await listed(await newest.signed_in(name), limit=100)
    (whole,) = (await listed(operator, limit=1))["data"]
    known = whole if name == "ada" else {member: whole[member] for member in ("object", "id", "name", "domains")}
    assert page["data"] == [known]
    assert page["list_metadata"] == {"before": None, "after": None}


async def test_members_and_services_see_none(newest: Tenant) -> None:
    answer = await (await newest.signed_in("mia")).api("GET", PATH)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert (await newest.stage.browser().http.get(PATH, auth=SERVICE)).status_code == 401
