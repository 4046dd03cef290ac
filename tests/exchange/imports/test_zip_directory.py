"""The list at the end of a zip, zips that lie in a zip as they are, and downloads that broke off."""

from __future__ import annotations

import io
import struct
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

import pytest

from postmortems import limits
from postmortems.errors import Invalid
from postmortems.exchange.imports import zip_directory, zip_files
from postmortems.exchange.imports.files import ImportFile, Left

REPORT = b"# Queue stood still\n\n## Timeline\n\n- 2025-08-05 09:00 down\n- 10:00 up\n"
NOISE = bytes(number * number % 251 for number in range(4096))


def zipped(*pairs: tuple[str, bytes], method: int = ZIP_STORED, comment: bytes = b"") -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", method) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
        archive.comment = comment
    return made.getvalue()


def wide(data: bytes) -> bytes:
    """The same zip with its end in the width of ZIP64 before the other."""
    end = len(data) - zip_directory.END.size
    _, size, start, _ = zip_directory.END.unpack(data[end:])
    entries = struct.unpack_from("<H", data, end + 10)[0]
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    narrow = data[end : end + 12] + struct.pack("<2LH", 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:end] + record + locator + narrow


TWO = (("a.md", REPORT), ("b.md", REPORT))
MANY = zipped(*((f"{number}.md", b"x") for number in range(50)))
COUNTED = {
    "two files": zipped(*TWO),
    "a comment": zipped(*TWO, comment=b"made on 3 May"),
    "a comment with the mark of an end": zipped(*TWO, comment=b"PK\x05\x06 and more"),
    "a zip of many in it": zipped(("a.md", REPORT), ("b.zip", MANY)),
    "bytes before it": b"#!/bin/sh\n" + zipped(*TWO),
    "the wide end": wide(zipped(*TWO)),
}


@pytest.mark.parametrize("data", COUNTED.values(), ids=COUNTED.keys())
def test_the_entries_of_the_list_are_counted_and_nothing_else(data: bytes) -> None:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            read = len(archive.infolist())
    except BadZipFile:
        read = 0

    assert zip_directory.count(io.BytesIO(data)) >= read
    assert zip_directory.count(io.BytesIO(data)) <= 2


@pytest.mark.parametrize("length", range(0, len(COUNTED["the wide end"]), 7))
def test_a_zip_that_breaks_off_has_no_more_entries_than_are_read(length: int) -> None:
    cut = io.BytesIO(COUNTED["the wide end"][:length])

    assert zip_directory.count(cut) in (0, 2)
    assert zip_directory.is_cut_off(cut) == (length >= 4)


def test_a_download_that_broke_off_says_so() -> None:
    cut = io.BytesIO(zipped(*TWO)[:-60])

    with pytest.raises(Invalid, match="breaks off before the list at its end; download it again"):
        list(zip_files.in_zip(cut, "a.zip", Left()))


def _download(method: int, *, inner: bytes) -> list[ImportFile]:
    whole = zipped(("ExportBlock-1-Part-1.zip", inner), method=method)
    return list(zip_files.in_zip(io.BytesIO(whole), "x.zip", Left()))


def test_a_zip_in_a_zip_is_read_where_it_lies_however_large_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNZIPPED", 2048)
    inner = zipped(("video.mp4", NOISE), ("a.md", REPORT), ("b.md", REPORT))

    found = _download(ZIP_STORED, inner=inner)

    assert [(each.name, each.content, each.trouble) for each in found] == [
        ("a.md", REPORT, ""),
        ("b.md", REPORT, ""),
    ]


def test_one_that_is_packed_once_more_and_too_large_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "UNZIPPED", 2048)

    found = _download(ZIP_DEFLATED, inner=zipped(("video.mp4", NOISE), ("a.md", REPORT)))

    assert [(each.name, each.content) for each in found] == [("ExportBlock-1-Part-1.zip", b"")]
    assert "packed once more; unpack the outer zip, and give what is in it" in found[0].trouble


def test_a_window_is_a_file_of_its_own() -> None:
    data = zipped(("a.bin", NOISE), ("b.bin", b"behind"))
    file = io.BytesIO(data)
    with ZipFile(file) as archive:
        inside = zip_directory.window(file, archive.getinfo("a.bin"))

        assert inside is not None
        assert inside.read() == NOISE
        assert inside.seek(-4, io.SEEK_END) == len(NOISE) - 4
        assert inside.read(10) == NOISE[-4:]
        assert inside.read(10) == b""
        packed = io.BytesIO(zipped(("a.bin", NOISE), method=ZIP_DEFLATED))
        with ZipFile(packed) as other:
            assert zip_directory.window(packed, other.getinfo("a.bin")) is None
