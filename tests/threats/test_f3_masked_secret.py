"""F3 (CVE-2026-15943): another client id or redirect URI needs the API key again; a masked one is none."""

from typing import Any

import pytest

from tests.settings.bench import CALLBACK, NEW_KEY, OLD_KEY, PATH, Bench

THEIRS = "client_of_somebody_else"
MASKS = [
    "••••••••box", "sk_••••••••", "sk_test_********", "****************", f"…{OLD_KEY[-4:]}", f"...{OLD_KEY[-4:]}",
    f"sk_…{OLD_KEY[-4:]}", f"sk_test_...{OLD_KEY[-4:]}", "xxxxxxxxxxxxxxxx", f"********{OLD_KEY[-4:]}",
]  # fmt: skip


def another_address(bench: Bench) -> str:
    """Return a redirect URI of ours that WorkOS takes and that is not in force."""
    address = "http://app.localhost:8000/auth/callback/workos"
    bench.twin.world.credentials.redirect_uris.append(address)
    return address


@pytest.mark.parametrize("mask", MASKS)
async def test_f3_a_masked_secret_is_no_secret(mask: str, bench: Bench) -> None:
    bodies: list[dict[str, Any]] = [
        {"api_key": mask},
        {"api_key": mask, "client_id": THEIRS},
        {"api_key": mask, "redirect_uri": CALLBACK},
        {"webhook_secrets": [mask.rjust(16, mask[0])]} if not mask[0].isalpha() else {"api_key": mask},
    ]
    for body in bodies:
        answer = await bench.patch(**body)
        assert (answer.status_code, answer.json()["code"]) == (422, "settings_secret_masked"), body
    staged = await bench.rotate("api_key", "stage", mask)
    assert (staged.status_code, staged.json()["code"]) == (422, "settings_secret_masked")
    assert (await bench.read())["version"] == 0
    assert bench.twin.hits() == []


@pytest.mark.parametrize("source", ["environment", "platform"])
async def test_f3_the_old_secret_is_never_sent_with_a_new_client_id(source: str, bench: Bench) -> None:
    if source == "platform":
        assert (await bench.patch(api_key=OLD_KEY)).status_code == 200
    before = await bench.read()
    bench.twin.clear_hits()
    for method, path in (("PATCH", PATH), ("POST", f"{PATH}/verify")):
        answer = await bench.admin.api(method, path, json={"client_id": THEIRS})
        assert (answer.status_code, answer.json()["code"]) == (422, "settings_api_key_required")
    assert await bench.read() == before
    assert bench.twin.hits() == [], "nothing was sent at all"


async def test_f3_nor_to_a_new_address(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        type(bench.stage.config), "redirect_origins", frozenset({"http://localhost:8000", "http://app.localhost:8000"})
    )
    address = another_address(bench)
    answer = await bench.patch(redirect_uri=address)
    assert (answer.status_code, answer.json()["code"]) == (422, "settings_api_key_required")
    assert bench.twin.hits() == []
    assert (await bench.patch(redirect_uri=address, api_key=OLD_KEY)).status_code == 200
    back = await bench.patch(redirect_uri=None)
    assert (back.status_code, back.json()["code"]) == (422, "settings_api_key_required"), "the way back is a way too"
    assert (await bench.patch(redirect_uri=None, api_key=None)).status_code == 200, "all as it was deployed"


async def test_f3_the_secret_in_the_same_request_will_do(bench: Bench) -> None:
    credentials = bench.twin.world.credentials
    credentials.client_id, credentials.api_keys[:] = THEIRS, [NEW_KEY]
    bench.twin.clear_hits()
    answer = await bench.patch(api_key=NEW_KEY, client_id=THEIRS)
    assert (answer.status_code, answer.json()["client_id"]) == (200, THEIRS), answer.text
    assert bench.keys_seen() == {NEW_KEY}


async def test_f3_what_does_not_change_needs_no_secret(bench: Bench) -> None:
    shown = await bench.read()
    answer = await bench.patch(client_id=shown["client_id"], redirect_uri=shown["redirect_uri"])
    assert answer.status_code == 200, answer.text


async def test_f3_a_staged_key_is_not_sent_with_a_new_client_id(bench: Bench) -> None:
    credentials = bench.twin.world.credentials
    credentials.api_keys.append(NEW_KEY)
    assert (await bench.rotate("api_key", "stage", NEW_KEY)).status_code == 200
    credentials.client_id = THEIRS
    assert (await bench.patch(api_key=OLD_KEY, client_id=THEIRS)).status_code == 200
    assert bench.stage.assembly.runtime.in_force.now.api_keys == (OLD_KEY,)


async def test_f3_the_platforms_key_keeps_the_client_id_it_was_verified_with(bench: Bench) -> None:
    """Another client id in the environment, later, does not meet it."""
    assert (await bench.patch(api_key=OLD_KEY)).status_code == 200
    (row,) = await bench.stage.sql("select client_id from platform_settings")
    assert row["client_id"] == bench.stage.config.workos_client_id


async def test_f3_the_environments_key_does_not_meet_the_platforms_client_id(bench: Bench) -> None:
    credentials = bench.twin.world.credentials
    credentials.client_id = THEIRS
    assert (await bench.patch(api_key=OLD_KEY, client_id=THEIRS)).status_code == 200
    answer = await bench.patch(api_key=None, client_id=THEIRS)
    assert answer.status_code == 422
    back = await bench.patch(api_key=None)
    assert (back.status_code, back.json()["code"]) == (422, "settings_refused"), "WorkOS knows the pair no more"
    assert (await bench.read())["client_id"] == THEIRS
