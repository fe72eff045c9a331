"""F14: an error tells who reads it nothing of our insides; its request id finds the rest in the log."""

from typing import Any

import httpx
import pytest

from tests.builders import Tenant
from tests.gateway import Stage
from tests.logs import logged
from tests.processes import ROOT

CANARY = "CANARY-7f3a"
INSIDES = (
    "select ", "insert ", "connections_elsewhere", "relation", "asyncpg", "sqlalchemy", "Traceback", "Error", ".py",
    str(ROOT), "site-packages", "app.", "httpx", "127.0.0.1", "sk_test", CANARY,
)  # fmt: skip
UPSTREAM: list[dict[str, Any]] = [
    {"kind": "status", "status": 500, "body": {"message": CANARY}},
    {"kind": "status", "status": 401, "body": {"message": CANARY, "error": CANARY}},
    {"kind": "status", "status": 403, "body": {"message": CANARY, "code": CANARY}},
    {"kind": "status", "status": 422, "body": {"message": CANARY, "errors": [{"code": CANARY}]}},
    {"kind": "html", "body": f"<h1>{CANARY}</h1>"},
    {"kind": "garbage"},
    {"kind": "empty"},
    {"kind": "reset"},
    {"kind": "redirect", "location": f"http://127.0.0.1:9/{CANARY}"},
    {"kind": "json", "body": {"profile": {"email": CANARY}}},
]


def require_discreet(answer: httpx.Response) -> None:
    """Fail if a problem says more than it should, or cannot be found again."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [word for word in INSIDES if word in answer.text], answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_f14_a_statement_that_fails(stage: Stage, tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    headers = await browser.bearer()
    await stage.sql("alter table connections rename to connections_elsewhere")
    try:
        with logged() as log:
            answers = [
                await browser.http.get(path, headers=headers)
                for path in ("/api/auth/sso/connections", f"/api/auth/sso/connections/{tenant.connection_id}")
            ]
            answers.append(await stage.browser().start(connection=tenant.connection_workos_id))
    finally:
        await stage.sql("alter table connections_elsewhere rename to connections")
    for answer in answers:
        assert answer.status_code == 500
        assert answer.json()["code"] == "internal_error"
        require_discreet(answer)
        identifier = answer.json()["request_id"]
        (line,) = [found for found in log.of("http.request.crashed") if found["request_id"] == identifier]
        assert 'relation "connections" does not exist' in line["exception"]


async def test_f14_a_programming_error(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await tenant.signed_in()

    def broken(*_: object) -> object:
        raise KeyError(CANARY)

    monkeypatch.setattr("app.onboarding.endpoints.shape", broken)
    with logged() as log:
        answer = await browser.api("GET", f"/api/organizations/{tenant.id}")
    assert answer.status_code == 500
    require_discreet(answer)
    assert CANARY in log.of("http.request.crashed")[0]["exception"]


@pytest.mark.parametrize("fault", UPSTREAM, ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}".strip())
async def test_f14_what_workos_says_stays_with_us(fault: dict[str, Any], stage: Stage, tenant: Tenant) -> None:
    admin = await stage.platform_admin()
    headers = await admin.bearer()
    stage.twin.add_fault("GET /organizations/*", **fault)
    stage.twin.add_fault("POST /organizations", **fault)
    stage.twin.add_fault("POST /sso/token", **fault)
    answers = [
        await admin.http.post("/api/organizations", headers=headers, json={"name": "x"}),
        await admin.http.post("/api/organizations", headers=headers, json={"name": "x", "workos_id": tenant.workos_id}),
        await stage.browser().sign_in(tenant.people["ada"]),
    ]
    stage.twin.clear_faults()
    for answer in answers:
        assert answer.status_code in {400, 404, 502, 503}, answer.text
        require_discreet(answer)
