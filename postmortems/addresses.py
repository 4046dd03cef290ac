"""Which addresses may be called: what is never allowed, what the operator allows, and what is public.

The order is the rule: the operator's list is read only after what no list may allow, so that allowing
`0.0.0.0/0` still does not give away a cloud's credentials.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from postmortems.config import Misconfigured

Address = IPv4Address | IPv6Address

# Cloud metadata, link-local, multicast, "this network", and notations that smuggle one address in another.
NEVER = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "192.0.0.192/32",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fd00:ec2::/32",
        "fd20:ce::/32",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
# IPv4-compatible addresses, long abolished: all of it but the loopback address.
COMPATIBLE = ip_network("::/96")
PRIVATE = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "::1/128",
        "100::/64",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
    )
)
ENTRY = re.compile(
    r"(?P<place>\[[0-9a-fA-F:./]+\]|[^\[\]:]+|[0-9a-fA-F:./]*:[0-9a-fA-F:./]*:[0-9a-fA-F:./]*?)(:(?P<port>\d{1,5}))?"
)
HOST = re.compile(r"[a-z0-9*?]([a-z0-9.*?_-]*[a-z0-9*?])?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry of the operator's list: a network or a host (with `*`), on one port or on any."""

    written: str
    network: IPv4Network | IPv6Network | None = None
    host: str = ""
    port: int | None = None

    def covers(self, host: str, address: Address, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address.version == self.network.version and address in self.network
        return fnmatchcase(host.lower().rstrip("."), self.host)


def read(entry: str) -> Allowed:
    """An entry such as `10.0.0.0/8`, `staging.internal:443`, `*.hub.internal`, `[fd12::/16]:443`."""
    match = ENTRY.fullmatch(entry.strip())
    if not match or (match["port"] and not 0 < int(match["port"]) < 65536):
        raise _misread(entry)
    place, port = match["place"].strip("[]").lower(), int(match["port"]) if match["port"] else None
    try:
        return Allowed(entry, network=ip_network(place), port=port)
    except ValueError:
        looks_like_numbers = "/" in place or ":" in place or re.fullmatch(r"[0-9.]+", place)
        if looks_like_numbers or not HOST.fullmatch(place):
            raise _misread(entry) from None
    return Allowed(entry, host=place, port=port)


def _misread(entry: str) -> Misconfigured:
    return Misconfigured(
        f"POSTMORTEMS_EGRESS_ALLOW has {entry!r}; "
        "write networks and hosts such as 10.0.0.0/8 or staging.internal:443"
    )


def why_not(host: str, address: Address, port: int, allowed: tuple[Allowed, ...]) -> str:
    """Why `address`, which `host` resolved to, may not be called on `port`; "" if it may."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if _is_never(plain):
        return "this address is never allowed"
    if any(entry.covers(host, plain, port) for entry in allowed):
        return ""
    if not plain.is_global or any(
        plain in network for network in PRIVATE if network.version == plain.version
    ):
        return "this address is not public, and the operator has not allowed it"
    if port < 1024 and port not in {80, 443}:
        return f"port {port} needs the operator's allowance"
    return ""


def _is_never(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address in COMPATIBLE:
        return address != ip_address("::1")
    return any(address in network for network in NEVER if network.version == address.version)
