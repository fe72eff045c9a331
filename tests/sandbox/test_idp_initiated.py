"""Logins that begin at the identity provider: a code and an empty state at the default redirect URI."""

import httpx
import pytest

from sandbox.refusals import Refusal
from tests.sandbox.conftest import Bench, landed


async def _launch(bench: Bench, connection: str, **query: str) -> httpx.Response:
    return await bench.browser.get(f"{bench.base_url}/idp/{connection}/launch", params=query)


async def test_tile_sends_a_code_and_an_empty_state(bench: Bench) -> None:
    arrived = landed(await _launch(bench, bench.acme.id, person="ada@acme.example"))
    assert arrived["state"] == ""
    token = await bench.workos.sso.get_profile_and_token(code=arrived["code"])
    assert token.profile.email == "ada@acme.example"


async def test_tile_without_a_person_shows_a_page(bench: Bench) -> None:
    page = await _launch(bench, bench.acme.id)
    assert page.status_code == 200
    assert f"name=person value='{bench.twin.world.person('ada@acme.example').id}'" in page.text


async def test_control_call_gives_the_url(bench: Bench) -> None:
    body = {"connection": "Acme Okta", "person": "ada@acme.example"}
    url = (await bench.browser.post(f"{bench.control_url}/idp-initiated", json=body)).json()["url"]
    assert url.startswith("http://localhost:8000/auth/callback/workos?code=")
    assert url.endswith("&state=")


async def test_relay_state_may_name_a_registered_uri_only(bench: Bench) -> None:
    uri = "http://localhost:1234/auth/callback/workos"
    assert bench.twin.idp_initiated("Acme Okta", "ada@acme.example", uri).startswith(uri)
    with pytest.raises(Refusal):
        bench.twin.idp_initiated("Acme Okta", "ada@acme.example", "https://evil.example/")


async def test_disabled_tile_names_the_connection(bench: Bench) -> None:
    bench.twin.change_connection("Acme Okta", idp_initiated=False)
    failed = landed(await _launch(bench, bench.acme.id, person="ada@acme.example"))
    assert failed["error"] == "idp_initiated_sso_disabled"
    assert failed["connection_id"] == bench.acme.id


async def test_only_saml_has_tiles(bench: Bench) -> None:
    openid = bench.twin.change_connection("Acme OpenID", state="active")
    assert (await _launch(bench, openid.id, person="ada@acme.example")).status_code == 400


async def test_nobody_from_elsewhere(bench: Bench) -> None:
    assert (await _launch(bench, bench.acme.id, person="hank@globex.example")).status_code == 422
