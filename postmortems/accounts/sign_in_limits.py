"""Sign-in limits: how often passwords may be tried, per account, per address and altogether.

What is refused does not count, so that each limit ends by itself; a right password counts for nothing, so
that an office behind one address can sign in. Where an account is signed in already, what others try from
elsewhere holds nobody up. A sign-in link is never held up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

WINDOW = timedelta(minutes=15)
# Any number that nothing else takes turns by.
TURNS = 5_410_883_127
# An address in letters, with all that may stand before its zone.
LONGEST_ADDRESS = 100
MOST_OF_ACCOUNT, MOST_FROM_NETWORK, MOST_OF_ALL = 10, 50, 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password that was tried, or is about to be."""

    name: str
    network: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Why no password may be tried now, and for how many seconds."""

    detail: str
    wait_s: int


def network(address: str) -> str:
    """Where an attempt comes from: the address, of IPv6 the /64 that one household or host has to itself."""
    # What is longer is none, and only what stands before a `%` counts.
    return _network(address[:LONGEST_ADDRESS])


# The same few ask all the time.
@lru_cache(maxsize=256)
def _network(address: str) -> str:
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if not isinstance(read, IPv6Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return f"{IPv6Address(int(read) >> 64 << 64)}/64"


def of_network(tried: Sequence[Attempt], made: Attempt) -> list[Attempt]:
    """Those from the network of this one: all that counts where the account is known to be at home."""
    return [one for one in tried if one.network == made.network]


def held_up(tried: Sequence[Attempt], made: Attempt) -> HeldUp | None:
    """Whether one more attempt is too many after those of the last `WINDOW`; None where it may be made."""
    limits: tuple[tuple[int, str, Callable[[Attempt], bool]], ...] = (
        (MOST_OF_ACCOUNT, "for this account", lambda one: one.name == made.name),
        (MOST_FROM_NETWORK, "from your network", lambda one: one.network == made.network),
        (MOST_OF_ALL, "by everybody together", lambda one: True),
    )
    for most, whose, counts in limits:
        times = sorted(one.at for one in tried if counts(one))
        if len(times) >= most:
            wait_s = int((times[-most] + WINDOW - made.at).total_seconds()) + 1
            told = f"try again in {wait_s // 60 + 1} minutes, or use a sign-in link"
            return HeldUp(f"too many attempts {whose}; {told}", wait_s)
    return None
