"""C11: who makes, rotates or revokes the credentials of a backend service has signed in within fifteen minutes."""

from tests.gateway import Browser, Stage

PATH = "/api/service-clients"
BODY = {"name": "billing", "scopes": ["tokens:introspect"]}


async def deeds(admin: Browser, client: str) -> list[tuple[int, str]]:
    """Return what each sensitive act is answered; the last one ends the client."""
    answers = [
        await admin.api("POST", PATH, json=BODY),
        await admin.api("POST", f"{PATH}/{client}/rotate"),
        await admin.api("DELETE", f"{PATH}/{client}"),
    ]
    return [(answer.status_code, answer.json()["code"] if answer.is_error else "") for answer in answers]


async def test_c11_an_old_sign_in_changes_no_credential(stage: Stage) -> None:
    admin = await stage.platform_admin()
    client = (await admin.api("POST", PATH, json=BODY)).json()["id"]
    stage.clock.advance(minutes=16)
    before = await stage.sql("select * from service_client_secrets order by id")
    assert await deeds(admin, client) == [(401, "reauthentication_required")] * 3
    assert await stage.sql("select * from service_client_secrets order by id") == before
    assert (await admin.api("GET", f"{PATH}/{client}")).status_code == 200, "looking is not sensitive"
    again = await stage.platform_admin()
    stage.clock.advance(minutes=14)
    assert await deeds(again, client) == [(201, ""), (200, ""), (204, "")]
