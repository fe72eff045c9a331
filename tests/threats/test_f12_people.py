"""F12, of people: every privileged act on somebody is one row of the record, in the act's own transaction."""

from typing import Any

import pytest

from app.audit import service as audit
from tests.builders import Tenant
from tests.gateway import Stage

ROWS = "select action, actor_id, targets::text as targets from audit_events where organization_id = $1"
ACTS: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("PATCH", "", {"state": "inactive"}, "user.deactivated"),
    ("PUT", "/roles", {"roles": ["ROLE_CLIENT_USER"]}, "user.manual_roles_changed"),
    ("DELETE", "/sessions", None, "session.ended"),
]


@pytest.mark.parametrize(("method", "path", "body", "action"), ACTS)
async def test_f12_one_act_one_row(  # noqa: PLR0917 -- fixtures
    method: str, path: str, body: dict[str, Any] | None, action: str, tenant: Tenant, stage: Stage
) -> None:
    await tenant.signed_in("mia")
    ada, mia = await tenant.signed_in(), await tenant.user_id("mia")
    target = f"/api/users/{mia}{path}"
    assert (await ada.api(method, target, json=body)).status_code == 200
    rows = [row for row in await stage.sql(ROWS, tenant.id) if row["action"] == action]
    assert [row["actor_id"] for row in rows] == [str(await tenant.user_id())]
    if action != "session.ended":
        assert str(mia) in rows[0]["targets"]
    assert "mia" not in rows[0]["targets"]


@pytest.mark.parametrize(("method", "path", "body", "action"), ACTS)
async def test_f12_no_row_no_act(  # noqa: PLR0917 -- fixtures
    method: str,
    path: str,
    body: dict[str, Any] | None,
    action: str,
    tenant: Tenant,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mia = await tenant.signed_in("mia")
    ada, person = await tenant.signed_in(), await tenant.user_id("mia")
    before = await stage.sql("select * from users where id = $1", person)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(action)

    monkeypatch.setattr(audit, "record", broken)
    monkeypatch.setattr(audit, "record_many", broken)
    assert (await ada.api(method, f"/api/users/{person}{path}", json=body)).status_code == 500
    assert await stage.sql("select * from users where id = $1", person) == before
    assert (await mia.token()).status_code == 200


async def test_f12_reading_and_refusals_write_nothing(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("mia")
    ada, mia = await tenant.signed_in(), await tenant.user_id("mia")
    before = await stage.sql(ROWS, tenant.id)
    for path in ("", f"/{mia}", f"/{mia}/sessions", f"/{mia}/roles/explain"):
        assert (await ada.api("GET", f"/api/users{path}")).status_code == 200
    roles = {"roles": ["ROLE_PLATFORM_ADMIN"]}
    assert (await ada.api("PUT", f"/api/users/{mia}/roles", json=roles)).status_code == 403
    assert await stage.sql(ROWS, tenant.id) == before
