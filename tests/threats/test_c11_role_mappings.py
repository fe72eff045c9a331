"""C11: an old sign-in may look at role mappings and try them, but not change them."""

from tests.builders import Tenant


async def test_c11_rules_are_changed_only_soon_after_a_sign_in(tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    path = f"/api/organizations/{tenant.id}/role-mappings"
    body: dict[str, list[str]] = {"rules": []}
    tenant.stage.clock.advance(seconds=15 * 60 + 1)
    refused = await browser.api("PUT", path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (401, "reauthentication_required")
    assert await tenant.stage.sql("select 1 from role_rules where organization_id = $1", tenant.id) == []
    assert (await browser.api("GET", path)).json()["version"] == 0
    assert (await browser.api("POST", f"{path}/preview", json=body)).status_code == 200
    again = await tenant.signed_in()
    assert (await again.api("PUT", path, json=body)).status_code == 200
