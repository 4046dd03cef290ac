"""Formats that are not read: by the ending of a file's name, what it is and what to do with it."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath


def _pandoc(written_in: str) -> str:
    return f"pandoc -f {written_in} -t gfm {{name}} -o {{out}}"


TO_PAGE = "asciidoctor {name} -o {out}"
SAVE_AS = "save it as .docx or .odt"
# The ending: what it is, and the command or the words that help.
KNOWN: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".wiki", ".mediawiki", ".wikitext"), ("MediaWiki", _pandoc("mediawiki"))),
    **dict.fromkeys((".adoc", ".asciidoc", ".asc"), ("AsciiDoc", TO_PAGE)),
    ".dokuwiki": ("DokuWiki", _pandoc("dokuwiki")),
    ".tex": ("LaTeX", _pandoc("latex")),
    ".dbk": ("DocBook", _pandoc("docbook")),
    ".opml": ("OPML", _pandoc("opml")),
    ".epub": ("EPUB", _pandoc("epub")),
    ".typ": ("Typst", _pandoc("typst")),
    ".doc": ("Word until 2003", SAVE_AS),
    ".rtf": ("Rich Text Format", SAVE_AS),
    ".pages": ("Pages", "export it to Word (.docx)"),
    ".fodt": ("OpenDocument without a zip", "save it as .odt"),
    **dict.fromkeys((".eml", ".msg"), ("a mail", "save its text as .txt or .html")),
    **dict.fromkeys((".one", ".onepkg"), ("OneNote", "export the page to Word (.docx)")),
    **dict.fromkeys((".gz", ".tgz", ".tar", ".7z", ".rar"), ("an archive", "unpack it, or pack it as .zip")),
    ".zip": ("a zip within", "import it by itself"),
    ".pdf": ("PDF", "import what it was made of"),
    ".gdoc": ("a link to Google Docs", "download the document itself: File, Download, Web page or Word"),
}


def told(name: str) -> str:
    """`EPUB, which is not read; convert it: pandoc …`; "" of a format that is read, or that nobody knows."""
    path = PurePosixPath(name)
    known = KNOWN.get(path.suffix.lower())
    if known is None:
        return ""
    what, how = known
    if "{name}" not in how:
        return f"{what}, which is not read; {how}"
    out = f"{path.stem}{'.html' if how == TO_PAGE else '.md'}"
    command = how.format(name=shlex.quote(path.name), out=shlex.quote(out))
    return f"{what}, which is not read; convert it: {command}"
