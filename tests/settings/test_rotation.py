"""Rotation: stage, promote, roll back; each step audited, each may be repeated, each tried at WorkOS first."""

from typing import Any

import httpx

from tests.builders import a_tenant
from tests.deliveries import Inbox, an_event
from tests.gateway import WEBHOOK_SECRET
from tests.settings.bench import NEW_KEY, OLD_KEY, Bench

NEW_SECRET = "the-webhook-secret-that-replaces-it"
THIRD = "the-third-webhook-secret-of-the-tests"
WEBHOOKS = "http://localhost:8000/webhooks/workos"


def state(answer: httpx.Response, secret: str = "api_key") -> tuple[str, Any]:
    assert answer.status_code == 200, answer.text
    rotation = answer.json()["rotation"][secret]
    return rotation["state"], rotation["staged"] and rotation["staged"]["last_four"]


async def test_an_api_key_is_replaced(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    refused = await bench.rotate("api_key", "stage", NEW_KEY)
    assert (refused.status_code, refused.json()["code"]) == (422, "settings_refused"), "WorkOS does not know it yet"
    keys = bench.twin.world.credentials.api_keys
    keys.append(NEW_KEY)
    staged = await bench.rotate("api_key", "stage", NEW_KEY)
    assert state(staged) == ("staged", NEW_KEY[-4:])
    assert staged.json()["api_key"]["source"] == "environment", "the old one counts until the new one is promoted"
    bench.twin.clear_hits()
    await tenant.signed_in()
    assert bench.keys_seen() == {OLD_KEY}
    promoted = await bench.rotate("api_key", "promote")
    assert state(promoted) == ("promoted", None)
    assert promoted.json()["api_key"]["last_four"] == NEW_KEY[-4:]
    keys.remove(OLD_KEY)
    bench.twin.clear_hits()
    await tenant.signed_in()
    assert bench.keys_seen() == {NEW_KEY}
    assert await bench.audited() == ["settings.rotation.staged", "settings.rotation.promoted"]


async def test_the_old_key_may_end_while_the_new_one_is_only_staged(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    keys = bench.twin.world.credentials.api_keys
    keys.append(NEW_KEY)
    assert (await bench.rotate("api_key", "stage", NEW_KEY)).status_code == 200
    keys.remove(OLD_KEY)
    await tenant.signed_in()
    assert (await bench.admin.api("POST", "/api/organizations", json={"name": "Made meanwhile"})).status_code == 201


async def test_a_staged_key_that_ended_is_not_promoted(bench: Bench) -> None:
    keys = bench.twin.world.credentials.api_keys
    keys.append(NEW_KEY)
    assert (await bench.rotate("api_key", "stage", NEW_KEY)).status_code == 200
    keys.remove(NEW_KEY)
    answer = await bench.rotate("api_key", "promote")
    assert (answer.status_code, answer.json()["code"]) == (422, "settings_refused")
    assert state(await bench.rotate("api_key", "rollback")) == ("rolled_back", None)
    assert (await bench.read())["api_key"]["last_four"] == OLD_KEY[-4:]


async def test_each_step_may_be_repeated(bench: Bench) -> None:
    bench.twin.world.credentials.api_keys.append(NEW_KEY)
    for secret, value in (("api_key", NEW_KEY), ("webhook_secret", NEW_SECRET)):
        for step, told in (
            ("stage", "staged"),
            ("rollback", "rolled_back"),
            ("stage", "staged"),
            ("promote", "promoted"),
        ):
            answers = [await bench.rotate(secret, step, value if step == "stage" else None) for _ in range(3)]
            assert {state(answer, secret)[0] for answer in answers} == {told}
            assert len({answer.json()["version"] for answer in answers}) == 1, "once"
    assert len(await bench.audited()) == 8


async def test_steps_out_of_order_are_refused(bench: Bench) -> None:
    for secret in ("api_key", "webhook_secret"):
        for step in ("promote", "rollback"):
            answer = await bench.rotate(secret, step)
            assert (answer.status_code, answer.json()["code"]) == (409, "rotation_not_staged")
    assert (await bench.rotate("api_key", "stage")).status_code == 422
    assert (await bench.rotate("api_key", "promote", NEW_KEY)).status_code == 422
    assert (await bench.rotate("api_key", "stage", OLD_KEY)).status_code == 422, "it is in force already"
    assert (await bench.rotate("webhook_secret", "stage", WEBHOOK_SECRET)).status_code == 422
    assert (await bench.rotate("webhook_secret", "stage", "short")).status_code == 422
    assert await bench.audited() == []


async def test_a_webhook_secret_is_replaced_and_no_delivery_is_refused(bench: Bench) -> None:
    box = Inbox(bench.stage, begin=None)  # type: ignore[arg-type]  # nothing is worked off here

    async def taken(secret: str) -> int:
        return (await box.deliver(an_event(), secret=secret)).status_code

    assert state(await bench.rotate("webhook_secret", "stage", NEW_SECRET), "webhook_secret")[0] == "staged"
    assert (await taken(WEBHOOK_SECRET), await taken(NEW_SECRET)) == (200, 200)
    shown = (await bench.read())["webhook_secrets"]
    assert [one["source"] for one in shown] == ["environment", "platform"]
    assert state(await bench.rotate("webhook_secret", "promote"), "webhook_secret")[0] == "promoted"
    assert (await taken(WEBHOOK_SECRET), await taken(NEW_SECRET)) == (401, 200)
    assert state(await bench.rotate("webhook_secret", "stage", THIRD), "webhook_secret")[0] == "staged"
    assert state(await bench.rotate("webhook_secret", "rollback"), "webhook_secret")[0] == "rolled_back"
    assert (await taken(NEW_SECRET), await taken(THIRD)) == (200, 401)


async def test_a_secret_that_workos_does_not_sign_with_is_not_promoted(bench: Bench) -> None:
    """Else every delivery would be refused from now on."""
    bench.twin.add_webhook_endpoint(WEBHOOKS, secret=WEBHOOK_SECRET)
    assert (await bench.rotate("webhook_secret", "stage", NEW_SECRET)).status_code == 200
    answer = await bench.rotate("webhook_secret", "promote")
    assert (answer.status_code, answer.json()["code"]) == (409, "rotation_not_proven")
    bench.twin.add_webhook_endpoint(f"{WEBHOOKS}?second", secret=NEW_SECRET)
    assert (await bench.rotate("webhook_secret", "promote")).status_code == 200


async def test_two_that_were_set_by_a_change_are_a_rotation_too(bench: Bench) -> None:
    assert state(await bench.patch(webhook_secrets=[WEBHOOK_SECRET, NEW_SECRET]), "webhook_secret")[0] == "staged"
    assert state(await bench.rotate("webhook_secret", "promote"), "webhook_secret")[0] == "promoted"
    assert bench.stage.assembly.runtime.in_force.now.webhook_secrets == (NEW_SECRET,)


async def test_a_change_ends_a_rotation(bench: Bench) -> None:
    """A staged key belongs to the client id that it was tried with."""
    bench.twin.world.credentials.api_keys.append(NEW_KEY)
    assert (await bench.rotate("api_key", "stage", NEW_KEY)).status_code == 200
    assert state(await bench.patch(api_key=OLD_KEY)) == ("none", None)
    assert bench.stage.assembly.runtime.in_force.now.api_keys == (OLD_KEY,)
