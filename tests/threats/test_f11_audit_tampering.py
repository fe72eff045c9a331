"""F11: the record can be added to and read, nothing else; and whoever changes it all the same is found out."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app import uow as units
from app.audit import service as audit
from app.bootstrap import assembled
from app.db.engine import Role
from app.uow import Begin
from tests.builders import Tenant, a_tenant
from tests.chain import seal_all
from tests.gateway import Stage
from tests.logs import logged
from tests.threats.tenancy import as_role

EVENTS = "select id, occurred_at from audit_events where organization_id = $1 order by id"
FORGERY = """
insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)
select gen_random_uuid(), organization_id, 'user.reactivated', occurred_at, actor_type, actor_id, targets, '{}'
from audit_events where id = $1 returning id
"""


@pytest.fixture
async def worker(stage: Stage) -> AsyncGenerator[Begin]:
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as assembly:
        yield units.beginner(assembly.runtime)


async def sealed(tenant: Tenant, worker: Begin) -> list[Any]:
    """Let things happen, seal them, and return the tenant's events."""
    for name in ("ada", "sam", "ada", "mia"):
        await tenant.signed_in(name)
    await seal_all(worker)
    return await tenant.stage.sql(EVENTS, tenant.id)


async def verified(tenant: Tenant) -> dict[str, Any]:
    """Return what the tenant's administrator is told of the record, without what that very question has written."""
    operator = await tenant.stage.platform_admin()
    answer = await operator.api("GET", "/api/audit/verify", params={"organization": str(tenant.id)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("role", ["gw_app", "gw_worker", "gw_platform"])
@pytest.mark.parametrize("table", ["audit_events", "audit_seals", "audit_heads", "audit_unsealed"])
async def test_f11_no_role_of_ours_may_change_it(role: Role, table: str, stage: Stage, tenant: Tenant) -> None:
    await tenant.signed_in()
    changing = [f"update {table} set organization_id = organization_id", f"delete from {table}", f"truncate {table}"]  # noqa: S608 -- our own tables
    if role == "gw_worker":  # what is sealed waits no longer; the end of a chain moves
        changing = changing[{"audit_heads": 1, "audit_unsealed": 2}.get(table, 0) :]
    for statement in changing:
        async with as_role(stage, tenant.id, role) as connection:
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute(statement)


async def test_f11_a_record_that_nobody_touched_is_intact(tenant: Tenant, worker: Begin) -> None:
    events = await sealed(tenant, worker)
    found = await verified(tenant)
    assert found == {
        "object": "audit_verification",
        "organization_id": str(tenant.id),
        "intact": True,
        "checked": len(events),
        "sealed_through": found["sealed_through"],
        "unsealed": 0,
        "first_broken": None,
        "broken": None,
    }
    newest = max(event["occurred_at"] for event in events)
    assert found["sealed_through"] == newest.isoformat(timespec="milliseconds").replace("+00:00", "Z")


COLUMNS = {
    "action": "'x.y'", "occurred_at": "occurred_at + interval '1 us'", "actor_type": "'system'", "actor_id": "'x'",
    "targets": "'[]'", "ip": "null", "user_agent": "'x'", "request_id": "null", "metadata": "'{\"a\": 1}'",
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
async def test_f11_a_changed_row_is_named(column: str, tenant: Tenant, worker: Begin) -> None:
    events = await sealed(tenant, worker)
    changed = events[len(events) // 2]["id"]
    await tenant.stage.sql(f"update audit_events set {column} = {COLUMNS[column]} where id = $1", changed)  # noqa: S608 -- our own
    found = await verified(tenant)
    assert found["intact"] is False
    assert found["first_broken"] == str(changed)
    assert (found["broken"]["fault"], found["broken"]["event_id"]) == ("changed", str(changed))
    assert found["broken"]["remedy"]


@pytest.mark.parametrize("which", [0, 3, -1])
async def test_f11_a_deleted_row_is_named(which: int, tenant: Tenant, worker: Begin) -> None:
    gone = (await sealed(tenant, worker))[which]["id"]
    await tenant.stage.sql("delete from audit_events where id = $1", gone)
    found = await verified(tenant)
    assert (found["first_broken"], found["broken"]["fault"]) == (str(gone), "deleted")


async def test_f11_an_inserted_row_is_named(tenant: Tenant, worker: Begin) -> None:
    events = await sealed(tenant, worker)
    (forged,) = await tenant.stage.sql(FORGERY, events[2]["id"])
    for _ in range(2):  # sealing does not make it true
        found = await verified(tenant)
        assert (found["first_broken"], found["broken"]["fault"]) == (str(forged["id"]), "inserted")
        assert found["broken"]["position"] is None
        await tenant.signed_in()
        await seal_all(worker)


async def test_f11_of_several_the_first_is_named(tenant: Tenant, worker: Begin) -> None:
    events = await sealed(tenant, worker)
    for event in events[4:1:-1]:
        await tenant.stage.sql("update audit_events set action = 'x.y' where id = $1", event["id"])
    assert (await verified(tenant))["first_broken"] == str(events[2]["id"])


async def test_f11_taking_the_seals_along_does_not_help(tenant: Tenant, worker: Begin) -> None:
    events = await sealed(tenant, worker)
    last, middle = events[-1]["id"], events[1]["id"]
    for table, column in (("audit_events", "id"), ("audit_seals", "event_id")):
        await tenant.stage.sql(f"delete from {table} where {column} = $1", last)  # noqa: S608 -- our own tables
    found = await verified(tenant)
    assert (found["first_broken"], found["broken"]["fault"]) == (str(events[-2]["id"]), "cut_off")
    for table, column in (("audit_events", "id"), ("audit_seals", "event_id")):
        await tenant.stage.sql(f"delete from {table} where {column} = $1", middle)  # noqa: S608 -- as above
    found = await verified(tenant)
    assert (found["first_broken"], found["broken"]["fault"]) == (str(events[2]["id"]), "seal_missing")
    await tenant.stage.sql("delete from audit_seals where organization_id = $1", tenant.id)
    assert (await verified(tenant))["broken"]["fault"] == "cut_off"


async def test_f11_what_is_gone_before_it_was_sealed_is_named_too(tenant: Tenant, worker: Begin) -> None:
    await tenant.signed_in()
    gone = (await tenant.stage.sql(EVENTS, tenant.id))[1]["id"]
    await tenant.stage.sql("delete from audit_events where id = $1", gone)
    await seal_all(worker)
    found = await verified(tenant)
    assert (found["first_broken"], found["broken"]["fault"]) == (str(gone), "deleted")


async def test_f11_what_commits_late_is_not_passed_over(stage: Stage, tenant: Tenant, worker: Begin) -> None:
    """A transaction that began first, with an earlier instant and id, may commit after others were sealed."""
    await sealed(tenant, worker)
    before = (await verified(tenant))["checked"]
    async with stage.unit(tenant.id) as late:
        await audit.record(late, "test.late")
        await tenant.signed_in()
        await seal_all(worker)
        found = await verified(tenant)
        assert found["intact"] is True
        assert found["unsealed"] == 0
        assert found["checked"] > before
    found = await verified(tenant)
    assert (found["intact"], found["unsealed"]) == (True, 1)
    checked = found["checked"]
    await seal_all(worker)
    found = await verified(tenant)
    assert (found["intact"], found["checked"], found["unsealed"]) == (True, checked + 1, 0)


async def test_f11_the_log_has_the_end_of_each_chain(tenant: Tenant, worker: Begin) -> None:
    await tenant.signed_in()
    with logged() as log:
        await seal_all(worker)
    (told,) = [line for line in log.of("audit.sealed") if line["organization_id"] == str(tenant.id)]
    (head,) = await tenant.stage.sql("select position, seal from audit_heads where organization_id = $1", tenant.id)
    assert (told["position"], told["seal"]) == (head["position"], head["seal"].hex())


async def test_f11_client_admins_verify_their_own(stage: Stage, tenant: Tenant, worker: Begin) -> None:
    other = await a_tenant(stage)
    theirs = await sealed(tenant, worker)
    ada = await other.signed_in()
    await stage.sql("update audit_events set action = 'x.y' where id = $1", theirs[0]["id"])
    answer = await ada.api("GET", "/api/audit/verify")
    assert answer.json()["intact"] is True
    assert answer.json()["organization_id"] == str(other.id)
    assert (await ada.api("GET", "/api/audit/verify", params={"organization": tenant.workos_id})).status_code == 404
    found = (await (await stage.platform_admin()).api("GET", "/api/audit/verify")).json()
    assert (found["organization_id"], found["intact"]) == (None, False)


async def test_f11_every_function_that_writes_an_event_marks_it(stage: Stage) -> None:
    """One that forgot would have all of its events taken for forged ones."""
    found = await stage.sql(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and prosrc ~ 'insert into audit_events' and prosrc !~ 'insert into audit_unsealed'"
    )
    assert found == []
