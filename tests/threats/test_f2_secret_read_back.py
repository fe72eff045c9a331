"""F2: what the platform sets of secrets is in no answer, log line, metric, trace, error, audit row or dump again."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY, generate_latest

from app.http.gateway import Gateway
from app.settings.following import SettingsFollower
from tests.builders import a_tenant
from tests.deliveries import Inbox, an_event
from tests.logs import logged
from tests.sessions.stages import dump
from tests.settings.bench import CLIENT, OLD_KEY, PATH, Bench
from tests.threats.test_h9_canary_leak import spellings

KEY = "sk_" + "canary7f1c" * 3
STAGED = "sk_" + "canary55aa" * 3
HOOK = "canary of a webhook secret/1d2e"
SECOND = "canary of the second+one 9f8e"
SECRETS = {"API key": KEY, "staged API key": STAGED, "webhook secret": HOOK, "second webhook secret": SECOND}


def leaks(places: dict[str, bytes]) -> list[str]:
    return [
        f"{name} in the {place}: …{text[max(0, at - 60) : at + 60]!r}"
        for place, text in places.items()
        for name, secret in SECRETS.items()
        for spelling in spellings(secret.encode())
        if (at := text.find(spelling)) >= 0
    ]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every byte that the gateway answers with."""
    heard: list[bytes] = []
    plain = Gateway.__call__

    async def recorded(self: Gateway, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI's own
        async def keep(message: Any) -> None:  # noqa: ANN401 -- as above
            heard.extend(b"%s: %s" % header for header in message.get("headers", ()))
            heard.append(message.get("body", b""))
            await send(message)

        await plain(self, scope, receive, keep)

    monkeypatch.setattr(Gateway, "__call__", recorded)
    return heard


async def they_are_set(bench: Bench) -> None:
    bench.twin.world.credentials.api_keys += [KEY, STAGED]
    assert (await bench.patch(api_key=KEY, webhook_secrets=[HOOK, SECOND])).status_code == 200
    assert (await bench.rotate("api_key", "stage", STAGED)).status_code == 200
    shown = await bench.read()
    assert shown["api_key"]["last_four"] == KEY[-4:]
    assert [one["last_four"] for one in shown["webhook_secrets"]] == [HOOK[-4:], SECOND[-4:]]
    assert (await bench.verify())["client_id"]["result"] == "ok"


async def they_are_used(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    await tenant.signed_in()
    box = Inbox(bench.stage, begin=None)  # type: ignore[arg-type]  # nothing is worked off here
    for secret in (HOOK, SECOND):
        assert (await box.deliver(an_event(), secret=secret)).status_code == 200
    assert bench.keys_seen() >= {KEY}


async def they_are_refused_and_mistaken(bench: Bench) -> None:
    """WorkOS repeats them in its errors; people put them where they do not belong."""
    faults: list[dict[str, Any]] = [
        {"kind": "status", "status": 401, "body": {"message": f"Could not authorize with {KEY}", "code": KEY}},
        {"kind": "status", "status": 422, "body": {"error": "invalid_client", "error_description": KEY}},
        {"kind": "html", "body": f"<h1>{KEY}</h1>"},
        {"kind": "redirect", "location": f"http://127.0.0.1:9/?client_secret={KEY}&redirect_uri=x"},
        {"kind": "reset"},
    ]
    for fault in faults:
        for route in ("GET /organizations", "POST /sso/token", "GET /sso/authorize", "GET /webhook_endpoints"):
            bench.twin.add_fault(route, **fault)
        await bench.verify()
        assert (await bench.patch(api_key=KEY)).status_code >= 400
        bench.twin.clear_faults()
    odd: list[dict[str, Any]] = [
        {"api_key": {"value": KEY}}, {"api_key": [KEY]}, {"api_key": f" {KEY}"}, {"api_key": KEY * 50},
        {"client_id": f"{KEY} "}, {"redirect_uri": KEY}, {"redirect_uri": f"http://x/?{HOOK}"},
        {"webhook_secrets": HOOK}, {"webhook_secrets": [HOOK, HOOK]}, {"webhook_secrets": [HOOK * 20]},
        {"default_connection": KEY + " "}, {"secret": HOOK}, {"client_id": KEY, "api_key": None},
    ]  # fmt: skip
    for body in odd:
        assert (await bench.patch(**body)).status_code == 422, body
        await bench.admin.api("POST", f"{PATH}/verify", json=body)
        await bench.admin.api("POST", f"{PATH}/rotate", json=body | {"secret": "api_key", "step": "stage"})
    for content in (KEY.encode(), f'{{"api_key": "{KEY}'.encode()):
        headers = {"content-type": "application/json"}
        assert (await bench.admin.api("PATCH", PATH, content=content, headers=headers)).status_code in {400, 422}


async def things_break(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"client_secret={KEY} rejected")

    with monkeypatch.context() as patch:
        patch.setattr("app.settings.flow.service.save", crash)
        assert (await bench.patch(api_key=KEY)).status_code == 500
    with monkeypatch.context() as patch:
        patch.setattr("app.settings.repository.Settings.stored", crash)
        runtime = bench.stage.assembly.runtime
        follower = SettingsFollower(runtime.lane, runtime.sealer, runtime.config, runtime.in_force)
        async with follower.following():
            await asyncio.sleep(0.05)


async def test_f2_a_secret_is_never_read_back(
    bench: Bench, answers: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with logged("debug") as log:
        await they_are_set(bench)
        await they_are_used(bench)
        await they_are_refused_and_mistaken(bench)
        await things_break(bench, monkeypatch)
        await asyncio.sleep(0)
    runtime = bench.stage.assembly.runtime
    places = {
        "log": log.text.encode(),
        "answers": b"\n".join(answers),
        "metrics": generate_latest(REGISTRY),
        "database": (await dump(bench.stage)).encode(),
        "runtime": f"{runtime!r} {runtime.in_force.now!r}".encode(),
    }
    assert leaks(places) == []
    assert log.of("settings.changed")
    assert log.of("db.following.look_failed")
    assert len(answers) > 100
    assert CLIENT.encode() in places["database"], "the dump shows the row"


async def test_f2_the_test_would_find_them(bench: Bench) -> None:
    assert (await bench.patch(api_key=OLD_KEY)).status_code == 200
    for secret in SECRETS.values():
        assert leaks({"text": b'{"x": "' + secret.encode() + b'"}'})
