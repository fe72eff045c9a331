"""F10: whoever is shut out, or is an administrator no more, loses the links into the portal that were made for them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import uow as units
from app.access.errors import NotPermitted
from app.bootstrap import assembled
from app.directories import settling
from app.jobs import handlers, periodic
from app.portal import flow, jobs, service
from app.portal.service import REVOKE
from app.queue import outbox_runner
from app.runtime import Runtime
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.databases import rows
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory
from tests.gateway import Browser, Stage
from tests.processes import served, start
from tests.syncs import Directory, hired
from tests.threats.test_e10_manual_roles import Platform, platform

__all__ = ["platform"]  # a fixture

ADMINS, STAFF = "MemberPulse Admins", "MemberPulse Staff"


@dataclass(slots=True)
class Errands:
    """A worker that does what the outbox holds."""

    runtime: Runtime

    async def work_off(self) -> None:
        begin = units.beginner(self.runtime)
        while await outbox_runner.run_next(begin, handlers(self.runtime, begin)):
            pass


@pytest.fixture
async def errands(stage: Stage) -> AsyncGenerator[Errands]:
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as worker:
        yield Errands(worker.runtime)


async def linked(browser: Browser, tenant: Tenant) -> str:
    """Return a new link into the tenant's portal."""
    answer = await browser.api("POST", "/api/portal/links", json={"organization": str(tenant.id), "intent": "dsync"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["link"])


def revoked(tenant: Tenant, user: object) -> list[dict[str, Any]]:
    """Return the calls by which WorkOS was asked to revoke this person's links."""
    told = [json.loads(hit.body) for hit in tenant.stage.twin.hits(path="/portal/revoke_link")]
    return [call for call in told if call == {"organization": tenant.workos_id, "external_user_id": str(user)}]


async def opens(link: str) -> bool:
    """Return whether a link still leads into the portal; that uses it up."""
    async with httpx.AsyncClient() as outside:
        return (await outside.get(link)).status_code == 302


async def queued(tenant: Tenant) -> list[Any]:
    """Return the outbox's revocations of a tenant."""
    statement = "select * from outbox where organization_id = $1 and job = $2 order by id"
    return await tenant.stage.sql(statement, tenant.id, REVOKE)


# The ways to lose it: each makes ada an administrator, and then none. The tenant's mirror is a directory by events.
async def _by_event(inbox: Inbox, home: Home, kind: str, **data: str) -> None:
    assert await inbox.applied(home.user("ada", 9, kind, **data)) == ["done"]


async def _deleted(inbox: Inbox, home: Home) -> None:
    await _by_event(inbox, home, "deleted")


async def _inactive(inbox: Inbox, home: Home) -> None:
    await _by_event(inbox, home, "updated", state="inactive")


async def _erased(inbox: Inbox, home: Home) -> None:
    await home.tenant.policy(hard_delete_removed_users=True)
    await _by_event(inbox, home, "deleted")


async def _out_of_the_group(inbox: Inbox, home: Home) -> None:
    assert await inbox.applied(home.joined("ada", ADMINS, 9, "removed")) == ["done"]


async def _group_deleted(inbox: Inbox, home: Home) -> None:
    assert await inbox.applied(home.group(ADMINS, 9, "deleted")) == ["done"]


async def _patched(inbox: Inbox, home: Home) -> None:
    admin, ada = await inbox.stage.platform_admin(), await home.tenant.user_id()
    body = {"state": "inactive", "confirm": True}
    assert (await admin.api("PATCH", f"/api/users/{ada}", json=body)).status_code == 200


async def _rules_changed(inbox: Inbox, home: Home) -> None:
    admin = await inbox.stage.platform_admin()
    path = f"/api/organizations/{home.tenant.id}/role-mappings"
    assert (await admin.api("PUT", path, json={"rules": []})).status_code == 200


async def _suspended(inbox: Inbox, home: Home) -> None:
    admin = await inbox.stage.platform_admin()
    body = {"state": "suspended"}
    assert (await admin.api("PATCH", f"/api/organizations/{home.tenant.id}", json=body)).status_code == 200


async def _organization_deleted(inbox: Inbox, home: Home) -> None:
    told = home.event("organization.deleted", {"id": home.tenant.workos_id, "name": "T", "object": "organization"}, 9)
    assert await inbox.applied(told) == ["done"]


WAYS = (
    _deleted, _inactive, _erased, _out_of_the_group, _group_deleted, _patched, _rules_changed, _suspended,
    _organization_deleted,
)  # fmt: skip


@pytest.mark.parametrize("lose", WAYS, ids=lambda way: str(way.__name__).strip("_"))
async def test_f10_the_links_of_who_is_no_administrator_any_more_are_revoked(
    lose: Callable[[Inbox, Home], Awaitable[None]], inbox: Inbox, tenant: Tenant, errands: Errands
) -> None:
    home = await a_directory(inbox, tenant)
    told = [home.group(ADMINS, 1), home.user("ada", 1), home.joined("ada", ADMINS, 2)]
    assert await inbox.applied(*told) == ["done"] * 3
    browser, ada = await tenant.signed_in(), await tenant.user_id()
    links = [await linked(browser, tenant) for _ in range(2)]
    assert await opens(links[0])
    await lose(inbox, home)
    (job,) = await queued(tenant)
    assert job["status"] == "pending"
    assert not any(link.rpartition("=")[2] in str(dict(job)) for link in links), "a link is kept nowhere (F9)"
    assert revoked(tenant, ada) == [], "not while the transaction was open"
    await errands.work_off()
    await errands.work_off()
    assert len(revoked(tenant, ada)) == 1
    assert not await opens(links[1])
    (row,) = await tenant.stage.sql(
        "select targets::text as targets from audit_events where organization_id = $1 and action = $2",
        tenant.id,
        "portal.links.revoked",
    )
    assert str(ada) in row["targets"]


async def test_f10_by_a_full_sync(directory: Directory, errands: Errands) -> None:
    tenant = directory.tenant
    people = await hired(directory, 12)
    await directory.work_off()
    browser = tenant.stage.browser()
    email = f"p0@{tenant.domain}"
    for person in people:
        directory.twin.change_person(person, sso=True)
    assert (await browser.sign_in(email, connection=tenant.connection_workos_id)).status_code == 303
    link = await linked(browser, tenant)
    (who,) = await tenant.stage.sql("select id from users where email = $1", email)
    directory.twin.remove_person(people[0])
    run = await directory.synced()
    if run["status"] == "needs_confirmation":  # it was the last administrator
        assert await queued(tenant) == [], "a plan changes nothing"
        run = await directory.confirmed(run["id"])
    assert run["status"] == "completed"
    await errands.work_off()
    assert len(revoked(tenant, who["id"])) == 1
    assert not await opens(link)


async def test_f10_by_manual_roles(tenant: Tenant, errands: Errands) -> None:
    await tenant.signed_in()  # somebody else administrates the tenant
    sam_at_home = await tenant.signed_in("sam")
    sam, admin = await tenant.user_id("sam"), await tenant.stage.platform_admin()
    path = f"/api/users/{sam}/roles"
    assert (await admin.api("PUT", path, json={"roles": ["ROLE_CLIENT_ADMIN"]})).status_code == 200
    await tenant.stage.assembly.live.look()
    await linked(sam_at_home, tenant)
    assert (await admin.api("PUT", path, json={"roles": ["ROLE_CLIENT_ADMIN", "ROLE_MEMBER"]})).status_code == 200
    assert await queued(tenant) == [], "still an administrator"
    assert (await admin.api("PUT", path, json={"roles": []})).status_code == 200
    await errands.work_off()
    assert len(revoked(tenant, sam)) == 1


async def test_f10_by_a_sign_in_with_other_groups(tenant: Tenant, errands: Errands) -> None:
    browser, ada = await tenant.signed_in(), await tenant.user_id()
    await linked(browser, tenant)
    stage = tenant.stage
    stage.twin.override_profile({"groups": [STAFF]})
    await tenant.signed_in()
    await errands.work_off()
    assert len(revoked(tenant, ada)) == 1


async def test_f10_an_operator_loses_links_into_other_organizations(stage: Stage, tenant: Tenant) -> None:
    """The visit is their own tenant's row, whoever the link is for."""
    admin = await stage.platform_admin()
    await linked(admin, tenant)
    (visit,) = await stage.sql("select * from portal_visits where workos_organization = $1", tenant.workos_id)
    assert visit["organization_id"] == units.PLATFORM
    assert visit["user_id"].int == 1


async def test_f10_an_operator_who_is_a_client_admin_now_loses_them_too(platform: Platform) -> None:
    home = platform.tenant
    other = await a_tenant(home.stage)
    await linked(await home.signed_in("olga"), other)
    home.stage.twin.override_profile({"groups": [ADMINS]}, connection=home.connection_workos_id)
    browser = await home.signed_in("olga")
    assert (await browser.api("GET", "/auth/session")).json()["roles"] == ["ROLE_CLIENT_ADMIN"]
    assert len(await queued(home)) == 1


async def test_f10_workos_is_asked_again_until_it_is_done_once(inbox: Inbox, tenant: Tenant, errands: Errands) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.group(ADMINS, 1), home.user("ada", 1), home.joined("ada", ADMINS, 2))
    browser, ada = await tenant.signed_in(), await tenant.user_id()
    link, stage = await linked(browser, tenant), tenant.stage
    for status in (503, 500, 502):
        stage.twin.add_fault("POST /portal/revoke_link", "json", status=status, body={"message": "no"}, times=1)
    await _deleted(inbox, home)
    for tries in (1, 2, 3):
        await errands.work_off()
        await errands.work_off()
        assert len(revoked(tenant, ada)) == tries, "not before it is due"
        (job,) = await queued(tenant)
        assert job["status"] == "pending"
        assert job["last_error"]
        stage.clock.advance(minutes=16)
    await errands.work_off()
    assert len(revoked(tenant, ada)) == 4
    assert (await queued(tenant))[0]["status"] == "done"
    assert not await opens(link)
    stage.clock.advance(minutes=16)
    await errands.work_off()
    assert len(revoked(tenant, ada)) == 4


async def test_f10_whoever_is_shut_out_while_workos_makes_the_link_has_none(
    inbox: Inbox, tenant: Tenant, errands: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.group(ADMINS, 1), home.user("ada", 1), home.joined("ada", ADMINS, 2))
    browser, ada = await tenant.signed_in(), await tenant.user_id()
    bearer = await browser.bearer()
    noted = service.note_visit

    async def then_shut_out(*arguments: Any) -> None:  # noqa: ANN401 -- the function's own
        await noted(*arguments)
        shut_out.set()

    shut_out, made = asyncio.Event(), type(tenant.stage.assembly.runtime.workos).portal_link

    async def slowly(self: Any, **asked: Any) -> Any:  # noqa: ANN401 -- the port's own
        await shut_out.wait()
        await _deleted(inbox, home)
        await errands.work_off()  # before there is anything to revoke
        return await made(self, **asked)

    monkeypatch.setattr(flow.service, "note_visit", then_shut_out)
    monkeypatch.setattr(type(tenant.stage.assembly.runtime.workos), "portal_link", slowly)
    body = {"organization": str(tenant.id), "intent": "dsync"}
    answer = await browser.http.post("/api/portal/links", json=body, headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, NotPermitted.code)
    await errands.work_off()
    assert len(revoked(tenant, ada)) == 2, "once when they were shut out, and once for the link that came afterwards"
    assert not tenant.stage.twin.world.portal_links.values() or not [
        link for link in tenant.stage.twin.world.portal_links.values() if link.external_user_id == str(ada)
    ]


async def test_f10_who_is_shut_out_at_this_moment_asks_in_vain(tenant: Tenant) -> None:
    """The guard may know of it a second later only."""
    await tenant.signed_in("mia")
    async with tenant.stage.unit(tenant.id) as uow:
        with pytest.raises(NotPermitted):
            await service.note_visit(uow, await tenant.user_id("mia"), tenant.workos_id)


async def test_f10_of_people_without_links_nothing_is_queued(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hired(directory, 30)
    await directory.work_off()
    asked: list[int] = []
    revoke = service.revoke

    async def counted(uow: Any, users: Any) -> None:  # noqa: ANN401 -- the function's own
        asked.append(len(users))
        await revoke(uow, users)

    monkeypatch.setattr(settling.portal, "revoke", counted)
    for person in [one for one in directory.twin.world.people.values() if one.directory_id == directory.workos_id]:
        directory.twin.remove_person(person.id)
    run = await directory.synced()
    run = await directory.confirmed(run["id"])
    assert run["status"] == "completed"
    assert [count for count in asked if count] == [30, 30], (
        "one statement for all, when it is planned and when it is done"
    )
    assert await queued(directory.tenant) == []


async def test_f10_a_day_later_a_visit_is_over(tenant: Tenant, errands: Errands) -> None:
    await linked(await tenant.signed_in(), tenant)
    visits = "select 1 from portal_visits where organization_id = $1"
    begin = units.beginner(errands.runtime)
    for hours, left in ((23, 1), (2, 0)):
        tenant.stage.clock.advance(hours=hours)
        async with begin(units.PLATFORM) as uow:
            await jobs.purge(uow)
        assert len(await tenant.stage.sql(visits, tenant.id)) == left
    assert periodic(errands.runtime)["portal.purge"].every <= timedelta(hours=1)


async def test_f10_a_worker_that_is_killed_has_not_forgotten_it(server_url: str, tmp_path: Path) -> None:
    """`kill -9` while WorkOS is being asked: the next worker asks again once the lease has run out."""
    twin = Sandbox.from_seed()
    async with twin.running(), served(server_url, twin, tmp_path) as gateway:
        database = gateway.settings["DATABASE_URL"]
        acme = twin.world.organization("Acme Corp").id
        statement = (
            "insert into outbox (id, organization_id, job, key, payload, due_at, created_at)"
            " select gen_random_uuid(), id, $2, 'k', jsonb_build_object('user', 'u1', 'organization', $1::text), now(),"
            " now() from organizations where workos_id = $1::text"
        )
        twin.add_fault("POST /portal/revoke_link", "latency", delay_ms=3000)
        await rows(database, statement, acme, REVOKE)
        worker = start("worker", gateway.settings, tmp_path / "worker.log")
        try:
            await _until(lambda: len(twin.hits(path="/portal/revoke_link")) == 1)
        finally:
            worker.kill()
            await asyncio.to_thread(worker.wait, 20)
        (left,) = await rows(database, "select status, attempts from outbox where job = $1", REVOKE)
        assert (left["status"], left["attempts"]) == ("running", 1)
        twin.clear_faults()
        # The lease lasts a minute: it is told to have begun earlier.
        await rows(database, "update outbox set leased_until = now() - interval '1 s' where job = $1", REVOKE)
        worker = start("worker", gateway.settings, tmp_path / "worker.log")
        try:
            async with asyncio.timeout(30):
                done = "select 1 from outbox where job = $1 and status = 'done'"
                while not await rows(database, done, REVOKE):
                    await asyncio.sleep(0.1)
        finally:
            worker.terminate()
            assert await asyncio.to_thread(worker.wait, 20) == 0
        assert len(twin.hits(path="/portal/revoke_link")) == 2


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.05)
