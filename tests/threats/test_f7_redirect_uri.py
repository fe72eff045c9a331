"""F7: a redirect URI is https on a host of ours, exactly; sign-ins and their cookies follow it."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.config import Config
from app.settings.errors import RedirectUriNotAllowed
from app.settings.judging import require_redirect_uri
from tests.builders import a_tenant
from tests.settings.bench import CALLBACK, OLD_KEY, Bench

OURS = "https://auth.memberpulse.example/auth/callback/workos"
APP = "https://app.memberpulse.example/auth/callback/workos"
CONFIG = Config(
    environment="test", public_url="https://auth.memberpulse.example", app_url="https://app.memberpulse.example"
)
FOREIGN = [
    "http://auth.memberpulse.example/auth/callback/workos",
    "https://evil.example/auth/callback/workos",
    "https://auth.memberpulse.example.evil.example/auth/callback/workos",
    "https://evil.auth.memberpulse.example/auth/callback/workos",
    "https://auth.memberpulse.example:8443/auth/callback/workos",
    "https://somebody@auth.memberpulse.example/auth/callback/workos",
    "https://auth.memberpulse.example:" + "x@evil.example/auth/callback/workos",
    "https://auth.memberpulse.example@evil.example/auth/callback/workos",
    "https://evil.example#@auth.memberpulse.example/auth/callback/workos",
    "https://auth.memberpulse.example/auth/callback/workos#x",
    "https://auth.memberpulse.example/auth/callback/workos?x=1",
    "https://auth.memberpulse.example/auth/callback/workos/",
    "https://auth.memberpulse.example/auth/callback/workos/../x",
    "https://auth.memberpulse.example/elsewhere",
    "https://auth.memberpulse.example",
    "https://*.memberpulse.example/auth/callback/workos",
    "https://auth.memberpulse.example/*",
    "https://auth.memberpulse.example\\@evil.example/auth/callback/workos",
    "https:auth.memberpulse.example/auth/callback/workos",
    "//auth.memberpulse.example/auth/callback/workos",
    "https://auth.memberpulse.example/auth/callback/workos\r\nx: y",
    " https://auth.memberpulse.example/auth/callback/workos",
    "https://auth.memberpulse.exampl\u0435/auth/callback/workos",
    "javascript:alert(1)",
    "http://localhost:8000/auth/callback/workos",
    "http://localhost.evil.example/auth/callback/workos",
    "https://[::1]/auth/callback/workos",
    "https://[",
    "",
]


@pytest.mark.parametrize("address", FOREIGN)
def test_f7_another_address_is_refused(address: str) -> None:
    with pytest.raises(RedirectUriNotAllowed):
        require_redirect_uri(address, CONFIG)


@pytest.mark.parametrize("address", [OURS, APP])
def test_f7_ours_are_taken(address: str) -> None:
    assert require_redirect_uri(address, CONFIG) == address


def test_f7_plain_http_is_for_this_machine_and_never_for_production() -> None:
    local = Config(environment="development", public_url="http://localhost:8000")
    assert require_redirect_uri(CALLBACK, local) == CALLBACK
    with pytest.raises(RedirectUriNotAllowed):
        require_redirect_uri(CALLBACK, local.model_copy(update={"environment": "production"}))
    other = Config(environment="development", public_url="http://gateway.internal:8000")
    with pytest.raises(RedirectUriNotAllowed):
        require_redirect_uri("http://gateway.internal:8000/auth/callback/workos", other)


async def test_f7_over_http_it_is_422_and_nothing_is_asked_or_saved(bench: Bench) -> None:
    for address in [one for one in FOREIGN if one and one != CALLBACK]:
        answer = await bench.patch(redirect_uri=address, api_key=OLD_KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "redirect_uri_not_allowed"), address
        assert answer.json()["errors"][0]["field"] == "redirect_uri"
    assert (await bench.patch(redirect_uri="", api_key=OLD_KEY)).status_code == 422
    assert (await bench.read())["version"] == 0
    assert bench.twin.hits() == []


async def test_f7_sign_ins_and_their_cookies_follow_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of ours that is not the first one: `app.localhost` is told to the edge as APP_URL's would be."""
    home = "http://app.localhost:8000"
    monkeypatch.setattr(type(bench.stage.config), "redirect_origins", frozenset({"http://localhost:8000", home}))
    monkeypatch.setattr(bench.stage.app, "_hosts", bench.stage.app._hosts | {b"app.localhost:8000"})  # pyright: ignore[reportPrivateUsage]
    address = f"{home}/auth/callback/workos"
    bench.twin.world.credentials.redirect_uris.append(address)
    tenant = await a_tenant(bench.stage)
    before, old_callback = await tenant.at_callback()
    assert (await bench.patch(redirect_uri=address, api_key=OLD_KEY)).status_code == 200
    moved = await bench.stage.browser().start(connection=tenant.connection_workos_id)
    assert (moved.status_code, urlsplit(moved.headers["location"]).netloc) == (302, "app.localhost:8000")
    browser = bench.stage.browser(home)
    started = await browser.start(connection=tenant.connection_workos_id, login_hint=tenant.people["ada"])
    assert parse_qs(urlsplit(started.headers["location"]).query)["redirect_uri"] == [address]
    assert (await browser.visit(await browser.at_identity_provider(started))).status_code == 303
    assert browser.session_cookie
    assert (await before.visit(old_callback)).status_code == 303, "what had begun before comes back to the old address"
