"""A zip that is written while it is sent."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator, Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from postmortems.formats import zip_stream


def read(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


FILES: list[dict[str, bytes]] = [
    {},
    {"a.md": b""},
    {"a.md": b"# A\n", "b/ä.md": "ü\r\n".encode()},
    {"large.md": bytes(range(256)) * 1000, "after.md": b"x"},
]


@pytest.mark.parametrize("files", FILES)
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


def theirs(files: Mapping[str, bytes]) -> bytes:
    """The same files as the standard library writes them."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for path, data in files.items():
            about = ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            about.compress_type, about.external_attr, about.create_system = ZIP_DEFLATED, 0o100644 << 16, 3
            made.writestr(about, data, compresslevel=zip_stream.LEVEL)
    return out.getvalue()


@pytest.mark.parametrize("files", FILES)
def test_it_is_the_zip_that_the_standard_library_writes(files: dict[str, bytes]) -> None:
    assert b"".join(zip_stream.zipped(files.items())) == theirs(files)


def test_more_files_than_a_header_counts_are_all_there() -> None:
    files = {f"{number}.md": b"" for number in range(65_600)}

    with ZipFile(io.BytesIO(b"".join(zip_stream.zipped(files.items())))) as found:
        assert found.namelist() == list(files)
        assert found.read("65599.md") == b""


@pytest.mark.parametrize("most", [0, 10, 1000])
def test_sizes_and_places_too_large_for_a_header_stand_behind_it(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(zip_stream, "MOST", most)
    files = {f"{number}/ä.md": noise(number, 300 * number) for number in range(6)}

    assert read(b"".join(zip_stream.zipped(files.items()))) == files


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


def test_ten_times_the_files_take_no_more_memory_but_for_a_line_each() -> None:
    def most(count: int) -> int:
        data = noise(1, 100_000)
        tracemalloc.start()
        for _ in zip_stream.zipped((f"{n}.md", data) for n in range(count)):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(200) < most(20) + 200 * 300


def test_the_list_of_many_files_leaves_in_pieces_and_none_is_empty() -> None:
    files = {f"{n:05}.md": b"x" for n in range(5_000)}

    pieces = list(zip_stream.zipped(files.items()))

    assert read(b"".join(pieces)) == files
    # An empty piece would be taken for the end of an answer of unknown length.
    assert all(0 < len(piece) < 2 * zip_stream.PIECE for piece in pieces)


def test_a_file_that_cannot_be_made_ends_the_zip_with_its_error() -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "a.md", b"a"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(zip_stream.zipped(files()))
