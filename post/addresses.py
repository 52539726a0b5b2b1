"""Which addresses of the net are inside, where no user's webhook may reach.

Refused is everything that is not plainly of the public net: private, loopback, link-local, multicast, shared (carrier
NAT, 100.64.0.0/10), reserved and unspecified; and what only carries such an address within: IPv4-mapped and
IPv4-compatible IPv6, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), 6to4 and Teredo. An operator may allow networks.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence

from engine.problems import BadSetting, Spoken
from workflows.post.values import INSIDE

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

Resolver = Callable[[str, int], Sequence[str]]
"""From a name and a port to addresses, as text. Raises OSError where there are none."""

_CARRYING = [ipaddress.IPv6Network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")]
_CLOSED: list[Network] = [
    *map(ipaddress.IPv4Network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15")),
    *map(ipaddress.IPv6Network, ("fec0::/10", "2001:db8::/32", "100::/64")),
]


class Inside(Spoken):
    """The address is none that a webhook may have; says which."""


def resolve(host: str, port: int) -> Sequence[str]:
    """By the system's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def networks(texts: Iterable[str]) -> list[Network]:
    """Networks that an operator allows, as `10.1.0.0/16`. Raises `BadSetting`."""
    return [_network(text.strip()) for text in texts if text.strip()]


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise BadSetting(
            f"“{text}”不是网段，应如 10.1.0.0/16", f"{text!r} is no network such as 10.1.0.0/16"
        ) from error


def checked(host: str, port: int, resolver: Resolver, allowed: Sequence[Network]) -> str:
    """The one address to connect to. A name with any address inside is refused as a whole. Raises Inside, OSError."""
    found = [ipaddress.ip_address(text.partition("%")[0]) for text in resolver(host, port)]
    if not found:
        raise OSError(f"{host} has no address")
    for each in found:
        if not _allowed(each, allowed) and not public(each):
            raise Inside(*INSIDE.filled(host=host, address=each))
    return str(found[0])


def _allowed(address: Address, allowed: Sequence[Network]) -> bool:
    return any(address.version == each.version and address in each for each in allowed)


def public(address: Address) -> bool:
    """Whether an address is plainly of the public net."""
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or _carries(address)):
        return False
    if any(address.version == each.version and address in each for each in _CLOSED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _carries(address: ipaddress.IPv6Address) -> bool:
    return bool(address.sixtofour or address.teredo) or any(address in each for each in _CARRYING)
