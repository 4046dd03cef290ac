"""Formats that are not read are named, each with the command that converts it or what else to do."""

from __future__ import annotations

import pytest

from postmortems.document.readers import formats
from postmortems.document.readers.wikis import foreign

TOLD = {
    "report.wiki": "MediaWiki, which is not read; convert it: "
    "pandoc -f mediawiki -t gfm report.wiki -o report.md",
    "a/Report.MediaWiki": "MediaWiki, which is not read; convert it: "
    "pandoc -f mediawiki -t gfm Report.MediaWiki -o Report.md",
    "it broke.dokuwiki": "DokuWiki, which is not read; convert it: "
    "pandoc -f dokuwiki -t gfm 'it broke.dokuwiki' -o 'it broke.md'",
    "report.adoc": "AsciiDoc, which is not read; convert it: asciidoctor report.adoc -o report.html",
    "report.doc": "Word until 2003, which is not read; save it as .docx or .odt",
    "report.rtf": "Rich Text Format, which is not read; save it as .docx or .odt",
    "report.pages": "Pages, which is not read; export it to Word (.docx)",
    "report.pdf": "PDF, which is not read; import what it was made of",
    "report.eml": "a mail, which is not read; save its text as .txt or .html",
    "report.one": "OneNote, which is not read; export the page to Word (.docx)",
    "reports.tar.gz": "an archive, which is not read; unpack it, or pack it as .zip",
    "Export.zip": "a zip within, which is not read; import it by itself",
    "report.md": "",
    "report.docx": "",
    "report": "",
    "report.xyz": "",
}


@pytest.mark.parametrize("name, told", TOLD.items(), ids=TOLD.keys())
def test_a_format_that_is_not_read_says_what_to_do(name: str, told: str) -> None:
    assert foreign.told(name) == told


def test_no_format_is_both_read_and_not() -> None:
    assert not set(foreign.KNOWN) & {*formats.ENDINGS, *formats.DATA_ENDINGS}
