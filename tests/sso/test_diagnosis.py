"""Diagnoses: what an administrator reads of why somebody can, or cannot, sign in."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.onboarding import flow as onboarding
from app.sso import jobs
from app.status import watching
from app.uow import SYSTEM, Begin
from app.workos.noticed import API, API_KEY, CLIENT
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import Browser, Stage, a_config, a_stage
from tests.sso.test_traces import failure

Json = dict[str, Any]


@pytest.fixture
async def ada(tenant: Tenant) -> Browser:
    """The browser of the tenant's administrator."""
    return await tenant.signed_in()


async def diagnosed(browser: Browser, email: str, **query: str) -> Json:
    answer = await browser.api("GET", "/api/diagnostics/sign-in", params={"email": email, **query})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def check(found: Json, name: str) -> Json:
    (only,) = [one for one in found["checks"] if one["name"] == name]
    return only


async def test_somebody_who_can_sign_in(tenant: Tenant, ada: Browser) -> None:
    found = await diagnosed(ada, tenant.people["ada"])
    assert (found["email"], found["can_sign_in"]) == (tenant.people["ada"], True)
    assert found["organization"]["id"] == str(tenant.id)
    assert found["start"] == f"/auth/sso?email=ada%40{tenant.domain}"
    results = {one["name"]: one["result"] for one in found["checks"]}
    assert results == {
        **dict.fromkeys(
            ("settings", "workos", "organization", "policy", "connection", "returning", "domain", "mapping",
             "directory", "account", "attempts", "sessions"),
            "ok",
        ),
        "certificate": "unknown",
    }  # fmt: skip
    assert check(found, "sessions")["evidence"] == "They have one live session."
    assert (found["attempts"][0]["outcome"], found["attempts"][0]["step"]) == ("completed", "session")
    assert found["attempts"][0]["request_id"]


async def test_what_goes_badly_at_workos_is_told_before_anything_of_theirs(tenant: Tenant, ada: Browser) -> None:
    """By this process at once, by the others as soon as it was told, and no longer than somebody has seen it."""
    stage = tenant.stage

    async def told() -> tuple[bool, str, str]:
        found = await diagnosed(ada, tenant.people["ada"])
        one = check(found, "workos")
        return found["can_sign_in"], one["result"], one["evidence"]

    stage.clock.advance(seconds=1)
    fault = stage.twin.add_fault("POST /sso/token", "status", status=500)
    for expected in ("ok", "ok", "warning"):  # once or twice is no outage
        browser, url = await tenant.at_callback()
        assert (await browser.http.get(url)).status_code >= 500
        can, result, said = await told()
        assert (can, result) == (True, expected)
    assert "has not answered since" in said
    stage.twin.remove_fault(fault.id)
    stage.assembly.runtime.sightings.well(API)
    assert "has answered no sign-in since" in (await told())[2]
    await watching.tell(stage.assembly.runtime)
    assert (await told())[1] == "warning"
    stage.clock.advance(seconds=1)
    await tenant.signed_in()
    assert (await told())[1] == "ok"
    for what in (CLIENT, API_KEY):
        stage.clock.advance(seconds=1)
        stage.assembly.runtime.sightings.badly(what, "invalid_client")
        assert "refused MemberPulse's own credentials" in (await told())[2]
        stage.assembly.runtime.sightings.well(what)
    stage.clock.advance(seconds=1)
    stage.assembly.runtime.sightings.badly(API, "WorkOS answered 500.", times=3)
    assert "has not answered since" in (await told())[2]
    stage.clock.advance(minutes=5)
    assert (await told())[1] == "ok", "nobody knows how it goes now"


async def test_who_was_never_here_can_if_the_first_sign_in_makes_them(tenant: Tenant, ada: Browser) -> None:
    found = await diagnosed(ada, f"Newcomer@{tenant.domain}")
    assert (found["can_sign_in"], check(found, "attempts")["result"]) == (True, "unknown")
    assert "the first sign-in adds them" in check(found, "account")["evidence"]
    assert check(found, "account")["result"] == "unknown", "an account that is none is not fine"


async def test_an_inactive_connection_says_what_the_manual_says(tenant: Tenant) -> None:
    admin = await tenant.stage.platform_admin()
    await tenant.stage.sql("update connections set state = 'inactive' where id = $1", tenant.connection_id)
    found = await diagnosed(admin, tenant.people["ada"])
    assert found["can_sign_in"] is False
    told = check(found, "connection")
    assert (told["result"], " SSO is inactive." in told["evidence"]) == ("failed", True)
    assert "conn_" not in told["evidence"], "a connection is called by its name"
    for words in ("activated in the WorkOS Dashboard", "correct connection ID", "redirect URIs match exactly"):
        assert words in told["remedy"]


async def test_of_two_connections_one_must_be_the_default(tenant: Tenant) -> None:
    stage = tenant.stage
    stage.twin.add_connection(tenant.workos_id, "Second")
    await onboarding.refresh(stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    admin = await stage.platform_admin()
    told = check(await diagnosed(admin, tenant.people["ada"]), "connection")
    assert (told["result"], "None of them is the default" in told["evidence"]) == ("warning", True)
    assert "choose a default connection" in told["remedy"]
    await tenant.policy(default_connection_id=tenant.connection_id)
    assert check(await diagnosed(admin, tenant.people["ada"]), "connection")["result"] == "ok"


async def test_whom_no_directory_knows_gets_the_manuals_list_too(inbox: Inbox, tenant: Tenant) -> None:
    admin = await tenant.stage.platform_admin()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("mia", 1))
    found = await diagnosed(admin, tenant.people["sam"])
    told = check(found, "directory")
    assert (found["can_sign_in"], told["result"]) == (False, "failed")
    for words in ("SCIM endpoint and bearer token", "sync errors", "correct groups", "attribute mapping"):
        assert words in told["remedy"]
    assert (await diagnosed(admin, tenant.people["mia"]))["can_sign_in"] is True
    await inbox.applied(home.user("mia", 2, "deleted"))
    told = check(await diagnosed(admin, tenant.people["mia"]), "directory")
    assert (told["result"], "has removed them" in told["evidence"]) == ("failed", True)


async def test_each_reason_why_somebody_is_kept_out_has_its_own_words_and_remedy(inbox: Inbox, tenant: Tenant) -> None:
    """Nobody, suspended, removed, never let in, shut out by hand: mended in five places."""
    admin = await tenant.stage.platform_admin()
    home = await a_directory(inbox, tenant)
    for name in ("mia", "sam", "lea"):
        await inbox.applied(home.user(name, 1))
    await inbox.applied(home.user("mia", 2, "updated", state="suspended"))
    await inbox.applied(home.user("sam", 2, "deleted"))
    await inbox.applied(home.user("new", 2, "deleted"))
    lea = (await admin.api("GET", "/api/users", params={"email": f"lea@{tenant.domain}"})).json()["data"][0]["id"]
    await admin.api("PATCH", f"/api/users/{lea}", json={"state": "inactive"})
    told = {name: await diagnosed(admin, f"{name}@{tenant.domain}") for name in ("zoe", "mia", "sam", "new", "lea")}
    remedies = {name: check(found, "directory")["remedy"] for name, found in told.items() if name != "lea"}
    remedies["lea"] = check(told["lea"], "account")["remedy"]
    assert [found["can_sign_in"] for found in told.values()] == [False] * 5
    assert len(set(remedies.values())) == 5, remedies
    assert "inactive or suspended" in check(told["mia"], "directory")["evidence"]
    assert "Make them active again" in remedies["mia"]
    assert "again in" in remedies["sam"]
    assert remedies["lea"] == "Let them in again on their page in the console."
    said = " ".join(one["evidence"] for one in told["new"]["checks"])
    assert "access was removed" not in said, "they never had any"
    accounts = {name: check(found, "account")["result"] for name, found in told.items()}
    assert accounts == {"zoe": "unknown", "mia": "failed", "sam": "failed", "new": "unknown", "lea": "failed"}
    await inbox.applied(home.user("lea", 3, "deleted"))
    told_again = check(await diagnosed(admin, f"lea@{tenant.domain}"), "account")
    assert told_again["remedy"].startswith("Assign MemberPulse to them in "), "the directory's word comes first"


async def test_a_directory_in_trouble_is_a_warning(inbox: Inbox, tenant: Tenant) -> None:
    admin = await tenant.stage.platform_admin()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("mia", 1))
    change = "update directories set state = $2 where workos_id = $1"
    await tenant.stage.sql(change, home.id, "invalid_credentials")
    told = check(await diagnosed(admin, tenant.people["mia"]), "directory")
    assert (told["result"], "is invalid credentials" in told["evidence"]) == ("warning", True)
    await tenant.stage.sql(change, home.id, "linked")
    await tenant.stage.sql(
        "insert into directory_sync_runs (id, organization_id, directory_id, mode, status, error, requested_by,"
        " created_at) select gen_random_uuid(), organization_id, id, 'apply', 'failed', 'WorkOS is away.', 'x', now()"
        " from directories where workos_id = $1",
        home.id,
    )
    told = check(await diagnosed(admin, tenant.people["mia"]), "directory")
    assert (told["result"], " failed: WorkOS is away." in told["evidence"]) == ("warning", True)


async def test_who_was_shut_out_by_hand(tenant: Tenant, ada: Browser) -> None:
    await tenant.signed_in("mia")
    await ada.api("PATCH", f"/api/users/{await tenant.user_id('mia')}", json={"state": "inactive"})
    found = await diagnosed(ada, tenant.people["mia"])
    told = check(found, "account")
    assert (found["can_sign_in"], told["result"]) == (False, "failed")
    assert "by an administrator" in told["evidence"]
    assert check(found, "sessions")["evidence"] == "They have no live sessions."


async def test_what_did_not_come_when_they_last_tried(tenant: Tenant, ada: Browser) -> None:
    twin = tenant.stage.twin
    twin.override_profile({"last_name": ""}, connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback("mia")
    await browser.visit(callback)
    found = await diagnosed(ada, tenant.people["mia"])
    told = check(found, "mapping")
    assert (found["can_sign_in"], told["result"]) == (False, "failed")
    assert "last_name was missing" in told["evidence"]
    path = f"/api/organizations/{tenant.id}/attribute-mappings"
    await ada.api("PUT", path, json={"mappings": {"last_name": ["custom_attributes.surname", "last_name"]}})
    assert (await diagnosed(ada, tenant.people["mia"]))["can_sign_in"] is True, "another mapping may find it"
    await ada.api("PUT", path, json={"mappings": {}})
    assert (await diagnosed(ada, tenant.people["mia"]))["can_sign_in"] is False
    await tenant.signed_in("mia")
    assert (await diagnosed(ada, tenant.people["mia"]))["can_sign_in"] is True


async def test_workos_error_is_said_in_words(inbox: Inbox, tenant: Tenant, ada: Browser) -> None:
    await inbox.applied(failure(tenant, tenant.people["mia"], 1, "s1", "connection_invalid"))
    found = await diagnosed(ada, tenant.people["mia"])
    told = check(found, "attempts")
    assert (found["can_sign_in"], told["result"]) == (True, "warning")
    assert "Invalid connection: WorkOS does not accept this SSO connection." in told["evidence"]
    assert "WorkOS's word for it: connection_invalid." in told["evidence"]
    assert "redirect URIs match exactly" in told["remedy"]
    attempt = found["attempts"][0]
    assert (attempt["outcome"], attempt["problem"], attempt["workos_error"]) == (
        "told", "login_connection_invalid", "connection_invalid"
    )  # fmt: skip


async def test_a_certificate_that_ends_and_sign_ins_that_do_not_return(
    tenant: Tenant, ada: Browser, running_worker: Begin
) -> None:
    clock = tenant.stage.clock
    set_until = "update connections set certificate_expires_at = $2 where id = $1"
    for days, result, words in ((90, "ok", "valid until"), (5, "warning", "valid until"), (-1, "warning", "expired")):
        await tenant.stage.sql(set_until, tenant.connection_id, clock.now() + timedelta(days=days))
        told = check(await diagnosed(ada, tenant.people["ada"]), "certificate")
        assert (told["result"], words in told["evidence"]) == (result, True)
    for _ in range(2):
        await tenant.stage.browser().start(connection=tenant.connection_workos_id)
    clock.advance(minutes=12)
    async with running_worker() as uow:
        await jobs.purge(uow)
    told = check(await diagnosed(ada, tenant.people["ada"]), "returning")
    assert (told["result"], told["evidence"].startswith("2 sign-ins")) == ("warning", True)
    assert "redirect URIs match exactly" in told["remedy"]


async def test_an_operator_needs_no_organization_where_the_address_tells(stage: Stage, tenant: Tenant) -> None:
    admin = await stage.platform_admin()
    found = await diagnosed(admin, tenant.people["ada"])
    assert found["organization"] == {
        "id": str(tenant.id),
        "workos_id": tenant.workos_id,
        "name": found["organization"]["name"],
    }
    nobody = await diagnosed(admin, "x@nowhere.example")
    assert (nobody["can_sign_in"], nobody["organization"], nobody["start"]) == (False, None, None)
    assert [one["name"] for one in nobody["checks"]] == ["organization"]
    other = await a_tenant(stage)
    insert = (
        "insert into users (id, organization_id, email, email_lower, mapped_role, created_at, updated_at)"
        " values (gen_random_uuid(), $1, $2, $2, 'ROLE_MEMBER', now(), now())"
    )
    address = f"guest@{tenant.domain}.elsewhere.example"
    for home in (tenant, other):
        await stage.sql(insert, home.id, address)
    several = await diagnosed(admin, address)
    assert (several["can_sign_in"], several["organization"]) == (False, None)
    assert all(str(home.id) in several["checks"][0]["evidence"] for home in (tenant, other))
    one = await diagnosed(admin, address, organization=other.workos_id)
    assert (one["organization"]["id"], check(one, "domain")["result"]) == (str(other.id), "failed")
    assert one["start"] == f"/auth/sso?organization={other.id}"


@pytest.mark.parametrize("email", ["", "x", "@a.example", "x@", "x@a b", "x" * 330])
async def test_what_is_no_address_is_refused(ada: Browser, email: str) -> None:
    answer = await ada.api("GET", "/api/diagnostics/sign-in", params={"email": email})
    assert answer.status_code == 422


async def test_without_workos_settings_nobody_can(tenant: Tenant, ada: Browser, tmp_path: Path) -> None:
    stage = tenant.stage
    config = a_config(stage.twin.public_url, tmp_path, workos_api_key=None)
    async with a_stage(config, stage.database, stage.twin, stage.clock) as lacking:
        moved = lacking.browser()
        moved.http.cookies.set("mp_session", ada.session_cookie or "")
        found = await diagnosed(moved, tenant.people["ada"])
        refused = await moved.api("POST", f"/api/auth/sso/connections/{tenant.connection_id}/test")
    told = check(found, "settings")
    assert (found["can_sign_in"], told["result"]) == (False, "failed")
    assert "api_key" not in told["evidence"].lower(), "what is missing is the operators' business"
    assert (refused.status_code, refused.json()["code"]) == (503, "settings_incomplete")
