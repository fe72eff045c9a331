"""A redirect is never followed: the request carries the API key (threats.md A18)."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from app.workos.client import WorkOSClient
from app.workos.errors import UpstreamInvalidResponse
from tests.workos.answers import a_connection_answer, a_profile_answer
from tests.workos.conftest import Connect
from tests.workos.upstream import Upstream, answering, answering_json, http

STATUSES = [300, 301, 302, 303, 304, 305, 307, 308]


@pytest.fixture
async def elsewhere() -> AsyncGenerator[Upstream]:
    """A second listener, to which the redirects point; it would answer well."""
    async with Upstream(answering_json({**a_profile_answer(), **a_connection_answer()})).listening() as opened:
        yield opened


@pytest.mark.parametrize("status", STATUSES)
async def test_a_sign_in_does_not_follow(
    upstream: Upstream, elsewhere: Upstream, connect: Connect, status: int
) -> None:
    upstream.script = answering(http(status, b"", f"location: {elsewhere.url}/sso/token"))
    with pytest.raises(UpstreamInvalidResponse):
        await connect().exchange_code(code="c", code_verifier="v")
    assert (len(upstream.requests), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize("status", STATUSES)
async def test_a_read_does_not_follow(upstream: Upstream, elsewhere: Upstream, connect: Connect, status: int) -> None:
    upstream.script = answering(http(status, b"", f"location: {elsewhere.url}/connections/conn_1"))
    with pytest.raises(UpstreamInvalidResponse):
        await connect().get_connection("conn_1")
    assert (len(upstream.requests), elsewhere.connections) == (1, 0)


async def test_not_even_with_a_client_that_would(upstream: Upstream, elsewhere: Upstream) -> None:
    upstream.script = answering(http(307, b"", f"location: {elsewhere.url}/sso/token"))
    http_client = httpx.AsyncClient(follow_redirects=True)
    source = WorkOSClient(api_key="sk_test_1", client_id="c", base_url=upstream.url, http=http_client)
    with pytest.raises(UpstreamInvalidResponse):
        await source.exchange_code(code="c", code_verifier="v")
    await source.aclose()
    assert elsewhere.connections == 0
