"""Where the Admin Portal may lead back to: our own origins, over https, or http on this machine."""

import pytest

from app.portal.errors import PortalReturnNotAllowed
from app.portal.returning import require_ours

ORIGINS = {"https://app.memberpulse.example", "https://id.memberpulse.example:8443", "http://localhost:8000",
           "http://intranet.example", "http://[::1]:8000"}  # fmt: skip
OURS = [
    None,
    "https://app.memberpulse.example",
    "https://app.memberpulse.example/",
    "https://app.memberpulse.example/settings/sso?tab=1&x=%2F#done",
    "https://app.memberpulse.example:443/settings",
    "HTTPS://APP.memberpulse.example/Settings",
    "https://app.memberpulse.example?next=https://evil.example/@",
    "https://id.memberpulse.example:8443/x",
    "http://localhost:8000/settings",
]
NOT_OURS = [
    "",
    "/settings",
    "settings",
    "//app.memberpulse.example/",
    "https:/app.memberpulse.example/",
    "https:app.memberpulse.example",
    "https:///app.memberpulse.example",
    "https://evil.example/",
    "https://app.memberpulse.example.evil.example/",
    "https://evilapp.memberpulse.example/",
    "https://app.memberpulse.example@evil.example/",
    "https://user:" + "word@app.memberpulse.example/",
    "https://app.memberpulse.example:444/",
    "https://app.memberpulse.example:/",
    "https://app.memberpulse.example./",
    "https://app.memberpulse.example%2eevil.example/",
    "https://app.memberpulse.example\\@evil.example/",
    "https://evil.example\\app.memberpulse.example/",
    "https://app.memberpulse.example\t/",
    " https://app.memberpulse.example/",
    "https://app.memberpulse.example/ x",
    "https://app.memberpulse.example/\r\nx: y",
    "https://app.memberpulse.example/\x00",
    "https://app.m\u0435mberpulse.example/",
    "https://app.memberpulse.example/\u2028",
    "http://app.memberpulse.example/",
    "http://intranet.example/",
    "http://localhost:8001/",
    "http://localhost.evil.example:8000/",
    "https://[::1",
    "ftp://app.memberpulse.example/",
    "javascript:alert(1)//app.memberpulse.example",
    "data:text/html,https://app.memberpulse.example/",
]


@pytest.mark.parametrize("url", OURS)
def test_ours(url: str | None) -> None:
    require_ours("return_url", url, ORIGINS)


@pytest.mark.parametrize("url", NOT_OURS)
def test_not_ours(url: str) -> None:
    with pytest.raises(PortalReturnNotAllowed) as caught:
        require_ours("success_url", url, ORIGINS)
    assert caught.value.extra["errors"] == [
        {"field": "success_url", "message": "must be a URL on APP_URL, PUBLIC_URL or APP_ORIGINS"}
    ]
    assert "evil" not in str(caught.value)
