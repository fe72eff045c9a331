"""The control API and its page, over HTTP."""

from typing import Any

import pytest

from sandbox.trouble import NEW_KEY, TROUBLES, Trouble
from tests.sandbox.conftest import Bench


async def _call(bench: Bench, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401
    answer = await bench.browser.request(method, bench.control_url + path, json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def _person(bench: Bench, email: str) -> dict[str, Any]:
    return next(p for p in await _call(bench, "GET", "/people") if p["email"] == email)


async def test_hire_move_and_dismiss(bench: Bench) -> None:
    home = bench.twin.world.directory("Acme Okta Directory").id
    body = {
        "organization": "acme",
        "directory": home,
        "email": "new@acme.example",
        "groups": ["Engineering", "Brand New"],
    }
    hired = await _call(bench, "POST", "/people", body)
    assert hired["groups"] == ["Engineering", "Brand New"]
    assert (await bench.workos.directory_sync.get_user(hired["id"])).email == "new@acme.example"
    await _call(bench, "PATCH", "/people/new@acme.example", {"state": "inactive", "job_title": "Intern", "groups": []})
    user = await bench.workos.directory_sync.get_user(hired["id"])
    assert (user.state, user.custom_attributes) == ("inactive", {"job_title": "Intern"})
    assert (await bench.workos.directory_sync.list_groups(user=hired["id"])).data == []
    await _call(bench, "DELETE", f"/people/{hired['id']}")
    assert (await bench.workos.directory_sync.list_users(directory=home, email="new@acme.example")).data == []


async def test_change_moves_updated_at(bench: Bench) -> None:
    before = (await _person(bench, "ada@acme.example"))["updated_at"]
    after = (await _call(bench, "PATCH", "/people/ada@acme.example", {"first_name": "Augusta"}))["updated_at"]
    assert after > before


async def test_rehire_gets_a_new_directory_user_and_keeps_idp_id_and_groups(bench: Bench) -> None:
    before = await _person(bench, "ada@acme.example")
    await _call(bench, "PATCH", "/people/ada@acme.example", {"directory": None})
    home = before["directory_id"]
    assert (await bench.workos.directory_sync.list_users(directory=home, email="ada@acme.example")).data == []
    after = await _call(bench, "PATCH", "/people/ada@acme.example", {"directory": home})
    assert after["id"] != before["id"]
    assert (after["idp_id"], after["groups"]) == (before["idp_id"], before["groups"])


async def test_groups_and_members(bench: Bench) -> None:
    home = bench.twin.world.directory("Acme Okta Directory").id
    group = await _call(bench, "POST", "/groups", {"organization": "acme", "name": "Board", "directory": home})
    await _call(bench, "PUT", f"/groups/{group['id']}/members/ada@acme.example")
    assert "Board" in (await _person(bench, "ada@acme.example"))["groups"]
    await _call(bench, "PATCH", f"/groups/{group['id']}", {"name": "Directors"})
    assert "Directors" in (await _person(bench, "ada@acme.example"))["groups"]
    await _call(bench, "DELETE", f"/groups/{group['id']}/members/ada@acme.example")
    assert "Directors" not in (await _person(bench, "ada@acme.example"))["groups"]
    await _call(bench, "DELETE", f"/groups/{group['id']}")
    assert (
        await bench.browser.patch(f"{bench.control_url}/groups/{group['id']}", json={"name": "x"})
    ).status_code == 404


async def test_many_people_at_once(bench: Bench) -> None:
    await _call(bench, "POST", "/people/generate", {"organization": "acme", "count": 250})
    home = bench.twin.world.directory("Acme Okta Directory").id
    page = await bench.workos.directory_sync.list_users(directory=home, limit=100)
    assert len([user async for user in page.auto_paging_iter()]) == 262


async def test_tenant_from_nothing(bench: Bench) -> None:
    made = await _call(bench, "POST", "/organizations", {"name": "Initech", "external_id": "initech"})
    await _call(bench, "PATCH", "/organizations/initech", {"metadata": {"tier": "gold"}})
    await _call(bench, "POST", "/domains", {"organization": "initech", "domain": "initech.example", "state": "pending"})
    await _call(bench, "PATCH", "/domains/initech.example", {"state": "verified"})
    connection = await _call(bench, "POST", "/connections", {"organization": "initech", "name": "Initech SAML"})
    directory = await _call(bench, "POST", "/directories", {"organization": "initech", "name": "Initech SCIM"})
    await _call(bench, "PATCH", "/directories/Initech SCIM", {"state": "unlinked"})
    organization = await bench.workos.organizations.get_organization(made["id"])
    assert (organization.metadata, organization.domains[0].state) == ({"tier": "gold"}, "verified")
    assert (await bench.workos.directory_sync.get_directory(directory["id"])).state == "unlinked"
    await _call(bench, "PATCH", "/connections/Initech SAML", {"state": "inactive"})
    assert (await bench.workos.sso.get_connection(connection["id"])).state == "inactive"
    for path in ("/domains/initech.example", "/connections/Initech SAML", "/directories/Initech SCIM"):
        await _call(bench, "DELETE", path)
    await _call(bench, "DELETE", "/organizations/Initech")
    state = await _call(bench, "GET", "/state")
    assert [o["name"] for o in state["organizations"]] == ["Acme Corp", "Globex", "MemberPulse"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/people/ada@acme.example", {"frist_name": "x"}),
        ("PATCH", "/people/ada@acme.example", {"state": "asleep"}),
        ("PATCH", "/connections/Acme Okta", {"state": "broken"}),
        ("PATCH", "/connections/Acme Okta", {"fail_with": "no_such_error"}),
        ("POST", "/faults", {"kind": "status", "tims": 1}),
        ("POST", "/login-errors", {"code": "no_such_error"}),
    ],
)
async def test_mistakes_are_422(bench: Bench, method: str, path: str, body: dict[str, Any]) -> None:
    answer = await bench.browser.request(method, bench.control_url + path, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_faults_and_hits_over_http(bench: Bench) -> None:
    await bench.workos.sso.list_connections(limit=3)
    hit = (await _call(bench, "GET", "/hits?path=/connections"))["data"][0]
    assert (hit["method"], hit["query"]["limit"], hit["status"], hit["fault"]) == ("GET", "3", 200, None)
    assert hit["headers"]["authorization"] == "Bearer sk_test_memberpulse_sandbox"
    fault = await _call(bench, "POST", "/faults", {"route": "* *", "kind": "status", "status": 503})
    assert (await bench.browser.get(f"{bench.base_url}/connections")).status_code == 503
    assert (await _call(bench, "GET", "/hits"))["data"][-1]["fault"] == "status"
    assert len(await _call(bench, "GET", "/faults")) == 1
    await _call(bench, "DELETE", f"/faults/{fault['id']}")
    assert await _call(bench, "GET", "/faults") == []
    await _call(bench, "DELETE", "/hits")
    assert (await _call(bench, "GET", "/hits"))["count"] == 0


async def test_hits_show_token_bodies_verbatim(bench: Bench) -> None:
    code = await bench.code_for()
    await bench.workos.sso.get_profile_and_token(code=code)
    body = bench.twin.hits("/sso/token")[0].form
    assert (body["code"], body["client_secret"]) == (code, "sk_test_memberpulse_sandbox")


async def test_recording_can_be_switched_off(bench: Bench) -> None:
    await _call(bench, "PATCH", "/switches", {"record_hits": False})
    await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    assert bench.twin.hits() == []


async def test_orders_for_logins_over_http(bench: Bench) -> None:
    await _call(bench, "POST", "/login-errors", {"code": "server_error", "times": None})
    assert (await _call(bench, "GET", "/login-errors"))["ordered"][0]["code"] == "server_error"
    await _call(bench, "DELETE", "/login-errors")
    await _call(bench, "POST", "/profile-override", {"profile": {"email": "x@y.example"}})
    await _call(bench, "DELETE", "/profile-override")
    token = await bench.workos.sso.get_profile_and_token(code=await bench.code_for())
    assert token.profile.email == "ada@acme.example"
    stale = await bench.code_for()
    await _call(bench, "POST", "/clock/advance", {"seconds": 601})
    answer = await bench.browser.get(f"{bench.control_url}/hits")
    assert answer.status_code == 200
    assert bench.twin.world.codes[stale].expires_at < bench.twin.world.now()


async def test_reset_restores_the_seed(bench: Bench) -> None:
    before = await _call(bench, "GET", "/state")
    bench.twin.remove_organization("acme")
    bench.twin.fail_logins("server_error")
    bench.twin.add_fault("* *", "status")
    bench.twin.advance_clock(1000)
    await _call(bench, "POST", "/reset")
    assert await _call(bench, "GET", "/state") == before
    assert bench.twin.faults == []
    assert "code=" in (await bench.authorize(login_hint="ada@acme.example")).headers["location"]


async def test_page_shows_everything_and_its_forms_work(bench: Bench) -> None:
    page = await bench.browser.get(bench.control_url)
    for expected in ("Acme Corp", "ada@acme.example", "Acme Okta Directory", "/launch?person="):
        assert expected in page.text
    ada = bench.twin.world.person("ada@acme.example")
    form = {"id": ada.id, "state": "suspended", "groups": [bench.twin.world.groups_of(ada)[1].id]}
    sent = await bench.browser.post(f"{bench.control_url}/forms/person", data=form)
    assert sent.status_code == 303
    assert (ada.state, [g.name for g in bench.twin.world.groups_of(ada)]) == ("suspended", ["Engineering"])
    await bench.browser.post(
        f"{bench.control_url}/forms/connection", data={"id": bench.acme.id, "state": "inactive", "fail_with": ""}
    )
    assert (bench.acme.state, bench.acme.fail_with) == ("inactive", None)
    added = {"organization": ada.organization_id, "first_name": "<i>Eve</i>", "email": "eve@acme.example"}
    await bench.browser.post(f"{bench.control_url}/forms/add-person", data=added)
    assert "&lt;i&gt;Eve" in (await bench.browser.get(bench.control_url)).text
    await bench.browser.post(f"{bench.control_url}/forms/fault", data={"route": "* *", "kind": "html", "times": "2"})
    assert bench.twin.faults[0].times == 2
    await bench.browser.post(f"{bench.control_url}/forms/clear-faults")
    assert bench.twin.faults == []


async def test_unknown_form_is_404(bench: Bench) -> None:
    assert (await bench.browser.post(f"{bench.control_url}/forms/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"route": "*", "kind": "status"}, "a route is a method and a path"),
        ({"route": "* *", "kind": "<b>"}, "Input should be"),
        ({"route": "* *", "kind": "status", "times": "often"}, "valid integer"),
        ({"route": "* *", "kind": "status", "times": "0"}, "greater than or equal to 1"),
    ],
)
async def test_a_form_that_cannot_be_done_says_why(bench: Bench, form: dict[str, str], said: str) -> None:
    answer = await bench.browser.post(f"{bench.control_url}/forms/fault", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert "<b>'" not in answer.text
    assert bench.twin.faults == []


async def pressed(bench: Bench, verb: str, **form: str) -> str:
    answer = await bench.browser.post(f"{bench.control_url}/forms/{verb}", data=form)
    assert answer.status_code == 303, answer.text
    return (await bench.browser.get(bench.control_url)).text


@pytest.mark.parametrize(("name", "trouble"), TROUBLES.items())
async def test_every_trouble_is_shown_and_undone(bench: Bench, name: str, trouble: Trouble) -> None:
    before = await _call(bench, "GET", "/state")
    orders = bench.twin.webhook_faults
    assert f"<b>{trouble.label}" in await pressed(bench, f"trouble/{name}")
    assert f"<b>{trouble.label}" in await pressed(bench, f"trouble/{name}")  # again: nothing more
    assert "Nothing is broken." in await pressed(bench, "undo")
    assert (bench.twin.faults, bench.twin.webhook_faults) == ([], orders)
    after = await _call(bench, "GET", "/state")
    assert set(before["credentials"].pop("api_keys")) <= set(after["credentials"].pop("api_keys"))
    assert after == before


async def test_workos_is_down_and_back(bench: Bench) -> None:
    await pressed(bench, "trouble/down")
    assert (await bench.browser.get(f"{bench.base_url}/organizations")).status_code == 503
    await pressed(bench, "undo")
    assert (await bench.browser.get(f"{bench.base_url}/organizations")).status_code == 401


async def test_a_revoked_key_is_refused_and_the_new_one_stays_good(bench: Bench) -> None:
    organizations = f"{bench.base_url}/organizations"
    old, new = bench.twin.world.credentials.api_keys[0], NEW_KEY
    page = await pressed(bench, "trouble/api-key")
    assert new in page

    async def status(key: str) -> int:
        return (await bench.browser.get(organizations, headers={"Authorization": f"Bearer {key}"})).status_code

    assert (await status(old), await status(new)) == (401, 200)
    await pressed(bench, "undo")
    assert (await status(old), await status(new)) == (200, 200)


async def test_one_directory_and_one_connection_break_and_come_back(bench: Bench) -> None:
    home = bench.twin.world.directory("Acme Okta Directory")
    await pressed(bench, "break", id=home.id)
    page = await pressed(bench, "break", id=bench.acme.id)
    assert (home.state, bench.acme.state) == ("invalid_credentials", "inactive")
    assert "Acme Okta Directory: its provider refuses the credentials" in page
    bench.twin.remove_directory(home.id)  # undoing what is gone undoes the rest all the same
    assert "Nothing is broken." in await pressed(bench, "undo")
    assert bench.acme.state == "active"


async def test_two_of_one_name_both_come_back(bench: Bench) -> None:
    first, second = (bench.twin.add_directory("acme", "Acme Twice", type="okta scim v2.0") for _ in range(2))
    for each in (first, second):
        await pressed(bench, "break", id=each.id)
    await pressed(bench, "undo")
    assert (first.state, second.state) == ("linked", "linked")


async def test_what_was_changed_by_hand_since_stays(bench: Bench) -> None:
    home = bench.twin.world.directory("Acme Okta Directory")
    await pressed(bench, "break", id=home.id)
    bench.twin.change_directory(home.id, state="deleting")
    await pressed(bench, "undo")
    assert home.state == "deleting"


async def test_cleared_faults_are_no_trouble_any_more(bench: Bench) -> None:
    await pressed(bench, "trouble/down")
    assert "Nothing is broken." in await pressed(bench, "clear-faults")
    bench.twin.clear_faults()
    await pressed(bench, "trouble/down")
    assert len(bench.twin.faults) == 1


async def test_back_to_the_seed_breaks_nothing_again(bench: Bench) -> None:
    await pressed(bench, "trouble/down")
    assert "Nothing is broken." in await pressed(bench, "reset")
    await pressed(bench, "undo")


@pytest.mark.parametrize("verb", ["trouble/nothing", "break"])
async def test_what_is_not_there_does_not_break(bench: Bench, verb: str) -> None:
    assert (await bench.browser.post(f"{bench.control_url}/forms/{verb}", data={"id": "no"})).status_code == 404


async def test_the_page_names_what_an_identity_provider_would_show(bench: Bench) -> None:
    page = (await bench.browser.get(bench.control_url)).text
    base = bench.base_url.replace("127.0.0.1", "localhost")
    for paper in ("/idp/papers/.well-known/openid-configuration", "/idp/papers/metadata.xml"):
        assert f"{base}{paper}" in page
        assert (await bench.browser.get(f"{bench.base_url}{paper}")).status_code == 200


async def test_a_domain_waits_for_its_record_and_the_button_finds_it(bench: Bench) -> None:
    made = bench.twin.add_domain("acme", "new.example", state="pending")
    assert "Its DNS record is there" in (await bench.browser.get(bench.control_url)).text
    assert "Its DNS record is there" not in await pressed(bench, "domain", id=made.id)
    assert made.state == "verified"
