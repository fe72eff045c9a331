"""A diagnosis agrees with the sign-in that follows: each thing that may be wrong alone, and each two together."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory
from tests.gateway import Browser, Stage

Json = dict[str, Any]
INSERT = (
    "insert into users (id, organization_id, email, email_lower, first_name, last_name, mapped_role, created_at,"
    " updated_at) values (gen_random_uuid(), $1, $2, $2, 'Eve', 'Test', 'ROLE_MEMBER', now(), now())"
)


@dataclass(slots=True)
class Situation:
    """Eve, whom her identity provider knows, and her organization, in which everything is as it should be."""

    tenant: Tenant
    inbox: Inbox
    email: str
    idp_id: str

    async def sql(self, statement: str, *more: object) -> None:
        await self.tenant.stage.sql(statement, self.tenant.id, *more)

    async def sign_in(self, path: str | None = None) -> httpx.Response:
        """Let Eve try, by the organization's link or this one, as far as she gets."""
        browser = self.tenant.stage.browser()
        path = path or f"/auth/sso?organization={self.tenant.id}"
        answer = await browser.http.get(f"{path}&login_hint={self.email}")
        if answer.status_code == 302:
            answer = await browser.visit(await browser.at_identity_provider(answer))
        return answer

    async def told(self, *events: str, synced: bool = True) -> Home:
        """Let a directory tell of Eve."""
        home = await a_directory(self.inbox, self.tenant, synced=synced)
        for second, event in enumerate(events, 1):
            state = {"inactive": "inactive"}.get(event, "active")
            kind = {"inactive": "updated"}.get(event, event)
            await self.inbox.applied(home.user("eve", second, kind, idp_id=self.idp_id, state=state))
        return home


async def deactivated(s: Situation) -> None:
    await s.sign_in()
    await s.sql("update users set state = 'deactivated', deactivated_by = 'admin' where organization_id = $1")


async def known(s: Situation) -> None:
    await s.sign_in()


async def by_address(s: Situation) -> None:
    await s.sql(INSERT, s.email)


async def twice(s: Situation) -> None:
    await s.sql(INSERT, s.email)
    await s.sql(INSERT, s.email)


async def synced_without(s: Situation) -> None:
    await s.told()


async def unsynced_with(s: Situation) -> None:
    await s.told("created", synced=False)


async def synced_with(s: Situation) -> None:
    await s.told("created")


async def inactive(s: Situation) -> None:
    await s.told("created", "inactive")


async def deleted(s: Situation) -> None:
    await s.told("created", "deleted")


async def never_let_in(s: Situation) -> None:
    await s.told("deleted", synced=False)


async def erased(s: Situation) -> None:
    await s.tenant.policy(hard_delete_removed_users=True)
    await s.told("created", "deleted")


async def unmanaged(s: Situation) -> None:
    home = await s.told("created")
    await s.inbox.applied(home.gone(9))


def policy(**changes: Any) -> Callable[[Situation], Awaitable[None]]:  # noqa: ANN401 -- any column
    async def change(s: Situation) -> None:
        await s.tenant.policy(**changes)

    return change


def sql(statement: str) -> Callable[[Situation], Awaitable[None]]:
    async def change(s: Situation) -> None:
        await s.sql(statement)

    return change


async def contested(s: Situation) -> None:
    other = await a_tenant(s.tenant.stage)
    await s.tenant.stage.sql(
        "insert into organization_domains (id, organization_id, domain, state, created_at, updated_at)"
        " values (gen_random_uuid(), $1, $2, 'verified', now(), now())",
        other.id,
        s.tenant.domain,
    )


async def nameless(s: Situation) -> None:
    s.tenant.stage.twin.override_profile({"last_name": ""}, connection=s.tenant.connection_workos_id, times=None)
    await s.sign_in()


# In the order in which things come about: who somebody is, what directories say, what is set, what they tried.
WRONG: dict[str, tuple[str, Callable[[Situation], Awaitable[None]]]] = {
    "known": ("account", known),
    "deactivated": ("account", deactivated),
    "one by address": ("account", by_address),
    "two by address": ("account", twice),
    "synced without": ("directory", synced_without),
    "unsynced with": ("directory", unsynced_with),
    "synced with": ("directory", synced_with),
    "inactive": ("directory", inactive),
    "deleted": ("directory", deleted),
    "never let in": ("directory", never_let_in),
    "erased": ("directory", erased),
    "unmanaged": ("directory", unmanaged),
    "jit never": ("jit", policy(jit_provisioning="never")),
    "jit always": ("jit", policy(jit_provisioning="always")),
    "disabled": ("enabled", policy(enabled=False)),
    "guests": ("guests", policy(allow_foreign_domains=True)),
    "domain pending": ("domain", sql("update organization_domains set state = 'pending' where organization_id = $1")),
    "domain gone": ("domain", sql("delete from organization_domains where organization_id = $1")),
    "contested": ("domain", contested),
    "inactive connection": ("connection", sql("update connections set state = 'inactive' where organization_id = $1")),
    "deleted connection": ("connection", sql("update connections set state = 'deleted' where organization_id = $1")),
    "suspended": ("organization", sql("update organizations set state = 'suspended' where id = $1")),
    "nameless": ("attributes", nameless),
}


async def a_situation(stage: Stage, inbox: Inbox, *names: str) -> Situation:
    """Return a new situation in which these things are so."""
    tenant = await a_tenant(stage, eve="MemberPulse Members")
    (person,) = [one for one in stage.twin.world.people.values() if one.email == tenant.people["eve"]]
    situation = Situation(tenant, inbox, tenant.people["eve"], person.idp_id)
    for name in sorted(names, key=list(WRONG).index):
        await WRONG[name][1](situation)
    return situation


async def diagnosed(browser: Browser, s: Situation) -> Json:
    answer = await browser.api(
        "GET", "/api/diagnostics/sign-in", params={"email": s.email, "organization": str(s.tenant.id)}
    )
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def agrees(admin: Browser, s: Situation) -> tuple[bool, str]:
    """Compare what a diagnosis says with what the sign-in by its own start then does; return that."""
    rows = {table: await s.tenant.stage.count(table) for table in ("users", "identities", "sessions", "audit_events")}
    found = await diagnosed(admin, s)
    assert {table: await s.tenant.stage.count(table) for table in rows} == rows, "a diagnosis changes nothing"
    failed = [check for check in found["checks"] if check["result"] == "failed"]
    assert found["can_sign_in"] == (not failed)
    assert all(check["remedy"] for check in failed)
    answer = await s.sign_in(found["start"])
    let_in = answer.status_code == 303
    said = "" if let_in else str(answer.json()["code"])
    assert found["can_sign_in"] == let_in, (said, failed)
    return let_in, said


async def test_with_everything_right_and_each_thing_alone(stage: Stage, inbox: Inbox) -> None:
    admin = await stage.platform_admin()
    outcomes = {"": await agrees(admin, await a_situation(stage, inbox))}
    for name in WRONG:
        stage.twin.clear_profile_overrides()
        outcomes[name] = await agrees(admin, await a_situation(stage, inbox, name))
    assert outcomes[""] == (True, "")
    refused = {name: code for name, (let_in, code) in outcomes.items() if not let_in}
    assert refused == {
        "deactivated": "user_deactivated",
        "two by address": "identity_conflict",
        "synced without": "user_not_provisioned",
        "inactive": "user_deactivated",
        "deleted": "user_deactivated",
        "never let in": "user_deactivated",
        "erased": "user_deactivated",
        "jit never": "user_not_provisioned",
        "disabled": "sso_disabled",
        "domain pending": "domain_not_allowed",
        "domain gone": "domain_not_allowed",
        "contested": "user_not_provisioned",
        "inactive connection": "connection_inactive",
        "deleted connection": "connection_inactive",
        "suspended": "organization_suspended",
        "nameless": "attribute_missing",
    }


@pytest.mark.parametrize("first", WRONG)
async def test_with_each_two_together(stage: Stage, inbox: Inbox, first: str) -> None:
    admin = await stage.platform_admin()
    later = list(WRONG)[list(WRONG).index(first) + 1 :]
    for second in [name for name in later if WRONG[name][0] != WRONG[first][0]]:
        stage.twin.clear_profile_overrides()
        try:
            await agrees(admin, await a_situation(stage, inbox, first, second))
        except AssertionError as error:
            raise AssertionError(f"{first} and {second}: {error}") from error
