"""The settings over HTTP: what is shown, what is changed, what WorkOS refuses, and whose values count."""

from typing import Any
from uuid import UUID

import pytest

from tests.builders import a_tenant
from tests.settings.bench import CALLBACK, CLIENT, NEW_KEY, OLD_KEY, PATH, Bench

SECRETS = ["the first secret, of WorkOS", "the second secret, of WorkOS"]


async def test_the_environments_are_shown_as_such(bench: Bench) -> None:
    answer = await bench.admin.api("GET", PATH)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"0"')
    shown = answer.json()
    assert shown["api_key"] == {"set": True, "last_four": OLD_KEY[-4:], "set_at": None, "source": "environment"}
    assert (shown["client_id"], shown["redirect_uri"]) == (CLIENT, CALLBACK)
    assert shown["webhook_secrets"] == [{"last_four": "ests", "set_at": None, "source": "environment"}]
    assert shown["default_connection"] is None
    assert shown["webhook_url"] == "http://localhost:8000/webhooks/workos"
    assert shown["unreadable"] == []
    assert {one["state"] for one in shown["rotation"].values()} == {"none"}


async def test_the_platforms_come_first_and_go_again(bench: Bench) -> None:
    bench.twin.world.credentials.api_keys.append(NEW_KEY)
    answer = await bench.patch(api_key=NEW_KEY, webhook_secrets=SECRETS)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"'), answer.text
    assert answer.json()["api_key"]["last_four"] == NEW_KEY[-4:]
    shown = await bench.read()
    assert {name: shown["api_key"][name] for name in ("set", "source")} == {"set": True, "source": "platform"}
    assert shown["api_key"]["set_at"] == shown["webhook_secrets"][0]["set_at"] is not None
    assert [one["last_four"] for one in shown["webhook_secrets"]] == ["rkOS", "rkOS"]
    assert {one["source"] for one in shown["webhook_secrets"]} == {"platform"}
    assert shown["sources"] == {"client_id": "platform", "redirect_uri": "environment", "default_connection": None}
    assert (await bench.patch(api_key=None, webhook_secrets=None)).status_code == 200
    back = await bench.read()
    assert back["version"] == 2
    assert {back["api_key"]["source"], back["webhook_secrets"][0]["source"], back["sources"]["client_id"]} == {
        "environment"
    }
    assert await bench.audited() == ["settings.changed", "settings.changed"]


async def test_what_workos_refuses_is_not_saved(bench: Bench) -> None:
    credentials = bench.twin.world.credentials
    refused: list[tuple[dict[str, Any], str]] = [
        ({"api_key": NEW_KEY}, "api_key"),
        ({"api_key": OLD_KEY, "client_id": "client_of_another"}, "client_id"),
    ]
    for body, field in refused:
        answer = await bench.patch(**body, webhook_secrets=SECRETS)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "settings_refused"), answer.text
        assert field in {one["field"] for one in problem["errors"]}
        assert problem["checks"][0]["remedy"]
    credentials.redirect_uris[:] = []
    answer = await bench.patch(api_key=OLD_KEY, redirect_uri=CALLBACK)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "redirect_uri")
    shown = await bench.read()
    assert (shown["version"], shown["api_key"]["source"]) == (0, "environment")
    assert await bench.audited() == []


@pytest.mark.parametrize("kind", ["status", "reset", "html"])
async def test_while_workos_is_away_nothing_is_saved(kind: str, bench: Bench) -> None:
    order: dict[str, Any] = {"status": 503} if kind == "status" else {}
    bench.twin.add_fault("GET /organizations", kind, **order)
    answer = await bench.patch(api_key=OLD_KEY)
    assert (answer.status_code, answer.json()["code"]) in {
        (503, "upstream_unavailable"), (502, "upstream_invalid_response"),
    }  # fmt: skip
    assert (await bench.read())["version"] == 0


async def test_what_workos_is_not_asked_about_is_saved_without_it(bench: Bench) -> None:
    await bench.twin.refuse_connections()
    try:
        answer = await bench.patch(webhook_secrets=SECRETS[:1])
    finally:
        await bench.twin.accept_connections()
    assert answer.status_code == 200, answer.text
    (check,) = answer.json()["checks"]
    assert (check["name"], check["result"]) == ("webhook_endpoint", "failed")


async def test_the_default_connection_is_ours_and_active(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    connection = str(tenant.connection_id)
    answer = await bench.patch(default_connection=tenant.connection_workos_id)
    assert (answer.status_code, answer.json()["default_connection"]) == (200, connection), answer.text
    assert (await bench.stage.browser().start()).status_code == 302
    for reference in (str(UUID(int=7)), "conn_01UNKNOWN"):
        unknown = await bench.patch(default_connection=reference)
        assert (unknown.status_code, unknown.json()["code"]) == (422, "default_connection_not_usable")
    for statement in (
        "update connections set state = 'inactive' where organization_id = $1",
        "update organizations set state = 'suspended' where id = $1",
    ):
        await bench.stage.sql(statement, tenant.id)
        answer = await bench.patch(default_connection=connection)
        assert (answer.status_code, answer.json()["code"]) == (422, "default_connection_not_usable")
        await bench.stage.sql("update connections set state = 'active' where organization_id = $1", tenant.id)
    assert (await bench.read())["default_connection"] == connection
    assert (await bench.patch(default_connection=None)).json()["default_connection"] is None


async def test_workos_is_asked_about_the_default_connection_too(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    bench.twin.remove_connection(tenant.connection_workos_id)
    answer = await bench.patch(default_connection=str(tenant.connection_id))
    assert (answer.status_code, answer.json()["code"]) == (422, "settings_refused")


async def test_nothing_and_nonsense_are_refused(bench: Bench) -> None:
    bodies: list[dict[str, Any]] = [
        {},
        {"api_key": ""},
        {"api_key": "pk_not_a_secret_key"},
        {"api_key": "sk_with a blank"},
        {"api_key": {"set": True, "last_four": "abcd"}},
        {"client_id": "client id", "api_key": OLD_KEY},
        {"webhook_secrets": []},
        {"webhook_secrets": ["x" * 15]},
        {"webhook_secrets": ["x" * 257]},
        {"webhook_secrets": [SECRETS[0], SECRETS[0]]},
        {"webhook_secrets": ["a" * 16, "b" * 16, "c" * 16]},
        {"api_key": None, "client_id": CLIENT},
        {"default_connection": "../x"},
    ]
    for body in bodies:
        answer = await bench.patch(**body)
        assert answer.status_code == 422, body
    assert (await bench.read())["version"] == 0
    assert bench.twin.hits() == []


async def test_secrets_of_any_kind_sign(bench: Bench) -> None:
    odd = ["s\u00e9cr\u00e8t \u2603 with, a comma", "\u0000 and other controls \u0001"]
    assert (await bench.patch(webhook_secrets=odd)).status_code == 200
    assert bench.stage.assembly.runtime.in_force.now.webhook_secrets == tuple(odd)


async def test_who_may(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage, ada="MemberPulse Admins", sam="MemberPulse Staff", mia="MemberPulse Members")
    for name in tenant.people:
        browser = await tenant.signed_in(name)
        for method, path in (("GET", PATH), ("PATCH", PATH), ("POST", f"{PATH}/verify"), ("POST", f"{PATH}/rotate")):
            body = {"secret": "api_key", "step": "promote"} if path.endswith("rotate") else {"default_connection": None}
            answer = await browser.api(method, path, **({} if method == "GET" else {"json": body}))
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), (name, method, path)


async def test_a_worker_knows_the_api_key_and_no_webhook_secret(bench: Bench) -> None:
    from app.bootstrap import assembled  # noqa: PLC0415 -- this test alone starts one

    await bench.patch(api_key=OLD_KEY, webhook_secrets=SECRETS)
    stage = bench.stage
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as worker:
        assert worker.runtime.in_force.now.api_keys == (OLD_KEY,)
        rows = await worker.runtime.lane.fetch("select name from platform_secrets")
        assert [row["name"] for row in rows] == ["api_key"]
