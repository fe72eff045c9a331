"""C11: settings are changed and rotated after a sign-in of the last fifteen minutes only."""

from typing import Any

import pytest

from tests.settings.bench import PATH, Bench

DOORS: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", PATH): {"default_connection": None},
    ("POST", f"{PATH}/rotate"): {"secret": "webhook_secret", "step": "stage", "value": "a-second-webhook-secret"},
}


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_c11_an_old_sign_in_changes_no_setting(method: str, path: str, bench: Bench) -> None:
    body = DOORS[method, path]
    bench.stage.clock.advance(minutes=14)
    assert (await bench.admin.api(method, path, json=body)).status_code == 200
    version = (await bench.read())["version"]
    bench.stage.clock.advance(minutes=2)
    bench.twin.clear_hits()
    answer = await bench.admin.api(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    assert bench.twin.hits() == []
    assert (await bench.read())["version"] == version, "reading needs none"
