"""Shutting people out and letting them in, manual roles, ending sessions: what counts, at once, and what stays."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.access.principal import Principal
from app.people import service
from app.people.errors import LastAdministrator
from app.people.service import Change
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import Browser, Stage, introspect

AUDITED = """
select action, actor_type, actor_id, metadata::text as metadata from audit_events
where organization_id = $1 and action like 'user.%' order by occurred_at, id
"""
MEMBER, USER, ADMIN, OPERATOR = "ROLE_MEMBER", "ROLE_CLIENT_USER", "ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN"
IN, OUT = {"state": "active"}, {"state": "inactive"}


async def change(browser: Browser, person: object, body: dict[str, Any], **headers: str) -> httpx.Response:
    """Change a person's state."""
    return await browser.api("PATCH", f"/api/users/{person}", json=body, headers=headers)


async def give(browser: Browser, person: object, *roles: str, **more: Any) -> httpx.Response:  # noqa: ANN401 -- JSON
    """Give a person exactly these manual roles."""
    headers = more.pop("headers", {})
    return await browser.api("PUT", f"/api/users/{person}/roles", json={"roles": roles, **more}, headers=headers)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def refused(tenant: Tenant, name: str) -> str:
    """Return why the person cannot sign in."""
    browser, callback = await tenant.at_callback(name)
    answer = await browser.visit(callback)
    assert answer.status_code == 403, answer.text
    return str(answer.json()["code"])


async def test_who_is_shut_out_loses_everything_at_once(tenant: Tenant, stage: Stage) -> None:
    ada, sams = await tenant.signed_in(), [await tenant.signed_in("sam") for _ in range(2)]
    token, sam = await sams[0].access_token(), await tenant.user_id("sam")
    answer = await change(ada, sam, OUT)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["state"], found["deactivated_by"], found["roles"], found["sessions_count"]) == (
        "inactive",
        "admin",
        [],
        0,
    )
    assert await introspect(sams[0], token) == {"active": False}
    assert [(await browser.token()).status_code for browser in sams] == [401, 401]
    assert await refused(tenant, "sam") == "user_deactivated"
    (row,) = [row for row in await stage.sql(AUDITED, tenant.id) if row["action"] == "user.deactivated"]
    assert (row["actor_type"], row["actor_id"]) == ("user", str(await tenant.user_id("ada")))
    ended = "select 1 from audit_events where organization_id = $1 and action = 'session.ended'"
    assert len(await stage.sql(ended, tenant.id)) == 2
    assert (await change(ada, sam, OUT)).status_code == 200
    assert len([row for row in await stage.sql(AUDITED, tenant.id) if row["action"] == "user.deactivated"]) == 1


async def test_who_is_let_in_again_signs_in_anew(tenant: Tenant, stage: Stage) -> None:
    ada, before = await tenant.signed_in(), await tenant.signed_in("sam")
    sam = await tenant.user_id("sam")
    await change(ada, sam, OUT)
    # As by a sign-in that was under way meanwhile.
    await stage.sql("update sessions set ended_at = null, end_reason = null where user_id = $1", sam)
    answer = await change(ada, sam, IN)
    assert (answer.status_code, answer.json()["state"], answer.json()["deactivated_by"]) == (200, "active", None)
    assert answer.json()["roles"] == [USER]
    assert (await before.token()).status_code == 401
    await tenant.signed_in("sam")
    assert [row["action"] for row in await stage.sql(AUDITED, tenant.id)] == ["user.deactivated", "user.reactivated"]
    assert (await change(ada, sam, IN)).status_code == 200
    assert len(await stage.sql(AUDITED, tenant.id)) == 2


async def test_no_directory_undoes_an_administrators_word(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("bob", 1))
    bob = (await home.somebody("bob"))["id"]
    assert (await change(ada, bob, OUT)).status_code == 200
    told = [home.user("bob", 2, "updated"), home.user("bob", 3, "deleted"), home.user("bob", 4, "created")]
    for event in told:
        assert await inbox.applied(event) == ["done"]
        person = await home.somebody("bob")
        assert (person["state"], person["deactivated_by"]) == ("deactivated", "admin")
    answer = await change(ada, bob, IN)
    assert (answer.status_code, answer.json()["state"]) == (200, "active")


async def test_no_administrator_undoes_a_directorys_word(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("bob", 1), home.user("bob", 2, "updated", state="inactive"))
    bob = (await home.somebody("bob"))["id"]
    assert code_of(await change(ada, bob, IN)) == (409, "person_removed_by_directory")
    assert (await home.somebody("bob"))["state"] == "deactivated"
    await inbox.applied(home.user("bob", 3, "updated"))
    assert (await home.somebody("bob"))["state"] == "active"


async def test_an_administrators_word_is_added_to_a_directorys(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("bob", 1), home.user("bob", 2, "deleted"))
    bob = (await home.somebody("bob"))["id"]
    assert (await change(ada, bob, OUT)).json()["deactivated_by"] == "admin"
    await inbox.applied(home.user("bob", 3, "created"))
    assert (await home.somebody("bob"))["state"] == "deactivated"
    assert (await change(ada, bob, IN)).json()["state"] == "active"


async def test_nobody_shuts_themself_out(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    assert code_of(await change(ada, await tenant.user_id(), {**OUT, "confirm": True})) == (403, "own_access")
    assert (await change(ada, await tenant.user_id(), IN)).status_code == 200


async def test_the_last_administrator_goes_only_when_that_is_said_twice(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    await tenant.signed_in("sam")
    admin, ada = await stage.platform_admin(), await tenant.user_id()
    refused = await change(admin, ada, OUT)
    assert code_of(refused) == (409, "person_is_last_administrator")
    assert "`" not in refused.json()["remedy"], "people read it, beside a button that says it twice"
    await give(admin, await tenant.user_id("sam"), ADMIN)
    assert (await change(admin, ada, OUT)).status_code == 200
    assert code_of(await give(admin, await tenant.user_id("sam"))) == (409, "person_is_last_administrator")
    assert (await give(admin, await tenant.user_id("sam"), confirm=True)).json()["roles"] == [USER]
    await change(admin, ada, IN)
    assert code_of(await change(admin, ada, OUT)) == (409, "person_is_last_administrator")
    assert (await change(admin, ada, {**OUT, "confirm": True})).status_code == 200


async def test_one_who_is_no_administrator_any_more_is_no_last_one(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    await tenant.signed_in("sam")
    admin, ada, sam = await stage.platform_admin(), await tenant.user_id(), await tenant.user_id("sam")
    await give(admin, sam, ADMIN)
    assert (await change(admin, sam, OUT)).status_code == 200
    assert code_of(await change(admin, ada, OUT)) == (409, "person_is_last_administrator")


async def test_two_administrators_who_shut_each_other_out_leave_one(tenant: Tenant, stage: Stage) -> None:
    ada = await tenant.signed_in()
    await tenant.signed_in("sam")
    first, second = await tenant.user_id(), await tenant.user_id("sam")
    await give(ada, second, ADMIN)

    async def shut_out(person: UUID, by: UUID, *, then: asyncio.Event | None = None) -> None:
        caller = Principal(by, tenant.id, tenant.id, by, (ADMIN,), stage.clock.now())
        async with stage.unit(tenant.id) as uow:
            await service.deactivate(uow, Change(person, caller, None))
            if then is not None:
                await then.wait()

    commit = asyncio.Event()
    one = asyncio.create_task(shut_out(second, first, then=commit))
    await asyncio.sleep(0.2)
    other = asyncio.create_task(shut_out(first, second))
    await asyncio.sleep(0.3)
    assert not other.done(), "it waits for the one before it"
    commit.set()
    await one
    with pytest.raises(LastAdministrator):
        await other
    left = "select id from users where organization_id = $1 and state = 'active'"
    assert [row["id"] for row in await stage.sql(left, tenant.id)] == [first]


async def test_manual_roles_are_added_and_count_at_once(tenant: Tenant, stage: Stage) -> None:
    ada, mia = await tenant.signed_in(), await tenant.signed_in("mia")
    person = await tenant.user_id("mia")
    assert (await mia.api("GET", "/api/users")).status_code == 403
    answer = await give(ada, person, USER, ADMIN, USER)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["mapped_role"], found["manual_roles"]) == (MEMBER, [ADMIN, USER])
    assert found["roles"] == [MEMBER, ADMIN, USER]
    await stage.assembly.live.look()
    assert (await mia.api("GET", "/api/users")).status_code == 200
    life = "select expires_at - created_at as life from sessions where user_id = $1"
    assert {row["life"] for row in await stage.sql(life, person)} == {timedelta(hours=12)}
    assert (await give(ada, person, MEMBER)).json()["roles"] == [MEMBER]
    await stage.assembly.live.look()
    assert (await mia.api("GET", "/api/users")).status_code == 403
    await tenant.signed_in("mia")
    assert (await ada.api("GET", f"/api/users/{person}")).json()["manual_roles"] == [MEMBER]
    told = [row["metadata"] for row in await stage.sql(AUDITED, tenant.id)]
    assert told == [
        '{"roles": ["ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER"], "before": []}',
        '{"roles": ["ROLE_MEMBER"], "before": ["ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER"]}',
    ]
    assert (await give(ada, person, MEMBER)).status_code == 200
    assert len(await stage.sql(AUDITED, tenant.id)) == 2


async def test_a_sync_leaves_manual_roles_alone(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.group("MemberPulse Staff", 1), home.user("bob", 1))
    bob = (await home.somebody("bob"))["id"]
    await give(ada, bob, ADMIN)
    await inbox.applied(home.joined("bob", "MemberPulse Staff", 2))
    found = (await ada.api("GET", f"/api/users/{bob}")).json()
    assert (found["mapped_role"], found["manual_roles"], found["roles"]) == (USER, [ADMIN], [USER, ADMIN])


async def test_a_change_is_made_to_the_version_that_was_read(tenant: Tenant) -> None:
    await tenant.signed_in("sam")
    ada = await tenant.signed_in()
    sam = await tenant.user_id("sam")
    read = await ada.api("GET", f"/api/users/{sam}")
    given = await give(ada, sam, MEMBER, headers={"If-Match": read.headers["etag"]})
    assert given.status_code == 200
    assert given.headers["etag"] != read.headers["etag"]
    stale = {"If-Match": read.headers["etag"]}
    assert code_of(await give(ada, sam, headers=stale)) == (412, "version_outdated")
    assert code_of(await change(ada, sam, OUT, **stale)) == (412, "version_outdated")
    assert (await change(ada, sam, OUT, **{"If-Match": given.headers["etag"]})).status_code == 200
    assert (await change(ada, sam, IN, **{"If-Match": "nonsense"})).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"state": "gone"},
        {"state": "deactivated"},
        {"state": None},
        {"state": "inactive", "confirm": "yes"},
        {"confirm": True},
    ],
    ids=str,
)
async def test_states_are_two_words(body: dict[str, Any], tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    assert (await change(ada, await tenant.user_id(), body)).status_code == 422


@pytest.mark.parametrize("roles", [["ROLE_EMPEROR"], [""], "ROLE_MEMBER", None, [None], [MEMBER] * 5], ids=str)
async def test_roles_are_four_words(roles: object, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    answer = await ada.api("PUT", f"/api/users/{await tenant.user_id()}/roles", json={"roles": roles})
    assert answer.status_code == 422


async def test_an_administrator_ends_sessions(tenant: Tenant, stage: Stage) -> None:
    ada, sams = await tenant.signed_in(), [await tenant.signed_in("sam") for _ in range(3)]
    path = f"/api/users/{await tenant.user_id('sam')}/sessions"
    listed = (await ada.api("GET", path)).json()["data"]
    assert len(listed) == 3
    assert (await ada.api("DELETE", f"{path}/{listed[0]['id']}")).status_code == 204
    assert (await ada.api("DELETE", f"{path}/{listed[0]['id']}")).status_code == 404
    assert sorted([(await browser.token()).status_code for browser in sams]) == [200, 200, 401]
    assert (await ada.api("DELETE", path)).json() == {"ended": 2}
    assert [(await browser.token()).status_code for browser in sams] == [401] * 3
    ended = (
        "select actor_id, metadata::text as m from audit_events where organization_id = $1 and action = 'session.ended'"
    )
    assert {(row["actor_id"], row["m"]) for row in await stage.sql(ended, tenant.id)} == {
        (str(await tenant.user_id("ada")), '{"reason": "ended_by_admin"}')
    }
    assert (await ada.api("DELETE", path)).json() == {"ended": 0}
    assert (await tenant.signed_in("sam")).session_cookie


async def test_a_platform_administrator_changes_people_of_every_tenant(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage, zoe="MemberPulse Staff")
    await other.signed_in("zoe")
    admin, zoe = await stage.platform_admin(), await other.user_id("zoe")
    assert (await give(admin, zoe, ADMIN)).json()["roles"] == [USER, ADMIN]
    assert (await change(admin, zoe, {**OUT, "confirm": True})).json()["organization_id"] == str(other.id)
    assert (await change(admin, zoe, IN)).status_code == 200
    rows = await stage.sql(AUDITED, other.id)
    assert {row["actor_id"] for row in rows} == {"00000000-0000-0000-0000-000000000001"}
    assert not await stage.sql(AUDITED, tenant.id)
