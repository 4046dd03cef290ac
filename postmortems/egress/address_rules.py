"""Address rules (SSRF): which addresses are never called, which the operator allows, which are public.

The order is the rule: the operator's list is read only after what no list may allow, so that allowing
`0.0.0.0/0` still does not give away a cloud's credentials.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from postmortems.errors import Misconfigured

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
        "::ffff:0:0:0/96",
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
# ISATAP: under any prefix, an interface that names an IPv4 address.
ISATAP = frozenset({0x00005EFE, 0x02005EFE})
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
PLACE = re.compile(
    r"(?P<place>\[[0-9a-fA-F:./]+\]|[^\[\]:]+|[0-9a-fA-F:./]*:[0-9a-fA-F:./]*:[0-9a-fA-F:./]*?)"
    r"(:(?P<ports>\d{1,5}(-\d{1,5})?(\+\d{1,5}(-\d{1,5})?)*))?"
)
HOST = re.compile(r"[a-z0-9*?]([a-z0-9.*?_-]*[a-z0-9*?])?")
# Ports from the first to the last, both counted in.
Ports = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class AddressRule:
    """One rule of the operator's: hosts (with `*`), a network or both, on some ports or on any."""

    written: str
    network: IPv4Network | IPv6Network | None = None
    host: str = ""
    ports: Ports = ()

    def covers(self, host: str, address: Address, port: int) -> bool:
        if self.ports and not any(first <= port <= last for first, last in self.ports):
            return False
        if self.network is not None and not (
            address.version == self.network.version and address in self.network
        ):
            return False
        return not self.host or fnmatchcase(host.lower().rstrip("."), self.host)


@dataclass(frozen=True, slots=True)
class AddressVerdict:
    """Whether an address may be called: why not (`refusal`), or the operator's `rule` that allows it.

    Neither means that it is public. `is_private` is true of what a rule alone makes reachable.
    """

    refusal: str = ""
    rule: str = ""
    is_private: bool = False


def read(entry: str) -> AddressRule:
    """A rule such as `10.0.0.0/8`, `staging.internal:443+8000-8999`, `*.hub.internal@[fd12::/16]:443`."""
    hosts, mark, rest = entry.strip().rpartition("@")
    match = PLACE.fullmatch(rest)
    if not match:
        raise _misread(entry)
    place, ports = match["place"].strip("[]").lower(), _ports(match["ports"] or "", entry)
    try:
        network = ip_network(place)
    except ValueError:
        looks_like_numbers = "/" in place or ":" in place or re.fullmatch(r"[0-9.]+", place)
        if mark or looks_like_numbers or not HOST.fullmatch(place):
            raise _misread(entry) from None
        return AddressRule(entry, host=place, ports=ports)
    if mark and not HOST.fullmatch(hosts.lower()):
        raise _misread(entry)
    return AddressRule(entry, network=network, host=hosts.lower(), ports=ports)


def _ports(text: str, entry: str) -> Ports:
    found = []
    for part in text.split("+") if text else ():
        first, _, last = part.partition("-")
        if not 0 < int(first) <= int(last or first) < 65536:
            raise _misread(entry)
        found.append((int(first), int(last or first)))
    return tuple(found)


def _misread(entry: str) -> Misconfigured:
    return Misconfigured(
        f"POSTMORTEMS_EGRESS_ALLOW has {entry!r}; "
        "write networks and hosts such as 10.0.0.0/8 or staging.internal:443"
    )


def ruling(host: str, address: Address, port: int, allowed: tuple[AddressRule, ...]) -> AddressVerdict:
    """What the rules say of this address of `host`."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if _is_never(plain):
        return AddressVerdict("this address is never allowed", is_private=True)
    is_private = not plain.is_global or any(
        plain in network for network in PRIVATE if network.version == plain.version
    )
    rule = next((entry for entry in allowed if entry.covers(host, plain, port)), None)
    if rule is not None:
        return AddressVerdict(rule=rule.written, is_private=is_private)
    if is_private:
        return AddressVerdict(
            "this address is not public, and the operator has not allowed it", is_private=True
        )
    if port < 1024 and port not in {80, 443}:
        return AddressVerdict(f"port {port} needs the operator's allowance")
    return AddressVerdict()


def _is_never(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in COMPATIBLE:
            return address != ip_address("::1")
        if address.scope_id is not None or (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
            return True
    return any(address in network for network in NEVER if network.version == address.version)
