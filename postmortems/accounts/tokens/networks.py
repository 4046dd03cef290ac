"""Networks from which a token is accepted: what may be written, and which addresses are in one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_network

from postmortems.errors import NotAllowed
from postmortems.setting_values import Network, is_within

MOST = 20
TOKENS_KEPT = 256


class Elsewhere(NotAllowed):
    """A token came from an address outside its networks. `token_id` is whose use it was, for the record."""

    def __init__(self, token_id: int, name: str, owner: str, address: str) -> None:
        place = address or "an unknown address"
        super().__init__(f"this token is not accepted from {place}: its networks say from where it is")
        self.token_id, self.name, self.owner, self.address = token_id, name, owner, address


def wrong(listed: Sequence[str]) -> str:
    """What is wrong with the networks that somebody wrote; empty where nothing is."""
    if len(listed) > MOST:
        return f"a token has {MOST} networks at most"
    for each in listed:
        try:
            ip_network(each)
        except ValueError:
            told = f"{each[:60]!r} is no network: write some such as 10.0.0.0/8, 192.0.2.7 or fd00::/8"
            return f"{told}, without bits behind the mask"
    return ""


def are_passed(listed: Sequence[str], address: str) -> bool:
    """Whether a token with these networks is accepted from this address: with none, from everywhere."""
    return not listed or is_within(address, _parsed(tuple(listed)))


@lru_cache(TOKENS_KEPT)
def _parsed(listed: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in listed)
