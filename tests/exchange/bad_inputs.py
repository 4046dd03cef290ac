"""Inputs that are broken, or made to break us, each with what is said of it.

REFUSED: a file's bytes and the message. TAKEN: odd, but a document; nothing of it is lost or run. ZIPPED: the
bytes of a zip, and a message for each of its files that is not taken. LAID_OUT: what stands in a folder.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

SECRET = "the-secret-of-another-file"
GOOD = b"# Disk full\n\nIt was full.\n"
MB = 1024 * 1024

REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a NUL": ("a.md", b"one\ntwo\0\n", "a.md:2: a NUL byte"),
    "a NUL in a web page": ("a.html", b"<p>\0", "a.html:1: a NUL byte"),
    "a picture": ("a.md", b"\x89PNG\r\n\x1a\n\0\0", "a.md:1: byte 0x89 is not valid UTF-8"),
    "a program": ("a.md", b"\x7fELF\2\1\1\0", "a.md:1: a NUL byte"),
    "Latin-1": ("a.md", b"fine\ncaf\xe9\n", "a.md:2: byte 0xe9 is not valid UTF-8"),
    "half a character": ("a.md", b"caf\xc3", "a.md:1: byte 0xc3 is not valid UTF-8"),
    "a surrogate": ("a.md", b"\xed\xa0\x80", "a.md:1: byte 0xed is not valid UTF-8"),
    "an overlong slash": ("a.rst", b"\xc0\xaf", "a.rst:1: byte 0xc0 is not valid UTF-8"),
    "UTF-16 without its mark": ("a.md", "# Title\n".encode("utf-16-le"), "a.md:1: a NUL byte"),
    "half of UTF-16": ("a.md", b"\xff\xfe#\0\n\0\xff", "a.md:2: half a character"),
    "a broken pair of UTF-16": ("a.md", b"\xff\xfe\x00\xd8a\0", "a.md:1: half a character"),
    "UTF-32": ("a.md", "# Title\n".encode("utf-32"), "a.md:1: a NUL byte"),
    "eleven megabytes": ("a.md", b"a" * (11 * MB), "a.md: larger than 10 MB"),
    "eleven megabytes of RST": ("a.rst", b"a\n" * (6 * MB), "a.rst: larger than 10 MB"),
    "no notebook": ("a.ipynb", b"{\n", "a.ipynb:2: this is no notebook"),
    "a notebook without cells": ("a.ipynb", b"{}", "a.ipynb:1: this is no notebook: it has no list of cells"),
    "a deep notebook": ("a.ipynb", b"[" * 100_000, "a.ipynb:1: this is no notebook"),
    "a notebook with a long number": ("a.ipynb", b"9" * 10_000, "a.ipynb:1: this is no notebook"),
    "an id twice": ("a.md", b"## To do\n\n- x\n  - Id: AI-77\n- y\n  - Id: AI-77\n", "a.md: "),
    "10,000 headings": ("a.md", b"# x\n\n" * 10_000, "a.md:6001: more than 3,000 rows, items"),
    "a long text": ("a.md", b"a " * 250_000, "a.md: the texts have 499,999 characters together; at most"),
    "nothing": ("a.md", b"", "a.md: there is nothing here yet"),
    "blanks": ("a.md", b" \t\n\n", "a.md: there is nothing here yet"),
    "a mark alone": ("a.md", b"\xef\xbb\xbf", "a.md: there is nothing here yet"),
}

RST_FILE = """\
Outage
======

.. include:: {secret}

.. include:: /etc/passwd

.. raw:: html
   :file: {secret}

.. csv-table:: Times
   :file: {secret}

.. literalinclude:: {secret}

.. raw:: html

   <script>alert(1)</script>

It was out.
"""
HTML = """<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<html><head><script>alert('script')</script><style>p { color: red }</style></head>
<body onload="alert('load')"><article><h1>Outage</h1><p onclick="x()">It was &b; out.</p>
<iframe src="file:///etc/passwd"></iframe><object data="file:///etc/passwd"></object></article></body></html>
"""
NOTEBOOK = {
    "cells": [{"cell_type": "markdown", "source": ["# Outage\n", "\n", "It was out."]}, 7, {"source": {}}]
}
YAML_BOMB = "---\na: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 8)}]\n" for n in range(9)
) + "---\n# Outage\n"  # fmt: skip
TAKEN: dict[str, tuple[str, str | bytes]] = {
    "Windows lines": ("a.md", "# Outage\r\n\r\nIt was out.\r\n"),
    "old Macintosh lines": ("a.md", "# Outage\r\rIt was out.\r"),
    "mixed lines": ("a.md", "# Outage\r\n\nIt was\rout.\n\r\n"),
    "a mark": ("a.md", "\ufeff# Outage\n\nIt was out.\n"),
    "a mark in the middle": ("a.md", "# Outage\n\n\ufeffIt was out.\n"),
    "UTF-16": ("a.md", "# Outage\n\nIt was out.\n".encode("utf-16")),
    "UTF-16, the other way": ("a.md", "\ufeff# Outage\n\nIt was out.\n".encode("utf-16-be")),
    "no line end": ("a.md", "Outage"),
    "controls": ("a.md", "# Out\x01age\n\n\x0b\x1b[31mred\x7f\n"),
    "text that runs backwards": ("a.md", "# Outage \u202egnp.exe\n"),
    "a YAML bomb": ("a.md", YAML_BOMB),
    "YAML that points at itself": ("a.md", "---\ntags: &a [*a]\ntitle: x\n---\nText.\n"),
    "YAML that runs": ("a.md", "---\ntitle: !!python/object/apply:os.system ['id']\n---\nText.\n"),
    "YAML that reads": ("a.md", "---\ntitle: !include {secret}\n---\nText.\n"),
    "deep YAML": ("a.md", "---\ntitle: " + "[" * 10_000 + "\n---\nText.\n"),
    "broken YAML": ("a.md", "---\ntitle: x\nno key here\n---\nText.\n"),
    "YAML without an end": ("a.md", "---\ntitle: x\n\nText.\n"),
    "broken TOML": ("a.md", "+++\ntitle = \n+++\nText.\n"),
    "deep TOML": ("a.md", "+++\na = " + "[" * 5_000 + "\n+++\n"),
    "an impossible date": ("a.md", "---\ndate: 2018-02-31\n---\nText.\n"),
    "RST that reads files": ("a.rst", RST_FILE),
    "broken RST": ("a.rst", "Outage\n===\n\n.. nonsense::\n\n`open\n\n* a\n  b\n c\n"),
    "RST substitutions": ("a.rst", "Outage\n======\n\n|a|\n\n.. |a| replace:: |b|\n.. |b| replace:: |a|\n"),
    "a web page with scripts": ("a.html", HTML),
    "a web page that is none": ("a.html", "<" * 5_000),
    "a deep web page": ("a.html", "<div>" * 3_000 + "Outage"),
    "a notebook of strange cells": ("a.ipynb", json.dumps(NOTEBOOK)),
    "300 nested lists": ("a.md", "\n".join("  " * depth + "- a" for depth in range(300))),
    "brackets": ("a.md", "[" * 20_000),
    "backquotes": ("a.md", "`" * 20_000),
    "an open fence": ("a.md", "# Outage\n\n```\nnever closed\n"),
    "Markdown that runs": ("a.md", "# Outage\n\n<script>alert(1)</script> [x](javascript:alert(1))\n"),
}  # fmt: skip


def zipped(*files: tuple[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """A zip of these files, in this order, names as they are."""
    made = io.BytesIO()
    with ZipFile(made, "w", method) as archive:
        for name, content in files:
            about = ZipInfo(name)
            about.filename, about.compress_type, about.external_attr = name, method, 0o100644 << 16
            archive.writestr(about, content)
    return made.getvalue()


def hardly_packed(size: int) -> bytes:
    """Bytes that a zip makes only a little smaller."""
    return b"".join(zlib.crc32(b"%d" % n).to_bytes(4, "big") * 4 for n in range(size // 16 + 1))


def special(mode: int, content: bytes) -> bytes:
    """A zip whose one file says that it is something else: a link, a pipe."""
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        about = ZipInfo("a.md")
        about.create_system, about.external_attr = 3, mode << 16
        archive.writestr(about, content)
    return made.getvalue()


def changed(data: bytes, old: bytes, new: bytes) -> bytes:
    """The bytes with something else in each place where something stands."""
    assert len(old) == len(new)
    assert old in data
    return data.replace(old, new)


def lying(size: int) -> bytes:
    """A zip whose headers say that its one file, a megabyte, has this size."""
    data = zipped(("a.md", b"a" * MB))
    return changed(data, struct.pack("<L", MB), struct.pack("<L", size))


def encrypted() -> bytes:
    """A zip that says its file is encrypted."""
    data = bytearray(zipped(("a.md", GOOD)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def many() -> bytes:
    """A zip with more names than any folder of reports."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as archive:
        for number in range(20_001):
            archive.writestr(f"{number}.png", b"")
    return made.getvalue()


def overlapping() -> bytes:
    """A zip whose list names one file's bytes twice."""
    data = zipped(("a.md", GOOD), ("b.md", GOOD))
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 42] + struct.pack("<L", 0) + data[at + 46 :]


NO_ZIP = "this is no zip, or a damaged one"
PLAIN = zipped(("a.md", GOOD))
ZIPPED: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "nothing": (lambda: b"", (NO_ZIP,)),
    "no file": (lambda: zipped(), ("a.zip: there is no file in this zip",)),
    "a text": (lambda: b"# Outage\n", (NO_ZIP,)),
    "a zip cut short": (lambda: PLAIN[:-30], (NO_ZIP,)),
    "a zip without its beginning": (lambda: PLAIN[40:], ("a.zip: a.md: damaged",)),
    "a list that is cut": (lambda: changed(PLAIN, b"PK\x01\x02", b"PK\x01\x07"), (NO_ZIP,)),
    "wrong bytes": (
        lambda: changed(zipped(("a.md", GOOD), method=ZIP_STORED), b"full", b"FULL"),
        ("a.zip: a.md: damaged: Bad CRC-32",),
    ),
    "a bomb of one letter": (
        lambda: zipped(("a.md", b"a" * (9 * MB))),
        ("a.zip: a.md: grows to more than 200 times its size",),
    ),
    "a file of 100 MB": (
        lambda: zipped(("a.md", hardly_packed(11 * MB))),
        ("a.zip: a.md: larger than 10 MB",),
    ),
    "a header that says too little": (lambda: lying(10), ("a.zip: a.md: damaged: Bad CRC-32",)),
    "a header that says too much": (lambda: lying(0x7FFFFFFF), ("a.zip: a.md: the texts have 1,048,576",)),
    "a size of zip64 that is none": (lambda: lying(0xFFFFFFFF), ("a.zip: ",)),
    "bytes that two files share": (overlapping, ("a.zip: b.md: damaged",)),
    "20,001 names": (many, ("a.zip: holds more than 20,000 files; import it in parts",)),
    "5,001 reports": (
        lambda: zipped(*((f"{n}.md", b"") for n in range(5_001))),
        ("a.zip: holds more than 5,000 reports; import it in parts",),
    ),
    "a zip in a zip": (
        lambda: zipped(("middle.zip", zipped(("inner.zip", PLAIN)))),
        ("a.zip: inner.zip: a zip in a zip in a zip is not opened",),
    ),
    "a way out": (
        lambda: zipped(("../../a.md", GOOD)),
        ("a.zip: ../../a.md: its name leads out of the folder",),
    ),
    "a way out from within": (lambda: zipped(("b/../../a.md", GOOD)), ("its name leads out of the folder",)),
    "an absolute name": (
        lambda: zipped(("/etc/a.md", GOOD)),
        ("a.zip: /etc/a.md: its name is no path below",),
    ),
    "a drive": (lambda: zipped(("C:/a.md", GOOD)), ("a.zip: C:/a.md: its name is no path below a folder",)),
    "backslashes": (lambda: zipped(("..\\a.md", GOOD)), ("its name is no path below a folder",)),
    "a name with a line end": (lambda: zipped(("a\nb.md", GOOD)), ("a.zip: a?b.md: its name has",)),
    "a name that runs backwards": (
        lambda: zipped(("a\u202edm.md", GOOD)),
        ("its name has characters that cannot be shown",),
    ),
    "a long name": (
        lambda: zipped(("a" * 1_200 + ".md", GOOD)),
        ("its name is longer than 1,000 characters",),
    ),
    "a link": (lambda: special(0o120777, b"/etc/passwd"), ("a.zip: a.md: a link; links are not followed",)),
    "a pipe": (lambda: special(0o010644, b""), ("a.zip: a.md: not a regular file",)),
    "a device": (lambda: special(0o020644, b""), ("a.zip: a.md: not a regular file",)),
    "a password": (encrypted, ("a.zip: a.md: encrypted; take the password off the zip",)),
    "bzip2": (
        lambda: zipped(("a.md", GOOD), method=ZIP_BZIP2),
        ("packed in a way that is not read (method 12)",),
    ),
    "LZMA": (
        lambda: zipped(("a.md", GOOD), method=ZIP_LZMA),
        ("packed in a way that is not read (method 14)",),
    ),
    "a name twice": (
        lambda: changed(zipped(("a.md", GOOD), ("b.md", GOOD)), b"b.md", b"a.md"),
        ("a.zip: a.md: its name stands in the zip twice",),
    ),
    "one bad file of three": (
        lambda: zipped(("a.md", GOOD), ("b.md", b"\0"), ("c.md", b"# Other\n")),
        ("a.zip: b.md:1: a NUL byte",),
    ),
}


def _linked(folder: Path, secret: Path) -> None:
    (folder / "a.md").symlink_to(secret)


def _linked_folder(folder: Path, secret: Path) -> None:
    (folder / "a").symlink_to(secret.parent)


def _in_circles(folder: Path, _secret: Path) -> None:
    (folder / "a").symlink_to(folder)


def _pipe(folder: Path, _secret: Path) -> None:
    os.mkfifo(folder / "a.md")


def _named_folder(folder: Path, _secret: Path) -> None:
    (folder / "a.md").mkdir()


def _strange_name(folder: Path, _secret: Path) -> None:
    (folder / "a\x1b[31m\n.md").write_bytes(b"\0")


def _undecodable_name(folder: Path, _secret: Path) -> None:
    (folder / os.fsdecode(b"a\xff.md")).write_bytes(GOOD)


LAID_OUT: dict[str, tuple[Callable[[Path, Path], None], tuple[str, ...]]] = {
    "a link to another file": (_linked, ("/a.md: a link; links are not followed",)),
    "a link to another folder": (_linked_folder, ()),
    "a folder in itself": (_in_circles, ()),
    "a pipe": (_pipe, ("/a.md: not a regular file",)),
    "a folder named like a file": (_named_folder, ()),
    "a name that paints": (_strange_name, ("/a?[31m?.md: its name has",)),
    "a name in no encoding": (_undecodable_name, ("/a?.md: its name has",)),
}
