"""F16: whatever a caller sends, a log line stays one line of JSON, and audit keeps it as it was."""

from tests.builders import Tenant
from tests.gateway import Stage
from tests.logs import logged

FORGED = '\n{"event": "sso.login.completed", "user": "root"}\r\n\x1b[31mred\x1b[0m\x00\u2028\u202e'
HEADERS = {
    b"user-agent": FORGED.encode(),
    b"x-forwarded-for": FORGED.encode(),
    b"x-request-id": FORGED.encode(),
    b"referer": FORGED.encode(),
}


async def test_f16_a_forged_line_is_part_of_a_line(stage: Stage) -> None:
    browser = stage.browser()
    with logged("debug") as log:
        # A socket's parser would refuse these headers; nothing behind it may rely on that.
        await browser.http.get("/api/organizations", headers=HEADERS)
        await browser.http.get("/nowhere/%0A%7B%22event%22%3A1%7D%1B%5B31m%E2%80%A8", headers=HEADERS)
        await browser.http.get("/auth/sso", params={"organization": FORGED.replace("\x00", "")}, headers=HEADERS)
        await browser.http.post("/auth/discover", content=FORGED.encode(), headers={"content-type": "application/json"})
        await browser.http.get("/auth/callback/workos", params={"error": "a\nb\x1b[31m", "state": "x" * 43})
    assert len(log.lines) >= 8  # each parses: `lines` would have raised
    assert "\x1b" not in log.text
    assert "\u2028" not in log.text
    assert not log.of("sso.login.completed")
    assert {line["event"].partition(".")[0] for line in log.lines} <= {"http", "sso"}


async def test_f16_audit_keeps_a_strange_browser_as_it_was(stage: Stage, tenant: Tenant) -> None:
    browser = stage.browser(headers={"User-Agent": "\x1b[31m\nX" + "y" * 2000})
    with logged() as log:
        answer = await browser.sign_in(tenant.people["ada"], connection=tenant.connection_workos_id)
    assert answer.status_code == 303
    assert "\x1b" not in log.text
    (row,) = await stage.sql(
        "select user_agent from audit_events where organization_id = $1 and action = 'sso.login.completed'", tenant.id
    )
    assert row["user_agent"].startswith("\x1b[31m\nX")
    assert len(row["user_agent"]) == 512
