"""What each kind of event changes here."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.connections import service as connections
from app.db.driver import fetch
from app.directories.mirror import PeoplePayload
from app.onboarding import flow as onboarding
from app.runtime import Runtime
from app.uow import SYSTEM, UnitOfWork
from app.webhooks import effects, jobs
from app.workos import events
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox, an_event, connection_event, moment
from tests.workos.samples import DATA


def a_domain(tenant: Tenant, domain: str, state: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {
        "object": "organization_domain", "id": f"org_domain_{domain}", "organization_id": tenant.workos_id,
        "domain": domain, "state": state, "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        **more,
    }  # fmt: skip


async def domains(tenant: Tenant) -> dict[str, str]:
    rows = await tenant.stage.sql(
        "select domain, state from organization_domains where organization_id = $1", tenant.id
    )
    return {row["domain"]: row["state"] for row in rows}


async def test_domains_come_are_verified_fail_and_go(inbox: Inbox, tenant: Tenant) -> None:
    name = f"new.{tenant.domain}"
    steps = [
        ("organization_domain.created", a_domain(tenant, name, "pending"), "pending"),
        ("organization_domain.verified", a_domain(tenant, name, "verified"), "verified"),
        (
            "organization_domain.verification_failed",
            {"reason": "domain_verification_period_expired", "organization_domain": a_domain(tenant, name, "failed")},
            "failed",
        ),
        ("organization_domain.deleted", a_domain(tenant, name, "failed"), None),
    ]
    for minute, (kind, data, expected) in enumerate(steps):
        event = an_event(kind, data, created_at=moment(inbox.stage, minute))
        assert await inbox.applied(event) == ["done"]
        assert (await domains(tenant)).get(name) == expected


async def test_a_certificate_that_expires_is_noted(inbox: Inbox, tenant: Tenant) -> None:
    data = {
        "connection": {"id": tenant.connection_workos_id, "organization_id": tenant.workos_id},
        "certificate": {
            "certificate_type": "ResponseSigning", "expiry_date": "2026-12-24T00:00:00Z", "is_expired": False,
        },
        "days_until_expiry": 29,
    }  # fmt: skip
    assert await inbox.applied(an_event("connection.saml_certificate_renewal_required", data)) == ["done"]
    admin = await inbox.stage.platform_admin()
    shown = (await admin.api("GET", f"/api/auth/sso/connections/{tenant.connection_workos_id}")).json()
    assert shown["certificate_expires_at"] == "2026-12-24T00:00:00.000Z"


async def test_an_organization_that_is_gone_is_suspended_and_nothing_is_deleted(inbox: Inbox, tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    event = an_event("organization.deleted", {"object": "organization", "id": tenant.workos_id, "name": "x"})
    assert await inbox.applied(event) == ["done"]
    assert (await browser.token()).status_code == 401
    (row,) = await tenant.stage.sql("select state from organizations where id = $1", tenant.id)
    assert row["state"] == "suspended"
    assert await tenant.stage.sql("select 1 from users where organization_id = $1", tenant.id)


async def test_a_directory_comes_and_goes(inbox: Inbox, tenant: Tenant) -> None:
    data: dict[str, Any] = {
        "object": "directory", "id": f"directory_of_{tenant.workos_id}", "organization_id": tenant.workos_id,
        "name": "Okta", "type": "okta scim v2.0", "state": "active", "external_key": "k", "domains": [],
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
    }  # fmt: skip
    question = "select state from directories where organization_id = $1"
    for minute, (kind, expected) in enumerate((("dsync.activated", "linked"), ("dsync.deleted", "deleted"))):
        assert await inbox.applied(an_event(kind, data, created_at=moment(inbox.stage, minute))) == ["done"]
        assert [row["state"] for row in await tenant.stage.sql(question, tenant.id)] == [expected]


async def test_a_sign_in_that_failed_at_workos_is_noted(inbox: Inbox, tenant: Tenant) -> None:
    data = {
        "type": "sso", "status": "failed", "email": "x@y.example", "ip_address": "192.0.2.1", "user_id": None,
        "sso": {"organization_id": tenant.workos_id, "connection_id": tenant.connection_workos_id, "session_id": "s"},
        "error": {"code": "saml_response_invalid", "message": "secret words"},
    }  # fmt: skip
    assert await inbox.applied(an_event("authentication.sso_failed", data)) == ["done"]
    (row,) = await tenant.stage.sql("select last_failure_code from connections where id = $1", tenant.connection_id)
    assert row["last_failure_code"] == "saml_response_invalid"


async def test_what_tells_only_part_of_an_unknown_connection_waits_for_it(inbox: Inbox, tenant: Tenant) -> None:
    data = {"id": f"conn_of_{tenant.domain}", "organization_id": tenant.workos_id, "state": "active"}
    part = an_event("connection.activated", data, created_at=moment(inbox.stage, 1))
    assert await inbox.applied(part) == ["parked"]
    row = await inbox.row(part["id"])
    assert (row["waits_for"], row["organization_id"]) == (data["id"], tenant.id)
    versions = await tenant.stage.sql("select 1 from object_versions where object_id = $1", data["id"])
    assert versions == [], "what was not applied must not count as seen"
    whole = connection_event(tenant, "connection.deactivated", at=moment(inbox.stage), id=data["id"])
    assert await inbox.applied(whole) == ["done"]
    assert (await inbox.row(part["id"]))["status"] == "done", "what it waited for is known"
    (row,) = await tenant.stage.sql("select state from connections where workos_id = $1", data["id"])
    assert row["state"] == "active"


async def test_what_was_switched_off_before_it_was_known_stays_off(inbox: Inbox, tenant: Tenant) -> None:
    """Threats D20: parked, it would wait for ever while older news opens the door."""
    data = {"id": f"conn_off_{tenant.domain}", "organization_id": tenant.workos_id, "state": "inactive"}
    off = an_event("connection.deactivated", data, created_at=moment(inbox.stage, 2))
    older = connection_event(tenant, "connection.activated", at=moment(inbox.stage, 1), id=data["id"])
    assert await inbox.applied(off, older) == ["done", "skipped"]
    assert await tenant.stage.sql("select 1 from connections where workos_id = $1", data["id"]) == []


async def test_a_directory_that_is_gone_before_it_was_known_goes_once_it_is(inbox: Inbox, tenant: Tenant) -> None:
    data: dict[str, Any] = {
        "object": "directory", "id": f"directory_late_{tenant.domain}", "organization_id": tenant.workos_id,
        "name": "Okta", "type": "okta scim v2.0", "state": "active", "external_key": "k", "domains": [],
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
    }  # fmt: skip
    gone = an_event("dsync.deleted", {"id": data["id"]}, created_at=moment(inbox.stage, 2))
    come = an_event("dsync.activated", data, created_at=moment(inbox.stage, 1))
    assert await inbox.applied(gone) == ["parked"]
    assert await inbox.applied(come) == ["done"]
    assert (await inbox.row(gone["id"]))["status"] == "done"
    (row,) = await tenant.stage.sql("select state from directories where workos_id = $1", data["id"])
    assert row["state"] == "deleted"


async def test_what_was_parked_while_its_organization_was_linked_is_found(inbox: Inbox, tenant: Tenant) -> None:
    """The worker looked just before the linking committed, and parked just after."""
    event = connection_event(tenant, "connection.deactivated")
    await inbox.deliver(event)
    await inbox.stage.sql(
        "update webhook_events set status = 'parked', waits_for = $2, due_at = null where event_id = $1",
        event["id"],
        tenant.workos_id,
    )
    assert await inbox.work_off() == 0
    async with inbox.begin() as uow:
        await jobs.tidy(uow)
    assert await inbox.work_off() == 1
    assert (await inbox.row(event["id"]))["status"] == "done"


async def test_a_listing_is_newer_than_the_events_of_before(inbox: Inbox, tenant: Tenant) -> None:
    """Else a late event, or one that is replayed, undoes what an import has read since."""
    late = connection_event(tenant, "connection.activated", at=moment(inbox.stage))
    inbox.stage.clock.advance(minutes=4)
    inbox.stage.twin.change_connection(tenant.connection_workos_id, state="inactive")
    await onboarding.refresh(inbox.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    assert await inbox.applied(late) == ["skipped"]
    (row,) = await tenant.stage.sql("select state from connections where id = $1", tenant.connection_id)
    assert row["state"] == "inactive"


async def test_what_the_first_listing_does_not_hold_is_not_brought_by_older_events(inbox: Inbox) -> None:
    stage = inbox.stage
    organization = stage.twin.add_organization(f"First {stage.clock.now().timestamp()}")
    old = an_event(
        "connection.activated",
        {
            "object": "connection", "id": f"conn_gone_{organization.id}", "organization_id": organization.id,
            "name": "Okta", "connection_type": "OktaSAML", "state": "active", "domains": [],
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        },
        created_at=moment(stage, -86400),
    )  # fmt: skip
    assert await inbox.applied(old) == ["parked"]
    tenant = await onboarding.create(stage.assembly.runtime, name="First", workos_id=organization.id, actor=SYSTEM)
    await inbox.work_off()
    assert (await inbox.row(old["id"]))["status"] == "skipped"
    assert await stage.sql("select 1 from connections where organization_id = $1", tenant) == []


async def test_a_listing_and_an_event_wait_for_each_other_and_not_for_ever(inbox: Inbox, tenant: Tenant) -> None:
    async def refreshed() -> None:
        for _ in range(10):
            await onboarding.refresh(inbox.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)

    async def told() -> None:
        for number in range(30):
            kind = "connection.activated" if number % 2 else "connection.deactivated"
            assert (await inbox.deliver(connection_event(tenant, kind))).status_code == 200
            await inbox.work_off()

    await asyncio.gather(refreshed(), told(), told())
    bad = "select 1 from webhook_events where organization_id = $1 and status not in ('done', 'skipped')"
    assert await tenant.stage.sql(bad, tenant.id) == []


async def test_an_event_of_after_a_listing_was_read_stays(
    inbox: Inbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page was read, then the event came, then the page is written."""
    read_all = onboarding.read_all

    async def then_an_event(runtime: Runtime, workos_id: str) -> onboarding.Imported:
        found = await read_all(runtime, workos_id)
        assert await inbox.applied(connection_event(tenant, "connection.deactivated")) == ["done"]
        return found

    monkeypatch.setattr(onboarding, "read_all", then_an_event)
    await onboarding.refresh(inbox.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    (row,) = await tenant.stage.sql("select state from connections where id = $1", tenant.connection_id)
    assert row["state"] == "inactive"


async def test_a_domain_of_another_tenant_is_not_handed_over_by_an_event(inbox: Inbox, tenant: Tenant) -> None:
    other = await a_tenant(inbox.stage)
    ((mine,),) = await tenant.stage.sql(
        "select workos_id from organization_domains where organization_id = $1", tenant.id
    )
    stolen = a_domain(other, tenant.domain, "verified", id=mine)
    assert await inbox.applied(an_event("organization_domain.verified", stolen)) == ["dead"]
    assert tenant.domain not in await domains(other)


async def test_news_of_a_domains_former_id_are_old(inbox: Inbox, tenant: Tenant) -> None:
    name = f"again.{tenant.domain}"
    first, second = (a_domain(tenant, name, "verified", id=f"org_domain_{n}_{name}") for n in (1, 2))
    events_ = [
        an_event("organization_domain.created", second | {"state": "pending"}, created_at=moment(inbox.stage, 3)),
        an_event("organization_domain.verified", first, created_at=moment(inbox.stage, 1)),
        an_event("organization_domain.deleted", first, created_at=moment(inbox.stage, 2)),
    ]
    for event in events_:
        await inbox.applied(event)
    assert (await domains(tenant))[name] == "pending"


async def test_of_two_certificates_the_one_that_stops_sign_ins_is_shown(inbox: Inbox, tenant: Tenant) -> None:
    for second, (kind, expires) in enumerate((("ResponseSigning", "2026-12-01"), ("RequestSigning", "2029-01-01"))):
        data = {
            "connection": {"id": tenant.connection_workos_id, "organization_id": tenant.workos_id},
            "certificate": {"certificate_type": kind, "expiry_date": f"{expires}T00:00:00Z", "is_expired": False},
            "days_until_expiry": 6,
        }
        told = an_event("connection.saml_certificate_renewal_required", data, created_at=moment(inbox.stage, second))
        assert await inbox.applied(told) == ["done"]
    (row,) = await tenant.stage.sql(
        "select certificate_expires_at from connections where id = $1", tenant.connection_id
    )
    assert row["certificate_expires_at"] == datetime(2026, 12, 1, tzinfo=UTC)


async def test_an_instant_far_ahead_counts_as_its_arrival(inbox: Inbox, tenant: Tenant) -> None:
    ahead = connection_event(tenant, "connection.activated", at="2999-01-01T00:00:00.000Z")
    assert await inbox.applied(ahead) == ["done"]
    inbox.stage.clock.advance(minutes=6)
    assert await inbox.applied(connection_event(tenant, "connection.deactivated")) == ["done"]


async def test_an_event_that_runs_out_of_time_counts_its_attempts(
    inbox: Inbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken for a database that is away, it would come first again and again and hold up everybody."""

    async def slow(uow: UnitOfWork, _told: object) -> None:
        await fetch(uow.driver, "set local statement_timeout = '50ms'")
        await fetch(uow.driver, "select pg_sleep(1)")

    monkeypatch.setattr(connections, "follow", slow)
    event = connection_event(tenant, "connection.deactivated")
    assert await inbox.applied(event) == ["pending"]
    row = await inbox.row(event["id"])
    assert (row["attempts"], row["organization_id"]) == (1, tenant.id)
    assert "57014" in row["last_error"]


async def test_an_event_that_meets_a_full_disk_is_not_blamed_for_it(
    inbox: Inbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After eight attempts it would be dead, and a disk may be full for longer than those take."""

    async def full(uow: UnitOfWork, _told: object) -> None:
        await fetch(uow.driver, "do $$ begin raise exception 'no space' using errcode = '53100'; end $$")

    monkeypatch.setattr(connections, "follow", full)
    event = connection_event(tenant, "connection.deactivated")
    assert await inbox.applied(event) == ["pending"]
    row = await inbox.row(event["id"])
    assert row["attempts"] == 0
    assert "disk is full" in row["last_error"]
    monkeypatch.undo()
    inbox.stage.clock.advance(seconds=4)
    await inbox.work_off()
    assert (await inbox.row(event["id"]))["status"] == "done"


@pytest.mark.parametrize("event", sorted(events.READERS))
def test_every_documented_event_has_its_place(event: str) -> None:
    """Each is applied, or known to change nothing; none is left out by oversight."""
    told = events.parse(json.dumps({"id": "event_1", "event": event, "data": DATA[event]}).encode())
    changes_nothing = {"organization.created", "organization.updated", *events.UNNEEDED}
    change = events.read(told)
    applied = isinstance(change, PeoplePayload) or effects.effect_of(change) is not None
    assert applied != (event in changes_nothing)


async def test_an_event_without_an_instant_counts_from_its_arrival(inbox: Inbox, tenant: Tenant) -> None:
    event = an_event("dsync.deleted", {"id": "directory_01NONE", "organization_id": tenant.workos_id})
    assert await inbox.applied(event) == ["done"]
    (row,) = await tenant.stage.sql("select at from object_versions where object_id = 'directory_01NONE'")
    assert abs((row["at"] - inbox.stage.clock.now()).total_seconds()) < 60
    assert row["at"] < datetime.now(UTC).replace(year=2100)  # noqa: TID251 -- any real instant
