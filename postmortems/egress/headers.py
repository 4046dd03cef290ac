"""Headers of outgoing calls: what may be sent and kept, and how secrets are masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from postmortems.egress.urls import Refused

DEFAULTS = {"User-Agent": "postmortems-guard/1", "Accept": "*/*"}
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,4000}")
# What frames the request is ours to say.
OURS = frozenset(
    {
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "keep-alive",
        "proxy-connection",
    }
)
# Of a `Retry-After`. What is longer than a number of seconds anybody waits is cut, not read.
SECONDS = re.compile(r"([0-9]{1,10})[0-9]*(\.[0-9]{1,9})?")
MASK = "***"
# Shorter ones would black out half of every text.
SHORTEST_MASKED = 4

Header = tuple[str, str]


class NoSecret(Refused):
    """There is no such secret, or it is not for this address."""


class Secret:
    """A value that prints as a mask. It is revealed to the wire alone."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return MASK


# A reference such as `store:staging` and an origin to the secret. Raises `NoSecret`.
Secrets = Callable[[str, str], Secret]


def none_kept(reference: str, origin: str) -> Secret:
    raise NoSecret("this server keeps no secrets")


def is_sendable(name: str, value: str) -> bool:
    """Whether a header is one, and not one that frames the request."""
    return bool(NAME.fullmatch(name) and VALUE.fullmatch(value)) and name.lower() not in OURS


def without_ours(plain: Mapping[str, str]) -> dict[str, str]:
    """What a caller would send, without what frames the request."""
    return {name: value for name, value in plain.items() if name.lower() not in OURS}


def headers(plain: Mapping[str, str], secrets: Mapping[str, Secret]) -> dict[str, str]:
    """What the caller sends, checked. Raises `Refused` for what could end the header, naming no value."""
    whole = {**plain, **{name: secret.reveal() for name, secret in secrets.items()}}
    for name, value in whole.items():
        if not is_sendable(name, value):
            raise Refused(f"the header {name[:50]!r} cannot be sent: its name or its value is not allowed")
    return whole


def for_another_origin(sent: Mapping[str, str]) -> dict[str, str]:
    """What still goes along when a redirect leaves the origin: nothing that could be a secret."""
    return {name: value for name, value in sent.items() if name.lower() == "accept"}


def framed(sent: Mapping[str, str], host: str, body: object, method: str) -> list[Header]:
    """The request's headers, ours and the caller's."""
    named = {name.lower() for name in sent}
    ours = {name: value for name, value in DEFAULTS.items() if name.lower() not in named}
    ours |= {"Host": host, "Accept-Encoding": "identity", "Connection": "close"}
    if not body and method in {"POST", "PUT", "PATCH"}:
        # The length of what there is, httpcore says.
        ours["Content-Length"] = "0"
    return [*ours.items(), *sent.items()]


def received(raw: Iterable[tuple[bytes, bytes]], secrets: Iterable[Secret]) -> dict[str, str]:
    """An answer's headers by name in lower case, the first of each, without the secrets we sent."""
    kept = list(secrets)
    return {
        name.decode("latin-1").lower(): masked(value, kept).decode("latin-1")
        for name, value in reversed(list(raw))
    }


def masked(text: bytes, secrets: Iterable[Secret]) -> bytes:
    """The text without the secrets that were sent, should it repeat them."""
    for secret in secrets:
        value = secret.reveal()
        for part in (value, value.rpartition(" ")[2]):
            if len(part) >= SHORTEST_MASKED:
                text = text.replace(part.encode("latin-1", "replace"), MASK.encode())
    return text


def retry_after_s(said: str, now: datetime) -> float | None:
    """The seconds a `Retry-After` asks to wait: a number, or a date (RFC 9110 §10.2.3); None for neither.

    Some say parts of a second. Of a date with -0000 nobody knows the zone; it is an instant all the same.
    """
    text = said.strip()
    if number := SECONDS.fullmatch(text):
        return float(number[1] + (number[2] or ""))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
