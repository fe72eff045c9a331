"""The guard: who is behind an Authorization header, and whether they may, by what is true now."""

from uuid import UUID

import pytest
from fastapi import Request

from app.access.errors import NotPermitted, ReauthenticationRequired
from app.access.guard import authenticate, may
from app.access.principal import Principal
from app.sessions import service as sessions
from app.tokens.errors import NotAuthenticated, TokenInvalid
from tests.builders import Tenant
from tests.gateway import Browser, Stage


def asking(stage: Stage, *authorization: str) -> Request:
    """Return a request with these Authorization headers."""
    headers = [(b"authorization", value.encode("latin-1")) for value in authorization]
    return Request({"type": "http", "method": "GET", "headers": headers, "app": stage.app})


async def guarded(browser: Browser, stage: Stage, permission: str, *, recent: bool = False) -> Principal:
    """Return whom the guard lets pass with a fresh token of this browser."""
    return await may(permission, recent=recent)(asking(stage, f"Bearer {await browser.access_token()}"))


async def give_role(tenant: Tenant, name: str, role: str) -> None:
    """Change somebody's role as a directory or an administrator would, and let this process hear of it."""
    user = await tenant.user_id(name)
    await tenant.stage.sql(
        "update users set mapped_role = $2, rights_version = rights_version + 1 where id = $1", user, role
    )
    async with tenant.stage.unit(tenant.id) as uow:
        await sessions.rights_changed(uow, user, (role,))
    await tenant.stage.assembly.live.look()


async def test_the_principal_is_who_signed_in(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    principal = await guarded(browser, stage, "connections:read")
    (row,) = await stage.sql("select id, user_id, auth_time from sessions where organization_id = $1", tenant.id)
    assert principal == Principal(
        user_id=await tenant.user_id(),
        organization_id=tenant.id,
        home_organization_id=tenant.id,
        session_id=row["id"],
        roles=("ROLE_CLIENT_ADMIN",),
        auth_time=row["auth_time"],
    )
    assert principal.user_id == row["user_id"]
    assert principal.reach("connections:read") == "own"
    assert principal.reach("settings:read") is None


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_bearer_in_any_case(scheme: str, tenant: Tenant, stage: Stage) -> None:
    token = await (await tenant.signed_in()).access_token()
    assert (await may("session:own")(asking(stage, f"{scheme} {token}"))).organization_id == tenant.id


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("",),
        ("{}",),
        ("Bearer",),
        ("Bearer ",),
        ("Basic {}",),
        ("Token {}",),
        ("Bearer{}",),
        ("Bearer\t{}",),
        ("Bearer  {}",),
        ("Bearer {}x",),
        ("Bearer {} x",),
        ("Bearer {}, Bearer {}",),
        ("Bearer {}", "Bearer {}"),
        ("Bearer {}", "Bearer x"),
        ("Bearer x", "Bearer {}"),
        ("Basic x", "Bearer {}"),
    ],
    ids=repr,
)
async def test_anything_else_than_one_bearer_token_is_nobody(
    headers: tuple[str, ...], tenant: Tenant, stage: Stage
) -> None:
    token = await (await tenant.signed_in()).access_token()
    with pytest.raises(NotAuthenticated) as caught:
        await may("session:own")(asking(stage, *(value.replace("{}", token) for value in headers)))
    # RFC 6750 section 3.1: a client must be able to tell a token that is void from one that it did not send.
    sent_one = len(headers) == 2 or headers[:1] == ("Bearer",) or "Bearer " in "".join(headers)
    assert caught.value.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"' if sent_one else "Bearer"}


@pytest.mark.parametrize(
    ("name", "permission", "passes"),
    [
        ("ada", "connections:read", True),
        ("ada", "organizations:read", True),
        ("ada", "organizations:manage", False),
        ("sam", "organizations:read", True),
        ("sam", "connections:read", False),
        ("mia", "session:own", True),
        ("mia", "organizations:read", False),
        ("mia", "tokens:introspect", False),
    ],
)
async def test_only_who_holds_the_permission_passes(
    name: str,
    permission: str,
    passes: bool,  # noqa: FBT001 -- pytest passes it
    tenant: Tenant,
    stage: Stage,
) -> None:
    browser = await tenant.signed_in(name)
    if passes:
        assert (await guarded(browser, stage, permission)).user_id == await tenant.user_id(name)
    else:
        with pytest.raises(NotPermitted):
            await guarded(browser, stage, permission)


@pytest.mark.parametrize("name", ["connections:delete", "", "connections"])
def test_a_permission_that_is_not_in_the_matrix_cannot_be_guarded_by(name: str) -> None:
    with pytest.raises(LookupError):
        may(name)


async def test_a_recent_sign_in_is_fifteen_minutes_old_at_most(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    session = (await guarded(browser, stage, "sso:configure", recent=True)).session_id
    (row,) = await stage.sql("select auth_time from sessions where id = $1", session)
    stage.clock.advance(seconds=(row["auth_time"] - stage.clock.now()).total_seconds() + 15 * 60 - 1)
    assert (await guarded(browser, stage, "sso:configure", recent=True)).session_id == session
    stage.clock.advance(seconds=1.5)
    with pytest.raises(ReauthenticationRequired):
        await guarded(browser, stage, "sso:configure", recent=True)
    assert (await guarded(browser, stage, "sso:configure")).session_id == session, "everything else goes on"
    await browser.sign_in(tenant.people["ada"], connection=tenant.connection_workos_id)
    assert (await guarded(browser, stage, "sso:configure", recent=True)).session_id != session


async def test_who_may_not_is_not_asked_to_sign_in_again(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in("sam")
    stage.clock.advance(minutes=16)
    with pytest.raises(NotPermitted):
        await guarded(browser, stage, "sso:configure", recent=True)


async def test_the_sessions_roles_count_and_not_the_tokens(tenant: Tenant, stage: Stage) -> None:
    """The token was minted before and says what it said; the right is gone, or there, at once."""
    ada, sam = await tenant.signed_in(), await tenant.signed_in("sam")
    lowered = asking(stage, f"Bearer {await ada.access_token()}")
    raised = asking(stage, f"Bearer {await sam.access_token()}")
    guard = may("connections:read")
    assert (await guard(lowered)).roles == ("ROLE_CLIENT_ADMIN",)
    with pytest.raises(NotPermitted):
        await guard(raised)

    await give_role(tenant, "ada", "ROLE_MEMBER")
    await give_role(tenant, "sam", "ROLE_CLIENT_ADMIN")
    with pytest.raises(NotPermitted):
        await guard(lowered)
    assert (await may("session:own")(lowered)).roles == ("ROLE_MEMBER",)
    assert (await guard(raised)).roles == ("ROLE_CLIENT_ADMIN",)


async def test_a_session_that_ended_is_nobodys(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    header = f"Bearer {await browser.access_token()}"
    principal = await authenticate(stage.assembly.runtime, header)
    async with stage.unit(tenant.id) as uow:
        assert len(await sessions.end(uow, [principal.session_id], "test")) == 1
    await stage.assembly.live.look()
    with pytest.raises(TokenInvalid):
        await authenticate(stage.assembly.runtime, header)


async def test_emergency_access_reaches_everywhere_and_belongs_to_no_tenant(stage: Stage) -> None:
    principal = await guarded(await stage.platform_admin(), stage, "organizations:manage", recent=True)
    assert principal.organization_id == principal.home_organization_id == UUID(int=0)
    assert principal.reach("connections:read") == "all"
    assert principal.reach("session:own") == "own"
