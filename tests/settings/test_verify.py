"""Verification: what WorkOS says to the settings in force, and to those that are not saved yet."""

from typing import Any

import pytest

from tests.builders import a_tenant
from tests.gateway import WEBHOOK_SECRET
from tests.settings.bench import CALLBACK, CLIENT, NEW_KEY, OLD_KEY, PATH, Bench

WEBHOOKS = "http://localhost:8000/webhooks/workos"
NAMES = ["credentials", "client_id", "redirect_uri", "webhook_endpoint", "default_connection"]


def results(checks: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: check["result"] for name, check in checks.items()}


async def test_what_is_in_force_is_verified(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    assert (await bench.patch(default_connection=tenant.connection_workos_id)).status_code == 200
    bench.twin.add_webhook_endpoint(WEBHOOKS, secret=WEBHOOK_SECRET)
    answer = await bench.admin.api("POST", f"{PATH}/verify")
    assert answer.json()["ok"] is True
    assert [check["name"] for check in answer.json()["checks"]] == NAMES
    assert {check["result"] for check in answer.json()["checks"]} == {"ok"}
    assert {check["remedy"] for check in answer.json()["checks"]} == {None}
    assert (await bench.read())["version"] == 1, "nothing is saved"


async def test_what_cannot_be_found_out_is_skipped(bench: Bench) -> None:
    bench.twin.add_fault("GET /webhook_endpoints", "status", status=403, body={"message": "no"})
    bench.twin.add_fault("GET /sso/authorize", "status", status=404)
    checks = await bench.verify()
    assert results(checks) == {
        "credentials": "ok", "client_id": "ok", "redirect_uri": "skipped", "webhook_endpoint": "skipped",
        "default_connection": "skipped",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("urls", "secret", "result", "word"),
    [
        ([], WEBHOOK_SECRET, "failed", "No webhook endpoint"),
        (["https://elsewhere.example/webhooks/workos"], WEBHOOK_SECRET, "failed", "No webhook endpoint"),
        (["http://localhost:8000/hooks"], WEBHOOK_SECRET, "failed", "No webhook endpoint"),
        ([WEBHOOKS], "another secret of WorkOS's", "failed", "not set here"),
        ([f"{WEBHOOKS}?second"], WEBHOOK_SECRET, "ok", "1 enabled"),
        ([WEBHOOKS, f"{WEBHOOKS}?second"], WEBHOOK_SECRET, "ok", "2 enabled"),
    ],
)
async def test_the_webhook_endpoint(urls: list[str], secret: str, result: str, word: str, bench: Bench) -> None:
    for url in urls:
        bench.twin.add_webhook_endpoint(url, secret=secret)
    check = (await bench.verify())["webhook_endpoint"]
    assert (check["result"], word in check["evidence"]) == (result, True), check
    assert secret not in str(check)


async def test_an_endpoint_that_is_off_sends_nothing(bench: Bench) -> None:
    found = bench.twin.add_webhook_endpoint(WEBHOOKS, secret=WEBHOOK_SECRET)
    bench.twin.change_webhook_endpoint(found.id, status="disabled")
    check = (await bench.verify())["webhook_endpoint"]
    assert (check["result"], "disabled" in check["evidence"]) == ("failed", True)


async def test_values_are_tried_before_they_are_saved(bench: Bench) -> None:
    refused = await bench.verify(api_key=NEW_KEY)
    assert (refused["credentials"]["result"], refused["client_id"]["result"]) == ("failed", "skipped")
    assert "revoked" in refused["credentials"]["remedy"]
    bench.twin.world.credentials.api_keys.append(NEW_KEY)
    assert results(await bench.verify(api_key=NEW_KEY))["client_id"] == "ok"
    other = await bench.verify(api_key=NEW_KEY, client_id="client_of_another")
    assert (other["credentials"]["result"], other["client_id"]["result"]) == ("ok", "failed")
    assert (await bench.read())["version"] == 0


async def test_what_a_change_would_refuse_verification_does_not_send(bench: Bench) -> None:
    answer = await bench.admin.api("POST", f"{PATH}/verify", json={"client_id": "client_of_another"})
    assert (answer.status_code, answer.json()["code"]) == (422, "settings_api_key_required")
    assert bench.twin.hits() == []


async def test_a_workos_that_is_away_is_told(bench: Bench) -> None:
    await bench.twin.refuse_connections()
    try:
        checks = await bench.verify()
    finally:
        await bench.twin.accept_connections()
    assert checks["credentials"]["result"] == "failed"
    assert "does not answer" in checks["credentials"]["evidence"]


async def test_what_is_tried_stops_nothing_that_is_in_force(bench: Bench) -> None:
    """Breakers belong to a key: ten refused ones must not stop the sign-ins."""
    tenant = await a_tenant(bench.stage)
    bench.twin.add_fault("GET /organizations", "status", status=500)
    for _ in range(10):
        assert (await bench.verify(api_key=OLD_KEY))["credentials"]["result"] == "failed"
    bench.twin.clear_faults()
    assert await tenant.signed_in()


async def test_an_unregistered_redirect_uri_is_found(bench: Bench) -> None:
    bench.twin.world.credentials.redirect_uris[:] = ["https://elsewhere.example/callback"]
    check = (await bench.verify(api_key=OLD_KEY, client_id=CLIENT, redirect_uri=CALLBACK))["redirect_uri"]
    assert (check["result"], CALLBACK in check["evidence"]) == ("failed", True)
