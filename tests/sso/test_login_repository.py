"""The login that is repeated: people of whom nothing is new come back together, in one statement."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.audit import service as audit
from app.db.engine import connect_arguments
from app.organizations.policy import ADMIN_ABSOLUTE, Policy
from app.sessions import service as sessions
from app.sso import admission, login_repository
from app.sso import login as logins_examined
from app.sso.login_repository import Facts, Question, Repeat
from app.uow import Actor
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage

POLICY = Policy(
    jit_provisioning="always",
    default_role="ROLE_MEMBER",
    allow_foreign_domains=False,
    session_idle_seconds=900,
    session_absolute_seconds=1800,
)
# What changes in the tenant $1, and is refused of a sign-in that hears of it.
REFUSED = {
    "suspended": "update organizations set state = 'suspended' where id = $1",
    "switched off": "update organization_policies set enabled = false where organization_id = $1",
    "connection inactive": "update connections set state = 'inactive' where organization_id = $1",
    "connection deleted": "update connections set state = 'deleted' where organization_id = $1",
    "domain lost": "update organization_domains set state = 'pending' where organization_id = $1",
    "deactivated": "update users set state = 'deactivated' where organization_id = $1",
}
MEANWHILE = REFUSED | {
    "rights changed": "update users set rights_version = rights_version + 1 where organization_id = $1",
    "identity gone": "delete from identities where organization_id = $1",
}
TRACES = """
select (select count(*) from sessions where organization_id = $1) as sessions,
       (select count(*) from audit_events where organization_id = $1) as events,
       (select max(last_login_at) from identities where organization_id = $1) as stamped
"""


async def traces(tenant: Tenant) -> dict[str, Any]:
    ((found),) = await tenant.stage.sql(TRACES, tenant.id)
    return dict(found)


async def a_repeat(tenant: Tenant, user: UUID | None = None) -> Repeat:
    """Return Ada's next login, or somebody else's."""
    runtime = tenant.stage.assembly.runtime
    user = user or await tenant.user_id()
    ((idp_id,),) = await tenant.stage.sql(
        "select idp_id from identities where connection_id = $1", tenant.connection_id
    )
    now = runtime.clock.now()
    session, _ = sessions.prepare(
        runtime.ids, now, user, roles=("ROLE_MEMBER",), policy=POLICY, connection=tenant.connection_id, profile="prof_2"
    )
    event = audit.prepare(runtime.ids, now, "sso.login.completed", actor=("user", user), targets=[], metadata={"n": 1})
    actor = Actor(ip="192.0.2.9", user_agent="Lynx", request_id="r-1")
    return Repeat(tenant.id, tenant.domain, idp_id, 1, session, event, actor, now, "{}")


async def repeat(tenant: Tenant, login: Repeat) -> bool:
    return await login_repository.repeat(tenant.stage.assembly.runtime.lane, login)


async def test_who_comes_back_opens_no_transaction_of_its_own(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    await tenant.signed_in()
    written = "select xmin::text, updated_at from users where organization_id = $1"
    before = await tenant.stage.sql(written, tenant.id)

    async def never(*_: object, **__: object) -> str:
        raise AssertionError("a login of which nothing is new must not be examined closer")

    monkeypatch.setattr(admission, "_enter", never)
    tenant.stage.clock.advance(seconds=5)
    morning = tenant.stage.clock.now()
    await tenant.signed_in()
    assert await tenant.stage.sql(written, tenant.id) == before
    assert (await traces(tenant))["stamped"] > morning
    events = await tenant.stage.sql(
        "select actor_id, targets::text, metadata::text from audit_events where organization_id = $1"
        " and action = 'sso.login.completed' order by occurred_at",
        tenant.id,
    )
    assert [row["metadata"] for row in events] == [
        '{"roles": ["ROLE_CLIENT_ADMIN"], "created": true}',
        '{"created": false}',
    ]
    assert events[1]["actor_id"] == str(await tenant.user_id())
    ((session,),) = await tenant.stage.sql("select id from sessions where created_at > $1", morning)
    assert str(session) in events[1]["targets"]
    assert str(tenant.connection_id) in events[1]["targets"]


async def test_the_session_that_begins_is_as_prepared(tenant: Tenant) -> None:
    await tenant.signed_in()
    login = await a_repeat(tenant)
    assert await repeat(tenant, login) is True
    (row,) = await tenant.stage.sql("select * from sessions where id = $1", login.session.id)
    new = login.session
    assert dict(row) == {
        "id": new.id,
        "organization_id": tenant.id,
        "user_id": new.user_id,
        "secret_hash": new.secret_hash,
        "connection_id": tenant.connection_id,
        "profile_id": "prof_2",
        "acting_organization_id": None,
        "amr": ["sso"],
        "auth_time": new.begun_at,
        "created_at": new.begun_at,
        "last_seen_at": new.begun_at,
        "idle_seconds": 900,
        "expires_at": new.expires_at,
        "ended_at": None,
        "end_reason": None,
        "ip": "192.0.2.9",
        "user_agent": "Lynx",
    }
    (event,) = await tenant.stage.sql("select * from audit_events where id = $1", login.event.id)
    assert (event["ip"], event["user_agent"], event["request_id"]) == ("192.0.2.9", "Lynx", "r-1")
    assert (event["actor_type"], event["metadata"]) == ("user", '{"n": 1}')


@pytest.mark.parametrize("change", MEANWHILE.values(), ids=MEANWHILE)
async def test_of_whom_the_facts_are_no_longer_true_gets_nothing(tenant: Tenant, change: str) -> None:
    await tenant.signed_in()
    login = await a_repeat(tenant)
    await tenant.stage.sql(change, tenant.id)
    before = await traces(tenant)
    assert await repeat(tenant, login) is False
    assert await traces(tenant) == before


async def test_a_tenant_that_trusts_foreign_domains_needs_none_verified(tenant: Tenant) -> None:
    await tenant.signed_in()
    login = await a_repeat(tenant)
    await tenant.stage.sql(MEANWHILE["domain lost"], tenant.id)
    await tenant.stage.sql(
        "update organization_policies set allow_foreign_domains = true where organization_id = $1", tenant.id
    )
    assert await repeat(tenant, login) is True


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
async def test_what_changes_between_question_and_answer_is_heard_of(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Also by the closer look that follows: it must not go by the facts of before (threats A7)."""
    await tenant.signed_in()
    asked, times = login_repository.facts, 0

    async def then_changed(*arguments: Any) -> Facts | None:  # noqa: ANN401 -- as facts
        nonlocal times
        found, times = await asked(*arguments), times + 1
        if times == 1:
            await tenant.stage.sql(change, tenant.id)
        return found

    monkeypatch.setattr(logins_examined, "facts", then_changed)
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert answer.status_code == 403, answer.text
    assert times == 2
    assert browser.session_cookie is None
    assert (await traces(tenant))["sessions"] == 1


async def test_who_becomes_an_administrator_meanwhile_gets_an_administrators_session(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.signed_in("mia")
    user, asked, raised = await tenant.user_id("mia"), login_repository.facts, False

    async def then_raised(*arguments: Any) -> Facts | None:  # noqa: ANN401 -- as facts
        nonlocal raised
        found = await asked(*arguments)
        if not raised:
            raised = True
            await tenant.stage.sql(
                "update users set manual_roles = '{ROLE_CLIENT_ADMIN}', rights_version = 2 where id = $1",
                user,
            )
        return found

    monkeypatch.setattr(logins_examined, "facts", then_raised)
    tenant.stage.clock.advance(seconds=1)
    await tenant.signed_in("mia")
    lives = await tenant.stage.sql(
        "select expires_at - created_at as life from sessions where user_id = $1 order by created_at", user
    )
    assert [row["life"] for row in lives] == [timedelta(hours=24), ADMIN_ABSOLUTE]


async def test_whose_identity_somebody_holds_stops_nobody(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    await tenant.signed_in()
    await other.signed_in()
    logins = [await a_repeat(each) for each in (tenant, other)]
    connection = await asyncpg.connect(**connect_arguments(stage.database))
    try:
        async with connection.transaction():
            await connection.execute("select 1 from identities where organization_id = $1 for update", tenant.id)
            async with asyncio.timeout(1):
                answers = await asyncio.gather(
                    *(repeat(each, login) for each, login in zip((tenant, other), logins, strict=True))
                )
    finally:
        await connection.close()
    assert answers == [True, True]


async def test_those_who_come_together_each_get_their_own(stage: Stage, tenant: Tenant) -> None:
    other, gone = await a_tenant(stage), await a_tenant(stage)
    for each in (tenant, other, gone):
        await each.signed_in()
    await stage.sql("update users set state = 'deactivated' where organization_id = $1", gone.id)
    logins = [await a_repeat(each) for each in (tenant, other, gone, tenant)]
    answers = await asyncio.gather(
        *(repeat(each, login) for each, login in zip((tenant, other, gone, tenant), logins, strict=True))
    )
    assert answers == [True, True, False, True]
    for each, expected in ((tenant, 3), (other, 2), (gone, 1)):
        assert (await traces(each))["sessions"] == expected


async def test_nobody_comes_back_into_a_foreign_tenant(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    await tenant.signed_in()
    await other.signed_in()
    before = await traces(tenant), await traces(other)
    login = await a_repeat(tenant)
    assert await repeat(tenant, replace(login, organization=other.id)) is False, "Ada is nobody there"
    foreign = replace(login, session=replace(login.session, connection_id=other.connection_id))
    assert await repeat(tenant, foreign) is False, "a foreign tenant's connection"
    assert await repeat(tenant, replace(login, rights_version=None)) is False
    assert (await traces(tenant), await traces(other)) == before


async def test_the_facts_of_one_tenant_are_no_others(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    await tenant.signed_in()
    await other.signed_in()
    runtime = stage.assembly.runtime
    ((idp_id,),) = await stage.sql("select idp_id from identities where organization_id = $1", tenant.id)
    now = runtime.clock.now()

    async def asked(organization: UUID, connection: str, domain: str | None) -> Facts | None:
        return await login_repository.facts(runtime.lane, Question(organization, connection, domain, idp_id, now))

    mine, theirs, mixed, nobody = await asyncio.gather(
        asked(tenant.id, tenant.connection_workos_id, tenant.domain),
        asked(other.id, other.connection_workos_id, tenant.domain),
        asked(tenant.id, other.connection_workos_id, None),
        asked(UUID(int=7), tenant.connection_workos_id, tenant.domain),
    )
    assert mine is not None
    assert mine.identified is not None
    assert (mine.identified.id, mine.connection_id, mine.verified) == (
        await tenant.user_id(), tenant.connection_id, True,
    )  # fmt: skip
    assert theirs is not None
    assert (theirs.identified, theirs.connection_id, theirs.verified) == (None, other.connection_id, False)
    assert mixed is not None
    assert (mixed.identified, mixed.connection_id, mixed.verified) == (None, None, False)
    assert nobody is None
