"""A15: what a redirect says is never shown; every refusal has fixed words."""

import pytest

from app.kit.ids import fingerprint
from tests.builders import Tenant
from tests.gateway import Stage

SCRIPT = "<script>alert(1)</script>"
PAGE = "text/html,application/xhtml+xml"


@pytest.mark.parametrize("accept", [PAGE, "application/json"])
@pytest.mark.parametrize("error", ["x", "access_denied", SCRIPT, "", "{0.__class__}", "%s%n"])
async def test_a15_the_description_is_not_in_the_body(tenant: Tenant, stage: Stage, accept: str, error: str) -> None:
    browser, callback = await tenant.at_callback()
    state = callback.partition("state=")[2]
    query = {"error": error, "error_description": SCRIPT, "error_uri": "javascript:alert(2)", "state": state}
    answer = await browser.http.get("/auth/callback/workos", params=query, headers={"accept": accept})
    assert answer.status_code in {403, 502}
    for raw in (SCRIPT, "alert(", "javascript:"):
        assert raw not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    (flow,) = await stage.sql("select used_at from login_flows where state_hash = $1", fingerprint(state))
    assert flow["used_at"] is not None
    assert stage.exchanges() == 0
    assert (await browser.visit(callback)).status_code == 400


@pytest.mark.parametrize("accept", [PAGE, "application/json"])
async def test_a15_without_a_state(stage: Stage, accept: str) -> None:
    query = {"error": SCRIPT, "error_description": SCRIPT}
    answer = await stage.browser().http.get("/auth/callback/workos", params=query, headers={"accept": accept})
    assert answer.status_code == 502
    assert "alert(" not in answer.text


@pytest.mark.parametrize("name", ["organization", "connection", "domain", "email", "return_to", "login_hint"])
async def test_a15_nor_is_what_a_start_was_given(stage: Stage, name: str) -> None:
    answer = await stage.browser().http.get("/auth/sso", params={name: SCRIPT}, headers={"accept": PAGE})
    assert answer.status_code in {400, 404}
    assert "alert(" not in answer.text


async def test_a15_a_hostile_name_is_escaped_where_it_is_shown(tenant: Tenant, stage: Stage) -> None:
    """The question page shows the address; an identity provider may put anything before the @."""
    await tenant.policy(allow_idp_initiated=True)
    stage.twin.override_profile({"email": f"a'&%22onload=x@{tenant.domain}"}, connection=tenant.connection_workos_id)
    page = await stage.browser().visit(stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"]))
    assert page.status_code == 200
    assert "a&#x27;&amp;%22onload=x@" in page.text


async def test_a15_request_ids_of_the_caller_are_taken_only_when_plain(stage: Stage) -> None:
    answer = await stage.browser().http.get("/auth/sso", headers={"accept": PAGE, "x-request-id": f"12345678{SCRIPT}"})
    assert "alert(" not in answer.text
    assert "alert(" not in answer.headers["x-request-id"]
