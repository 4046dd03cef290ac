"""A zip that is written while it is sent."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from postmortems.formats import zip_stream


def read(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.md": b""},
        {"a.md": b"# A\n", "b/ä.md": "ü\r\n".encode()},
        {"large.md": bytes(range(256)) * 1000, "after.md": b"x"},
    ],
)
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    assert read(b"".join(zip_stream.zipped(files.items()))) == files


def test_the_same_files_give_the_same_bytes() -> None:
    files = [("a.md", b"a"), ("b.md", b"b" * 100_000)]

    first = b"".join(zip_stream.zipped(files))

    assert first == b"".join(zip_stream.zipped(iter(files)))
    with ZipFile(io.BytesIO(first)) as found:
        assert {about.date_time for about in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {about.external_attr >> 16 for about in found.infolist()} == {0o100644}
        assert {about.compress_type for about in found.infolist()} == {ZIP_DEFLATED}


def test_pieces_come_before_the_last_file_is_made() -> None:
    made: list[int] = []

    def files() -> Iterator[tuple[str, bytes]]:
        for n in range(100):
            made.append(n)
            yield f"{n}.md", noise(n)

    pieces = zip_stream.zipped(files())
    next(pieces)

    assert len(made) < 10


def noise(seed: int, size: int = 20_000) -> bytes:
    """Bytes that hardly shrink, the same for a seed."""
    state, out = seed + 1, bytearray()
    while len(out) < size:
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        out += state.to_bytes(8, "big")
    return bytes(out)


def test_ten_times_the_files_take_no_more_memory_but_for_their_names() -> None:
    def most(count: int) -> int:
        data = noise(1, 100_000)
        tracemalloc.start()
        for _ in zip_stream.zipped((f"{n}.md", data) for n in range(count)):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(200) < most(20) + 200 * 2000


def test_a_file_that_cannot_be_made_ends_the_zip_with_its_error() -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "a.md", b"a"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(zip_stream.zipped(files()))
