"""Exchange: parameters, headers, cookies, the caller's address and the body, each read in one way only."""

import ipaddress
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from app.http.exchange import MAX_BODY, ClientGone, Exchange, set_cookie, single_fields
from app.problems import BadRequest, TooLarge, UnsupportedBody

GONE = {"type": "http.disconnect"}
Headers = Sequence[tuple[str, str]]


class Sent:
    """A client's messages, handed over one by one; counts how many were taken."""

    def __init__(self, *messages: MutableMapping[str, Any]) -> None:
        self._messages = list(messages)
        self.taken = 0

    async def __call__(self) -> MutableMapping[str, Any]:
        self.taken += 1
        return self._messages[self.taken - 1]


def pieces(*parts: bytes) -> Sent:
    """Return a body in these pieces."""
    return Sent(
        *(
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts, start=1)
        )
    )


def an_exchange(
    headers: Headers = (),
    *,
    peer: str | None = "203.0.113.7",
    trusted: Sequence[str] = (),
    query: bytes = b"",
    receive: Sent | None = None,
) -> Exchange:
    scope = {
        "path": "/x",
        "query_string": query,
        "client": None if peer is None else (peer, 4711),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }
    networks = tuple(ipaddress.ip_network(part, strict=False) for part in trusted)
    return Exchange(scope, receive or pieces(b""), "request-1", networks)


@pytest.mark.parametrize(
    ("encoded", "fields"),
    [
        (b"", {}),
        (b"&&", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=", {"a": ""}),
        (b"a", {"a": ""}),
        (b"a=1=2", {"a": "1=2"}),
        (b"a=x+y%2Bz%26", {"a": "x y+z&"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=%C3%A9&%C3%A9=b", {"a": "\u00e9", "\u00e9": "b"}),
        (b"a=%zz%", {"a": "%zz%"}),
        (b"a=1&A=2", {"a": "1", "A": "2"}),
        (b"&".join(b"f%d=1" % number for number in range(64)), {f"f{number}": "1" for number in range(64)}),
    ],
)
def test_fields_are_read_once(encoded: bytes, fields: dict[str, str]) -> None:
    assert single_fields(encoded) == fields
    assert an_exchange(query=encoded).query() == fields


@pytest.mark.parametrize(
    "encoded",
    [
        b"a=1&a=1",
        b"a=1&b=2&%61=3",
        b"a&a",
        b"a=%ff",
        b"a=%C3",
        b"%ff=a",
        b"a=\xc3\xa9",
        b"a=%00",
        b"a=x%00y",
        b"&".join(b"f%d=1" % number for number in range(65)),
        b"&" * 65,
    ],
)
def test_fields_that_two_might_read_differently_are_refused(encoded: bytes) -> None:
    with pytest.raises(BadRequest):
        single_fields(encoded)


def test_a_header_has_one_value_or_none() -> None:
    exchange = an_exchange([("accept", "a"), ("origin", "\u00e9"), ("origin", "\u00e9"), ("x-empty", "")])
    assert exchange.header(b"accept") == "a"
    assert exchange.header(b"x-empty") == ""
    assert exchange.header(b"host") is None
    with pytest.raises(BadRequest, match="origin"):
        exchange.header(b"origin")


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ([], []),
        ([""], []),
        (["mp=1"], ["1"]),
        (["a=0; mp=1; b=2"], ["1"]),
        (["a=0;mp=1;b=2"], ["1"]),
        (["a=0", "mp=1"], ["1"]),
        (["mp=1; mp=2"], ["1", "2"]),
        (["mp=1", "mp=2"], ["1", "2"]),
        (["mp=1; mp=1"], ["1", "1"]),
        (["mp="], [""]),
        (["mp"], [""]),
        (["mp=a=b"], ["a=b"]),
        (['mp="1"'], ['"1"']),
        (["xmp=1; mpx=2; MP=3; __Host-mp=4"], []),
        (["=mp=1"], []),
    ],
)
def test_every_cookie_of_the_name_is_seen(lines: list[str], values: list[str]) -> None:
    assert an_exchange([("cookie", line) for line in lines]).cookies("mp") == values


PROXIES = ("10.0.0.0/8", "2001:db8::/32")
FORWARDED = "x-forwarded-for"


@pytest.mark.parametrize(
    ("peer", "lines", "trusted", "address"),
    [
        ("203.0.113.7", [], PROXIES, "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.9"], (), "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.9"], PROXIES, "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.9"], (), "10.0.0.1"),
        ("10.0.0.1", [], PROXIES, "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.9"], PROXIES, "198.51.100.9"),
        ("10.0.0.1", ["198.51.100.9"], ("10.0.0.2/32",), "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.9"], PROXIES, "198.51.100.9"),
        ("10.0.0.1", ["1.1.1.1,198.51.100.9 , 10.0.0.2"], PROXIES, "198.51.100.9"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.9", "10.0.0.2"], PROXIES, "198.51.100.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], PROXIES, "10.0.0.3"),
        ("10.0.0.1", ["10.9.9.9, unknown, 10.0.0.2"], PROXIES, "10.0.0.2"),
        ("10.0.0.1", [""], PROXIES, "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7:4711"], PROXIES, "198.51.100.7"),
        ("10.0.0.1", ["[2001:db8::7]:443"], PROXIES, "2001:db8::7"),
        ("2001:db8::1", ["2001:db9::5"], PROXIES, "2001:db9::5"),
        ("2001:db9::1", ["2001:db9::5"], PROXIES, "2001:db9::1"),
        ("::ffff:10.0.0.1", ["198.51.100.9"], PROXIES, "198.51.100.9"),
        ("::ffff:203.0.113.7", ["198.51.100.9"], PROXIES, "::ffff:203.0.113.7"),
        ("a-socket", ["198.51.100.9"], PROXIES, "a-socket"),
        (None, ["198.51.100.9"], PROXIES, None),
    ],
)
def test_the_address_is_the_last_one_that_our_own_proxies_saw(
    peer: str | None, lines: list[str], trusted: Sequence[str], address: str | None
) -> None:
    exchange = an_exchange([(FORWARDED, line) for line in lines], peer=peer, trusted=trusted)
    assert exchange.client_ip == address
    assert exchange.client_ip == address, "and stays so"


async def test_a_body_is_the_sum_of_its_pieces() -> None:
    exchange = an_exchange([("content-encoding", "identity")], receive=pieces(b"a", b"", b"bc"))
    assert await exchange.body() == b"abc"


@pytest.mark.parametrize("parts", [[b"x" * 10], [b"x" * 4] * 2 + [b"xx"], [b"x"] * 10])
async def test_a_body_of_exactly_the_limit_is_taken(parts: list[bytes]) -> None:
    assert await an_exchange(receive=pieces(*parts)).body(10) == b"x" * 10


async def test_a_body_is_counted_while_it_arrives() -> None:
    receive = pieces(*[b"x" * 4] * 100)
    with pytest.raises(TooLarge):
        await an_exchange(receive=receive).body(10)
    assert receive.taken == 3, "the rest is not waited for"


@pytest.mark.parametrize("declared", ["11", "9" * 30])
async def test_a_body_that_declares_too_much_is_not_read(declared: str) -> None:
    receive = pieces(b"x")
    with pytest.raises(TooLarge):
        await an_exchange([("content-length", declared)], receive=receive).body(10)
    assert receive.taken == 0


@pytest.mark.parametrize("declared", ["0", "10", "-1", "abc", ""])
async def test_what_a_body_declares_is_not_believed(declared: str) -> None:
    exchange = an_exchange([("content-length", declared)], receive=pieces(b"x" * 11))
    with pytest.raises(TooLarge):
        await exchange.body(10)


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "identity, gzip"])
async def test_a_compressed_body_is_not_read(encoding: str) -> None:
    receive = pieces(b"x")
    with pytest.raises(UnsupportedBody):
        await an_exchange([("content-encoding", encoding)], receive=receive).body()
    assert receive.taken == 0


async def test_a_client_that_leaves_is_gone() -> None:
    half: MutableMapping[str, Any] = {"type": "http.request", "body": b"x", "more_body": True}
    for receive in (Sent(GONE), Sent(half, GONE)):
        with pytest.raises(ClientGone):
            await an_exchange(receive=receive).body()


async def test_a_quarter_megabyte_is_the_limit_where_nobody_says_another() -> None:
    assert len(await an_exchange(receive=pieces(b"x" * MAX_BODY)).body()) == 256 * 1024
    with pytest.raises(TooLarge):
        await an_exchange(receive=pieces(b"x" * MAX_BODY, b"x")).body()


@pytest.mark.parametrize(
    ("secure", "max_age", "line"),
    [
        (True, None, b"n=v; Path=/; HttpOnly; SameSite=Lax; Secure"),
        (True, 600, b"n=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600"),
        (False, None, b"n=v; Path=/; HttpOnly; SameSite=Lax"),
        (False, 0, b"n=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
    ],
)
def test_a_cookie_is_for_this_host_and_no_script(secure: bool, max_age: int | None, line: bytes) -> None:  # noqa: FBT001 -- pytest passes it
    assert set_cookie("n", "v", secure=secure, max_age=max_age) == (b"set-cookie", line)
