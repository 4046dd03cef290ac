"""Internal hosts and network addresses, as they stand in text. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv4Network, ip_address, ip_network

# What no public host ends with: RFC 6762 appendix G, RFC 8375, RFC 6761, ICANN's `.internal`, and custom.
ENDINGS = frozenset(
    {"internal", "intranet", "private", "corp", "home", "lan", "local", "localdomain", "localhost", "svc"}
) | {"intern", "onion", "consul"}
# With a port and a path behind it, as in a log.
BEHIND = r"(?::\d{1,5}(?!\d))?(?:/[^\s<>\"'`)\]‹›]*[\w/])?"
NAME = re.compile(
    r"(?<![\w.@-])(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,62}\.)*[A-Za-z0-9][A-Za-z0-9-]{0,62}(?![\w-]|\.\w)"
)
OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
# `v10.1.2.3` and `version 10.1.2.3` are versions.
V4 = re.compile(
    rf"(?<![\w.-])(?<![vV]ersion )(?:{OCTET}\.){{3}}{OCTET}(?:/\d{{1,2}}\b)?(?![\w-]|\.\d){BEHIND}"
)
V6 = re.compile(r"(?<![\w:.])\[?(?=[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{2,39}(?:\.\d+){0,3}"
                r"(?:%\w{1,20})?(?:/\d{1,3})?\]?(?::\d{1,5})?(?![\w:])")  # fmt: skip
# Carriers' shared addresses (RFC 6598) are no public ones either.
SHARED = IPv4Network("100.64.0.0/10")
DOCUMENTATION = tuple(
    ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


def is_private(text: str) -> bool:
    """Whether an IP address, with a prefix, port or path behind it or not, is private, link-local or ours.

    RFC 1918, RFC 4193 (unique local), RFC 3927 and RFC 4291 §2.5.6 (link-local), loopback, RFC 6598.
    """
    bare = re.sub(r"%\w+", "", text.strip("[]"))
    bare = re.split(r"/|\]", bare)[0]
    if bare.count(":") == 1:
        bare = bare.split(":")[0]
    try:
        address = ip_address(bare.rstrip(":") if not bare.endswith("::") else bare)
    except ValueError:
        return False
    if any(address.version == net.version and address in net for net in DOCUMENTATION):
        return False
    if address.version == 4 and address in SHARED:
        return True
    return not address.is_unspecified and (address.is_private or address.is_link_local or address.is_loopback)


def is_internal(text: str, hosts: Collection[str]) -> bool:
    """Whether a host's name ends as none on the internet does, or is one of `hosts`, or below one of them."""
    host = re.split(r"[:/]", text)[0].rstrip(".").lower()
    labels = host.split(".")
    if len(labels) > 1 and (labels[-1] in ENDINGS or labels[-2:] == ["home", "arpa"]):
        return True
    return any(".".join(labels[at:]) in hosts for at in range(len(labels)))
