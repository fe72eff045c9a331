"""Which addresses are of the public internet, and in which disguises others come."""

import pytest

from app.kit.addresses import is_loopback, is_public

PUBLIC = ("93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001:81b::200e")
NOT_PUBLIC = (
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.1", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "2002:7f00:1::",
    "2002:a9fe:a9fe::", "2001:0:53aa:64c:0:7f:80ff:fffe", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:10::1", "2001:2::1",
    "", "localhost", "example.com", "127.1", "2130706433", "0x7f000001", "127.0.0.1.", " 8.8.8.8", "8.8.8.8/32",
)  # fmt: skip


@pytest.mark.parametrize("address", [*PUBLIC, "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"])
def test_a_public_address(address: str) -> None:
    assert is_public(address)
    assert not is_loopback(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_any_other(address: str) -> None:
    assert not is_public(address)


def test_this_machine() -> None:
    assert [address for address in (*PUBLIC, *NOT_PUBLIC) if is_loopback(address)][:2] == [
        "127.0.0.1", "127.255.255.254"
    ]  # fmt: skip
    assert is_loopback("::1")
