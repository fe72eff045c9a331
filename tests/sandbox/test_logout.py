"""Single logout: for generic OIDC connections, once, in time."""

import pytest
from workos import BadRequestError, NotFoundError

from tests.sandbox.conftest import Bench


async def _profile(bench: Bench, connection: str) -> str:
    code = await bench.code_for(connection=bench.twin.change_connection(connection, state="active").id)
    return (await bench.workos.sso.get_profile_and_token(code=code)).profile.id


async def test_oidc_logout_ends_at_the_identity_provider_once(bench: Bench) -> None:
    profile_id = await _profile(bench, "Acme OpenID")
    logout = await bench.workos.sso.authorize_logout(profile_id=profile_id)
    assert logout.logout_url == bench.workos.sso.get_logout_url(token=logout.logout_token)
    first = await bench.browser.get(logout.logout_url)
    assert first.status_code == 302
    page = await bench.browser.get(bench.base_url + first.headers["location"])
    assert "signed out of Acme OpenID" in page.text
    assert (await bench.browser.get(logout.logout_url)).status_code == 404


async def test_logout_token_ages(bench: Bench) -> None:
    logout = await bench.workos.sso.authorize_logout(profile_id=await _profile(bench, "Acme OpenID"))
    bench.twin.advance_clock(301)
    assert (await bench.browser.get(logout.logout_url)).status_code == 404


async def test_saml_has_no_logout(bench: Bench) -> None:
    with pytest.raises(BadRequestError) as refused:
        await bench.workos.sso.authorize_logout(profile_id=await _profile(bench, "Acme Okta"))
    assert refused.value.code == "connection_invalid"


async def test_unknown_profile(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        await bench.workos.sso.authorize_logout(profile_id="prof_x")
