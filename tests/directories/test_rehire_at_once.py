"""Somebody leaves and comes back while nobody looks: both events are applied together, and it is the same person."""

import itertools
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app import uow as units
from app.bootstrap import assembled
from app.directories import mirror
from app.directories import service as directories
from app.directories.mirror import News
from app.onboarding import flow as onboarding
from app.runtime import Runtime
from app.uow import SYSTEM
from app.workos import events
from sandbox.wire_events import event as envelope
from tests.builders import Tenant
from tests.gateway import Stage


@pytest.fixture
async def worker(stage: Stage) -> AsyncGenerator[Runtime]:
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as assembly:
        yield assembly.runtime


@pytest.mark.parametrize("before", ["unknown", "changed", "suspended"])
async def test_a_rehire_in_one_batch_is_the_same_sub(tenant: Tenant, worker: Runtime, before: str) -> None:
    twin = tenant.stage.twin
    home = twin.add_directory(tenant.workos_id, "Okta")
    await onboarding.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    facts: dict[str, Any] = {
        "email": f"again@{tenant.domain}",
        "idp_id": "00u-again",
        "first_name": "A",
        "last_name": "Gain",
    }
    made = twin.add_person(tenant.workos_id, directory=home.id, **facts)
    if before != "unknown":
        await _followed(tenant, worker, home.id)
    if before == "changed":
        twin.change_person(made.id, last_name="Other")
    if before == "suspended":
        twin.change_person(made.id, state="inactive")
    twin.remove_person(made.id)
    twin.add_person(tenant.workos_id, directory=home.id, **facts)
    await _followed(tenant, worker, home.id)
    rows = await tenant.stage.sql("select state from users where organization_id = $1", tenant.id)
    assert [row["state"] for row in rows] == ["active"]


async def test_a_rehire_whose_removal_comes_last_is_the_same_sub(tenant: Tenant, worker: Runtime) -> None:
    twin = tenant.stage.twin
    home = twin.add_directory(tenant.workos_id, "Okta")
    await onboarding.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    facts: dict[str, Any] = {"email": f"again@{tenant.domain}", "idp_id": "00u-again"}
    made = [twin.add_person(tenant.workos_id, directory=home.id, **facts, first_name="A", last_name="G")]
    await _followed(tenant, worker, home.id)
    made.append(twin.add_person(tenant.workos_id, directory=home.id, **facts, first_name="A", last_name="G"))
    await _followed(tenant, worker, home.id)
    twin.remove_person(made[0].id)
    await _followed(tenant, worker, home.id)
    rows = await tenant.stage.sql("select state from users where organization_id = $1", tenant.id)
    assert [row["state"] for row in rows] == ["active"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
@pytest.mark.parametrize("known", [False, True])
async def test_a_rehire_in_one_batch_in_any_order_is_the_same_sub(
    tenant: Tenant,
    worker: Runtime,
    order: tuple[int, ...],
    known: bool,  # noqa: FBT001 -- pytest passes it
) -> None:
    """Hired, gone, hired again, of which nothing was known, or somebody who had been there long before."""
    twin = tenant.stage.twin
    home = twin.add_directory(tenant.workos_id, "Okta")
    await onboarding.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    facts: dict[str, Any] = {"email": f"again@{tenant.domain}", "idp_id": "00u-again", "first_name": "A"}
    if known:
        long_ago = twin.add_person(tenant.workos_id, directory=home.id, **facts)
        twin.remove_person(long_ago.id)
        await _followed(tenant, worker, home.id)
    before = len(_told(tenant, home.id))
    made = twin.add_person(tenant.workos_id, directory=home.id, **facts)
    twin.remove_person(made.id)
    twin.add_person(tenant.workos_id, directory=home.id, **facts)
    news = _told(tenant, home.id)[before:]
    assert len(news) == len(order)
    await _followed(tenant, worker, home.id, [news[number] for number in order])
    rows = await tenant.stage.sql("select state from users where organization_id = $1", tenant.id)
    assert [row["state"] for row in rows] == ["active"]


def _told(tenant: Tenant, home: str) -> list[Any]:
    return [each for each in tenant.stage.twin.events() if each.data.get("directory_id") == home]


async def _followed(tenant: Tenant, worker: Runtime, home: str, told: list[Any] | None = None) -> None:
    """Apply all that the twin tells of the directory (or this) in one batch; what was applied before is older news."""
    told = _told(tenant, home) if told is None else told
    read = [events.parse(json.dumps(envelope(each)).encode()) for each in told]
    async with units.beginner(worker)(tenant.id) as uow:
        await directories.lock_mirror(uow)
        found = await directories.find(uow, home)
        assert found is not None
        news = [News(one.id, one.created_at or uow.now, events.read(one)) for one in read]  # pyright: ignore[reportArgumentType] -- all are about people
        await mirror.follow(uow, found, news, platform=None)
