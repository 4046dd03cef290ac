"""A file is known by its content; what is not read says what it is and what to do."""

from __future__ import annotations

import pytest

from postmortems.document.readers.office import files
from postmortems.errors import Invalid
from tests.document.readers.office import office_cases
from tests.document.readers.office.office_cases import paragraph

DOCX = office_cases.docx({"body": paragraph("Words.")})
ODT = office_cases.odt({"body": "<text:p>Words.</text:p>"})
KINDS = {
    "Word": (DOCX, "docx"),
    "OpenDocument": (ODT, "odt"),
    "Word, cut off": (DOCX[:-30], "docx"),
    "OpenDocument, cut off": (ODT[:-30], "odt"),
    "another zip": (office_cases.zipped({"a.md": "# A"}), ""),
    "a sheet of OpenDocument": (
        office_cases.zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
        "",
    ),
    "text": (b"PK is a text", ""),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize("data, kind", KINDS.values(), ids=KINDS.keys())
def test_a_file_is_known_by_its_content(data: bytes, kind: str) -> None:
    assert files.kind(data) == kind


REFUSED = {
    "Word until 2003": (files.COMPOUND + b"WordDocument", "save it as .docx"),
    "locked": (files.COMPOUND + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "Rich Text": (b"{\\rtf1 Words.}", "save it as .docx or .odt"),
    "Pages": (office_cases.zipped({"Index/Document.iwa": "x"}), "export it to Word"),
    "text": (b"# Queue full", "no document of Word or OpenDocument; it is text: name it .md or .txt"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "no document of Word or OpenDocument; save it as .docx or .odt"),
    "another zip": (office_cases.zipped({"a.md": "# A"}), "no document of Word or OpenDocument"),
    "a note without an id": (
        office_cases.docx({"body": paragraph("a"), "footnotes": "<w:footnote><w:p/></w:footnote>"}),
        "not as word processors write it",
    ),
}


@pytest.mark.parametrize("data, said", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_read_says_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        files.read(data)

    assert said in refusal.value.detail


def test_a_picture_is_read_by_its_path() -> None:
    data = office_cases.docx({"body": paragraph("a"), "word/media/image1.png": b"png"})

    assert files.picture(data, "word/media/image1.png") == b"png"
    assert files.picture(data, "word/media/image2.png") is None
    assert files.picture(data, "word/document.xml") is None
