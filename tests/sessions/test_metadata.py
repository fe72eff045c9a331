"""Metadata of the token issuer: RFC 8414, and true."""

from tests.asgi import ask
from tests.gateway import BASE, SERVICE, Stage

PATH = "/.well-known/oauth-authorization-server"


async def test_issuer_and_addresses_are_ours(stage: Stage) -> None:
    answer = await ask(stage.app, "GET", PATH)
    document = answer.json()
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert document["issuer"] == BASE, "exactly what tokens say (RFC 8414 section 3.3)"
    for name, value in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(f"{BASE}/"), name


async def test_required_members_and_no_empty_one(stage: Stage) -> None:
    document = (await ask(stage.app, "GET", PATH)).json()
    assert {"issuer", "token_endpoint", "jwks_uri", "response_types_supported"} <= set(document)  # section 2
    assert [name for name, value in document.items() if value == []] == [], "section 3.2: omitted, not empty"
    assert document["authorization_response_iss_parameter_supported"] is False  # RFC 9207: there is no such response


async def test_every_address_answers(stage: Stage, browser: object) -> None:
    del browser
    document = (await ask(stage.app, "GET", PATH)).json()
    paths = {name: value.removeprefix(BASE) for name, value in document.items() if name.endswith(("_endpoint", "_uri"))}
    assert (await ask(stage.app, "GET", paths["jwks_uri"])).status == 200
    assert (await ask(stage.app, "POST", paths["token_endpoint"], [("origin", BASE)])).status == 401
    client = stage.browser().http
    for name in ("introspection_endpoint", "revocation_endpoint"):
        assert (await client.post(paths[name], data={"token": "x"}, auth=SERVICE)).status_code == 200
        assert document[f"{name}_auth_methods_supported"] == ["client_secret_basic"]


async def test_algorithms_of_published_keys_are_announced(stage: Stage) -> None:
    document = (await ask(stage.app, "GET", PATH)).json()
    keys = (await ask(stage.app, "GET", "/.well-known/jwks.json")).json()["keys"]
    assert {key["alg"] for key in keys} <= set(document["access_token_signing_alg_values_supported"])


async def test_host_header_does_not_write_it(stage: Stage) -> None:
    for host in ("evil.example", "localhost:8000.evil.example", None):
        assert (await ask(stage.app, "GET", PATH, host=host)).status == 421
    for name in ("x-forwarded-host", "forwarded", "x-forwarded-proto"):
        assert (await ask(stage.app, "GET", PATH, [(name, "evil.example")])).json()["issuer"] == BASE
