"""Reading an address that a customer wrote: public https only, one look-up, the judged address, no redirect (F8)."""

import asyncio
import datetime as dt
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.kit.outside import Outside, OutsideFailed, OutsideRefused
from tests.workos.upstream import Upstream, answering, http

PUBLIC = "93.184.216.34"
PAGE = "https://idp.example/.well-known/openid-configuration"


def page(body: bytes = b"{}", **headers: str) -> httpx.Response:
    """Return an answer that is not read yet."""
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))


@dataclass(slots=True)
class World:
    """A resolver and a network that remember what they were asked."""

    addresses: Sequence[Sequence[str]] = ((PUBLIC,),)
    answer: httpx.Response = field(default_factory=page)
    unreachable: tuple[str, ...] = ()
    looked_up: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    asked: list[httpx.Request] = field(default_factory=list[httpx.Request])

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append((host, port))
        found = self.addresses[min(len(self.looked_up), len(self.addresses)) - 1]
        if not found:
            raise OSError("no such host")
        return found

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.host in self.unreachable:
            raise httpx.ConnectError("unreachable")
        return self.answer

    def outside(self, *local: str, seconds: float = 5.0) -> Outside:
        return Outside(
            resolve=self.resolve, local=local, seconds=seconds, transport=lambda: httpx.MockTransport(self.handle)
        )


async def test_the_judged_address_is_asked_in_the_name_of_the_host() -> None:
    world = World(answer=page(b"hello"))
    assert await world.outside().read(PAGE, limit=5) == b"hello"
    (request,) = world.asked
    assert str(request.url) == f"https://{PUBLIC}/.well-known/openid-configuration"
    assert (request.headers["host"], request.extensions["sni_hostname"]) == ("idp.example", "idp.example")
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


async def test_a_name_that_answers_otherwise_the_second_time_leads_nowhere() -> None:
    world = World(addresses=((PUBLIC,), ("127.0.0.1",)))
    await world.outside().read(PAGE, limit=100)
    assert world.looked_up == [("idp.example", 443)]
    assert world.asked[0].url.host == PUBLIC


async def test_names_that_are_served_slowly_keep_nobody_waiting_who_looks_up_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def served_slowly(host: str, *_asked: object, **_more: object) -> list[object]:
        if host == "idp.example":
            answered.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", served_slowly)
    try:
        reads = [Outside(seconds=0.2).read(PAGE, limit=1) for _ in range(64)]
        for failed in await asyncio.gather(*reads, return_exceptions=True):
            assert isinstance(failed, OutsideFailed)
        async with asyncio.timeout(2):
            await asyncio.get_running_loop().getaddrinfo("api.workos.com", 443)
    finally:
        answered.set()


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",), ("::1",), ("169.254.169.254",), ("10.1.2.3",), ("::ffff:127.0.0.1",), ("fd00::1",),
        (PUBLIC, "127.0.0.1"), ("192.168.0.1", PUBLIC), (),
    ],
    ids=str,
)  # fmt: skip
async def test_a_name_that_leads_inside_is_asked_nothing(addresses: tuple[str, ...]) -> None:
    world = World(addresses=(addresses,))
    with pytest.raises(OutsideRefused, match="public internet") as refused:
        await world.outside().read(PAGE, limit=100)
    assert not isinstance(refused.value, OutsideFailed)
    assert world.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example/x", "ftp://idp.example/x", "file:///etc/passwd", "gopher://idp.example", "//idp.example",
        "https://", "https:///x", "https://localhost/x", "https://localhost./x", "https://intranet/x",
        "https://127.0.0.1/x", "https://127.1/x", "https://0x7f.1/x", "https://2130706433/x", "https://0x7f000001/x",
        "https://017700000001/", "https://169.254.169.254/latest/meta-data", "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x", "https://user@idp.example/", "https://idp.example@127.0.0.1/",
        "https://idp.example\\@127.0.0.1/", "https://idp.example#@127.0.0.1/", "https://idp.example:22/x",
        "https://idp.example:80/", "https://idp.example:0/", "https://idp.example:99999/", "https://idp.example:/x",
        "https://idp .example/", "https://idp.example/a b", "https://idp.example/\r\nHost: x", "https://idp..example/",
        "https://-idp.example/", "https://b\u00fccher.example/", "https://idp\u3002example/", "https://idp.example/#x",
        " https://idp.example/", "https://idp.example/" + "x" * 2_048, "HTTPS://idp.example/", "javascript:alert(1)",
        "https://1.2.3/", "https://8.8.8.8/",
    ],
)  # fmt: skip
async def test_what_is_no_public_https_address_is_not_even_looked_up(url: str) -> None:
    world = World()
    with pytest.raises(OutsideRefused) as refused:
        await world.outside().read(url, limit=100)
    assert not isinstance(refused.value, OutsideFailed)
    assert (world.looked_up, world.asked) == ([], [])


async def test_another_port_for_https_is_one_that_providers_use() -> None:
    world = World()
    await world.outside().read("https://Idp.Example:8443/a?b=c", limit=100)
    assert str(world.asked[0].url) == f"https://{PUBLIC}:8443/a?b=c"
    assert world.asked[0].headers["host"] == "idp.example:8443"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304])
async def test_a_redirect_is_not_followed(status: int) -> None:
    world = World(answer=httpx.Response(status, headers={"Location": "https://127.0.0.1/"}))
    with pytest.raises(OutsideFailed, match="redirect"):
        await world.outside().read(PAGE, limit=100)
    assert len(world.asked) == 1


@pytest.mark.parametrize("status", [201, 204, 400, 401, 404, 500, 503])
async def test_what_is_no_page_is_none(status: int) -> None:
    with pytest.raises(OutsideFailed, match=str(status)):
        await World(answer=httpx.Response(status, content=b"{}")).outside().read(PAGE, limit=100)


async def test_a_page_is_no_longer_than_is_wanted() -> None:
    endless = httpx.Response(200, content=_forever())
    for answer in (page(b"x" * 101), endless):
        with pytest.raises(OutsideFailed, match="more than"):
            await World(answer=answer).outside().read(PAGE, limit=100)


async def _forever() -> AsyncGenerator[bytes]:
    while True:
        yield b"x"
        await asyncio.sleep(0)


async def test_a_packed_page_is_not_unpacked() -> None:
    packed = page(b"\x1f\x8b", **{"Content-Encoding": "gzip"})
    with pytest.raises(OutsideFailed, match="compressed"):
        await World(answer=packed).outside().read(PAGE, limit=100)


async def test_the_next_address_is_tried_where_one_cannot_be_reached() -> None:
    six = "2606:2800:220:1:248:1893:25c8:1946"
    world = World(addresses=((six, PUBLIC),), unreachable=(six,))
    assert await world.outside().read(PAGE, limit=100) == b"{}"
    assert [request.url.host for request in world.asked] == [six, PUBLIC]
    with pytest.raises(OutsideFailed, match="could not be reached"):
        await World(unreachable=(PUBLIC,)).outside().read(PAGE, limit=100)


async def test_all_of_it_takes_no_longer_than_it_may() -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return ()

    with pytest.raises(OutsideFailed, match="in time"):
        await Outside(resolve=never, seconds=0.05).read(PAGE, limit=100)

    async def silent(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    slow = Outside(resolve=World().resolve, seconds=0.05, transport=lambda: httpx.MockTransport(silent))
    with pytest.raises(OutsideFailed, match="in time"):
        await slow.read(PAGE, limit=100)


async def test_for_development_one_origin_of_this_machine_is_let_in_and_no_other() -> None:
    world = World(addresses=(("127.0.0.1",),))
    outside = world.outside("http://localhost:4100")
    assert await outside.read("http://localhost:4100/idp/x", limit=100) == b"{}"
    assert str(world.asked[0].url) == "http://127.0.0.1:4100/idp/x"
    assert outside.is_local("http://localhost:4100/y")
    for other in ("http://localhost:4101/", "https://localhost:4100/", "http://127.0.0.1:4100/", "http://localhost/"):
        assert not outside.is_local(other)
        with pytest.raises(OutsideRefused):
            await outside.read(other, limit=100)
    assert len(world.asked) == 1
    moved = World(addresses=((PUBLIC,),))
    with pytest.raises(OutsideRefused):
        await moved.outside("http://localhost:4100").read("http://localhost:4100/", limit=100)


@asynccontextmanager
async def _over_tls(folder: Path, name: str) -> AsyncGenerator[tuple[Upstream, ssl.SSLContext]]:
    """Yield a listener that proves to be `name`, and what trusts its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 -- OpenSSL compares with the machine's clock
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - dt.timedelta(days=1))
    built = built.not_valid_after(now + dt.timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    signed = built.sign(key, hashes.SHA256())
    chain, secret = folder / f"{name}.crt", folder / f"{name}.key"
    chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain, secret)
    async with Upstream(answering(http(200, b"{}"))).listening(serving) as upstream:
        yield upstream, ssl.create_default_context(cafile=str(chain))


@pytest.mark.parametrize("name", ["idp.example", "other.example"])
async def test_tls_proves_the_name_and_not_the_address(name: str, tmp_path: Path) -> None:
    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with _over_tls(tmp_path, "idp.example") as (upstream, trust):
        port = upstream.host.rpartition(":")[2]
        outside = Outside(
            resolve=here,
            local=[f"https://{name}:{port}"],
            transport=lambda: httpx.AsyncHTTPTransport(verify=trust, trust_env=False),
        )
        if name == "idp.example":
            assert await outside.read(f"https://{name}:{port}/x", limit=100) == b"{}"
            assert f"host: {name}:{port}".encode() in upstream.requests[0].lower()
        else:
            with pytest.raises(OutsideFailed, match="could not be reached"):
                await outside.read(f"https://{name}:{port}/x", limit=100)
            assert upstream.requests == []


async def test_f8_a_listener_of_this_machine_hears_nothing() -> None:
    async with Upstream(answering(http(200, b"{}"))).listening() as upstream:
        port = int(upstream.host.rpartition(":")[2])

        async def here(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        outside = Outside(resolve=here, ports={port})
        for host in ("idp.example", "localhost", "127.0.0.1", "[::1]"):
            with pytest.raises(OutsideRefused):
                await outside.read(f"https://{host}:{port}/x", limit=100)
        assert upstream.connections == 0
