"""A document of Word that is dropped into a text: its Markdown, its pictures, or why it is not read."""

from __future__ import annotations

import io

import pytest
from werkzeug.test import TestResponse

from tests.document.readers.office import office_cases
from tests.document.readers.office.office_cases import paragraph
from tests.incidents.attachments import samples
from tests.world import World

PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr descr="Load"/><a:graphic><a:graphicData><pic:pic>'
    '<pic:blipFill><a:blip r:embed="p"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
    "</w:drawing></w:r></w:p>"
)
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
DOCX = office_cases.docx(
    {
        "body": paragraph("Words.") + PICTURE,
        "links": f'<Relationship Id="p" Type="{KIND}" Target="media/a.png"/>',
        "comments": '<w:comment w:id="0" w:author="Ben"><w:p><w:r><w:t>Why?</w:t></w:r></w:p></w:comment>',
        "word/media/a.png": samples.picture("PNG"),
    }
)


def drop(world: World, data: bytes, name: str = "a.docx", by: str = "ada") -> TestResponse:
    browser = world.browser(by)
    headers = {"X-CSRFToken": browser.form_token()}
    return browser.post("/write/document", data={"file": (io.BytesIO(data), name)}, headers=headers)


def test_its_words_and_pictures_come_into_the_text(world: World) -> None:
    answer = drop(world, DOCX)

    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["markdown"].startswith("Words.\n\n![Load](/attachments/")
    assert answer.json["told"] == ["Ben: Why?: a comment in the file; it is not part of the text"]


def test_a_day_below_its_title_is_no_front_matter_in_a_text(world: World) -> None:
    answer = drop(world, office_cases.docx({"body": paragraph("4 March 2026") + paragraph("Words.")}))

    assert answer.json is not None
    assert answer.json["markdown"] == "4 March 2026\n\nWords."


REFUSED = {
    "no document": (b"words", "this is no document of Word or OpenDocument"),
    "Word until 2003": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .docx"),
    "cut off": (DOCX[:-30], "damaged or cut off"),
}


@pytest.mark.parametrize("data, said", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_read_is_refused_in_words(world: World, data: bytes, said: str) -> None:
    answer = drop(world, data)

    assert answer.status_code == 422
    assert said in answer.json["refused"]  # type: ignore[index]


def test_who_may_not_save_gets_nothing(world: World) -> None:
    assert drop(world, DOCX, by="cy").status_code == 403


def test_a_form_of_another_site_is_refused(world: World) -> None:
    sent = {"file": (io.BytesIO(DOCX), "a.docx")}

    assert world.browser().post("/write/document", data=sent).status_code == 403
