"""Settling in portions: in which of them somebody's old and new entries come changes nothing."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from app.directories import applying, settling
from app.uow import UnitOfWork
from tests.syncs import Directory, hired


@pytest.mark.parametrize("old_first", [True, False])
@pytest.mark.parametrize("at_once", [1, 10_000])
async def test_somebody_whose_entry_is_replaced_keeps_their_roles(
    directory: Directory,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
    old_first: bool,  # noqa: FBT001 -- pytest passes it
) -> None:
    tenant, twin = directory.tenant, directory.twin
    people = await hired(directory, 4, group="MemberPulse Staff")
    await directory.work_off()
    (old,) = await tenant.stage.sql(
        "select id, idp_id, user_id from directory_users where organization_id = $1 and workos_id = $2",
        tenant.id,
        people[3],
    )
    manual = "update users set manual_roles = '{ROLE_CLIENT_ADMIN}' where id = $1"
    await tenant.stage.sql(manual, old["user_id"])
    twin.change_person(people[3], directory=None)
    twin.add_person(
        tenant.workos_id,
        directory=directory.workos_id,
        email=f"p3@{tenant.domain}",
        idp_id=old["idp_id"],
        first_name="P",
        last_name="3",
        groups=["MemberPulse Staff"],
    )
    monkeypatch.setattr(settling, "_AT_ONCE", at_once)
    settle = applying.settle

    async def in_order(uow: UnitOfWork, touched: Sequence[UUID], **options: Any) -> settling.Settled:  # noqa: ANN401 -- passed on
        return await settle(uow, sorted(touched, key=lambda one: (one == old["id"]) != old_first), **options)

    monkeypatch.setattr(applying, "settle", in_order)
    planned = await directory.synced("plan")
    run = await directory.confirmed(planned["id"])
    assert run["status"] == "completed"
    assert json.loads(run["changes"])["users"]["deactivated"] == 0
    (user,) = await tenant.stage.sql("select state, manual_roles from users where id = $1", old["user_id"])
    assert (user["state"], user["manual_roles"]) == ("active", ["ROLE_CLIENT_ADMIN"])
