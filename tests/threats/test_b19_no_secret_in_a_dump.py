"""B19: a leaked database gives nobody a live session, token or credential."""

import base64

from app.sessions import service as sessions
from tests.builders import Tenant
from tests.gateway import SERVICE, Stage
from tests.sessions.stages import dump


async def test_b19_values_issued_over_http_are_not_in_a_dump(tenant: Tenant, stage: Stage) -> None:
    browser = stage.browser()
    started = await browser.start(connection=tenant.connection_workos_id, login_hint=tenant.people["ada"])
    state = started.headers["location"].partition("state=")[2].partition("&")[0]
    secrets = {"state": state, "login cookie": browser.http.cookies["mp_login"]}
    assert (await browser.visit(await browser.at_identity_provider(started))).status_code == 303
    secrets["session cookie"] = browser.session_cookie or ""
    secrets["access token"] = await browser.access_token()
    secrets["signature"] = secrets["access token"].rpartition(".")[2]
    async with stage.unit() as uow:
        secrets["unused admin link"] = await sessions.make_break_glass_token(uow)
    admin = await stage.platform_admin()
    secrets["administrator's cookie"] = admin.session_cookie or ""
    secrets["client secret"] = SERVICE[1]

    text = await dump(stage)
    assert tenant.people["ada"] in text, "the dump shows people"
    for name, secret in secrets.items():
        assert len(secret) > 20, name
        assert secret not in text, name
        assert secret.encode().hex() not in text, name
        assert _bytes_of(secret).hex() not in text, name


def _bytes_of(secret: str) -> bytes:
    last = secret.rpartition(".")[2]
    return base64.urlsafe_b64decode(last[: len(last) // 4 * 4])
