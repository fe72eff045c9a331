"""The hot door of a page of people: as the route answers, for whom the route answers, and nothing of anybody else."""

import httpx
import pytest

from app.http.answers import Answer
from app.http.exchange import Exchange
from tests.builders import Tenant, a_tenant
from tests.directories.test_reading import PATH
from tests.gateway import Browser, Stage
from tests.threats.tenancy import fill

DOOR = ("GET", "/api/directories/{directory_id}/users")


Said = tuple[int, str, dict[str, str]]


def said(answer: httpx.Response) -> Said:
    """Return status, body and headers of an answer, without its request's id."""
    identifier = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if value != identifier}
    return answer.status_code, answer.text.replace(identifier, ""), headers


async def both(stage: Stage, browser: Browser, path: str) -> tuple[Said, Said]:
    """Return what the door answers, and what the route answers without it."""
    hot = await browser.api("GET", path)
    door = stage.app.doors.pop(DOOR)
    try:
        plain = await browser.api("GET", path)
    finally:
        stage.app.doors[DOOR] = door
    return said(hot), said(plain)


@pytest.fixture
async def directory(stage: Stage, tenant: Tenant) -> str:
    """A directory of five people who are there, one of whom is not made ready, and one who is gone."""
    await fill(tenant)
    (row,) = await stage.sql("select id from directories where organization_id = $1", tenant.id)
    await stage.sql(
        "insert into directory_users (id, organization_id, directory_id, workos_id, state, at, created_at, updated_at,"
        " touched_at, hard)"
        " select gen_random_uuid(), $1::uuid, $2::uuid, 'directory_user_' || n || '_' || $2::text,"
        " case n when 6 then 'deleted' else 'active' end, now(), now(), now(), now(), false"
        " from generate_series(3, 6) n",
        tenant.id,
        row["id"],
    )
    await stage.sql(
        "update directory_users d set shown = directory_user_shown(d) where organization_id = $1 and workos_id like $2",
        tenant.id,
        "directory_user_4%",
    )
    return f"{PATH}/{row['id']}/users"


async def test_it_answers_as_the_route_page_by_page(stage: Stage, tenant: Tenant, directory: str) -> None:
    ada = await tenant.signed_in()
    path, seen = f"{directory}?limit=2", 0
    while path:
        hot, plain = await both(stage, ada, path)
        assert hot == plain
        page = (await ada.api("GET", path)).json()
        seen += len(page["data"])
        after = page["list_metadata"]["after"]
        path = f"{directory}?limit=2&after={after}" if after else ""
    assert seen == 4


@pytest.mark.parametrize(
    "query",
    ["", "limit=0", "limit=101", "limit=x", "limit=%D9%A2", "limit=2&limit=3", "limit=2&after=x",
     "limit=2&state=deleted", "limit=1&order=asc", "limit=2&other=1", "after=", "limit=2&after="],
)  # fmt: skip
async def test_what_is_not_plain_is_the_routes(stage: Stage, tenant: Tenant, directory: str, query: str) -> None:
    hot, plain = await both(stage, await tenant.signed_in(), f"{directory}?{query}")
    assert hot == plain


async def test_nobody_elses_directory_and_no_attributes_for_client_users(
    stage: Stage, tenant: Tenant, directory: str
) -> None:
    other = await a_tenant(stage)
    eve = await other.signed_in()
    hot, plain = await both(stage, eve, f"{directory}?limit=5")
    assert hot == plain
    assert hot[0] == 404
    sam = await tenant.signed_in("sam")
    hot, plain = await both(stage, sam, f"{directory}?limit=5")
    assert hot == plain
    assert "custom_attributes" not in hot[1]


async def test_it_answers_hot_and_leaves_no_tenant_behind(stage: Stage, tenant: Tenant, directory: str) -> None:
    ada = await tenant.signed_in()
    door = stage.app.doors[DOOR]
    answered: list[bool] = []

    async def counted(exchange: Exchange) -> Answer | None:
        answer = await door(exchange)
        answered.append(answer is not None)
        return answer

    stage.app.doors[DOOR] = counted
    assert (await ada.api("GET", f"{directory}?limit=5")).status_code == 200
    stage.app.doors[DOOR] = door
    assert answered == [True]
    (left,) = await stage.app.state.runtime.lane.fetch("select app_org() as tenant")
    assert left["tenant"] is None
