"""Every case of `cases/odt/`, and what is refused with the part that is wrong and what to do."""

from __future__ import annotations

import pytest

from postmortems.document.readers.office.odt import document as odt
from postmortems.document.readers.office.package import DEEPEST, Package
from postmortems.errors import Invalid
from tests.document.readers.office import office_cases
from tests.document.readers.office.office_cases import OfficeCase

every_case = pytest.mark.parametrize("case", office_cases.all_cases("odt"), ids=lambda case: case.name)


@every_case
def test_a_document_is_read_as_its_markdown(case: OfficeCase) -> None:
    assert odt.read(Package(case.data)).markdown == case.markdown


@every_case
def test_what_is_not_in_the_text_is_told(case: OfficeCase) -> None:
    remarks = odt.read(Package(case.data)).remarks

    assert tuple(f"{each.kind}: {each.words}: {each.text}" for each in remarks) == case.remarks


REFUSED: dict[str, tuple[bytes, str]] = {
    "cut off": (office_cases.odt({"body": "<text:p>a</text:p>"})[:-30], "damaged or cut off"),
    "no text": (office_cases.zipped({"styles.xml": "<a/>"}), "has no text part"),
    "a sheet": (office_cases.odt({"content.xml": "<a/>"}), "has no text part"),
    "no XML": (office_cases.odt({"content.xml": "<a>"}), "content.xml in this file is no well-formed XML"),
    "a document type": (
        office_cases.odt({"content.xml": "<!DOCTYPE a><a/>"}),
        "content.xml has a document type",
    ),
    "nested": (
        office_cases.odt({"body": "<text:section>" * DEEPEST + "</text:section>" * DEEPEST}),
        "nested deeper than",
    ),
}


@pytest.mark.parametrize("data, said", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_document_is_refused_with_the_part(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        odt.read(Package(data))

    assert said in refusal.value.detail
