"""Where a sign-in may return to, as a table (threats.md A14)."""

import pytest

from app.sso.errors import ReturnAddressRefused
from app.sso.return_to import resolve

APP = "https://app.example"
LANDING = "https://login.example/auth/signed-in"
ORIGINS = frozenset({"https://app.example", "https://login.example", "https://admin.example:8443"})


def resolved(value: str | None) -> str:
    return resolve(value, app=APP, landing=LANDING, origins=ORIGINS)


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_asked_for_is_the_landing(value: str | None) -> None:
    assert resolved(value) == LANDING


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("/", "https://app.example/"),
        ("/members?tab=1&sort=-name#top", "https://app.example/members?tab=1&sort=-name#top"),
        ("/a%20b/%C3%A9", "https://app.example/a%20b/%C3%A9"),
        ("/search?next=//elsewhere.example", "https://app.example/search?next=//elsewhere.example"),
        ("/a/../b", "https://app.example/a/../b"),
        ("/%zz/%", "https://app.example/%zz/%"),
        ("https://app.example", "https://app.example"),
        ("https://APP.example/x", "https://APP.example/x"),
        ("https://admin.example:8443/x", "https://admin.example:8443/x"),
    ],
)
def test_paths_and_our_own_origins(value: str, address: str) -> None:
    assert resolved(value) == address


@pytest.mark.parametrize(
    "value",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/%2fevil.example",
        "/%2Fevil.example",
        "/%252fevil.example",
        "/%5cevil.example",
        "/%255cevil.example",
        "/%09/evil.example",
        "/%0d%0aset-cookie:a=b",
        "/\r\nset-cookie: a=b",
        "/\t/evil.example",
        " /members",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://evil.example",
        "https://evil.example/https://app.example",
        "https://app.example@evil.example",
        "https://app.example:x@evil.example/",
        "https://app.example.evil.example",
        "https://app.example\\@evil.example",
        "https://app.example:443.evil.example",
        "https://app.example%2eevil.example",
        "http://app.example/",
        "https://admin.example/",
        "//app.example/",
        "javascript:alert(1)",
        "JaVaScRiPt://app.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://app.example/x",
        "members",
        "?next=1",
        "#top",
        "/caf\u00e9",
        "https://\uff41pp.example",
        "http://[",
        "https://[evil",
        "https://[a]/",
        "https://app.example]/",
        "/" + "a" * 2048,
    ],
)
def test_everything_else_is_refused(value: str) -> None:
    with pytest.raises(ReturnAddressRefused):
        resolved(value)


def test_the_longest_path_still_fits_as_a_url() -> None:
    """A sign-in that failed is started again by a link that carries the whole URL."""
    path = "/" + "a" * 2047
    assert resolved(resolved(path)) == f"{APP}{path}"
    with pytest.raises(ReturnAddressRefused):
        resolved(f"{APP}{path}b")
