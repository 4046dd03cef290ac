"""Documents of word processors as text: the parts that matter, zipped as a test asks for them.

A sentence that says what the case shows.

=== body ===            what is in `w:body` (or `office:text`), without the names' addresses
=== styles ===          and other parts alike: numbering, footnotes, comments, links, title
=== markdown ===
=== remarks ===         a line each: its kind, its words and what we say of it
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

FOLDER = Path(__file__).parent / "cases"
PART = re.compile(r"^=== ([\w/.-]+) ===\n", re.MULTILINE)
OOXML = "http://schemas.openxmlformats.org"
KIND, PACKAGE = f"{OOXML}/officeDocument/2006/relationships", f"{OOXML}/package/2006/relationships"
NAMES = (
    f'xmlns:w="{OOXML}/wordprocessingml/2006/main" xmlns:r="{OOXML}/officeDocument/2006/relationships"'
    f' xmlns:m="{OOXML}/officeDocument/2006/math" xmlns:a="{OOXML}/drawingml/2006/main"'
    f' xmlns:wp="{OOXML}/drawingml/2006/wordprocessingDrawing" xmlns:pic="{OOXML}/drawingml/2006/picture"'
    f' xmlns:mc="{OOXML}/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:o="urn:schemas-microsoft-com:office:office"'
)
WORD = {
    "body": ("word/document.xml", "<w:document {names}><w:body>{part}</w:body></w:document>"),
    "styles": ("word/styles.xml", "<w:styles {names}>{part}</w:styles>"),
    "numbering": ("word/numbering.xml", "<w:numbering {names}>{part}</w:numbering>"),
    "footnotes": ("word/footnotes.xml", "<w:footnotes {names}>{part}</w:footnotes>"),
    "comments": ("word/comments.xml", "<w:comments {names}>{part}</w:comments>"),
    "title": (
        "docProps/core.xml",
        '<c:x xmlns:c="urn:x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{part}</dc:title></c:x>',
    ),
}
KINDS = ("styles", "numbering", "footnotes", "comments")
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
TYPES = (
    f'<Types xmlns="{OOXML}/package/2006/content-types"><Default Extension="png" ContentType="image/png"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{TYPE}.document.main+xml"/>'
    + "".join(f'<Override PartName="/word/{kind}.xml" ContentType="{TYPE}.{kind}+xml"/>' for kind in KINDS)
    + "</Types>"
)
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1"'
    f' Type="{KIND}/officeDocument" Target="word/document.xml"/></Relationships>'
)


@dataclass(frozen=True)
class OfficeCase:
    name: str
    parts: Mapping[str, str]
    markdown: str
    remarks: tuple[str, ...]

    kind: str

    @property
    def data(self) -> bytes:
        return odt(self.parts) if self.kind == "odt" else docx(self.parts)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """The files as a zip."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as made:
        for name, content in files.items():
            # ODF 1.3 part 2 §3.3: it stands first, and as it is.
            made.writestr(name, content, ZIP_STORED if name == "mimetype" else None)
    return buffer.getvalue()


def docx(parts: Mapping[str, str | bytes]) -> bytes:
    """A `.docx` of the parts of a case; what is named by a path is put there as it is."""
    files: dict[str, str | bytes] = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS}
    links = "".join(
        f'<Relationship Id="{kind}" Type="{KIND}/{kind}" Target="{kind}.xml"/>'
        for kind in KINDS
        if kind in parts
    )
    files["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}">{links}{parts.get("links", "")!s}</Relationships>'
    )
    for name, content in parts.items():
        if name == "links":
            continue
        path, pattern = WORD.get(name, (name, "{part}"))
        files[path] = (
            content
            if isinstance(content, bytes)
            else pattern.replace("{names}", NAMES).replace("{part}", content.strip())
        )
    return zipped(files)


OASIS = "urn:oasis:names:tc:opendocument:xmlns"
ODF_NAMES = (
    "".join(
        f' xmlns:{short}="{OASIS}:{name}:1.0"'
        for short, name in {
            "office": "office",
            "text": "text",
            "table": "table",
            "style": "style",
            "draw": "drawing",
            "form": "form",
            "fo": "xsl-fo-compatible",
            "svg": "svg-compatible",
        }.items()
    )
    + ' xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
    ' xmlns:field="urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def odt(parts: Mapping[str, str | bytes]) -> bytes:
    """An `.odt` of the parts of a case; what is named by a path is put there as it is."""
    body, styles = parts.get("body", ""), parts.get("styles", "")
    files: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content{ODF_NAMES}><office:automatic-styles>{styles!s}"
        f"</office:automatic-styles><office:body><office:text>{body!s}</office:text></office:body>"
        "</office:document-content>",
    }
    if "title" in parts:
        title = str(parts["title"]).strip()
        files["meta.xml"] = (
            f"<office:document-meta{ODF_NAMES}><office:meta><dc:title>{title}</dc:title></office:meta>"
            "</office:document-meta>"
        )
    files |= {name: content for name, content in parts.items() if name not in ("body", "styles", "title")}
    return zipped(files)


def paragraph(text: str) -> str:
    """A paragraph of Word."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def load(path: Path) -> OfficeCase:
    """A case of a file."""
    _, *rest = PART.split(path.read_text(encoding="utf-8"))
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    markdown = parts.pop("markdown").strip("\n") + "\n"
    remarks = tuple(parts.pop("remarks", "").split("\n"))
    return OfficeCase(path.stem, parts, markdown, tuple(filter(None, remarks)), path.parent.name)


def all_cases(kind: str) -> list[OfficeCase]:
    """The cases of a kind of file, `docx` or `odt`, in the order of their names."""
    return [load(path) for path in sorted((FOLDER / kind).glob("*.txt"))]
