"""A scripted upstream, clients that talk to it with shortened limits, and a certificate made on the spot."""

import ssl
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.workos.breaker import BreakerLimits
from app.workos.calls import Limits
from app.workos.client import WorkOSClient
from app.workos.transport import open_http_client
from tests.workos.answers import a_profile_answer
from tests.workos.upstream import Upstream, answering_json

API_KEY = "sk_test_never_to_be_seen_4242"
QUICK = Limits(
    answer=0.25, deadline=0.4, place_wait=0.1, retry_pause=0.01, page_answer=0.25, page_deadline=0.4, pace_wait=2.0
)
PATIENT = BreakerLimits(failures=1000, window=1000)

Connect = Callable[..., WorkOSClient]


@pytest.fixture
async def upstream() -> AsyncGenerator[Upstream]:
    """A listener that answers every request with a good token answer, until its script is replaced."""
    async with Upstream(answering_json(a_profile_answer())).listening() as opened:
        yield opened


@pytest.fixture
async def connect(upstream: Upstream) -> AsyncGenerator[Connect]:
    """Open a client of the upstream; it does not stop asking unless the test passes a breaker's limits."""
    opened: list[WorkOSClient] = []

    def connect(*, limits: Limits = QUICK, breaker: BreakerLimits = PATIENT, base_url: str = "") -> WorkOSClient:
        client = WorkOSClient(
            api_key=API_KEY,
            client_id="client_test",
            base_url=base_url or upstream.url,
            http=open_http_client(timeout=limits.answer),
            limits=limits,
            breaker=breaker,
        )
        opened.append(client)
        return client

    yield connect
    for client in opened:
        await client.aclose()


@pytest.fixture
def a_certificate(tmp_path: Path) -> Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]:
    """Make a self-signed certificate for a host; return a context that serves it and one that trusts it alone."""

    def make(host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        start = datetime(2020, 1, 1, tzinfo=UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, start, start.replace(year=2120))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = tmp_path / "server.pem"
        path.write_bytes(secret + pem)
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(path)
        return serving, ssl.create_default_context(cadata=pem.decode())

    return make
