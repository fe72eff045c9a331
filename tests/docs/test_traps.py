"""Every trap that the page warns of is really there, in the versions we have; if one goes, its sentence goes too."""

import hashlib
import hmac
import json
import time
from typing import Any, cast

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jwt
from jose.exceptions import JOSEError

from app.kit import base64url
from tests.docs.key_server import KeyServer, Reply
from tests.docs.node import Driver
from tests.docs.tokens import claims, good
from tests.tokens.forge import AUDIENCE, ES256, ISSUER, RING, forge, header, segment

KEY = cast("dict[str, Any]", dict(ES256.public_jwk))


def by_jose(token: str, key: dict[str, Any] = KEY) -> dict[str, Any]:
    return jwt.decode(token, key, algorithms=["ES256", "RS256"], audience=AUDIENCE, issuer=ISSUER)


def test_python_jose_without_algorithms_takes_the_headers() -> None:
    secret = ES256.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    unsigned = f"{segment(header(alg='HS256'))}.{segment(claims(ISSUER))}"
    mac = base64url.encode(hmac.new(secret, unsigned.encode(), hashlib.sha256).digest())
    assert jwt.decode(f"{unsigned}.{mac}", cast("Any", secret), algorithms=None, audience=AUDIENCE)["iss"] == ISSUER


@pytest.mark.parametrize("name", ["exp", "aud"])
def test_python_jose_takes_a_token_without_the_claim(name: str) -> None:
    assert name not in by_jose(forge(claims(ISSUER, **{name: None})))


@pytest.mark.parametrize("changes", [{"crit": ["exp"]}, {"typ": "JWT"}, {"kid": "another-key"}])
def test_python_jose_ignores_the_header(changes: dict[str, Any]) -> None:
    assert by_jose(forge(claims(ISSUER), head=header(**changes)))["iss"] == ISSUER


def test_python_jose_stumbles_over_the_whole_set() -> None:
    keys = json.loads(RING.jwks_document)["keys"]
    mixed = {"keys": sorted(keys, key=lambda key: key["kty"] == "EC")}  # the RSA key first
    with pytest.raises(JOSEError):
        by_jose(good(ISSUER), mixed)


def test_python_jose_lets_other_exceptions_through() -> None:
    deep = f"{segment('[' * 100_000)}.e30.AAAA"
    with pytest.raises(RecursionError):
        by_jose(deep)


def test_pyjwt_takes_any_typ() -> None:
    token = forge(claims(ISSUER), head=header(typ="logout+jwt"))
    assert pyjwt.decode(token, pyjwt.PyJWK(KEY), algorithms=["ES256"], audience=AUDIENCE)["iss"] == ISSUER


def test_pyjwk_client_drops_its_keys_when_a_fetch_fails(server: KeyServer) -> None:
    client = pyjwt.PyJWKClient(server.url, lifespan=0.01)
    assert client.get_signing_key(ES256.kid)
    server.reply = Reply(503)
    time.sleep(0.02)
    with pytest.raises(pyjwt.PyJWKClientError):
        client.get_signing_key(ES256.kid)


def test_npm_joses_remote_set_drops_its_keys_when_a_fetch_fails(server: KeyServer, node_driver: Driver) -> None:
    assert node_driver.ask_remote_set(server.url, ES256.kid) == "found"
    server.reply = Reply(503)
    assert node_driver.ask_remote_set(server.url, ES256.kid) == "refused"
