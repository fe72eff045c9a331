"""Configuring connections over the wire: what is asked, what is remembered, which answers are no answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.workos.asking import words_of
from app.workos.client import WorkOSClient
from app.workos.connection_calls import REMEMBERED
from app.workos.connection_records import ConfiguredConnection, OidcOptions, SamlOptions
from app.workos.errors import ConnectionsApiClosed, UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused
from app.workos.transport import open_http_client
from tests.logs import logged
from tests.workos.answers import a_connection_answer
from tests.workos.conftest import Connect
from tests.workos.upstream import Script, Upstream, answering, answering_json, http

OIDC = OidcOptions("https://idp.example/.well-known/openid-configuration", "client", "c4n4ry-secret")
SAML = SamlOptions(idp_entity_id="e", idp_sso_url="https://idp.example/sso", certificates=("pem",))
MADE = a_connection_answer(id="conn_1", organization_id="org_1")


async def create(client: WorkOSClient, **changes: Any) -> ConfiguredConnection:  # noqa: ANN401 -- the port's arguments
    values: dict[str, Any] = {"organization": "org_1", "options": OIDC, "name": "Acme", "external_id": "x-1"}
    return await client.create_connection(**{**values, **changes})


def sent(upstream: Upstream, number: int = 0) -> tuple[str, Any]:
    """Return a request's first line and body."""
    head, _, body = upstream.requests[number].partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode(), json.loads(body or b"null")


async def test_what_is_asked(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json(MADE, 201)
    client = connect()
    await create(client, type="OktaOIDC")
    await create(client, options=SAML)
    await create(client, options=SamlOptions(idp_metadata_url="https://idp.example/m"))
    await client.update_connection("conn_1", options=OIDC)
    await client.update_connection("conn_1", options=SamlOptions(idp_entity_id="e", idp_sso_url="u"))
    common = {"organization_id": "org_1", "name": "Acme", "external_id": "x-1"}
    oidc = {"discovery_endpoint": OIDC.discovery_url, "client_id": "client", "client_secret": "c4n4ry-secret"}
    manual = {"idp_entity_id": "e", "idp_sso_url": "https://idp.example/sso", "idp_signing_certs": ["pem"]}
    assert [sent(upstream, number) for number in range(5)] == [
        ("POST /connections HTTP/1.1", {**common, "connection_type": "OktaOIDC", "oidc_options": oidc}),
        ("POST /connections HTTP/1.1", {**common, "saml_options": manual}),
        ("POST /connections HTTP/1.1", {**common, "saml_options": {"idp_metadata_url": "https://idp.example/m"}}),
        ("PATCH /connections/conn_1 HTTP/1.1", {"oidc_options": oidc}),
        (
            "PATCH /connections/conn_1 HTTP/1.1",
            {"saml_options": {"idp_entity_id": "e", "idp_sso_url": "u", "idp_metadata_url": None}},
        ),
    ]


async def test_what_workos_tells_of_our_side_is_read(upstream: Upstream, connect: Connect) -> None:
    told = MADE | {
        "saml_options": {"sp_entity_id": "https://sp.example", "acs_url": "https://sp.example/acs"},
        "oidc_options": {"redirect_uri": "https://sp.example/callback"},
    }
    upstream.script = answering_json(told, 201)
    made = await create(connect())
    assert (made.sp_entity_id, made.sp_acs_url) == ("https://sp.example", "https://sp.example/acs")
    assert made.redirect_uri == "https://sp.example/callback"
    odds: tuple[Any, ...] = (None, [], "x", {"sp_entity_id": 7})
    for odd in odds:
        upstream.script = answering_json(MADE | {"saml_options": odd, "oidc_options": odd}, 201)
        assert (await create(connect())).sp_entity_id is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"object": "connection"},
        MADE | {"id": None},
        MADE | {"organization_id": "org_2"},
        MADE | {"organization_id": None},
        {"data": MADE},
    ],
    ids=str,
)
async def test_a_connection_of_somebody_else_is_none_of_ours(
    upstream: Upstream, connect: Connect, answer: dict[str, Any]
) -> None:
    upstream.script = answering_json(answer, 201)
    with pytest.raises(UpstreamInvalidResponse):
        await create(connect())
    if answer.get("id") != "conn_2":
        upstream.script = answering_json(MADE | {"id": "conn_2"})
        with pytest.raises(UpstreamInvalidResponse):
            await connect().update_connection("conn_1", options=OIDC)


@pytest.mark.parametrize(
    "answer",
    [{}, {"object": "list"}, {"object": "list", "data": None}, {"data": []}, {"object": "list", "data": [{"id": "x"}]}],
    ids=str,
)
async def test_no_certificates_are_told_by_a_list_only(
    upstream: Upstream, connect: Connect, answer: dict[str, Any]
) -> None:
    upstream.script = answering_json(answer)
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_connection_certificates("conn_1")


@pytest.mark.parametrize(
    ("status", "body"),
    [(403, b"{}"), (403, b'{"code":"feature_not_enabled"}'), (404, b'{"message":"Not Found"}'), (404, b"<html>")],
)
async def test_an_account_without_it_is_asked_once_an_hour(status: int, body: bytes, upstream: Upstream) -> None:
    from_now = 0.0
    client = _client(upstream, lambda: from_now)
    upstream.script = _answering(status, body)
    for number, passed in enumerate((0.0, 1.0, REMEMBERED - 1, REMEMBERED, REMEMBERED + 5, 2 * REMEMBERED + 5), 1):
        from_now = passed
        with pytest.raises(ConnectionsApiClosed):
            await create(client)
        assert len(upstream.requests) == (1, 1, 1, 2, 2, 3)[number - 1], passed
    with pytest.raises(ConnectionsApiClosed):
        await client.list_connection_certificates("conn_1")
    assert len(upstream.requests) == 3, "all of it is behind the same flag"
    await client.aclose()


async def test_an_object_that_is_not_there_closes_nothing(upstream: Upstream, connect: Connect) -> None:
    upstream.script = _answering(404, b'{"code":"entity_not_found","message":"..."}')
    client = connect()
    for _ in range(2):
        with pytest.raises(UpstreamNotFound):
            await create(client)
    assert len(upstream.requests) == 2


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"code": "incomplete_saml_options", "message": "x"}, ("incomplete_saml_options",)),
        (409, {"code": "connection_deletion_in_progress"}, ("connection_deletion_in_progress",)),
        (
            422,
            {"message": "x", "errors": [{"code": "invalid_idp_sso_url", "field": "y"}, 7, {"code": "<b>"}]},
            ("invalid_idp_sso_url",),
        ),
    ],
)
async def test_workoss_codes_are_told_and_its_words_are_not(
    status: int, body: dict[str, Any], words: tuple[str, ...], upstream: Upstream, connect: Connect
) -> None:
    upstream.script = _answering(status, json.dumps(body).encode())
    with pytest.raises(UpstreamRefused) as refused:
        await create(connect())
    assert words_of(refused.value) == words
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("status", [200, 400, 403, 404, 422, 500, 503])
async def test_the_secret_is_in_no_log_and_no_problem(status: int, upstream: Upstream, connect: Connect) -> None:
    body = json.dumps({"code": "client_secret_required", "message": OIDC.client_secret, "echo": OIDC.client_secret})
    upstream.script = _answering(status, body.encode())
    with logged("debug") as log, pytest.raises(Exception) as caught:  # noqa: PT011 -- whatever it is
        await create(connect())
    assert OIDC.client_secret not in log.text + str(caught.value) + repr(vars(caught.value))


def _answering(status: int, body: bytes) -> Script:
    return answering(http(status, body))


def _client(upstream: Upstream, monotonic: Callable[[], float]) -> WorkOSClient:
    return WorkOSClient(
        api_key="sk_test_x", client_id="c", base_url=upstream.url, http=open_http_client(), monotonic=monotonic
    )
