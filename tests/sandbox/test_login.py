"""A login at the twin, from the authorization URL to the profile, as the official SDK does it."""

import httpx
import pytest
from workos import AuthenticationError, BadRequestError, UnprocessableEntityError

from tests.sandbox.conftest import CALLBACK, Bench, landed


async def test_sdk_signs_in_with_pkce(bench: Bench) -> None:
    start = await bench.workos.sso.get_authorization_url_with_pkce(
        redirect_uri=CALLBACK, connection=bench.acme.id, login_hint="ada@acme.example"
    )
    answer = landed(await bench.browser.get(start["url"]))
    assert answer["state"] == start["state"]
    token = await bench.workos.sso.get_profile_and_token(code=answer["code"], code_verifier=start["code_verifier"])
    assert token.token_type == "Bearer"
    profile = token.profile
    assert (profile.email, profile.first_name, profile.name) == ("ada@acme.example", "Ada", "Ada Lovelace")
    assert profile.connection_id == bench.acme.id
    assert profile.organization_id == bench.acme.organization_id
    assert profile.groups == ["MemberPulse Admins", "Engineering"]
    assert profile.custom_attributes == {"department_name": "Engineering", "job_title": "Head of Engineering"}
    assert profile.raw_attributes == {}
    assert await bench.workos.sso.get_profile(access_token=token.access_token) == profile


async def test_profile_id_stays_from_login_to_login(bench: Bench) -> None:
    first = await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    again = await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    assert first.profile.id == again.profile.id
    other = await bench.workos.sso.get_profile_and_token(code=await bench.code_for("grace@acme.example"))
    assert other.profile.id != first.profile.id


async def test_profile_id_does_not_depend_on_who_comes_first(bench: Bench) -> None:
    first = await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    bench.twin.reset()
    await bench.code_for("grace@acme.example")
    later = await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    assert first.profile.id == later.profile.id


async def test_organization_selector_finds_the_one_active_connection(bench: Bench) -> None:
    code = await bench.code_for(connection="", organization=str(bench.acme.organization_id))
    assert (await bench.workos.sso.get_profile_and_token(code=code)).profile.connection_id == bench.acme.id


async def test_page_lists_people_and_a_click_signs_in(bench: Bench) -> None:
    page = await bench.authorize()
    assert page.status_code == 200
    assert "Ada Lovelace" in page.text
    assert "hank@globex.example" not in page.text
    person = bench.twin.world.person("grace@acme.example")
    code = landed(await bench.authorize(sandbox_person=person.id))["code"]
    assert (await bench.workos.sso.get_profile_and_token(code=code)).profile.email == "grace@acme.example"


async def test_page_search_narrows(bench: Bench) -> None:
    page = await bench.authorize(sandbox_search="lisk")
    assert "Barbara Liskov" in page.text
    assert "Ada Lovelace" not in page.text


async def test_page_escapes_what_it_was_sent(bench: Bench) -> None:
    page = await bench.authorize(state="'><script>alert(1)</script>", login_hint="<b>x")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "<b>x" not in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"client_id": "client_other"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example/auth/callback/workos"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": "http://localhost:8000.evil.example/auth/callback/workos"},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
        {"code_challenge": "short", "code_challenge_method": "S256"},
    ],
)
async def test_what_must_not_redirect_shows_its_own_page(bench: Bench, query: dict[str, str]) -> None:
    answer = await bench.authorize(login_hint="ada@acme.example", **query)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "uri", ["http://localhost:5173/auth/callback/workos", "http://127.0.0.1:1/auth/callback/workos"]
)
async def test_any_port_of_this_machine_is_registered(bench: Bench, uri: str) -> None:
    answer = await bench.authorize(login_hint="ada@acme.example", redirect_uri=uri)
    assert answer.headers["location"].startswith(uri + "?code=")


async def test_code_works_once(bench: Bench) -> None:
    code = await bench.code_for()
    await bench.workos.sso.get_profile_and_token(code=code)
    with pytest.raises(BadRequestError) as refused:
        await bench.workos.sso.get_profile_and_token(code=code)
    assert refused.value.error == "invalid_grant"


async def test_code_expires_after_ten_minutes(bench: Bench) -> None:
    fresh, stale = await bench.code_for(), await bench.code_for()
    bench.twin.advance_clock(599)
    await bench.workos.sso.get_profile_and_token(code=fresh)
    bench.twin.advance_clock(2)
    with pytest.raises(BadRequestError, match="expired"):
        await bench.workos.sso.get_profile_and_token(code=stale)


async def test_access_token_expires(bench: Bench) -> None:
    token = await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    bench.twin.advance_clock(token.expires_in)
    with pytest.raises(AuthenticationError):
        await bench.workos.sso.get_profile(access_token=token.access_token)


async def _exchange(bench: Bench, **form: str) -> httpx.Response:
    credentials = bench.twin.world.credentials
    whole = {
        "client_id": credentials.client_id,
        "client_secret": credentials.api_keys[0],
        "grant_type": "authorization_code",
        **form,
    }
    data = {name: value for name, value in whole.items() if value}
    return await bench.browser.post(f"{bench.base_url}/sso/token", data=data)


VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 appendix B
CHALLENGE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}


async def test_form_exchange_with_the_rfc_example(bench: Bench) -> None:
    answer = await _exchange(bench, code=await bench.code_for(**CHALLENGE), code_verifier=VERIFIER)
    assert answer.status_code == 200
    assert answer.json()["profile"]["email"] == "ada@acme.example"


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1] + "j", "ä" * 43])
async def test_wrong_or_missing_verifier_is_refused_and_burns_the_code(bench: Bench, verifier: str) -> None:
    code = await bench.code_for(**CHALLENGE)
    refused = await _exchange(bench, code=code, code_verifier=verifier)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await _exchange(bench, code=code, code_verifier=VERIFIER)).status_code == 400


async def test_verifier_without_challenge_is_a_downgrade(bench: Bench) -> None:
    refused = await _exchange(bench, code=await bench.code_for(), code_verifier=VERIFIER)
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "client_other"}, "invalid_client"),
        ({"client_secret": "sk_wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": "nonsense"}, "invalid_grant"),
    ],
)
async def test_token_errors_have_the_oauth_shape(bench: Bench, form: dict[str, str], error: str) -> None:
    refused = await _exchange(bench, **{"code": await bench.code_for(), **form})
    assert refused.status_code == 400
    assert refused.json()["error"] == error
    assert refused.json()["error_description"]


async def test_public_client_proves_itself_by_pkce(bench: Bench) -> None:
    code = await bench.code_for(**CHALLENGE)
    assert (await _exchange(bench, code=code, code_verifier=VERIFIER, client_secret="")).status_code == 200


async def test_missing_code_is_422(bench: Bench) -> None:
    with pytest.raises(UnprocessableEntityError):
        await bench.workos.sso.get_profile_and_token()


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
async def test_body_that_is_no_object_is_400(bench: Bench, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    assert (await bench.browser.post(f"{bench.base_url}/sso/token", content=body, headers=headers)).status_code == 400


async def test_second_api_key_is_good_too(bench: Bench) -> None:
    bench.twin.world.credentials.api_keys.append("sk_test_next")
    assert (await _exchange(bench, code=await bench.code_for(), client_secret="sk_test_next")).status_code == 200


async def test_legacy_wire_fills_raw_attributes(bench: Bench) -> None:
    bench.twin.change_connection("Acme Okta", wire="legacy")
    token = await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    assert token.profile.raw_attributes["given_name"] == "Ada"


async def test_connection_without_group_claim_sends_no_groups(bench: Bench) -> None:
    bench.twin.change_connection("Acme Okta", sends_groups=False)
    assert (await bench.workos.sso.get_profile_and_token(code=await bench.code_for())).profile.groups is None


async def test_override_changes_one_profile(bench: Bench) -> None:
    bench.twin.override_profile({"email": 7, "organization_id": "org_other"}, remove=["idp_id"])
    changed = (await _exchange(bench, code=await bench.code_for())).json()["profile"]
    assert (changed["email"], changed["organization_id"], "idp_id" in changed) == (7, "org_other", False)
    assert (await _exchange(bench, code=await bench.code_for())).json()["profile"]["email"] == "ada@acme.example"


async def test_override_of_another_connection_waits(bench: Bench) -> None:
    bench.twin.override_profile({}, replace=True, connection="Globex Entra ID")
    assert (await _exchange(bench, code=await bench.code_for())).json()["profile"]["email"] == "ada@acme.example"
    globex = bench.twin.world.connection("Globex Entra ID")
    code = await bench.code_for("hank@globex.example", connection=globex.id)
    assert (await _exchange(bench, code=code)).json()["profile"] == {}


async def test_an_unknown_address_leads_on_to_everybody(bench: Bench) -> None:
    found = await bench.authorize(login_hint="nobody@acme.example")
    assert "Nobody of that name" in found.text
    assert "<button name=sandbox_search value=''>Show everybody" in found.text
    everybody = await bench.browser.get(f"{found.request.url}&sandbox_search=")
    assert "ada@acme.example" in everybody.text
