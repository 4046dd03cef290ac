"""Parses the URLs that may be called, and their origins. Opens and resolves nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

# Not with the application: what speaks HTTP takes memory that many processes never need.
if TYPE_CHECKING:
    import httpx

HOST = re.compile(rb"[0-9A-Za-z._:-]+")
DEFAULT_PORTS = {"http": 80, "https": 443}
# Said alike of a private place that is not allowed and of one that does not answer: who may not know what is
# there learns nothing from the difference.
CANNOT_REACH = "it cannot be reached from here; an operator sees why"


class Refused(Exception):
    """Not allowed to be called at all; nothing was learnt about the other side.

    The text is for everybody, `detail` for operators.
    """

    def __init__(self, told: str, detail: str = "") -> None:
        super().__init__(told)
        self.detail = detail or told


class Unreachable(Exception):
    """Allowed and tried, but there was no answer: no such name, refused, too slow, wrong certificate.

    The text is for everybody, `detail` for operators.
    """

    def __init__(self, told: str, detail: str = "") -> None:
        super().__init__(told)
        self.detail = detail or told


def checked_url(text: str) -> httpx.URL:
    """The address, if it is one that could ever be called; else `Refused`, saying what is wrong with it."""
    import httpx

    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Refused("this is not an address such as https://staging.example.org/health") from None
    if url.scheme not in {"http", "https"}:
        raise Refused("only http and https addresses can be asked")
    if not url.host:
        raise Refused("the address names no host")
    if not HOST.fullmatch(url.raw_host):
        raise Refused("this is not an address: no host has such a name")
    if url.port is not None and not 0 < url.port < 65536:
        raise Refused("there is no such port")
    if url.userinfo or "@" in url.netloc.decode("ascii", "replace"):
        raise Refused("an address with a name or password in it is not asked")
    return url


def port_of(url: httpx.URL) -> int:
    return url.port or DEFAULT_PORTS[url.scheme]


def origin(text: str) -> str:
    """Scheme, host and port, as in `https://staging.example.org:443`. Raises `Refused`."""
    url = checked_url(text)
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}:{port_of(url)}"


def next_hop(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads. Raises `Refused`, and `Unreachable` where it gives up encryption."""
    import httpx

    try:
        joined = str(url.join(location))
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Unreachable("it redirects to what is no address") from None
    hop = checked_url(joined)
    if url.scheme == "https" and hop.scheme == "http":
        raise Unreachable("it redirects from https to http")
    return hop
