"""C11: an old sign-in may look at the sign-in policy, but neither change it nor say who the identity provider is."""

from tests.builders import Tenant
from tests.sso.provider import saml_body


async def test_c11_the_policy_is_changed_only_soon_after_a_sign_in(tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    path = f"/api/organizations/{tenant.id}/sso"
    tenant.stage.clock.advance(minutes=14)
    assert (await browser.api("PATCH", path, json={"allow_idp_initiated": True})).status_code == 200
    tenant.stage.clock.advance(minutes=2)
    refused = await browser.api("PATCH", path, json={"allow_idp_initiated": False})
    assert (refused.status_code, refused.json()["code"]) == (401, "reauthentication_required")
    assert (await browser.api("GET", path)).json()["allow_idp_initiated"] is True
    again = await tenant.signed_in()
    assert (await again.api("PATCH", path, json={"allow_idp_initiated": False})).status_code == 200


async def test_c11_an_identity_provider_is_configured_only_soon_after_a_sign_in(tenant: Tenant) -> None:
    browser, twin = await tenant.signed_in(), tenant.stage.twin
    path = f"/api/organizations/{tenant.id}/sso/configuration"
    tenant.stage.clock.advance(minutes=14)
    assert (await browser.api("PUT", path, json=saml_body())).status_code == 200
    tenant.stage.clock.advance(minutes=2)
    twin.clear_hits()
    refused = await browser.api("PUT", path, json=saml_body())
    assert (refused.status_code, refused.json()["code"]) == (401, "reauthentication_required")
    assert twin.hits() == []
    again = await tenant.signed_in()
    assert (await again.api("PUT", path, json=saml_body())).status_code == 200
