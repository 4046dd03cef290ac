"""A pack is weighed before it is opened: what lies about its size, or would grow too large, stays shut."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest

from postmortems.errors import Refusal
from postmortems.exchange.git import pack_limits
from postmortems.exchange.git.pack_limits import Limits

MB = 1024 * 1024
BLOB, OFFSET_DELTA, NAMED_DELTA = 3, 6, 7


def number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def thing(kind: int, data: bytes, says: int | None = None, base: bytes = b"") -> bytes:
    size = len(data) if says is None else says
    first = kind << 4 | size & 15
    head = bytes([first]) if size < 16 else bytes([first | 0x80]) + number(size >> 4)
    return head + base + zlib.compress(data)


def pack(*things: bytes, count: int | None = None) -> BytesIO:
    head = b"PACK" + (2).to_bytes(4) + (len(things) if count is None else count).to_bytes(4)
    return BytesIO(head + b"".join(things) + b"\0" * 20)


def test_a_good_pack_is_counted() -> None:
    whole = pack(
        thing(BLOB, b"x" * 100_000),
        thing(BLOB, b""),
        thing(OFFSET_DELTA, number(100_000) + number(5) + b"\x05hello", base=b"\x20"),
        thing(NAMED_DELTA, number(100_000) + number(5) + b"\x05hello", base=b"n" * 20),
    )

    assert pack_limits.weigh(whole, Limits()) == 4


@pytest.mark.parametrize(
    "bad, said",
    [
        (BytesIO(b""), "damaged"),
        (BytesIO(b"<html>" * 10), "damaged"),
        (BytesIO(b"PACK" + b"\0\0\0\x07" + b"\0" * 24), "damaged"),
        (pack(count=1_000_000), "more than 200,000 files and folders"),
        (pack(count=3), "damaged"),
        (pack(thing(0, b"x")), "damaged"),
        (pack(thing(5, b"x")), "damaged"),
        (pack(thing(BLOB, b"x", says=2)), "damaged"),
        (pack(thing(BLOB, b"x" * 10_000_000, says=10)), "damaged"),
        (pack(thing(BLOB, b"x", says=100 * MB)), "a file of more than 64 MB"),
        (pack(thing(BLOB, b"x", says=1 << 66)), "a file of more than 64 MB"),
        (pack(b"\xbf" + b"\xff" * 40), "damaged"),
        (pack(thing(NAMED_DELTA, number(5) + number(1 << 40) + b"\x90", base=b"n" * 20)), "more than 64 MB"),
        (pack(thing(NAMED_DELTA, b"\x80" * 30, base=b"n" * 20)), "damaged"),
        (pack(thing(NAMED_DELTA, b"", base=b"n" * 20)), "damaged"),
        (pack(thing(BLOB, b"x")[:-3]), "damaged"),
        (pack(thing(BLOB, b"x"), thing(BLOB, b"y"), count=1), "damaged"),
    ],
)
def test_a_bad_pack_is_refused(bad: BytesIO, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        pack_limits.weigh(bad, Limits())


def test_what_all_of_it_grows_to_is_counted() -> None:
    whole = pack(*[thing(BLOB, b"x" * MB)] * 3)

    with pytest.raises(Refusal, match="grows to more than 2 MB"):
        pack_limits.weigh(whole, Limits(unpacked=2 * MB))


def test_a_delta_counts_as_what_it_makes() -> None:
    delta = thing(NAMED_DELTA, number(5) + number(MB) + b"\x90", base=b"n" * 20)

    with pytest.raises(Refusal, match="grows to more than 2 MB"):
        pack_limits.weigh(pack(delta, delta, delta), Limits(unpacked=2 * MB))
