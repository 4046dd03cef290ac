"""What comes back of an outgoing call, whole or still on its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is its first bytes as sent, up to the cap; header names are in lower case.

    `rule` is the operator's rule that allowed the call ("" for a public address), `peer` whom it went to,
    `url` what was asked last.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    latency_ms: int
    tls_days_left: int | None
    peer: str
    rule: str = ""
    is_private: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class StreamedResponse:
    """An answer whose body is still on its way. `chunks` raises `Unreachable` where it breaks off."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    tls_days_left: int | None
    peer: str
