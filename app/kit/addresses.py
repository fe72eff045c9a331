"""Addresses: which IP addresses are of the public internet, pure (IANA's special-purpose registries)."""

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Inside of these an IPv4 address stands, to which a translator or a tunnel would carry us.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
# Neither is in the registries of every Python that this runs on.
_SPECIAL: Final = (ipaddress.IPv4Network("192.88.99.0/24"), ipaddress.IPv6Network("3fff::/20"))


def is_public(text: str) -> bool:
    """Return whether an address is one that anybody on the internet may reach; what is no address is not.

    Private, shared, loopback, link-local (169.254.169.254 hands out a machine's credentials), reserved, documentation
    and multicast addresses are not, and neither is an IPv6 address that only carries such an IPv4 address (RFC 4291
    section 2.5.5.2, RFC 6052, RFC 3056) or a tunnel's.
    """
    try:
        return _is_public(ipaddress.ip_address(text))
    except ValueError:
        return False


def is_loopback(text: str) -> bool:
    """Return whether an address is this very machine's; what is no address is not."""
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if address.sixtofour is not None or address.teredo is not None or address not in _GLOBAL_UNICAST:
            return False
    special = any(address.version == network.version and address in network for network in _SPECIAL)
    unusual = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_private
    return address.is_global and not unusual and not special
