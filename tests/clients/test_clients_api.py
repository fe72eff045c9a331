"""/api/service-clients: credentials of backend services, made, rotated with an overlap, and revoked within a second."""

import asyncio
from typing import Any

import httpx
import pytest

from app.clients.repository import ClientLookups
from app.clients.service import MOST_SECRETS
from tests.builders import Tenant
from tests.gateway import SERVICE, Browser, Stage
from tests.sessions.stages import beside, dump

PATH = "/api/service-clients"
BILLING = {"name": "billing", "scopes": ["tokens:introspect"]}


async def made(admin: Browser, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
    answer = await admin.api("POST", PATH, json={**BILLING, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{PATH}/{found['id']}"
    assert answer.headers["cache-control"] == "no-store"
    return found


async def asked(stage: Stage, client: str, secret: str) -> int:
    """Return what introspection answers to these credentials."""
    answer = await stage.browser().http.post("/auth/introspect", data={"token": "x"}, auth=(client, secret))
    return answer.status_code


async def rotated(admin: Browser, client: str, **body: int) -> httpx.Response:
    return await admin.api("POST", f"{PATH}/{client}/rotate", **({"json": body} if body else {}))


async def within_a_second(stage: Stage, client: str, secret: str, status: int) -> None:
    async with asyncio.timeout(1):
        while await asked(stage, client, secret) != status:
            await asyncio.sleep(0.02)


async def test_a_new_client_may_ask_in_every_process(stage: Stage) -> None:
    admin = await stage.platform_admin()
    async with beside(stage) as other:
        client = await made(admin)
        assert client.keys() == {
            "object", "id", "name", "scopes", "secrets", "last_used_at", "created_at", "secret"
        }  # fmt: skip
        assert client["secret"].startswith("mpsc_")
        assert len(client["secret"]) == 48
        (secret,) = client["secrets"]
        assert secret["last_four"] == client["secret"][-4:]
        assert (secret["expires_at"], secret["last_used_at"]) == (None, None)
        for gateway in (stage, other):
            await within_a_second(gateway, client["id"], client["secret"], 200)
            assert await asked(gateway, client["id"], client["secret"] + "x") == 401
        assert await asked(stage, *SERVICE) == 200, "those of the environment stay good"


async def test_the_secret_is_shown_once_and_kept_nowhere(stage: Stage) -> None:
    admin = await stage.platform_admin()
    client = await made(admin)
    shown = (await admin.api("GET", f"{PATH}/{client['id']}")).json()
    assert shown == {name: value for name, value in client.items() if name != "secret"}
    listed = (await admin.api("GET", PATH)).json()
    assert listed["data"][0] == shown
    assert client["secret"] not in str(listed)
    assert client["secret"] not in await dump(stage)


async def test_lists_go_on_by_cursor(stage: Stage) -> None:
    admin = await stage.platform_admin()
    ids = [(await made(admin, name=f"service {number}"))["id"] for number in range(3)]
    first = (await admin.api("GET", PATH, params={"limit": "2"})).json()
    assert [each["id"] for each in first["data"]] == [ids[2], ids[1]]
    after = first["list_metadata"]["after"]
    rest = (await admin.api("GET", PATH, params={"limit": "2", "after": after})).json()
    assert rest["data"][0]["id"] == ids[0]


async def test_a_rotation_overlaps(stage: Stage) -> None:
    admin = await stage.platform_admin()
    client = await made(admin)
    answer = await rotated(admin, client["id"], overlap_seconds=60)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["secret"] != client["secret"]
    new, old = found["secrets"]
    assert (new["expires_at"], old["last_four"]) == (None, client["secret"][-4:])
    assert old["expires_at"] is not None
    await within_a_second(stage, client["id"], found["secret"], 200)
    assert await asked(stage, client["id"], client["secret"]) == 200
    stage.clock.advance(seconds=61)
    assert await asked(stage, client["id"], client["secret"]) == 401, "its time is over, whoever has looked"
    assert await asked(stage, client["id"], found["secret"]) == 200
    shown = (await admin.api("GET", f"{PATH}/{client['id']}")).json()
    assert [each["id"] for each in shown["secrets"]] == [new["id"]]


async def test_a_second_rotation_lengthens_nothing_and_cuts_nobody_off(stage: Stage) -> None:
    admin = await stage.platform_admin()
    client = await made(admin)
    first = (await rotated(admin, client["id"], overlap_seconds=60)).json()
    second = (await rotated(admin, client["id"])).json()
    ends = {each["id"]: each["expires_at"] for each in second["secrets"]}
    assert ends[first["secrets"][1]["id"]] == first["secrets"][1]["expires_at"]
    await within_a_second(stage, client["id"], second["secret"], 200)
    for secret in (client["secret"], first["secret"]):
        assert await asked(stage, client["id"], secret) == 200


async def test_without_an_overlap_the_old_secret_dies_at_once(stage: Stage) -> None:
    admin = await stage.platform_admin()
    client = await made(admin)
    await within_a_second(stage, client["id"], client["secret"], 200)
    for _ in range(MOST_SECRETS - 1):
        assert (await rotated(admin, client["id"])).status_code == 200
    refused = await rotated(admin, client["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_secrets")
    last = await rotated(admin, client["id"], overlap_seconds=0)
    assert len(last.json()["secrets"]) == 1
    await within_a_second(stage, client["id"], client["secret"], 401)
    await within_a_second(stage, client["id"], last.json()["secret"], 200)


async def test_a_revoked_client_is_refused_by_every_process_within_a_second(stage: Stage) -> None:
    admin = await stage.platform_admin()
    client = await made(admin)
    async with beside(stage) as other:
        for gateway in (stage, other):
            await within_a_second(gateway, client["id"], client["secret"], 200)
        assert (await admin.api("DELETE", f"{PATH}/{client['id']}")).status_code == 204
        for gateway in (stage, other):
            await within_a_second(gateway, client["id"], client["secret"], 401)
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
        assert (await admin.api(method, f"{PATH}/{client['id']}{path}")).status_code == 404
    assert client["id"] not in (await admin.api("GET", PATH, params={"limit": "100"})).text


async def test_scopes_are_kept(stage: Stage) -> None:
    admin = await stage.platform_admin()
    reader = await made(admin, scopes=["revocations:read"])
    await within_a_second(stage, reader["id"], reader["secret"], 403)
    for scopes in ([], ["tokens:introspect"] * 2, ["everything"], "tokens:introspect"):
        assert (await admin.api("POST", PATH, json={**BILLING, "scopes": scopes})).status_code == 422
    for overlap in (-1, 31 * 24 * 3600, "x", 1.5):
        answer = await admin.api("POST", f"{PATH}/{reader['id']}/rotate", json={"overlap_seconds": overlap})
        assert answer.status_code == 422


async def test_last_use_is_seen_per_secret_and_costs_no_statement_per_request(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await stage.platform_admin()
    client = await made(admin)
    await within_a_second(stage, client["id"], client["secret"], 200)
    statements: list[str] = []
    fetch = type(stage.assembly.runtime.lane).fetch

    async def counted(self: Any, statement: str, *values: object) -> Any:  # noqa: ANN401 -- the lane's own
        statements.append(statement)
        return await fetch(self, statement, *values)

    monkeypatch.setattr(type(stage.assembly.runtime.lane), "fetch", counted)
    for _ in range(300):
        await asked(stage, client["id"], client["secret"])
    followers = ("stale_sessions", "service_client_secrets")
    assert [each for each in statements if not any(name in each for name in followers)] == []
    assert len([each for each in statements if "last_used_at" in each]) <= 1
    async with asyncio.timeout(1):
        while True:
            shown = (await admin.api("GET", f"{PATH}/{client['id']}")).json()
            if shown["secrets"][0]["last_used_at"]:
                break
            await asyncio.sleep(0.02)
    assert shown["last_used_at"] == shown["secrets"][0]["last_used_at"]


async def test_a_process_that_cannot_look_lets_nobody_in_on_old_knowledge(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await stage.platform_admin()
    client = await made(admin)
    await within_a_second(stage, client["id"], client["secret"], 200)
    real, cut = ClientLookups.in_force, True

    async def in_force(*values: Any) -> Any:  # noqa: ANN401 -- the look-up's own
        if cut:
            raise ConnectionRefusedError
        return await real(*values)

    monkeypatch.setattr(ClientLookups, "in_force", in_force)
    await within_a_second(stage, client["id"], client["secret"], 503)
    assert await asked(stage, *SERVICE) == 200
    assert (await stage.browser().http.post("/auth/introspect", data={"token": "x"})).status_code == 401
    cut = False
    await within_a_second(stage, client["id"], client["secret"], 200)


@pytest.mark.parametrize("who", ["ada", "sam", "mia"])
async def test_it_is_for_platform_administrators(who: str, tenant: Tenant, stage: Stage) -> None:
    client = await made(await stage.platform_admin())
    browser = await tenant.signed_in(who)
    for method, path in (
        ("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/{client['id']}"), ("DELETE", f"{PATH}/{client['id']}"),
        ("POST", f"{PATH}/{client['id']}/rotate"),
    ):  # fmt: skip
        answer = await browser.api(method, path, **({"json": BILLING} if path == PATH and method == "POST" else {}))
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


async def test_what_was_done_is_in_the_record_with_the_services_name(tenant: Tenant, stage: Stage) -> None:
    admin = await stage.platform_admin()
    client = await made(admin, name="ledger")
    await rotated(admin, client["id"], overlap_seconds=5)
    token = await (await tenant.signed_in()).access_token()
    await within_a_second(stage, client["id"], client["secret"], 200)
    answer = await stage.browser().http.post(
        "/auth/revoke", data={"token": token}, auth=(client["id"], client["secret"])
    )
    assert answer.status_code == 200
    await admin.api("DELETE", f"{PATH}/{client['id']}")
    events = (await admin.api("GET", "/api/audit/events", params={"target": client["id"]})).json()["data"]
    assert [(each["action"], each["metadata"]) for each in events] == [
        ("service_client.revoked", {}),
        ("service_client.rotated", {"overlap_seconds": 5}),
        ("service_client.created", {"scopes": ["tokens:introspect"]}),
    ]
    assert {each["targets"][0]["name"] for each in events} == {"ledger"}
    ended = (await admin.api("GET", "/api/audit/events", params={"actor": client["id"]})).json()["data"]
    assert [(each["action"], each["actor"]["name"]) for each in ended] == [("session.ended", "ledger")]
