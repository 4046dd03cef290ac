"""Files of word processors: which kind one is by its content, and its text as Markdown.

Pictures are read one by one by whoever wants them; the text only has their paths in the package.
"""

from __future__ import annotations

from collections.abc import Callable

from postmortems import limits
from postmortems.document.readers.office.package import ZIP, Package
from postmortems.document.readers.office.read_text import ReadText
from postmortems.errors import Invalid

OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.text"
# [MS-CFB]: what Word wrote until 2003, and writes to this day round what is locked by a password.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "ENCRYPTEDPACKAGE".encode("utf-16-le")
IN_PAGES = ("Index/Document.iwa", "Index.zip")


def kind(data: bytes) -> str:
    """`docx` or `odt`, by what is in a file; "" of another. Raises nothing."""
    if not data.startswith(ZIP):
        return ""
    try:
        return _kind(Package(data))
    except Invalid:
        # What cannot be opened has its parts' names in it all the same.
        return "docx" if b"word/document" in data else "odt" if OPEN_DOCUMENT in data[:200] else ""


def _kind(package: Package) -> str:
    # Not with the application: what reads Word takes memory that few processes ever need.
    from postmortems.document.readers.office.docx import document as docx

    if docx.main_part(package) in package.names:
        return "docx"
    said = package.read("mimetype", 200) if "mimetype" in package.names else b""
    return "odt" if (said or b"").strip().startswith(OPEN_DOCUMENT) else ""


def why_not(data: bytes) -> str:
    """Why a document of a word processor is not read, and what to do; "" where it is, or is none."""
    if data.startswith(COMPOUND):
        if LOCKED in data.upper():
            return "the document is protected by a password; save it without one"
        return "this is the form of Word until 2003 (.doc); save it as .docx"
    if data.startswith(b"{\\rtf"):
        return "Rich Text Format is not read; save it as .docx or .odt"
    if data.startswith(ZIP) and any(name.encode() in data for name in IN_PAGES):
        return "documents of Pages are not read; export it to Word (.docx)"
    return ""


def read(data: bytes) -> ReadText:
    """The text of a file as Markdown. Raises `Invalid` with what is wrong and what to do."""
    if refusal := why_not(data):
        raise Invalid(refusal)
    found = kind(data)
    if not found:
        raise Invalid(f"this is no document of Word or OpenDocument; {_what_to_do(data)}")
    try:
        return _readers()[found](Package(data))
    except RecursionError:
        raise Invalid("the document is nested deeper than any report; save its text as a new one") from None
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        # The library takes for granted what every program writes.
        raise Invalid(f"the document is not as word processors write it ({error}); save it again") from error


def _what_to_do(data: bytes) -> str:
    """What to do with a file that is called a document and is none: text only needs another name."""
    try:
        is_text = bool(data.strip()) and "\0" not in data.decode("utf-8-sig")
    except UnicodeDecodeError:
        is_text = False
    return "it is text: name it .md or .txt" if is_text else "save it as .docx or .odt"


def _readers() -> dict[str, Callable[[Package], ReadText]]:
    from postmortems.document.readers.office.docx import document as docx
    from postmortems.document.readers.office.odt import document as odt

    return {"docx": docx.read, "odt": odt.read}


def picture(data: bytes, path: str) -> bytes | None:
    """A picture that a text has a link to, by its path in the file; None where there is none."""
    return Package(data).read(path, limits.PACKED) if path.startswith(("word/media/", "Pictures/")) else None
