"""F12: a privileged act leaves exactly one row, in the transaction of the change: both are there or neither."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.permissions import ROUTES
from sandbox.server import Sandbox
from tests.builders import Tenant
from tests.databases import connected, rows
from tests.gateway import BASE, WEBHOOK_SECRET, Stage
from tests.processes import Served, served
from tests.sso.provider import saml_body
from tests.threats.tenancy import fill
from tests.threats.test_e1_foreign_ids import ids_of


@dataclass(frozen=True, slots=True)
class Act:
    """What a route does: the action that names it, a body, and what has to be so before."""

    action: str
    body: dict[str, Any] | None = None
    before: str = "select 1 where $1::uuid is not null"
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def told(self, ids: dict[str, str]) -> dict[str, Any] | None:
        """Return the body, with the ids that it names."""
        names = {f"{{{name}}}": value for name, value in ids.items()}
        return self.body and {key: names.get(str(value), value) for key, value in self.body.items()}


_RUN = "update directory_sync_runs set status = '{}', mode = 'plan', plan = '[]' where organization_id = $1"
ACTS: dict[tuple[str, str], Act] = {
    ("DELETE", "/auth/sessions"): Act("session.ended", headers={"Origin": BASE}),
    ("DELETE", "/auth/sessions/{session_id}"): Act("session.ended", headers={"Origin": BASE}),
    ("POST", "/api/organizations"): Act("organization.created", {"name": "New"}),
    ("PATCH", "/api/organizations/{organization_id}"): Act("organization.changed", {"name": "Renamed"}),
    ("POST", "/api/directories/{directory_id}/sync"): Act("directory.sync_requested"),
    ("POST", "/api/directories/{directory_id}/syncs/{run_id}/confirm"): Act(
        "directory.sync_confirmed", before=_RUN.format("completed")
    ),
    ("POST", "/api/directories/{directory_id}/syncs/{run_id}/cancel"): Act(
        "directory.sync_cancelled", before=_RUN.format("queued")
    ),
    ("PUT", "/api/organizations/{organization_id}/role-mappings"): Act("role_mappings.changed", {"rules": []}),
    ("PUT", "/api/organizations/{organization_id}/attribute-mappings"): Act(
        "attribute_mappings.changed", {"mappings": {"job_title": []}}
    ),
    ("PATCH", "/api/organizations/{organization_id}/sso"): Act(
        "sso.policy.changed", {"default_role": "ROLE_CLIENT_USER"}
    ),
    ("POST", "/api/auth/sso/connections/{connection_id}/test"): Act("sso.test.started"),
    ("PUT", "/api/organizations/{organization_id}/sso/configuration"): Act("sso.configuration.checked", saml_body()),
    ("POST", "/api/portal/links"): Act("portal.link.created", {"organization": "{organization_id}", "intent": "sso"}),
    ("POST", "/api/directories"): Act("portal.link.created", {"organization": "{organization_id}", "provider": "okta"}),
    ("PATCH", "/api/settings/workos"): Act("settings.changed", {"webhook_secrets": [WEBHOOK_SECRET]}),
    ("POST", "/api/settings/workos/rotate"): Act(
        "settings.rotation.staged", {"secret": "webhook_secret", "step": "stage", "value": "the-one-that-replaces-it"}
    ),
    ("PATCH", "/api/users/{person_id}"): Act("user.deactivated", {"state": "inactive", "confirm": True}),
    ("PUT", "/api/users/{person_id}/roles"): Act("user.manual_roles_changed", {"roles": ["ROLE_CLIENT_USER"]}),
    ("DELETE", "/api/users/{person_id}/sessions"): Act("session.ended"),
    ("DELETE", "/api/users/{person_id}/sessions/{session_id}"): Act("session.ended"),
    ("POST", "/api/service-clients"): Act("service_client.created", {"name": "New", "scopes": ["tokens:introspect"]}),
    ("DELETE", "/api/service-clients/{client_id}"): Act("service_client.revoked"),
    ("POST", "/api/service-clients/{client_id}/rotate"): Act("service_client.rotated", {"overlap_seconds": 60}),
    ("POST", "/api/audit/alerts/{alert_id}/acknowledge"): Act("alert.acknowledged", {"count": 1_000}),
    ("POST", "/api/webhooks/events/{event_id}/replay"): Act(
        "webhook.replayed",
        before="update webhook_events set status = 'dead', payload = '{}' where organization_id = $1",
    ),
}
READS = {
    ("POST", "/api/auth/sso/connections"), ("POST", "/api/auth/sso/connections/{connection_id}"),
    ("POST", "/api/organizations/{organization_id}/role-mappings/preview"), ("POST", "/api/settings/workos/verify"),
    # Of backend services: one reads; the other ends a session, which its own tests find audited.
    ("POST", "/auth/introspect"), ("POST", "/auth/revoke"),
}  # fmt: skip


@pytest.fixture(autouse=True)
async def _settings_again(stage: Stage) -> AsyncGenerator[None]:
    yield
    await stage.forget_settings()


def test_f12_every_privileged_route_that_changes_something_is_tried_here() -> None:
    changing = {route for route, permission in ROUTES.items() if permission and route[0] != "GET"}
    assert changing == set(ACTS) | READS
    assert not set(ACTS) & READS


@pytest.mark.parametrize(("method", "path"), ACTS, ids=str)
async def test_f12_each_act_leaves_exactly_one_row(method: str, path: str, stage: Stage, tenant: Tenant) -> None:
    await fill(tenant)
    act = ACTS[method, path]
    await stage.sql(act.before, tenant.id)
    own = path.startswith("/auth/")
    browser = await tenant.signed_in() if own else await stage.platform_admin()
    ids = {name: values[0] for name, values in (await ids_of(tenant)).items()}
    headers = {**await browser.bearer(), **act.headers, "X-Request-Id": f"f12-{tenant.id}"}
    answer = await browser.http.request(method, path.format(**ids), headers=headers, json=act.told(ids))
    assert answer.status_code < 300, answer.text
    found = await stage.sql(
        "select actor_type, actor_id from audit_events where request_id = $1 and action = $2",
        f"f12-{tenant.id}",
        act.action,
    )
    sessions = await stage.sql("select 1 from sessions where organization_id = $1", tenant.id)
    assert len(found) == (len(sessions) if path == "/auth/sessions" else 1)
    assert {row["actor_type"] for row in found} == {"user"}


@pytest.mark.parametrize(("method", "path"), ACTS, ids=str)
async def test_f12_without_the_row_there_is_no_change(method: str, path: str, stage: Stage, tenant: Tenant) -> None:
    await fill(tenant)
    act = ACTS[method, path]
    await stage.sql(act.before, tenant.id)
    browser = await tenant.signed_in() if path.startswith("/auth/") else await stage.platform_admin()
    ids = {name: values[0] for name, values in (await ids_of(tenant)).items()}
    headers = {**await browser.bearer(), **act.headers}
    before = await _state(stage, tenant)
    await stage.sql("revoke insert on audit_events from gw_app")
    try:
        answer = await browser.http.request(method, path.format(**ids), headers=headers, json=act.told(ids))
    finally:
        await stage.sql("grant insert on audit_events to gw_app")
    assert answer.status_code >= 500, answer.text
    assert await _state(stage, tenant) == before


async def _state(stage: Stage, tenant: Tenant) -> list[list[tuple[object, ...]]]:
    asked = (
        "select id, name, version, state from organizations where id = $1 or name = 'New' order by 1",
        "select id, ended_at from sessions where organization_id = $1 order by 1",
        "select id, state, manual_roles, rights_version from users where organization_id = $1 order by 1",
        "select id, status, mode from directory_sync_runs where organization_id = $1 order by 1",
        "select position, group_name from role_rules where organization_id = $1 order by 1",
        (
            "select rules_version, attribute_mappings, attribute_mappings_version, version, default_role"
            " from organization_policies where organization_id = $1"
        ),
        "select id, status from webhook_events where organization_id = $1 order by 1",
        "select id, acknowledged_at from alerts where organization_id = $1 order by 1",
        "select id, status from connection_tests where organization_id = $1 order by 1",
        "select state_hash, kind from login_flows where organization_id = $1 order by 1",
        "select id, revoked_at from service_clients where $1::uuid is not null order by 1",
        "select id, expires_at from service_client_secrets where $1::uuid is not null order by 1",
        "select s.version, p.id from platform_settings s left join platform_secrets p on $1::uuid is not null",
    )
    return [[tuple(row) for row in await stage.sql(statement, tenant.id)] for statement in asked]


async def test_f12_reading_and_refusals_write_nothing(tenant: Tenant, stage: Stage) -> None:
    rows = "select id from audit_events where organization_id = $1 order by 1"
    await tenant.signed_in("mia")
    ada, mia = await tenant.signed_in(), await tenant.user_id("mia")
    before = await stage.sql(rows, tenant.id)
    for path in ("", f"/{mia}", f"/{mia}/sessions", f"/{mia}/roles/explain"):
        assert (await ada.api("GET", f"/api/users{path}")).status_code == 200
    roles = {"roles": ["ROLE_PLATFORM_ADMIN"]}
    assert (await ada.api("PUT", f"/api/users/{mia}/roles", json=roles)).status_code == 403
    assert await stage.sql(rows, tenant.id) == before


async def test_f12_an_export_is_written_down_before_anything_of_it_is_sent(stage: Stage, tenant: Tenant) -> None:
    path, told = (
        "/api/audit/events/export",
        "select 1 from audit_events where organization_id = $1 and action = 'audit.exported'",
    )
    ada = await tenant.signed_in()
    await stage.sql("revoke insert on audit_events from gw_app")
    try:
        refused = await ada.api("GET", path)
    finally:
        await stage.sql("grant insert on audit_events to gw_app")
    assert refused.status_code >= 500
    assert "sso.login.completed" not in refused.text
    assert await stage.sql(told, tenant.id) == []
    assert (await ada.api("GET", path)).status_code == 200
    assert len(await stage.sql(told, tenant.id)) == 1


LIVES, CHANGERS, CUTS = 3, 8, 200
_BOTH = """
select o.version - 1 as changes,
       (select count(*) from audit_events a
        where a.organization_id = o.id and a.action = 'organization.changed') as told
from organizations o where o.workos_id = $1
"""


async def test_f12_a_killed_process_leaves_both_or_neither(server_url: str, tmp_path: Path) -> None:
    twin = Sandbox.from_seed()
    home = next(iter(twin.world.organizations))
    async with (
        twin.running(),
        served(server_url, twin, tmp_path) as gateway,
        _operator(gateway) as operator,
    ):
        stop, done = asyncio.Event(), [0]
        async with asyncio.TaskGroup() as tasks:
            for number in range(CHANGERS):
                tasks.create_task(_rename(operator, home, number, stop, done))
            for _ in range(LIVES):
                await _more(done)
                await gateway.killed_and_started_again()
            await _cut(gateway)
            await _more(done)
            stop.set()
        (found,) = await rows(gateway.settings["DATABASE_URL"], _BOTH, home)
    assert found["changes"] == found["told"]
    assert found["changes"] >= done[0] > CUTS // 10


@contextlib.asynccontextmanager
async def _operator(gateway: Served) -> AsyncGenerator[httpx.AsyncClient]:
    """Yield a browser with a platform administrator's session."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=5) as http:
        (await http.post("/auth/break-glass", json={"token": await gateway.admin_link()})).raise_for_status()
        yield http


async def _more(done: list[int]) -> None:
    """Wait for twenty more changes that were answered 200."""
    so_far = done[0]
    async with asyncio.timeout(30):
        while done[0] < so_far + 20:
            await asyncio.sleep(0.003)


async def _cut(gateway: Served) -> None:
    """End the gateway's connections 200 times, each in the middle of what they do."""
    async with connected(gateway.settings["DATABASE_URL"]) as admin:
        for _ in range(CUTS):
            await admin.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid() and state <> 'idle'"
            )
            await asyncio.sleep(0.01)


async def _rename(operator: httpx.AsyncClient, home: str, number: int, stop: asyncio.Event, done: list[int]) -> None:
    """Rename the organization again and again; `done` counts what was answered 200."""
    bearer = {"Authorization": "Bearer none"}
    while not stop.is_set():
        try:
            body = {"name": f"Name {number} {done[0]}"}
            answer = await operator.patch(f"/api/organizations/{home}", json=body, headers=bearer)
            if answer.status_code == 401:
                given = await operator.post("/auth/token", headers={"Origin": str(operator.base_url)})
                bearer = {"Authorization": f"Bearer {given.json().get('access_token')}"}
                continue
        except httpx.HTTPError:
            await asyncio.sleep(0.05)
            continue
        assert answer.status_code in {200, 503}, answer.text
        done[0] += answer.status_code == 200
