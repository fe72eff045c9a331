"""C8: session cookies are 256 random bits, and the database holds their hashes only."""

import hashlib
import re
from collections import Counter

from app.kit.ids import SystemIds
from app.organizations.policy import Policy
from app.sessions import service as sessions
from tests.builders import Tenant
from tests.gateway import Stage

SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
POLICY = Policy(
    jit_provisioning="always",
    default_role="ROLE_MEMBER",
    allow_foreign_domains=False,
    session_idle_seconds=900,
    session_absolute_seconds=900,
)


def test_c8_ten_thousand_have_no_duplicate_and_no_pattern() -> None:
    ids = SystemIds()
    tokens = [ids.token() for _ in range(10_000)]
    assert len(set(tokens)) == 10_000
    assert all(SHAPE.fullmatch(token) for token in tokens)
    for place in (0, 1, 21, 41):
        seen = Counter(token[place] for token in tokens)
        assert len(seen) == 64
        assert max(seen.values()) < 260, "156 of each are expected; 260 is eight deviations away"


async def test_c8_issued_sessions_are_stored_as_hashes(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    user = await tenant.user_id()
    cookies = {browser.session_cookie or ""}
    async with stage.unit(tenant.id) as uow:
        for _ in range(200):
            session, cookie = sessions.prepare(
                SystemIds(),
                uow.now,
                user,
                roles=("ROLE_MEMBER",),
                policy=POLICY,
                connection=tenant.connection_id,
                profile="prof_x",
            )
            await sessions.issue(uow, session)
            cookies.add(cookie)
    assert len(cookies) == 201
    assert all(SHAPE.fullmatch(cookie) for cookie in cookies)
    rows = await stage.sql("select secret_hash from sessions where organization_id = $1", tenant.id)
    assert {row["secret_hash"] for row in rows} == {hashlib.sha256(cookie.encode()).digest() for cookie in cookies}
    found = stage.browser()
    found.http.cookies.set("mp_session", sorted(cookies)[100])
    assert (await found.token()).status_code == 200
