"""Discovery documents: whole, the provider's own, https, with the code flow; and what else should be known."""

from typing import Any

import pytest

from app.sso import discovery_document
from app.sso.findings import Fault
from tests.sso.provider import discovery

NAME = "discovery_url"
ISSUER = "https://idp.example"
URL = ISSUER + discovery_document.SUFFIX


def read(body: bytes, url: str = URL, *, local: bool = False) -> tuple[discovery_document.DiscoveryDocument, list[str]]:
    """Return a document and the codes of what is told of it."""
    found, advice = discovery_document.read(body, url=url, name=NAME, local=local)
    return found, [one.code for one in advice]


def test_what_is_needed_is_read() -> None:
    found, codes = read(discovery())
    assert (found.issuer, found.authorization_endpoint) == (ISSUER, f"{ISSUER}/authorize")
    assert (found.token_endpoint, found.jwks_uri) == (f"{ISSUER}/token", f"{ISSUER}/keys")
    assert (found.userinfo_endpoint, found.end_session_endpoint) == (f"{ISSUER}/userinfo", f"{ISSUER}/logout")
    assert codes == []


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        (f"{ISSUER}/", URL),
        (f"{ISSUER}/tenants/7/v2.0", f"{ISSUER}/tenants/7/v2.0{discovery_document.SUFFIX}"),
        (f"{ISSUER}/oauth2/default", f"{ISSUER}/oauth2/default{discovery_document.SUFFIX}"),
    ],
)
def test_the_issuer_says_where_the_document_stands(issuer: str, url: str) -> None:
    assert read(discovery(issuer), url)[0].issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "https://evil.example",
        "http://idp.example",
        f"{ISSUER}.evil.example",
        f"{ISSUER}/other",
        "https://login.example/{tenantid}/v2.0",
    ],
)
def test_a_document_of_another_issuer_is_refused(issuer: str) -> None:
    with pytest.raises(Fault, match="another issuer"):
        read(discovery(issuer))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"<html>", b"\xff", b"[" * 50_000], ids=ascii)
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(Fault, match="JSON"):
        read(body)


@pytest.mark.parametrize("field", ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("value", ["null", '""', "7", "[]", f'"{"x" * 3_000}"'])
def test_what_is_needed_must_be_there(field: str, value: str) -> None:
    # The last one of two counts.
    body = discovery().replace(b"}", f', "{field}": {value}}}'.encode())
    with pytest.raises(Fault, match=f"no `{field}`"):
        read(body)


@pytest.mark.parametrize("field", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "value",
    ["http://idp.example/x", "ftp://idp.example", "/x", "javascript:alert(1)", "https://", "https://[::1", "https://a@b/",
     "https://idp.example/#x", "https://idp.example/a b", "https://idp.example/\u00e4", "https://idp.example/\n"],
)  # fmt: skip
def test_endpoints_are_https(field: str, value: str) -> None:
    with pytest.raises(Fault, match="no https URL"):
        read(discovery(**{field: value}))


def test_a_development_machine_may_have_a_provider_of_its_own() -> None:
    here = "http://localhost:4100/idp/c"
    assert read(discovery(here), here + discovery_document.SUFFIX, local=True)[0].issuer == here
    with pytest.raises(Fault, match="no https URL"):
        read(discovery(here), here + discovery_document.SUFFIX)


@pytest.mark.parametrize(
    "changes",
    [
        {"response_types_supported": None},
        {"response_types_supported": []},
        {"response_types_supported": ["id_token", "code id_token"]},
        {"response_types_supported": "code"},
        {"grant_types_supported": ["implicit"]},
        {"grant_types_supported": []},
    ],
    ids=str,
)
def test_without_the_code_flow_nothing_works(changes: dict[str, Any]) -> None:
    with pytest.raises(Fault, match=r"code flow|no list"):
        read(discovery(**changes))


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, ["client_secret_not_supported"]),
        ({"token_endpoint_auth_methods_supported": None}, []),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, ["signature_algorithm"]),
        ({"end_session_endpoint": None}, ["no_sign_out"]),
        ({"grant_types_supported": ["authorization_code", 7]}, []),
    ],
    ids=str,
)
def test_what_should_be_known_is_told(changes: dict[str, Any], codes: list[str]) -> None:
    assert read(discovery(**changes))[1] == codes
