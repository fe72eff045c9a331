"""C11: an old sign-in may look at the attribute mapping, but not change it."""

from tests.builders import Tenant


async def test_c11_attributes_are_mapped_only_soon_after_a_sign_in(tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    path = f"/api/organizations/{tenant.id}/attribute-mappings"
    body: dict[str, dict[str, list[str]]] = {"mappings": {"job_title": []}}
    tenant.stage.clock.advance(seconds=15 * 60 + 1)
    refused = await browser.api("PUT", path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (401, "reauthentication_required")
    assert (await browser.api("GET", path)).json()["version"] == 0
    again = await tenant.signed_in()
    assert (await again.api("PUT", path, json=body)).status_code == 200
