"""Causes: the sentence and the remedy that an administrator reads are true of what keeps somebody out."""

import pytest

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import Home
from tests.sso.test_diagnosis import Json, check, diagnosed
from tests.sso.test_lockouts import CLAIM, a_person

LET_IN_AGAIN = "Let them in again on their page in the console."


def said(found: Json) -> str:
    return " ".join(one["evidence"] for one in found["checks"])


async def test_one_of_two_directories_lets_them_in_so_only_the_administrators_word_counts(
    inbox: Inbox, tenant: Tenant
) -> None:
    admin = await tenant.stage.platform_admin()
    one, two = Home(tenant, "directory_01ONE"), Home(tenant, "directory_01TWO")
    await inbox.applied(one.activated(), two.activated(), one.user("eve", 1), two.user("eve", 1))
    await inbox.applied(one.user("eve", 2, "deleted"))
    eve = (await two.somebody("eve"))["id"]
    assert (await admin.api("PATCH", f"/api/users/{eve}", json={"state": "inactive"})).status_code == 200
    told = check(await diagnosed(admin, f"eve@{tenant.domain}"), "account")
    assert (told["result"], told["remedy"]) == ("failed", LET_IN_AGAIN)
    assert (await admin.api("PATCH", f"/api/users/{eve}", json={"state": "active"})).status_code == 200
    assert (await diagnosed(admin, f"eve@{tenant.domain}"))["can_sign_in"] is True, "it is what helps"


async def test_whom_a_directory_removed_that_is_gone_can_be_let_in_by_hand(tenant: Tenant) -> None:
    admin = await tenant.stage.platform_admin()
    await tenant.signed_in("sam")
    sam = await tenant.user_id("sam")
    away = "update users set state = 'deactivated', deactivated_by = 'directory' where id = $1"
    await tenant.stage.sql(away, sam)
    told = check(await diagnosed(admin, tenant.people["sam"]), "account")
    assert (told["result"], told["remedy"]) == ("failed", LET_IN_AGAIN)
    assert (await admin.api("PATCH", f"/api/users/{sam}", json={"state": "active"})).status_code == 200
    assert (await diagnosed(admin, tenant.people["sam"]))["can_sign_in"] is True, "it is what helps"


@pytest.mark.parametrize("jit", ["never", "always"])
async def test_a_contested_domain_is_a_cause_of_its_own(tenant: Tenant, jit: str) -> None:
    admin = await tenant.stage.platform_admin()
    await a_person(tenant, f"new@{tenant.domain}")
    await tenant.policy(jit_provisioning=jit)
    await tenant.stage.sql(CLAIM, (await a_tenant(tenant.stage)).id, tenant.domain)
    found = await diagnosed(admin, f"new@{tenant.domain}", organization=str(tenant.id))
    told = check(found, "domain")
    assert (told["result"], "look at the domain" in told["remedy"]) == ("failed", True)
    assert check(found, "account")["evidence"] == "They have an account here, and it is active."
    for untrue in ("the policy lets", "Nobody has given them access"):
        assert untrue not in said(found)
    stranger = said(await diagnosed(admin, f"zoe@{tenant.domain}", organization=str(tenant.id)))
    assert ("the policy lets a sign-in add nobody" in stranger) == (jit == "never"), stranger


async def test_who_has_an_account_is_not_told_to_have_been_given_none(tenant: Tenant) -> None:
    admin = await tenant.stage.platform_admin()
    await a_person(tenant, "guest@elsewhere.example")
    await tenant.policy(jit_provisioning="never", allow_foreign_domains=True)
    found = await diagnosed(admin, "guest@elsewhere.example", organization=str(tenant.id))
    assert (check(found, "account")["result"], "Nobody has given" in said(found)) == ("failed", False)
