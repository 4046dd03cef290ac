"""Every case of `cases/docx/`, and what is refused with the part that is wrong and what to do."""

from __future__ import annotations

import pytest

from postmortems.document.readers.office.docx import document as docx
from postmortems.document.readers.office.package import DEEPEST, Package
from postmortems.errors import Invalid
from tests.document.readers.office import office_cases
from tests.document.readers.office.office_cases import OfficeCase, paragraph

every_case = pytest.mark.parametrize("case", office_cases.all_cases("docx"), ids=lambda case: case.name)


@every_case
def test_a_document_is_read_as_its_markdown(case: OfficeCase) -> None:
    assert docx.read(Package(case.data)).markdown == case.markdown


@every_case
def test_what_is_not_in_the_text_is_told(case: OfficeCase) -> None:
    remarks = docx.read(Package(case.data)).remarks

    assert tuple(f"{each.kind}: {each.words}: {each.text}" for each in remarks) == case.remarks


NESTED = "<w:smartTag>" * DEEPEST + "</w:smartTag>" * DEEPEST
REFUSED: dict[str, tuple[bytes, str]] = {
    "no zip": (b"PK\x03\x04 and no more", "damaged or cut off"),
    "cut off": (office_cases.docx({"body": paragraph("a")})[:-30], "damaged or cut off"),
    "no text": (office_cases.zipped({"word/styles.xml": "<a/>"}), "has no text part"),
    "no body": (office_cases.docx({"word/document.xml": "<a/>"}), "has no text part"),
    "no XML": (
        office_cases.docx({"word/document.xml": "<a>"}),
        "word/document.xml in this file is no well-formed",
    ),
    "a document type": (
        office_cases.docx({"word/document.xml": "<!DOCTYPE a><a/>"}),
        "word/document.xml has a document type",
    ),
    "nested": (office_cases.docx({"body": NESTED}), "nested deeper than"),
    "styles that are no XML": (
        office_cases.docx({"body": paragraph("a"), "word/styles.xml": "<"}),
        "word/styles.xml in this file is no well-formed XML",
    ),
}


@pytest.mark.parametrize("data, said", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_document_is_refused_with_the_part(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        docx.read(Package(data))

    assert said in refusal.value.detail
