"""Packages of word processors: zips of XML parts and pictures, opened within limits and without a disk.

What a package says of itself is not believed: sizes are counted while it is unpacked. Its XML has no document
type, so no entities; nothing outside the package is asked for.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zlib
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from postmortems import limits
from postmortems.errors import Invalid

ZIP = b"PK\x03\x04"
# A report of 300 entries has 2 MB of XML in Word; pictures are not unpacked to read the text.
LARGEST_PART, ALL_PARTS = 24 * limits.MB, 48 * limits.MB
MOST_PARTS, MOST_ELEMENTS, DEEPEST = 5_000, 500_000, 200
PIECE = 64 * 1024
IS_ENCRYPTED = 0x1
DAMAGED = (BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError)
# ISO/IEC 29500-1 writes other addresses in its strict form for the same words.
STRICT = "http://purl.oclc.org/ooxml/"
TRANSITIONAL = {
    f"{STRICT}wordprocessingml/main": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    f"{STRICT}officeDocument/relationships": (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    f"{STRICT}drawingml/main": "http://schemas.openxmlformats.org/drawingml/2006/main",
    f"{STRICT}drawingml/picture": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    f"{STRICT}drawingml/wordprocessingDrawing": (
        "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
    ),
    f"{STRICT}officeDocument/math": "http://schemas.openxmlformats.org/officeDocument/2006/math",
}
XML = "http://www.w3.org/XML/1998/namespace"


class Package:
    """An opened package. Raises `Invalid` where the bytes are no zip, a damaged one, or too much."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = ZipFile(io.BytesIO(data))
        except DAMAGED as error:
            raise Invalid(f"this file is damaged or cut off: {error}; save or download it again") from error
        names = self._zip.namelist()
        if len(names) > MOST_PARTS:
            raise Invalid(f"more than {MOST_PARTS:,} parts, which no document has")
        self.names = frozenset(names)
        self._left = ALL_PARTS

    def read(self, name: str, most: int = LARGEST_PART) -> bytes | None:
        """The bytes of a part; None where there is none. Raises `Invalid`."""
        if name not in self.names:
            return None
        entry = self._zip.getinfo(name)
        if entry.flag_bits & IS_ENCRYPTED:
            raise Invalid("the document is protected by a password; save it without one")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Invalid(f"{name} is packed in a way that is not read; save the document again")
        content = bytearray()
        try:
            with self._zip.open(entry) as stream:
                while piece := stream.read(PIECE):
                    content += piece
                    if len(content) > min(most, self._left):
                        raise Invalid(f"{name} is larger than any report when it is unpacked")
        except (*DAMAGED, RuntimeError) as error:
            raise Invalid(
                f"{name} in this file is damaged: {error}; save or download the document again"
            ) from error
        self._left -= len(content)
        return bytes(content)

    def xml(self, name: str) -> ElementTree.Element | None:
        """A part as a tree; None where there is none. Raises `Invalid`."""
        content = self.read(name)
        return None if content is None else tree(content, name)


def tree(content: bytes, name: str) -> ElementTree.Element:
    """XML as a tree, names as `{namespace}name`. Raises `Invalid` for a document type, depth and bulk."""
    made = _Tree(name)
    try:
        made.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Invalid(
            f"{name} in this file is no well-formed XML (line {error.lineno}); save the document again"
        ) from error
    return made.builder.close()


class _Tree:
    """What builds a tree, and refuses what none of the programs writes."""

    def __init__(self, name: str) -> None:
        self.builder = ElementTree.TreeBuilder()
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.builder.data
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._name, self._depth, self._count = name, 0, 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST:
            raise Invalid(f"{self._name} is nested deeper than {DEEPEST} levels, which no report is")
        if self._count > MOST_ELEMENTS:
            raise Invalid(f"{self._name} has more than {MOST_ELEMENTS:,} elements, which no report has")
        self.builder.start(_named(tag), {_named(key): value for key, value in attributes.items()})

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self.builder.end(_named(tag))

    def _doctype(self, *_said: object) -> None:
        raise Invalid(f"{self._name} has a document type, which no word processor writes; it is not read")


def _named(tag: str) -> str:
    space, bracket, name = tag.rpartition("}")
    return f"{{{TRANSITIONAL.get(space, space)}}}{name}" if bracket else tag


def path_of(base: str, target: str) -> str:
    """The part that a target leads to from the folder `base`; "" where it leads out of the package."""
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    path = posixpath.normpath(posixpath.join(base, target))
    return "" if path.startswith("..") or ":" in path else path
