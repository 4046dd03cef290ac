"""Relying party: under which name and from which address passkeys are made and used here (WebAuthn)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """`id` is the host that a passkey belongs to, `origin` the address of the pages that may ask for it."""

    id: str
    origin: str


def of(url: str) -> RelyingParty | None:
    """Who we are to passkeys at this address of ours; None where browsers allow none.

    They take names alone, and https, but for the machine that one sits at: that is `localhost`.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    with suppress(ValueError):
        host = "localhost" if ip_address(host).is_loopback else ""
    is_here = host == "localhost" or host.endswith(".localhost")
    if not host or not (parts.scheme == "https" or is_here):
        return None
    is_usual = (parts.scheme, parts.port) in {("https", 443), ("http", 80)}
    return RelyingParty(host, f"{parts.scheme}://{host}{'' if is_usual else port}")
